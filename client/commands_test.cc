#include "client/commands.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <sstream>

#include "certs/test_agency.h"
#include "client/fake_ledger.h"
#include "client/mirror.h"
#include "client/test_folder.h"
#include "client/test_ran.h"

namespace entente::client {
namespace {

using testing::HasSubstr;

class CommandsTest : public testing::Test {
 protected:
  Ran Run(std::vector<std::string> arguments, const std::string& input = "") {
    return RunCommands(std::move(arguments), {"", folder_ / "config", false},
                       input);
  }

  std::vector<std::string> Init(std::vector<std::string> more) {
    std::vector<std::string> arguments = {"profile",
                                          "init",
                                          "--broker",
                                          "localhost:7443",
                                          "--broker-name",
                                          "broker.test",
                                          "--ledger-key",
                                          std::string(43, 'A') + "=",
                                          "-o",
                                          "json"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    const bool said =
        std::find(more.begin(), more.end(), "--trust-domain") != more.end();
    if (!said) {
      arguments.insert(arguments.end(), {"--trust-domain", "entente.test"});
    }
    return arguments;
  }

  TestFolder folder_;
};

TEST_F(CommandsTest, ProfileInitMakesKeysAndShowTellsNoSecret) {
  const Ran made = Run(Init({"wessex", "--agency", "wessex"}));
  ASSERT_EQ(made.exit, 0) << made.err;
  EXPECT_THAT(made.out, HasSubstr("\"batch_key\":\""));
  EXPECT_EQ(folder_.Mode("config/wessex/batch.key"), 0600u);
  const Ran shown = Run({"profile", "show", "-o", "json"});
  EXPECT_EQ(shown.exit, 0) << shown.err;
  EXPECT_EQ(shown.out, made.out);
  for (const std::string file : {"batch.key", "kem.key", "y.key"}) {
    const std::string content = folder_.Read("config/wessex/" + file);
    const std::string key = content.substr(content.size() - 32);
    EXPECT_EQ(shown.out.find(crypto::ToBase64(crypto::AsBytes(key))),
              std::string::npos);
  }
  EXPECT_EQ(Run(Init({"wessex", "--agency", "wessex"})).exit, 5);
}

TEST_F(CommandsTest, ProfileInitReadsWhoItIsFromTheCertificate) {
  const certs::TestAgency agency("wessex");
  folder_.Write("c.pem",
                agency.Member(certs::Role::kAuditor, "jo").chain[0].ToPem());
  const Ran made = Run(Init({"w", "--certificate", folder_ / "c.pem",
                             "--trust-domain", "demo.example"}));
  EXPECT_EQ(made.exit, 0) << made.err;
  EXPECT_THAT(made.out, HasSubstr("\"certificates\":[\"certificate.pem\"]"));
  EXPECT_THAT(made.out, HasSubstr("\"agency\":\"wessex\""));
  EXPECT_THAT(made.out, HasSubstr("\"role\":\"auditor\""));
  EXPECT_EQ(made.out.find("batch_key"), std::string::npos);
}

TEST_F(CommandsTest, ProfileInitRefusesAnotherNameThanTheCertificates) {
  const certs::TestAgency agency("wessex");
  folder_.Write("c.pem",
                agency.Member(certs::Role::kAuditor, "jo").chain[0].ToPem());
  const std::string certificate = folder_ / "c.pem";
  for (const std::vector<std::string>& wrong :
       {std::vector<std::string>{"--agency", "mercia"},
        {"--role", "system"},
        {"--trust-domain", "other.example"}}) {
    std::vector<std::string> more = {"w", "--certificate", certificate,
                                     "--trust-domain", "demo.example"};
    if (wrong[0] == "--trust-domain") more.resize(3);
    more.insert(more.end(), wrong.begin(), wrong.end());
    EXPECT_EQ(Run(Init(more)).exit, 2) << wrong[0];
  }
  const certs::TestAgency other("mercia");
  folder_.Write("r.pem", other.authority().root().ToPem());
  EXPECT_EQ(Run(Init({"w", "--certificate", certificate, "--trust-domain",
                      "demo.example", "--root", folder_ / "r.pem"}))
                .exit,
            4);
  EXPECT_FALSE(std::filesystem::exists(folder_ / "config/w"));
}

TEST_F(CommandsTest, ProfileInitRefusesWhatItCannotUse) {
  EXPECT_EQ(Run(Init({"--agency", "wessex"})).exit, 2);
  EXPECT_EQ(Run(Init({"w"})).exit, 2);
  EXPECT_EQ(Run(Init({"w", "--agency", "wessex", "--role", "king"})).exit, 2);
  EXPECT_EQ(
      Run(Init({"w", "--agency", "a1", "--root", folder_ / "no.pem"})).exit, 1);
  EXPECT_FALSE(std::filesystem::exists(folder_ / "config/w"));
  // A private key that others can read is no longer private.
  folder_.Write("k.pem", "-----BEGIN PRIVATE KEY-----\n");
  const Ran open =
      Run(Init({"w", "--agency", "a1", "--key", folder_ / "k.pem"}));
  EXPECT_EQ(open.exit, 1);
  EXPECT_THAT(open.err, HasSubstr("chmod 600"));
}

TEST_F(CommandsTest, AuditVerifySaysWhatHoldsAndWhatDoesNot) {
  FakeLedger ledger("broker.test/ledgers/pact");
  ledger.Grow(3);
  ASSERT_TRUE(MirrorLedger(ledger, folder_ / "m", ledger.key()).ok());
  const std::vector<std::string> verify = {
      "audit", "verify", folder_ / "m",          "-o",
      "json",  "--vkey", ledger.key().ToString()};
  const Ran good = Run(verify);
  EXPECT_EQ(good.exit, 0) << good.err;
  EXPECT_THAT(good.out, HasSubstr("\"verified\":true"));
  EXPECT_THAT(good.out, HasSubstr("\"size\":3"));
  std::string bundle = folder_.Read("m/tile/entries/000.p/3");
  bundle[10] ^= 1;
  folder_.Write("m/tile/entries/000.p/3", bundle);
  const Ran bad = Run(verify);
  EXPECT_EQ(bad.exit, 6);
  EXPECT_THAT(bad.out, HasSubstr("\"verified\":false"));
  EXPECT_THAT(bad.out, HasSubstr("entry 0 in tile/entries/000.p/3"));
  EXPECT_THAT(bad.err, HasSubstr("entry 0 in tile/entries/000.p/3"));
  EXPECT_EQ(Run({"audit", "verify", folder_ / "none"}).exit, 1);
  EXPECT_EQ(Run({"audit", "verify", folder_ / "m", "--vkey", "x"}).exit, 2);
}

TEST_F(CommandsTest, TheDoctorLooksAtTheOnlyProfileAlsoIfItCannotBeOpened) {
  ASSERT_EQ(Run(Init({"records", "--agency", "records"})).exit, 0);
  std::ofstream(folder_ / "config/records/profile.yaml") << "{";
  const Ran ran = Run({"doctor", "-o", "json"});
  EXPECT_NE(ran.exit, 0);
  EXPECT_THAT(ran.out, HasSubstr("\"checks\""));
  EXPECT_THAT(ran.out, HasSubstr("records"));
}

}  // namespace
}  // namespace entente::client

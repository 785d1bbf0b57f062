#include "client/command_ca.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openssl/bio.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include <sstream>

#include "absl/time/clock.h"
#include "certs/certificate.h"
#include "certs/private_key.h"
#include "client/test_folder.h"
#include "client/test_ran.h"
#include "crypto/json.h"

namespace entente::client {
namespace {

using testing::HasSubstr;
using testing::Not;

constexpr char kSystemUri[] =
    "spiffe://demo.example/agency/northmere/system/records";

class CommandCaTest : public testing::Test {
 protected:
  Ran Run(std::vector<std::string> arguments, const std::string& input = "") {
    std::istringstream in(input);
    std::ostringstream out;
    std::ostringstream err;
    Invocation invocation;
    invocation.arguments = {"-o", "json", "ca"};
    invocation.arguments.insert(invocation.arguments.end(), arguments.begin(),
                                arguments.end());
    invocation.in = &in;
    invocation.out = &out;
    invocation.err = &err;
    invocation.environment = {"", folder_ / "config", false};
    const ExitCode exit = RunCommandLine(invocation, {RegisterCaCommands});
    return {static_cast<int>(exit), out.str(), err.str()};
  }
  crypto::Json RunWell(std::vector<std::string> arguments,
                       const std::string& input = "") {
    const Ran ran = Run(std::move(arguments), input);
    EXPECT_EQ(ran.exit, 0) << ran.err;
    const auto json = crypto::ParseJson(ran.out);
    EXPECT_TRUE(json.ok()) << ran.out;
    return json.ok() ? *json : crypto::Json::object();
  }
  crypto::Json Init() {
    return RunWell({"init", Ca(), "--name", "Northmere Police"});
  }
  std::string Ca() const { return folder_ / "ca"; }
  certs::Certificate ReadCertificate(const std::string& name) const {
    return *certs::Certificate::FromPem(folder_.Read(name));
  }

  TestFolder folder_;
};

// A signing request of a fresh key, and that key.
std::pair<std::string, certs::PrivateKey> SigningRequest() {
  certs::PrivateKey key =
      *certs::PrivateKey::Generate(certs::PrivateKey::Kind::kEd25519);
  X509_REQ* request = X509_REQ_new();
  X509_REQ_set_pubkey(request, key.handle());
  X509_REQ_sign(request, key.handle(), nullptr);
  BIO* bio = BIO_new(BIO_s_mem());
  PEM_write_bio_X509_REQ(bio, request);
  char* text = nullptr;
  const long size = BIO_get_mem_data(bio, &text);
  std::string pem(text, static_cast<size_t>(size));
  BIO_free(bio);
  X509_REQ_free(request);
  return {pem, std::move(key)};
}

TEST_F(CommandCaTest, InitNamesTheRootAndItsKeysDigest) {
  const crypto::Json made = Init();
  EXPECT_EQ(made["root"], Ca() + "/root.pem");
  const certs::Certificate root = ReadCertificate("ca/root.pem");
  EXPECT_EQ(made["root_spki"], root.SpkiSha256());
  EXPECT_EQ(root.SubjectText(), "CN=Northmere Police");
  EXPECT_EQ(Run({"init", Ca(), "--name", "Northmere Police"}).exit, 5);
}

TEST_F(CommandCaTest, IssueMakesAKeyAndACertificateThatLeadsToTheRoot) {
  Init();
  const Ran ran =
      Run({"issue", Ca(), "--uri", kSystemUri, "--out", folder_ / "sys"});
  ASSERT_EQ(ran.exit, 0) << ran.err;
  const crypto::Json made = *crypto::ParseJson(ran.out);
  EXPECT_EQ(made["certificate"], folder_ / "sys/certificate.pem");
  EXPECT_EQ(made["key"], folder_ / "sys/key.pem");
  EXPECT_EQ(made["uri"], kSystemUri);
  EXPECT_EQ(folder_.Mode("sys/key.pem"), 0600u);
  const certs::Certificate leaf = ReadCertificate("sys/certificate.pem");
  EXPECT_EQ(made["fingerprint"], leaf.Fingerprint());
  EXPECT_EQ(made["serial"], leaf.SerialHex());
  EXPECT_EQ(leaf.Identity()->ToUri(), kSystemUri);
  EXPECT_TRUE(certs::VerifyChain({leaf}, ReadCertificate("ca/root.pem"),
                                 absl::Now(), certs::Usage::kClient)
                  .ok());
  const std::string key = folder_.Read("sys/key.pem");
  EXPECT_TRUE(certs::PrivateKey::FromPem(key)->Matches(leaf));
  EXPECT_THAT(ran.out + ran.err, Not(HasSubstr("PRIVATE KEY")));
}

TEST_F(CommandCaTest, ShowTellsWhatACertificateSays) {
  const crypto::Json made = Init();
  RunWell({"issue", Ca(), "--uri", kSystemUri, "--out", folder_ / "sys"});
  const certs::Certificate leaf = ReadCertificate("sys/certificate.pem");
  const crypto::Json shown = RunWell({"show", folder_ / "sys/certificate.pem"});
  EXPECT_EQ(shown["uri"], kSystemUri);
  EXPECT_EQ(shown["fingerprint"], leaf.Fingerprint());
  EXPECT_EQ(shown["serial"], leaf.SerialHex());
  EXPECT_EQ(shown["spki"], leaf.SpkiSha256());
  const crypto::Json root = RunWell({"show", "-"}, folder_.Read("ca/root.pem"));
  EXPECT_EQ(root["spki"], made["root_spki"]);
  EXPECT_EQ(root["subject"], "CN=Northmere Police");
  EXPECT_FALSE(root.contains("uri"));
}

TEST_F(CommandCaTest, ShowSaysThatAFileIsNoCertificate) {
  const Ran ran = Run({"show", "-"}, "not a certificate");
  EXPECT_NE(ran.exit, 0);
  EXPECT_EQ(ran.out, "");
  EXPECT_THAT(ran.err, HasSubstr("does not begin with a certificate"));
  EXPECT_EQ(Run({"show", folder_ / "none.pem"}).exit, 1);
}

TEST_F(CommandCaTest, IssueNeverReplacesAKey) {
  Init();
  RunWell({"issue", Ca(), "--uri", kSystemUri, "--out", folder_ / "sys"});
  const std::string key = folder_.Read("sys/key.pem");
  const Ran again =
      Run({"issue", Ca(), "--uri", kSystemUri, "--out", folder_ / "sys"});
  EXPECT_EQ(again.exit, 5);
  EXPECT_EQ(folder_.Read("sys/key.pem"), key);
  EXPECT_EQ(RunWell({"list", Ca()})["certificates"].size(), 1u);
}

TEST_F(CommandCaTest, IssueForARequestTakesItsKeyAndMakesNone) {
  Init();
  const auto [request, key] = SigningRequest();
  const crypto::Json made = RunWell({"issue", Ca(), "--uri", kSystemUri,
                                     "--out", folder_ / "sys", "--csr", "-"},
                                    request);
  EXPECT_FALSE(made.contains("key"));
  EXPECT_TRUE(key.Matches(ReadCertificate("sys/certificate.pem")));
  EXPECT_THAT(folder_.Read("sys/key.pem"), "");
  std::string altered = request;
  altered[altered.size() / 2] ^= 1;
  EXPECT_EQ(Run({"issue", Ca(), "--uri", kSystemUri, "--out", folder_ / "other",
                 "--csr", "-"},
                altered)
                .exit,
            1);
}

TEST_F(CommandCaTest, IssueRefusesBadIdentitiesAndHostsOfOthersThanBrokers) {
  Init();
  EXPECT_EQ(
      Run({"issue", Ca(), "--uri", "northmere", "--out", folder_ / "x"}).exit,
      2);
  EXPECT_EQ(Run({"issue", Ca(), "--uri", kSystemUri, "--out", folder_ / "x",
                 "--dns", "host.example"})
                .exit,
            1);
  EXPECT_EQ(Run({"issue", Ca(), "--uri", kSystemUri, "--out", folder_ / "x",
                 "--days", "801"})
                .exit,
            2);
  EXPECT_EQ(folder_.Read("x/key.pem"), "");
  RunWell({"issue", Ca(), "--uri", "spiffe://demo.example/broker/b", "--out",
           folder_ / "b", "--dns", "host.example", "--ip", "127.0.0.1"});
  EXPECT_TRUE(certs::VerifyChain({ReadCertificate("b/certificate.pem")},
                                 ReadCertificate("ca/root.pem"), absl::Now(),
                                 certs::Usage::kServer)
                  .ok());
}

TEST_F(CommandCaTest, RevokeIsListedAndNeedsOneNameForTheCertificate) {
  Init();
  const crypto::Json a =
      RunWell({"issue", Ca(), "--uri", kSystemUri, "--out", folder_ / "a"});
  RunWell({"issue", Ca(), "--uri", kSystemUri, "--out", folder_ / "b"});
  const std::string serial = a["serial"];
  const std::string fingerprint = a["fingerprint"];
  EXPECT_EQ(Run({"revoke", Ca()}).exit, 2);
  EXPECT_EQ(
      Run({"revoke", Ca(), "--serial", serial, "--fingerprint", fingerprint})
          .exit,
      2);
  EXPECT_EQ(Run({"revoke", Ca(), "--serial", "77"}).exit, 1);
  const crypto::Json revoked =
      RunWell({"revoke", Ca(), "--serial", serial, "--reason", "laptop lost"});
  EXPECT_EQ(revoked["state"], "revoked");
  EXPECT_EQ(revoked["fingerprint"], fingerprint);
  const crypto::Json listed = RunWell({"list", Ca()})["certificates"];
  ASSERT_EQ(listed.size(), 2u);
  EXPECT_EQ(listed[0]["state"], "revoked");
  EXPECT_EQ(listed[0]["uri"], kSystemUri);
  EXPECT_EQ(listed[1]["state"], "valid");
}

TEST_F(CommandCaTest, WithoutAnAuthorityEveryCommandSaysHowToMakeOne) {
  for (const std::vector<std::string>& arguments :
       {std::vector<std::string>{"list", Ca()},
        {"issue", Ca(), "--uri", kSystemUri, "--out", folder_ / "x"},
        {"revoke", Ca(), "--serial", "1"}}) {
    const Ran ran = Run(arguments);
    EXPECT_EQ(ran.exit, 1);
    EXPECT_THAT(ran.err, HasSubstr("entente ca init"));
  }
}

}  // namespace
}  // namespace entente::client

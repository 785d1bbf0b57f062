// `entente audit prove` and `check`, at a broker and on mirrors.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "client/fake_ledger_parts.h"
#include "client/mirror_parts.h"
#include "client/test_commands.h"
#include "client/test_commands_at_broker.h"

namespace entente::client {
namespace {

using testing::HasSubstr;

class ProveAtBrokerTest : public CommandsAtBrokerTest {
 protected:
  Ran Prove(const std::string& index, std::vector<std::string> more = {}) {
    std::vector<std::string> words = {"audit", "prove", index, "--out",
                                      folder_ / "proof"};
    words.insert(words.end(), more.begin(), more.end());
    return As(North(), words);
  }
  Ran Check(std::vector<std::string> more) {
    more.insert(more.begin(), {"audit", "check", folder_ / "proof.tlog-proof"});
    return As(North(), more);
  }
};

TEST_F(ProveAtBrokerTest, WhatOneProvesAnotherChecksWithTheKeyAlone) {
  ASSERT_EQ(Enrol(North(), "A1,n-1\n").exit, 0);
  const Ran proved = Prove("1", {"--agreement", kPact});
  ASSERT_EQ(proved.exit, 0) << proved.err;
  EXPECT_EQ(proved.Out()["index"], 1);
  EXPECT_EQ(folder_.Read("proof.json"), broker_.ledger().entry(1));
  const std::string vkey = proved.Out()["vkey"];
  EXPECT_EQ(vkey, broker_.ledger().key().ToString());
  const Ran checked =
      RunCommands({"audit", "check", folder_ / "proof.tlog-proof", "--vkey",
                   vkey, "-o", "json"},
                  {"", folder_ / "nothing", false});
  ASSERT_EQ(checked.exit, 0) << checked.err;
  EXPECT_EQ(checked.Out()["verified"], true);
  EXPECT_EQ(checked.Out()["entry"]["kind"], "agreement_activated");
  // A profile knows the key.
  EXPECT_EQ(Check({}).exit, 0);
}

TEST_F(ProveAtBrokerTest, WhatWasAlteredOrSignedBySomebodyElseIsSix) {
  ASSERT_EQ(Prove("1", {"--agreement", kPact}).exit, 0);
  const std::string line = folder_.Read("proof.json");
  folder_.Write("proof.json", line + "\n");
  EXPECT_EQ(Check({}).exit, 6);
  folder_.Write("proof.json", line);
  FakeLedger other(broker_.ledger().key().name());
  EXPECT_EQ(Check({"--vkey", other.key().ToString()}).exit, 6);
  EXPECT_EQ(Check({"--vkey", "key"}).exit, 2);
  EXPECT_EQ(Check({"--entry", folder_ / "absent"}).exit, 1);
  FakeLedger elsewhere("elsewhere.test/ledgers/pact");
  elsewhere.Grow(1);
  folder_.Write("proof.tlog-proof", elsewhere.Receipt(0, 1));
  const Ran stranger = Check({});
  EXPECT_EQ(stranger.exit, 6);
  EXPECT_THAT(stranger.err, HasSubstr("elsewhere.test/ledgers/pact"));
  folder_.Write("proof.tlog-proof", "no proof");
  EXPECT_EQ(Check({}).exit, 6);
}

TEST_F(ProveAtBrokerTest, SaysWhatItCannotProve) {
  EXPECT_EQ(Prove("one").exit, 2);
  EXPECT_EQ(Prove("-1").exit, 2);
  EXPECT_EQ(Prove("1", {"--agreement", kPact, "--mirror", "m"}).exit, 2);
  const Ran absent = Prove("100000", {"--agreement", kPact});
  EXPECT_NE(absent.exit, 0);
  EXPECT_THAT(absent.Code(), HasSubstr("NO_ENTRY"));
  const Ran nobody = RunCommands(
      {"audit", "check", folder_ / "proof.tlog-proof", "-o", "json"},
      {"", folder_ / "nothing", false});
  EXPECT_EQ(nobody.exit, 1);
}

class ProveFromMirrorTest : public CommandRunTest {
 protected:
  void Mirror() {
    const auto mirrored = MirrorParts(parts_, parts_.key(), "pact",
                                      parts_.newest_name(), folder_ / "m", "");
    ASSERT_TRUE(mirrored.ok()) << mirrored.status();
  }
  Ran Prove(const std::string& index, std::vector<std::string> more = {}) {
    std::vector<std::string> words = {"audit",           "prove",       index,
                                      "--mirror",        folder_ / "m", "--out",
                                      folder_ / "proof", "-o",          "json"};
    words.insert(words.end(), more.begin(), more.end());
    return Run(words);
  }
  int Check(const crypto::NoteKey& key) {
    return Run({"audit", "check", folder_ / "proof.tlog-proof", "--vkey",
                key.ToString()})
        .exit;
  }

  FakeLedgerParts parts_;
};

TEST_F(ProveFromMirrorTest, NeedsNoBroker) {
  parts_.newest().Grow(300);
  Mirror();
  for (const std::string index : {"0", "255", "256", "299"}) {
    const Ran proved = Prove(index);
    ASSERT_EQ(proved.exit, 0) << proved.err;
    EXPECT_EQ(Check(parts_.key()), 0);
  }
  EXPECT_EQ(Prove("300").exit, 1);
}

TEST_F(ProveFromMirrorTest, ProvesEntriesOfEveryPart) {
  parts_.newest().Grow(3);
  parts_.Continue(3);
  parts_.newest().Grow(5);
  Mirror();
  ASSERT_EQ(Prove("4").Out()["origin"], "broker.test/ledgers/pact.1");
  EXPECT_EQ(Check(parts_.log("pact.1").key()), 0);
  EXPECT_EQ(Check(parts_.key()), 6) << "the key of another part";
  ASSERT_EQ(Prove("2", {"--part", "0"}).Out()["origin"],
            "broker.test/ledgers/pact");
  EXPECT_EQ(Check(parts_.key()), 0);
}

TEST_F(ProveFromMirrorTest, ProvesNothingFromAMirrorThatWasAltered) {
  parts_.newest().Grow(3);
  Mirror();
  std::string bundle = folder_.Read("m/tile/entries/000.p/3");
  bundle[30] ^= 1;
  folder_.Write("m/tile/entries/000.p/3", bundle);
  const Ran proved = Prove("0");
  EXPECT_EQ(proved.exit, 6);
  EXPECT_THAT(proved.err, HasSubstr("tile/entries/000.p/3"));
  EXPECT_EQ(Run({"audit", "prove", "0", "--mirror", folder_ / "none"}).exit, 1);
}

}  // namespace
}  // namespace entente::client

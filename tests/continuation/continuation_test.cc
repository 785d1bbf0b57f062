#include <csignal>
#include <filesystem>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "tests/world/agreed_pair.h"

namespace entente::continuation {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using testing::HasSubstr;
using world::kAgreement;
using world::kLeft;

// Two agencies that have agreed and enrolled; the sender's flow has no quota of
// a day, since a restore uses those up.
class Continuation : public world::AgreedPair {
 protected:
  std::string Content() const override {
    return absl::StrReplaceAll(world::kPairContent,
                               {{"requests_per_day: 1000, ", ""}});
  }

  // Runs `entente-broker` to its end.
  world::Finished Operate(std::vector<std::string> words) {
    words.insert(words.begin(), world_.settings.entente_broker);
    const auto ended = world::RunProgram(words);
    EXPECT_TRUE(ended.ok()) << ended.status();
    return ended.ok() ? *ended : world::Finished();
  }
  world::Finished Restore(std::vector<std::string> more) {
    more.insert(more.begin(),
                {"restore", "--data", world_.Path("operator/data"),
                 "--passphrase-file", world_.Path("operator/passphrase")});
    return Operate(std::move(more));
  }
  void BackUp() {
    const world::Finished done =
        Operate({"backup", "--data", world_.Path("operator/data"), "--out",
                 world_.Path("operator/backup")});
    ASSERT_EQ(done.exit_code, 0) << done.err;
  }
  // The disk is gone, but for the key file.
  void LoseEverything() {
    EXPECT_EQ(world_.broker->End(SIGKILL), 128 + SIGKILL);
    for (const char* file :
         {"entente.db", "entente.db-wal", "entente.db-shm", "anchors"}) {
      fs::remove(world_.Path(absl::StrCat("operator/data/", file)));
    }
  }
  void ComeBack() {
    const absl::Status started = world_.StartBroker(world_.address);
    ASSERT_TRUE(started.ok()) << started;
  }

  json Mirror(const std::string& profile, const std::string& folder,
              int exit = 0, std::vector<std::string> more = {}) {
    std::vector<std::string> words = {"audit", "mirror", world_.Path(folder),
                                      "--agreement", kAgreement};
    words.insert(words.end(), more.begin(), more.end());
    return Run(profile, words, exit);
  }
  // Keeps nothing but its mirror.
  std::string Auditor() { return world_.Profile(kLeft, "auditor"); }
  json Verify(const std::string& folder, int exit = 0) {
    return Run("", {"audit", "verify", world_.Path(folder)}, exit);
  }
  void Receive(int records) {
    const json got = Run(Right(), {"receive", "--agreement", kAgreement,
                                   "--out", world_.Path("inbox")});
    EXPECT_EQ(got.value("received", 0), records) << got.dump();
  }
  // Sending ends with `exit` and `code`.
  void ExpectNotSent(int exit, const std::string& code) {
    const auto ended =
        world_.RunEntente(Left(), {"send", "--agreement", kAgreement, "--flow",
                                   "persons", "--purpose", world::kPurpose,
                                   world_.Path("rows.csv"), "-o", "json"});
    ASSERT_TRUE(ended.ok()) << ended.status();
    EXPECT_EQ(ended->exit_code, exit) << ended->err;
    EXPECT_THAT(ended->err, HasSubstr(code));
  }
};

// The digest that `restore` printed for `part`.
std::string DigestOf(const std::string& printed, const std::string& part) {
  const std::string before =
      absl::StrCat("digest of the first entry of ", part, ": ");
  const size_t at = printed.find(before);
  EXPECT_NE(at, std::string::npos) << printed;
  return at == std::string::npos ? "" : printed.substr(at + before.size(), 64);
}

TEST_F(Continuation, WhatIsLostIsToldToThoseWhoHaveSeenIt) {
  const std::string part = absl::StrCat(kAgreement, ".1");
  Enrol(Left());
  Enrol(Right());
  Send();
  Mirror(Right(), "early");
  BackUp();
  Send();
  Mirror(Auditor(), "late");
  LoseEverything();

  const world::Finished refused =
      Restore({"--from", world_.Path("operator/backup")});
  EXPECT_EQ(refused.exit_code, 1);
  EXPECT_THAT(refused.err, HasSubstr("--new-ledgers"));
  const world::Finished restored =
      Restore({"--from", world_.Path("operator/backup"), "--new-ledgers"});
  ASSERT_EQ(restored.exit_code, 0) << restored.err;
  EXPECT_THAT(restored.out, HasSubstr(absl::StrCat("goes on as ", part)));
  EXPECT_THAT(restored.out, HasSubstr("goes on as broker.1"));
  const std::string digest = DigestOf(restored.out, part);
  ComeBack();

  // The recipient had seen nothing newer than the backup.
  Receive(2);
  Mirror(Right(), "early");
  EXPECT_EQ(Verify("early").value("origin", ""),
            absl::StrCat(world::kBrokerName, "/ledgers/", part));

  // The sender had seen its second batch recorded.
  ExpectNotSent(6, "LEDGER_ENTRIES_LOST");
  ExpectNotSent(6, "audit accept");
  Run(Left(),
      {"audit", "accept", "--agreement", kAgreement, "--digest",
       std::string(64, '0')},
      6);
  const json accepted = Run(Left(), {"audit", "accept", "--agreement",
                                     kAgreement, "--digest", digest});
  EXPECT_EQ(accepted.value("ledger", ""), part);
  EXPECT_GT(accepted.value("lost", 0), 0);
  Send();
  Receive(2);

  Mirror(Auditor(), "late", 6);
  EXPECT_FALSE(fs::exists(world_.Path("late.1")));
  Mirror(Auditor(), "late", 0, {"--accept", digest});
  const json late = Verify("late");
  EXPECT_EQ(late.value("verified", false), true);
  EXPECT_THAT(late.at("warnings").dump(), HasSubstr("not vouched for"));
  Mirror(Right(), "early");
  EXPECT_EQ(Verify("early").at("warnings").size(), 0u);
}

// The ordinary case: the database is from a backup, the anchors are there, and
// mirrors have what was signed since.
TEST_F(Continuation, WhatMirrorsHaveIsPutBackAndNobodyNoticesALoss) {
  Enrol(Left());
  Enrol(Right());
  Send();
  BackUp();
  Send();
  const json before = Mirror(Auditor(), "mirror");
  const std::string duty = world_.Profile("operator", "duty");
  Run(duty, {"audit", "mirror", world_.Path("own-mirror")});
  // The broker stops without a word in its ledger that no mirror has.
  EXPECT_EQ(world_.broker->End(SIGKILL), 128 + SIGKILL);
  for (const char* file : {"entente.db", "entente.db-wal", "entente.db-shm"}) {
    fs::remove(world_.Path(absl::StrCat("operator/data/", file)));
  }

  const std::vector<std::string> from = {"--from",
                                         world_.Path("operator/backup")};
  const auto with = [&from](std::vector<std::string> mirrors) {
    std::vector<std::string> words = from;
    for (std::string& mirror : mirrors) {
      words.push_back("--mirror");
      words.push_back(std::move(mirror));
    }
    return words;
  };
  const world::Finished restored =
      Restore(with({world_.Path("mirror"), world_.Path("own-mirror")}));
  ASSERT_EQ(restored.exit_code, 0) << restored.out << restored.err;
  EXPECT_THAT(restored.out, HasSubstr(kAgreement));
  // Entries come back, the batch that was in the database does not.
  EXPECT_THAT(restored.out, HasSubstr("to do again: 1 "));
  EXPECT_THAT(restored.out, testing::Not(HasSubstr("goes on as")));
  ComeBack();

  // Whoever saw the lost time is neither refused nor asked anything.
  Receive(2);
  Send();
  Receive(2);
  const json after = Mirror(Auditor(), "mirror");
  EXPECT_GT(after.value("size", 0), before.value("size", 0)) << after.dump();
  EXPECT_EQ(Verify("mirror").value("verified", false), true);
  EXPECT_EQ(Verify("mirror").at("warnings").size(), 0u);
}

TEST_F(Continuation, WithoutAMirrorTheLedgerStaysRefused) {
  Enrol(Left());
  Enrol(Right());
  BackUp();
  Send();
  EXPECT_EQ(world_.broker->End(SIGKILL), 128 + SIGKILL);
  for (const char* file : {"entente.db", "entente.db-wal", "entente.db-shm"}) {
    fs::remove(world_.Path(absl::StrCat("operator/data/", file)));
  }
  const world::Finished restored =
      Restore({"--from", world_.Path("operator/backup")});
  EXPECT_EQ(restored.exit_code, 3) << restored.out << restored.err;
  EXPECT_THAT(restored.out, HasSubstr("still missing"));
  EXPECT_THAT(restored.out, HasSubstr("--new-ledgers"));
}

TEST_F(Continuation, ALedgerThatIsRolledIsFollowedByAll) {
  Enrol(Left());
  Enrol(Right());
  Send();
  Mirror(Auditor(), "mirror");
  EXPECT_EQ(world_.broker->Stop(), 0);
  const world::Finished rolled = Operate(
      {"roll", "--data", world_.Path("operator/data"), "--passphrase-file",
       world_.Path("operator/passphrase"), "--ledger", kAgreement});
  ASSERT_EQ(rolled.exit_code, 0) << rolled.err;
  EXPECT_THAT(rolled.out, HasSubstr(absl::StrCat(kAgreement, ".1")));
  ComeBack();
  Receive(2);
  Send();
  Receive(2);
  const json mirrored = Mirror(Auditor(), "mirror");
  EXPECT_EQ(mirrored.at("parts").size(), 2u) << mirrored.dump();
  EXPECT_EQ(Verify("mirror").at("warnings").size(), 0u);
}

}  // namespace
}  // namespace entente::continuation

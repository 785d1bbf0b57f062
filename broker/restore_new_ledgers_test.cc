#include <filesystem>

#include "broker/restore.h"
#include "broker/test_restore.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "policy/ledger_part.h"

namespace entente::broker {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Key;
using testing::Pair;

class NewLedgersTest : public RestoreTest {
 protected:
  absl::StatusOr<RestoreReport> GiveUp(const std::string& from,
                                       std::vector<std::string> mirrors = {}) {
    return Try(from, std::move(mirrors), 'p', /*new_ledgers=*/true);
  }
  void LoseAnchors() { fs::remove(world.config.data + "/anchors"); }
  policy::Continuation FirstOf(const std::string& part) {
    const auto entry = policy::ParseEntry(world.Entry(part, 0));
    EXPECT_TRUE(entry.ok()) << entry.status();
    const auto says = policy::ReadContinuation(*entry);
    EXPECT_TRUE(says.ok()) << says.status();
    return says.value_or(policy::Continuation());
  }
};

TEST_F(NewLedgersTest, WhatNoMirrorHasIsGivenUp) {
  const auto report = GiveUp(backup);
  ASSERT_TRUE(report.ok()) << report.status();
  EXPECT_THAT(report->missing, IsEmpty());
  ASSERT_THAT(report->opened, ElementsAre(Key("broker")));
  const NextPart& next = report->opened.at("broker");
  EXPECT_EQ(next.name, "broker.1");
  EXPECT_EQ(next.previous, "broker");
  EXPECT_EQ(next.size, at_backup);
  EXPECT_GE(next.signed_size, last.size);
  ASSERT_TRUE(world.Start().ok());
  EXPECT_EQ(world.Head("broker").size, at_backup);
  EXPECT_EQ(world.Head("broker.1").size, 2u) << "that it started";
  const policy::Continuation says = FirstOf("broker.1");
  EXPECT_EQ(says.origin, "broker.test/ledgers/broker");
  EXPECT_EQ(says.size, at_backup);
  EXPECT_EQ(says.root, world.RootAt(at_backup));
  EXPECT_EQ(says.reason, policy::ContinuationReason::kRestored);
  EXPECT_EQ(says.signed_size, next.signed_size);
}

TEST_F(NewLedgersTest, NothingIsGivenUpThatAMirrorHas) {
  const auto report = GiveUp(backup, {mirror});
  ASSERT_TRUE(report.ok()) << report.status();
  EXPECT_THAT(report->opened, IsEmpty());
  EXPECT_THAT(report->restored,
              ElementsAre(Pair("broker", last.size - at_backup)));
  ASSERT_TRUE(world.Start().ok());
  EXPECT_EQ(world.RootAt(last.size), last.root);
}

TEST_F(NewLedgersTest, WithoutAnchorsEveryLedgerGoesOnInANewPart) {
  LoseAnchors();
  const auto report = GiveUp(backup);
  ASSERT_TRUE(report.ok()) << report.status();
  ASSERT_THAT(report->opened, ElementsAre(Key("broker")));
  EXPECT_EQ(report->opened.at("broker").size, at_backup);
  EXPECT_EQ(report->opened.at("broker").signed_size, 0u)
      << "nobody here knows of more";
  ASSERT_TRUE(world.Start().ok());
  EXPECT_EQ(world.Head("broker.1").size, 2u);
}

TEST_F(NewLedgersTest, WithoutAnchorsASignedMirrorTellsWhatThereWas) {
  LoseAnchors();
  const auto report = GiveUp(backup, {mirror});
  ASSERT_TRUE(report.ok()) << report.status();
  EXPECT_THAT(report->restored,
              ElementsAre(Pair("broker", last.size - at_backup)));
  EXPECT_THAT(report->lost_acts, ElementsAre(Pair("agency_added", 1)));
  EXPECT_EQ(report->opened.at("broker").size, last.size);
  ASSERT_TRUE(world.Start().ok());
  EXPECT_EQ(FirstOf("broker.1").root, last.root);
  EXPECT_TRUE(world.broker->trust().IsRevoked(std::string(64, 'c'), "north"))
      << "what was revoked since is revoked again";
}

TEST_F(NewLedgersTest, WithoutAnchorsAnUnsignedMirrorIsNotBelieved) {
  LoseAnchors();
  std::string note = *ReadFile(mirror + "/checkpoint", 1 << 16);
  const size_t size_line = note.find('\n') + 1;
  note[size_line] = note[size_line] == '9' ? '8' : '9';
  WriteTestFile(mirror + "/checkpoint", note);
  const absl::Status tried = GiveUp(backup, {mirror}).status();
  EXPECT_TRUE(absl::IsDataLoss(tried)) << tried;
  EXPECT_THAT(std::string(tried.message()), HasSubstr(mirror));
}

TEST_F(NewLedgersTest, ADatabaseInPlaceGoesOnToo) {
  RollBack();
  LoseAnchors();
  const absl::Status started = world.Start();
  EXPECT_FALSE(started.ok());
  EXPECT_THAT(std::string(started.message()), HasSubstr("--new-ledgers"));
  ASSERT_TRUE(GiveUp("").ok());
  EXPECT_TRUE(world.Start().ok());
}

TEST_F(NewLedgersTest, ANewPartIsBackedUpAndRestoredLikeAnyOther) {
  ASSERT_TRUE(GiveUp(backup).ok());
  ASSERT_TRUE(world.Start().ok());
  ASSERT_TRUE(BackUp(world.config.data, world.folder / "second").ok());
  world.Revoke('d');
  const SignedHead head = world.Head("broker.1");
  world.Mirror("mirror-1", "broker.1");
  fs::copy(world.config.data, world.folder / "crashed-again",
           fs::copy_options::recursive);
  world.Stop();
  world.config.data = world.folder / "crashed-again";
  RemoveDatabase();
  const auto report = Try(world.folder / "second", {world.folder / "mirror-1"});
  ASSERT_TRUE(report.ok()) << report.status();
  EXPECT_THAT(report->restored, ElementsAre(Pair("broker.1", 1)));
  ASSERT_TRUE(world.Start().ok());
  EXPECT_EQ(world.Head("broker.1").size, head.size + 1);
}

// The backup is from before the first new part: all of that is fetched back.
TEST_F(NewLedgersTest, AWholePartComesBackFromAMirror) {
  ASSERT_TRUE(GiveUp(backup).ok());
  ASSERT_TRUE(world.Start().ok());
  world.Revoke('d');
  world.Mirror("mirror-1", "broker.1");
  const SignedHead head = world.Head("broker.1");
  fs::copy(world.config.data, world.folder / "crashed-again",
           fs::copy_options::recursive);
  world.Stop();
  world.config.data = world.folder / "crashed-again";
  RemoveDatabase();
  const auto report = Try(backup, {world.folder / "mirror-1"});
  ASSERT_TRUE(report.ok()) << report.status();
  EXPECT_THAT(report->restored, ElementsAre(Pair("broker.1", head.size)));
  ASSERT_TRUE(world.Start().ok());
  EXPECT_EQ(world.Head("broker.1").size, head.size + 1);
  EXPECT_EQ(FirstOf("broker.1").size, at_backup);
}

// No mirror has the part: its number is not used again.
TEST_F(NewLedgersTest, ASecondLossSkipsWhatWasSigned) {
  ASSERT_TRUE(GiveUp(backup).ok());
  ASSERT_TRUE(world.Start().ok());
  fs::copy(world.config.data, world.folder / "crashed-again",
           fs::copy_options::recursive);
  world.Stop();
  world.config.data = world.folder / "crashed-again";
  RemoveDatabase();
  const auto report = GiveUp(backup);
  ASSERT_TRUE(report.ok()) << report.status();
  EXPECT_EQ(report->opened.at("broker").name, "broker.2");
  EXPECT_EQ(report->opened.at("broker").previous, "broker");
  ASSERT_TRUE(world.Start().ok());
  EXPECT_EQ(world.Head("broker.2").size, 2u);
  EXPECT_EQ(FirstOf("broker.2").origin, "broker.test/ledgers/broker");
}

// It ended between the commit and the anchors.
TEST_F(NewLedgersTest, AnInterruptedCallIsRepeated) {
  const std::string kept = *ReadFile(world.config.data + "/anchors", 1 << 20);
  ASSERT_TRUE(GiveUp(backup).ok());
  WriteTestFile(world.config.data + "/anchors", kept);
  EXPECT_FALSE(world.Start().ok());
  const auto again = GiveUp("");
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_THAT(again->opened, IsEmpty());
  EXPECT_TRUE(world.Start().ok());
  EXPECT_EQ(world.Head("broker.1").size, 2u);
}

TEST_F(NewLedgersTest, AnotherHistoryIsNotMadeGood) {
  // A database of as many entries, under the same key, with other contents.
  ASSERT_TRUE(Try(backup, {mirror}).ok());
  ASSERT_TRUE(world.Start().ok());
  fs::copy(world.config.data, world.folder / "forked",
           fs::copy_options::recursive);
  world.Revoke('e');
  world.Stop();
  const std::string kept = *ReadFile(world.config.data + "/anchors", 1 << 20);
  world.config.data = world.folder / "forked";
  ASSERT_TRUE(world.Start().ok());
  world.Revoke('f');
  world.Stop();
  WriteTestFile(world.config.data + "/anchors", kept);
  const absl::Status tried = GiveUp("").status();
  EXPECT_TRUE(absl::IsDataLoss(tried)) << tried;
  EXPECT_THAT(std::string(tried.message()),
              HasSubstr("not those that were signed"));
}

TEST_F(NewLedgersTest, QuotasStartExhaustedThereToo) {
  ASSERT_TRUE(GiveUp(backup).ok());
  EXPECT_TRUE(QuotaIsExhausted());
}

}  // namespace
}  // namespace entente::broker

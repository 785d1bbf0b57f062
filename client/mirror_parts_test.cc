#include "client/mirror_parts.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "client/audit_parts.h"
#include "client/error.h"
#include "client/fake_ledger_parts.h"
#include "client/test_folder.h"

namespace entente::client {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

std::string CodeOf(const absl::Status& status) {
  return status.ok() ? "OK" : FromStatus(status).code;
}
std::string Text(const absl::Status& status) {
  return status.ok() ? "OK" : FailureText(FromStatus(status));
}

// A ledger of 300 entries, mirrored, that goes on.
class MirrorPartsTest : public testing::Test {
 protected:
  MirrorPartsTest() { ledger_.newest().Grow(300); }

  absl::StatusOr<std::vector<MirroredPart>> Mirror(
      const std::string& accepted = "") {
    return MirrorParts(ledger_, ledger_.key(), "pact", ledger_.newest_name(),
                       folder_ / "m", accepted);
  }
  absl::StatusOr<std::vector<PartReport>> Verify(bool pinned = true) {
    return VerifyParts(folder_ / "m",
                       pinned ? std::optional(ledger_.key()) : std::nullopt);
  }
  std::vector<uint64_t> Sizes() {
    std::vector<uint64_t> sizes;
    const auto reports = Verify();
    EXPECT_TRUE(reports.ok()) << Text(reports.status());
    if (!reports.ok()) return sizes;
    for (const PartReport& part : *reports) {
      sizes.push_back(part.report.checkpoint.size);
    }
    return sizes;
  }

  TestFolder folder_;
  FakeLedgerParts ledger_;
};

TEST_F(MirrorPartsTest, FolderOfAPartLiesBesideTheFirst) {
  EXPECT_EQ(PartFolder("m", 0), "m");
  EXPECT_EQ(PartFolder("a/m/", 0), "a/m");
  EXPECT_EQ(PartFolder("a/m/", 2), "a/m.2");
  const std::string here = std::filesystem::current_path().string();
  EXPECT_EQ(PartFolder(".", 0), ".");
  EXPECT_EQ(PartFolder(".", 1), here + ".1");
  EXPECT_EQ(PartFolder("x/..", 1), here + ".1");
}

TEST_F(MirrorPartsTest, OneThatWasNeverContinuedIsOneFolder) {
  const auto mirrored = Mirror();
  ASSERT_TRUE(mirrored.ok()) << Text(mirrored.status());
  ASSERT_THAT(*mirrored, SizeIs(1));
  EXPECT_EQ(mirrored->front().result.added, 300u);
  EXPECT_THAT(Sizes(), ElementsAre(300));
}

TEST_F(MirrorPartsTest, FinishesTheOldPartAndGoesOnBesideIt) {
  ASSERT_TRUE(Mirror().ok());
  ledger_.newest().Grow(310);
  ledger_.Continue(310);
  ledger_.newest().Grow(5);
  const auto mirrored = Mirror();
  ASSERT_TRUE(mirrored.ok()) << Text(mirrored.status());
  ASSERT_THAT(*mirrored, SizeIs(2));
  EXPECT_EQ((*mirrored)[0].result.added, 10u);
  EXPECT_EQ((*mirrored)[1].name, "pact.1");
  EXPECT_EQ((*mirrored)[1].folder, folder_ / "m.1");
  EXPECT_THAT(Sizes(), ElementsAre(310, 5));
  EXPECT_TRUE(Verify(/*pinned=*/false).ok());
  // Each is a log of its own.
  EXPECT_THAT(folder_.Read("m.1/checkpoint"),
              HasSubstr("broker.test/ledgers/pact.1\n5\n"));
  EXPECT_THAT(folder_.Read("m.1/log.vkey"), HasSubstr("pact.1+"));
  EXPECT_TRUE(std::filesystem::exists(folder_ / "m.1/tile/0/000.p/5"));
}

TEST_F(MirrorPartsTest, LaterRunsFetchWhatIsNewAlone) {
  ledger_.Continue(300);
  ledger_.newest().Grow(3);
  ledger_.Continue(3);
  ASSERT_TRUE(Mirror().ok());
  ledger_.log("pact").calls = 0;
  ledger_.log("pact.1").calls = 0;
  ledger_.newest().Grow(7);
  const auto again = Mirror();
  ASSERT_TRUE(again.ok()) << Text(again.status());
  EXPECT_EQ(again->back().result.added, 6u);
  EXPECT_EQ(ledger_.log("pact").calls + ledger_.log("pact.1").calls, 0);
  EXPECT_THAT(Sizes(), ElementsAre(300, 3, 7));
}

TEST_F(MirrorPartsTest, WhatIsNotVouchedForStopsTheMirrorUntilItIsAccepted) {
  ASSERT_TRUE(Mirror().ok());
  ledger_.Continue(290);
  const absl::Status stopped = Mirror().status();
  EXPECT_EQ(CodeOf(stopped), "LEDGER_ENTRIES_LOST");
  EXPECT_THAT(Text(stopped), HasSubstr("entries 290 to 299 of pact"));
  EXPECT_FALSE(std::filesystem::exists(folder_ / "m.1"));
  EXPECT_EQ(CodeOf(Mirror("00").status()), "LEDGER_ENTRIES_LOST");

  const auto accepted = Mirror(ledger_.Digest());
  ASSERT_TRUE(accepted.ok()) << Text(accepted.status());
  ASSERT_TRUE(Mirror().ok()) << "once is enough";
  const auto reports = Verify();
  ASSERT_TRUE(reports.ok()) << Text(reports.status());
  EXPECT_EQ(reports->front().report.checkpoint.size, 300u)
      << "what was mirrored stays";
  ASSERT_THAT(reports->back().report.warnings, SizeIs(1));
  EXPECT_THAT(reports->back().report.warnings[0],
              HasSubstr("entries 290 to 299"));
  // Another loss is another question.
  ledger_.newest().Grow(9);
  ASSERT_TRUE(Mirror().ok());
  ledger_.Continue(4);
  EXPECT_EQ(CodeOf(Mirror().status()), "LEDGER_ENTRIES_LOST");
  ASSERT_TRUE(Mirror(ledger_.Digest()).ok());
  EXPECT_TRUE(Mirror().ok());
  EXPECT_TRUE(Verify().ok());
}

TEST_F(MirrorPartsTest, AMarkThatIsNotOfThisEntryAcceptsNothing) {
  ASSERT_TRUE(Mirror().ok());
  ledger_.Continue(290);
  ASSERT_TRUE(Mirror(ledger_.Digest()).ok());
  folder_.Write("m.1/accepted", std::string(64, '0') + "\n");
  EXPECT_EQ(CodeOf(Verify().status()), "LEDGER_ENTRIES_LOST");
  EXPECT_EQ(CodeOf(Mirror().status()), "LEDGER_ENTRIES_LOST");
}

TEST_F(MirrorPartsTest, AnotherHistoryIsNotMirroredOver) {
  ASSERT_TRUE(Mirror().ok());
  FakeLedgerParts other;
  other.newest().Grow(300);
  other.Continue(300);
  const auto mirrored =
      MirrorParts(other, other.key(), "pact", "pact.1", folder_ / "m", "");
  EXPECT_FALSE(mirrored.ok());
  ledger_.newest().Append(FakeLedger::Line(5));
  ledger_.Continue(301, [](auto& says) { says.root[3] ^= 1; });
  EXPECT_EQ(CodeOf(Mirror().status()), "VERIFICATION_FAILED");
}

TEST_F(MirrorPartsTest, TheLinkBetweenFoldersIsVerified) {
  ledger_.Continue(300);
  ledger_.newest().Grow(4);
  ASSERT_TRUE(Mirror().ok());
  const std::string first = folder_.Read("m/checkpoint");

  // A part whose beginning is another one's.
  FakeLedgerParts other;
  other.newest().Append(FakeLedger::Line(1));
  other.newest().Grow(301);
  std::filesystem::rename(folder_ / "m", folder_ / "kept");
  ASSERT_TRUE(MirrorLedger(other.newest(), folder_ / "m", other.key()).ok());
  EXPECT_THAT(Text(Verify(/*pinned=*/false).status()),
              HasSubstr("m.1 does not continue"));
  std::filesystem::remove_all(folder_ / "m");
  std::filesystem::rename(folder_ / "kept", folder_ / "m");
  EXPECT_TRUE(Verify().ok());

  // One that continues nothing, and one that continues what is not there.
  FakeLedger plain("broker.test/ledgers/pact.2",
                   ledger_.log("pact").signing_key());
  plain.Grow(2);
  ASSERT_TRUE(MirrorLedger(plain, folder_ / "m.2", plain.key()).ok());
  EXPECT_THAT(Text(Verify().status()),
              HasSubstr("m.2 does not show what it continues"));
  std::filesystem::remove_all(folder_ / "m.2");
  ledger_.Continue(4, [](auto& says) { says.origin += "7"; });
  ASSERT_TRUE(
      MirrorLedger(ledger_.newest(), folder_ / "m.2", ledger_.newest().key())
          .ok());
  EXPECT_THAT(Text(Verify().status()),
              HasSubstr("m.2 continues what is not beside it"));
}

TEST_F(MirrorPartsTest, EntriesThatAreNotMirroredAreNotCheckedAndSaidSo) {
  ASSERT_TRUE(Mirror().ok());
  ledger_.newest().Grow(310);
  ledger_.Continue(310);
  ASSERT_TRUE(
      MirrorLedger(ledger_.newest(), folder_ / "m.1", ledger_.newest().key())
          .ok());
  const auto reports = Verify();
  ASSERT_TRUE(reports.ok()) << Text(reports.status());
  EXPECT_THAT(reports->front().report.not_checked,
              testing::Contains(HasSubstr("entries 300 to 309")));
}

TEST_F(MirrorPartsTest, AnAlteredLaterPartIsNamedByItsFolder) {
  ledger_.Continue(300);
  ASSERT_TRUE(Mirror().ok());
  std::string bundle = folder_.Read("m.1/tile/entries/000.p/1");
  bundle[30] ^= 1;
  folder_.Write("m.1/tile/entries/000.p/1", bundle);
  const absl::Status altered = Verify().status();
  EXPECT_TRUE(absl::IsDataLoss(altered));
  EXPECT_THAT(Text(altered), HasSubstr("m.1: entry 0"));
}

TEST_F(MirrorPartsTest, FoldersOfOtherNamesAreNotParts) {
  ASSERT_TRUE(Mirror().ok());
  for (const char* name : {"m.x", "m.01", "m-1", "mm.1"}) {
    std::filesystem::create_directories(folder_ / name);
    folder_.Write(std::string(name) + "/checkpoint", "nothing");
  }
  std::filesystem::create_directories(folder_ / "m.3");
  EXPECT_THAT(Sizes(), ElementsAre(300));
}

}  // namespace
}  // namespace entente::client

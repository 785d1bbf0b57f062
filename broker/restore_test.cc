#include "broker/restore.h"

#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>

#include "broker/test_restore.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace entente::broker {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Pair;

TEST_F(RestoreTest, RolledBackStoreIsRefusedWithTheWayOut) {
  RollBack();
  const absl::Status started = world.Start();
  EXPECT_FALSE(started.ok());
  EXPECT_THAT(std::string(started.message()), HasSubstr("old copy"));
  EXPECT_THAT(std::string(started.message()),
              HasSubstr("entente-broker restore --data DIR --mirror MIRROR"));
  EXPECT_THAT(std::string(started.message()),
              HasSubstr("entente-broker restore --data DIR --new-ledgers"));
}

TEST_F(RestoreTest, BringsTheLedgerBackToWhatWasSigned) {
  const auto report = Try(backup, {mirror});
  ASSERT_TRUE(report.ok()) << report.status();
  EXPECT_THAT(report->restored,
              ElementsAre(Pair("broker", last.size - at_backup)));
  EXPECT_THAT(report->missing, IsEmpty());
  EXPECT_THAT(report->lost_acts, ElementsAre(Pair("agency_added", 1)));
  ASSERT_TRUE(world.Start().ok());
  EXPECT_EQ(world.Head().size, last.size + 1) << "that it started";
  EXPECT_EQ(world.RootAt(last.size), last.root)
      << "who holds the last checkpoint finds it continued";
}

TEST_F(RestoreTest, RollbackInPlaceIsRestoredWithoutABackup) {
  RollBack();
  ASSERT_TRUE(Try("", {mirror}).ok());
  ASSERT_TRUE(world.Start().ok());
  EXPECT_EQ(world.RootAt(last.size), last.root);
}

TEST_F(RestoreTest, WhatWasRevokedSinceIsRevokedAgain) {
  ASSERT_TRUE(Try(backup, {mirror}).ok());
  ASSERT_TRUE(world.Start().ok());
  for (const char letter : {'a', 'b', 'c'}) {
    EXPECT_TRUE(
        world.broker->trust().IsRevoked(std::string(64, letter), "north"));
  }
  EXPECT_FALSE(world.broker->trust().IsRevoked(std::string(64, 'd'), "north"));
}

TEST_F(RestoreTest, QuotasStartExhausted) {
  ASSERT_TRUE(Try(backup, {mirror}).ok());
  EXPECT_TRUE(QuotaIsExhausted());
}

TEST_F(RestoreTest, KeyFileComesBackOnlyIfItIsGone) {
  fs::remove(world.config.data + "/key");
  ASSERT_TRUE(Try(backup, {mirror}).ok());
  EXPECT_TRUE(fs::exists(world.config.data + "/key"));
  RemoveDatabase();
  WriteTestFile(world.config.data + "/key", "another");
  EXPECT_FALSE(Try(backup, {mirror}).ok()) << "it is not overwritten";
}

// Root restores; the broker's own account starts.
TEST_F(RestoreTest, LeavesNothingThatTheFoldersOwnerCannotRead) {
  if (geteuid() != 0) GTEST_SKIP() << "only root can give files away";
  constexpr uid_t kBroker = 65534;
  world.Stop();
  fs::remove(world.config.data + "/key");
  for (const auto& file : fs::directory_iterator(world.config.data)) {
    ASSERT_EQ(chown(file.path().c_str(), kBroker, kBroker), 0);
  }
  ASSERT_EQ(chown(world.config.data.c_str(), kBroker, kBroker), 0);
  ASSERT_TRUE(Try(backup, {mirror}).ok());
  size_t files = 0;
  for (const auto& file : fs::directory_iterator(world.config.data)) {
    struct stat found = {};
    ASSERT_EQ(lstat(file.path().c_str(), &found), 0);
    EXPECT_EQ(found.st_uid, kBroker) << file.path();
    ++files;
  }
  EXPECT_GE(files, 4u) << "database, anchors, key and lock";
}

TEST_F(RestoreTest, SaysWhatIsMissingStill) {
  auto report = Try(backup, {});
  ASSERT_TRUE(report.ok()) << report.status();
  ASSERT_THAT(report->missing,
              ElementsAre(Pair("broker", HasSubstr("no mirror"))));
  EXPECT_FALSE(world.Start().ok()) << "it stays refused";

  WriteTestFile(world.folder / "short/checkpoint", early_checkpoint);
  report = Try("", {world.folder / "short"});
  ASSERT_TRUE(report.ok()) << report.status();
  EXPECT_THAT(report->missing,
              ElementsAre(Pair("broker", HasSubstr("ends at"))));
  report = Try("", {world.folder / "short", mirror});
  ASSERT_TRUE(report.ok()) << report.status();
  EXPECT_THAT(report->missing, IsEmpty());
  EXPECT_TRUE(world.Start().ok());
}

TEST_F(RestoreTest, AlteredMirrorChangesNothing) {
  const std::string bundle = absl::StrCat(
      mirror, "/", crypto::BundlePath({0, static_cast<uint32_t>(last.size)}));
  std::string content = *ReadFile(bundle, 1 << 20);
  content[content.size() - 3] ^= 1;
  WriteTestFile(bundle, content);
  const auto report = Try(backup, {mirror});
  EXPECT_TRUE(absl::IsDataLoss(report.status())) << report.status();
  EXPECT_THAT(std::string(report.status().message()), HasSubstr(mirror));
  EXPECT_FALSE(world.Start().ok());
}

TEST_F(RestoreTest, WithoutItsAnchorsNobodyKnowsWhatWasSigned) {
  fs::remove(world.config.data + "/anchors");
  const auto report = Try(backup, {mirror});
  EXPECT_TRUE(absl::IsFailedPrecondition(report.status()));
  EXPECT_THAT(std::string(report.status().message()),
              HasSubstr("--new-ledgers"));
}

TEST_F(RestoreTest, AnchorsOlderThanTheBackupAreNotTheBrokers) {
  fs::copy_file(world.folder / "old-anchors", world.config.data + "/anchors",
                fs::copy_options::overwrite_existing);
  EXPECT_TRUE(absl::IsDataLoss(Try(backup, {mirror}).status()));
}

TEST_F(RestoreTest, OverwritesNoDatabaseAndNeedsOne) {
  EXPECT_TRUE(absl::IsFailedPrecondition(Try("", {mirror}).status()));
  RollBack();
  EXPECT_TRUE(absl::IsFailedPrecondition(Try(backup, {mirror}).status()));
}

TEST_F(RestoreTest, NeedsTheFolderToItselfAndThePassphrase) {
  ASSERT_TRUE(Try(backup, {mirror}).ok());
  EXPECT_FALSE(Try("", {mirror}, 'q').ok());
  ASSERT_TRUE(world.Start().ok());
  EXPECT_TRUE(absl::IsFailedPrecondition(Try("", {mirror}).status()));
}

TEST_F(RestoreTest, MirrorThatIsNoneIsAnError) {
  EXPECT_TRUE(absl::IsNotFound(Try(backup, {world.folder / "no"}).status()));
}

}  // namespace
}  // namespace entente::broker

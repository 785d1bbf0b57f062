#include "broker/restore.h"

#include <filesystem>

#include "broker/store/quota_table.h"
#include "broker/test_restorable.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace entente::broker {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Pair;

// A broker that was backed up, went on, was mirrored and ended; its database is
// gone, its anchors are not.
class RestoreTest : public testing::Test {
 protected:
  void SetUp() override {
    world.Revoke('a');
    fs::copy_file(world.folder / "data/anchors", world.folder / "old-anchors");
    world.Revoke('b');
    ASSERT_TRUE(BackUp(world.config.data, world.folder / "backup").ok());
    at_backup = world.Head().size;
    early_checkpoint = world.Head().checkpoint;
    world.Revoke('c');
    AddAgency();
    world.Stop();  // one more entry, which the mirror needs
    ASSERT_TRUE(world.Start().ok());
    world.Mirror("mirror");
    last = world.Head();
    // Ends without recording that it stops.
    fs::copy(world.folder / "data", world.folder / "crashed",
             fs::copy_options::recursive);
    world.Stop();
    world.config.data = world.folder / "crashed";
    RemoveDatabase();
  }

  void AddAgency() {
    certs::Identity identity;
    identity.kind = certs::Identity::Kind::kOperator;
    identity.trust_domain = "test.example";
    identity.name = "op";
    const auto root = certs::Authority::Create(
        "north", absl::FromUnixSeconds(1760000000), 10);
    v1::AddAgencyRequest request;
    request.set_agency("north");
    request.set_name("North");
    request.set_root_pem(root->root().ToPem());
    v1::AddAgencyResponse response;
    const absl::Status added = world.broker->directory().AddAgency(
        {identity, identity.ToUri(), std::string(64, '0')}, request, &response);
    ASSERT_TRUE(added.ok()) << added;
  }

  void RemoveDatabase() {
    for (const char* ending : {"", "-wal", "-shm"}) {
      fs::remove(world.config.data + "/entente.db" + ending);
    }
  }
  // What somebody does who knows no better.
  void RollBack() {
    RemoveDatabase();
    fs::copy_file(world.folder / "backup/entente.db",
                  world.config.data + "/entente.db");
  }

  absl::StatusOr<RestoreReport> Try(const std::string& from,
                                    std::vector<std::string> mirrors,
                                    char passphrase = 'p') {
    return Restore({world.config.data, from, std::move(mirrors)},
                   TestRestorable::Passphrase(passphrase), world.clock);
  }

  TestRestorable world;
  uint64_t at_backup = 0;
  std::string early_checkpoint;
  SignedHead last;
  const std::string backup = world.folder / "backup";
  const std::string mirror = world.folder / "mirror";
};

TEST_F(RestoreTest, RolledBackStoreIsRefusedWithTheWayOut) {
  RollBack();
  const absl::Status started = world.Start();
  EXPECT_FALSE(started.ok());
  EXPECT_THAT(std::string(started.message()), HasSubstr("old copy"));
  EXPECT_THAT(std::string(started.message()),
              HasSubstr("entente-broker restore"));
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
  auto store = SqliteStore::Open(world.config.data + "/entente.db", 1);
  ASSERT_TRUE(store.ok()) << store.status();
  const QuotaKey key = {"isa", "flow", "north", "records"};
  const absl::Status written = (*store)->Write(
      [&](Transaction& transaction) -> absl::Status {
        QuotaTable quotas(transaction);
        const auto today = quotas.Take(key, world.clock.Now(), 1, 100);
        EXPECT_TRUE(absl::IsResourceExhausted(today.status()));
        EXPECT_THAT(std::string(today.status().message()),
                    HasSubstr("00:00 UTC"));
        EXPECT_TRUE(
            quotas.Take(key, world.clock.Now() + absl::Hours(24), 1, 100).ok());
        return absl::OkStatus();
      },
      [] { return absl::OkStatus(); });
  EXPECT_TRUE(written.ok()) << written;
}

TEST_F(RestoreTest, KeyFileComesBackOnlyIfItIsGone) {
  fs::remove(world.config.data + "/key");
  ASSERT_TRUE(Try(backup, {mirror}).ok());
  EXPECT_TRUE(fs::exists(world.config.data + "/key"));
  RemoveDatabase();
  WriteTestFile(world.config.data + "/key", "another");
  EXPECT_FALSE(Try(backup, {mirror}).ok()) << "it is not overwritten";
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
              HasSubstr("does not build"));
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

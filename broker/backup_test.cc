#include "broker/backup.h"

#include <filesystem>

#include "broker/store/agreements_table.h"
#include "broker/test_restorable.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace entente::broker {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

TEST(BackUp, CopiesWhileTheBrokerServes) {
  TestRestorable world;
  world.Revoke('a');
  const auto report = BackUp(world.config.data, world.folder / "backup");
  ASSERT_TRUE(report.ok()) << report.status();
  EXPECT_EQ(report->ledgers, 1u);
  EXPECT_EQ(report->entries, world.Head().size);
  world.Revoke('b');
  EXPECT_EQ(world.Head().size, report->entries + 1) << "it serves on";
  EXPECT_EQ(fs::status(world.folder / "backup").permissions(),
            fs::perms::owner_all);
  for (const char* name : {"entente.db", "anchors-at-backup", "key"}) {
    EXPECT_EQ(fs::status(world.folder / (std::string("backup/") + name))
                  .permissions(),
              fs::perms::owner_read | fs::perms::owner_write)
        << name;
  }
}

TEST(BackUp, IsNotDamagedForHoldingAnAgreement) {
  TestRestorable world;
  const auto stored = world.broker->context().sequencer->Run(
      [&](Transaction& transaction)
          -> absl::StatusOr<std::vector<PendingEntry>> {
        AgreementRow row;
        row.id = "isa-1";
        row.version = 1;
        row.document = {'{', '}'};
        row.digest.assign(32, 7);
        row.state = AgreementState::kProposed;
        row.proposed = world.clock.Now();
        const absl::Status put =
            AgreementsTable(transaction).Insert(row, {"north", "west"});
        if (!put.ok()) return put;
        return std::vector<PendingEntry>();
      });
  ASSERT_TRUE(stored.ok()) << stored.status();
  const auto report = BackUp(world.config.data, world.folder / "backup");
  EXPECT_TRUE(report.ok()) << report.status();
}

TEST(BackUp, NoBrokerStartsFromIt) {
  TestRestorable world;
  ASSERT_TRUE(BackUp(world.config.data, world.folder / "backup").ok());
  world.Stop();
  world.config.data = world.folder / "backup";
  const absl::Status started = world.Start();
  EXPECT_TRUE(absl::IsFailedPrecondition(started)) << started;
  EXPECT_THAT(std::string(started.message()),
              HasSubstr("entente-broker restore"));
}

TEST(BackUp, OverwritesNothing) {
  TestRestorable world;
  ASSERT_TRUE(BackUp(world.config.data, world.folder / "backup").ok());
  EXPECT_TRUE(absl::IsAlreadyExists(
      BackUp(world.config.data, world.folder / "backup").status()));
}

TEST(BackUp, NeedsADataFolder) {
  TestRestorable world;
  EXPECT_TRUE(absl::IsNotFound(
      BackUp(world.folder / "nothing", world.folder / "backup").status()));
  for (const char* name : {"key", "anchors", "entente.db"}) {
    fs::rename(world.folder / (std::string("data/") + name),
               world.folder / "aside");
    const auto report = BackUp(world.config.data, world.folder / "backup");
    EXPECT_TRUE(absl::IsNotFound(report.status()));
    EXPECT_THAT(std::string(report.status().message()), HasSubstr(name));
    EXPECT_FALSE(fs::exists(world.folder / "backup"));
    fs::rename(world.folder / "aside",
               world.folder / (std::string("data/") + name));
  }
}

TEST(BackUp, SaysThatTheDatabaseIsDamaged) {
  TestRestorable world;
  world.Stop();
  const std::string database = world.folder / "data/entente.db";
  std::fstream file(database, std::ios::in | std::ios::out | std::ios::binary);
  for (uint64_t at = 4096; at < fs::file_size(database); at += 4096) {
    file.seekp(static_cast<std::streamoff>(at));
    file << std::string(64, '\xff');
  }
  file.close();
  const auto report = BackUp(world.config.data, world.folder / "backup");
  EXPECT_TRUE(absl::IsDataLoss(report.status())) << report.status();
}

}  // namespace
}  // namespace entente::broker

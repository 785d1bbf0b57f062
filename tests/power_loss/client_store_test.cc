// The power goes at every sync of an agency's store.
#include <gtest/gtest.h>

#include <cstdlib>
#include <functional>
#include <iterator>
#include <map>
#include <memory>
#include <random>

#include "broker/store/test_disk.h"
#include "broker/store/test_vfs.h"
#include "broker/test_memory_folder.h"
#include "client/error.h"
#include "client/test_folder.h"
#include "tests/power_loss/client_work.h"

namespace entente::power_loss {
namespace {

using broker::Disk;
using broker::DiskImage;
using broker::DiskRecord;
using broker::FileAction;
using client::LocalStore;
using Kind = FileAction::Kind;

bool IsLong() { return getenv("ENTENTE_LONG") != nullptr; }
int Rounds() { return IsLong() ? 16 : 4; }

class ClientStorePowerLossTest : public testing::Test {
 protected:
  using Marks = std::map<size_t, Told>;

  // Every round is a program of its own, which ends after it; in every other
  // one a second program, which follows, has the store open too.
  void Work(const ClientWork& work, const std::string& folder,
            DiskRecord* record) {
    for (int round = 0; round < work.rounds(); ++round) {
      std::unique_ptr<LocalStore> bystander;
      if (round % 2 == 1) bystander = Opened(work, folder);
      const std::unique_ptr<LocalStore> store = Opened(work, folder);
      ASSERT_NE(store, nullptr);
      for (int step = 0; step < kSteps; ++step) {
        ClientWork::Release(round, static_cast<Step>(step), &told_);
        Tell(record);
        const absl::Status taken =
            work.Take(*store, round, static_cast<Step>(step), &told_);
        ASSERT_TRUE(taken.ok()) << taken;
        Tell(record);
      }
    }
    Tell(record);
  }

  static std::unique_ptr<LocalStore> Opened(const ClientWork& work,
                                            const std::string& folder) {
    auto opened = work.Open(folder);
    EXPECT_TRUE(opened.ok()) << opened.status();
    return opened.ok() ? *std::move(opened) : nullptr;
  }

  void Tell(DiskRecord* record) { marks_[record->Mark()] = told_; }

  // What had been told after the first `steps`.
  const Told& ToldBy(size_t steps) const {
    static const Told none;
    const auto after = marks_.upper_bound(steps);
    return after == marks_.begin() ? none : std::prev(after)->second;
  }

  // The next program finds all that was told, and goes on.
  absl::Status Revive(const ClientWork& work, const DiskImage& image,
                      const Told& told) {
    broker::WriteDisk(image, revived_.path());
    auto store = work.Open(revived_.path());
    if (!store.ok()) return store.status();
    if (absl::Status kept = work.CheckKept(**store, told); !kept.ok()) {
      return kept;
    }
    if (++revivals_ % 4 != 0) return absl::OkStatus();
    Told more = told;
    for (const Step step : {Step::kPepper, Step::kAddPeople}) {
      const absl::Status taken =
          work.Take(**store, work.rounds() - 1, step, &more);
      if (!taken.ok()) return taken;
    }
    store->reset();
    store = work.Open(revived_.path());
    if (!store.ok()) return store.status();
    return work.CheckKept(**store, more);
  }

  const broker::MemoryFolders memory_;
  broker::TestVfs vfs_{memory_.prefix(), nullptr};
  const client::TestFolder revived_;
  int revivals_ = 0;
  Told told_;
  Marks marks_;
};

TEST_F(ClientStorePowerLossTest, LosesNothingThatWasToldAtAnySync) {
  const ClientWork work(Rounds(), /*large_round=*/2);
  const client::TestFolder folder;
  DiskRecord record({});
  vfs_.before = [&record](const FileAction& action) {
    record.Note(action);
    return SQLITE_OK;
  };
  Work(work, folder.path(), &record);
  vfs_.before = nullptr;
  const std::vector<DiskRecord::Step> steps = record.Steps();
  const int variants = IsLong() ? 12 : 2;
  const unsigned seed = 20261130;
  std::mt19937 random(seed);
  Disk disk;
  size_t of_log = 0;
  size_t of_database = 0;
  for (size_t i = 0; i < steps.size(); ++i) {
    if (steps[i].action.kind == Kind::kSync) {
      for (int k = 0; k < variants; ++k) {
        const absl::Status kept = Revive(work, disk.Torn(&random), ToldBy(i));
        ASSERT_TRUE(kept.ok()) << "torn before step " << i << ", seed " << seed
                               << ", variant " << k << ": " << kept;
      }
    }
    disk.Do(steps[i]);
    if (steps[i].action.kind != Kind::kSync) continue;
    const absl::Status kept = Revive(work, disk.Synced(), ToldBy(i + 1));
    ASSERT_TRUE(kept.ok()) << "cut after step " << i << ": " << kept;
    if (steps[i].action.path.ends_with("/store.db-wal")) ++of_log;
    if (steps[i].action.path.ends_with("/store.db")) ++of_database;
  }
  // A sync for every step, and the log moved at the end of each program and
  // when it is full.
  EXPECT_GT(of_log, static_cast<size_t>(kSteps * work.rounds()));
  EXPECT_GT(of_database, static_cast<size_t>(work.rounds()));
}

// Every sync fails once. The program that met it is refused and writes no more;
// another begins with what the kernel shows, and the power goes only then.
TEST_F(ClientStorePowerLossTest, BuildsNothingOnWhatAFailedSyncLeft) {
  const ClientWork work(2, /*large_round=*/1);
  int refused = 0;
  bool met = true;
  for (int fails = 1; met; fails += IsLong() ? 1 : 3) {
    SCOPED_TRACE(fails);
    met = false;
    const client::TestFolder folder;
    DiskRecord record({});
    int syncs = 0;
    bool armed = false;
    vfs_.before = [&](const FileAction& action) {
      const bool fails_now =
          armed && action.kind == Kind::kSync && ++syncs == fails;
      met = met || fails_now;
      const int result = fails_now ? SQLITE_IOERR_FSYNC : SQLITE_OK;
      record.Note(action, result);
      return result;
    };
    told_ = {};
    marks_.clear();
    for (int round = 0; round < work.rounds(); ++round) {
      std::unique_ptr<LocalStore> store = Opened(work, folder.path());
      ASSERT_NE(store, nullptr);
      armed = true;
      for (int step = 0; step < kSteps; ++step) {
        ClientWork::Release(round, static_cast<Step>(step), &told_);
        Tell(&record);
        absl::Status taken =
            work.Take(*store, round, static_cast<Step>(step), &told_);
        Tell(&record);
        if (taken.ok()) continue;
        ++refused;
        for (const absl::Status& status :
             {taken, work.Take(*store, round, static_cast<Step>(step), &told_),
              work.CheckKept(*store, told_)}) {
          const client::Failure failure = client::FromStatus(status);
          EXPECT_EQ(failure.code, "LOCAL_SYNC_FAILED") << status;
          EXPECT_EQ(failure.exit, client::ExitCode::kUnavailable);
          EXPECT_NE(failure.next.find("same command again"), std::string::npos);
        }
        store.reset();
        store = Opened(work, folder.path());
        ASSERT_NE(store, nullptr);
        taken = work.Take(*store, round, static_cast<Step>(step), &told_);
        ASSERT_TRUE(taken.ok()) << taken;
        Tell(&record);
      }
      armed = false;
    }
    vfs_.before = nullptr;
    Disk disk;
    int cuts = 0;
    const std::vector<DiskRecord::Step> steps = record.Steps();
    for (size_t i = 0; i < steps.size() && cuts < 6; ++i) {
      disk.Do(steps[i]);
      if (steps[i].is_failed_sync) cuts = 1;
      if (steps[i].action.kind != Kind::kSync || cuts == 0) continue;
      ++cuts;
      const absl::Status kept = Revive(work, disk.Synced(), ToldBy(i + 1));
      EXPECT_TRUE(kept.ok()) << "cut after step " << i << ": " << kept;
    }
  }
  EXPECT_GT(refused, IsLong() ? 20 : 7);
}

}  // namespace
}  // namespace entente::power_loss

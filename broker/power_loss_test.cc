// The power goes at every sync of a broker at work.

#include <cstdlib>
#include <fstream>
#include <memory>
#include <random>

#include "broker/broker.h"
#include "broker/store/test_disk.h"
#include "broker/test_memory_folder.h"
#include "broker/test_restorable.h"
#include "broker/test_workload.h"
#include "gtest/gtest.h"

namespace entente::broker {
namespace {

using Kind = FileAction::Kind;

bool IsLong() { return getenv("ENTENTE_LONG") != nullptr; }

class PowerLossTest : public testing::Test {
 protected:
  // Numbers of steps at which something was told, and all that was told then.
  using Marks = std::map<size_t, Acknowledged>;

  void Tell() { marks_[record_.Mark()] = told_; }

  void Work(int batches) {
    vfs_.before = [this](const FileAction& action) {
      record_.Note(action);
      return SQLITE_OK;
    };
    DoWork(batches);
    vfs_.before = nullptr;
  }

  void DoWork(int batches) {
    TestPartnership work(kFewPages);
    work.RegisterAll();
    told_.is_registered = true;
    Tell();
    const std::string document = work.Document();
    ASSERT_TRUE(work.Publish(work.north).ok());
    ASSERT_TRUE(work.Publish(work.west).ok());
    ASSERT_TRUE(work.Propose(work.north, document).ok());
    v1::SignAgreementResponse response;
    ASSERT_TRUE(work.Sign(work.north, document, &response).ok());
    ASSERT_TRUE(work.Sign(work.west, document, &response).ok());
    ASSERT_EQ(response.state(), "active");
    for (int i = 0; i < batches; ++i) {
      for (const BatchStep step :
           {BatchStep::kStage, BatchStep::kChunk, BatchStep::kChunk,
            BatchStep::kComplete, BatchStep::kDeliver}) {
        const absl::Status taken =
            RunStep(*work.parts.sequencer, i, step, &told_);
        ASSERT_TRUE(taken.ok()) << taken;
        Tell();
      }
    }
    work.parts.Stop();
    Tell();
  }

  // What had been told after the first `steps`.
  const Acknowledged& ToldBy(size_t steps) const {
    static const Acknowledged none;
    const auto after = marks_.upper_bound(steps);
    return after == marks_.begin() ? none : std::prev(after)->second;
  }

  // A broker started on `image` goes on from there.
  absl::Status Revive(const DiskImage& image, const Acknowledged& told) {
    revived_.Stop();
    WriteDisk(image, revived_.folder.path());
    if (absl::Status started = revived_.Start(); !started.ok()) return started;
    if (absl::Status kept = CheckKept(revived_, told); !kept.ok()) return kept;
    if (told.heads.empty() || ++revivals_ % 4 != 0) return absl::OkStatus();
    if (auto more = revived_.Append(kWorkLedger, 1); !more.ok()) {
      return more.status();
    }
    if (absl::Status again = revived_.Restart(); !again.ok()) return again;
    return CheckKept(revived_, told);
  }

  const MemoryFolders memory_;
  TestVfs vfs_{memory_.prefix(), nullptr};
  TestBroker revived_;
  int revivals_ = 0;
  DiskRecord record_{{"anchors"}};
  Acknowledged told_;
  Marks marks_;
};

TEST_F(PowerLossTest, LosesNothingThatWasAcknowledgedAtAnySync) {
  Work(IsLong() ? 40 : 8);
  const std::vector<DiskRecord::Step> steps = record_.Steps();
  const int variants = IsLong() ? 12 : 2;
  const unsigned seed = 20261125;
  std::mt19937 random(seed);
  Disk disk;
  size_t syncs = 0;
  size_t of_database = 0;
  for (size_t i = 0; i < steps.size(); ++i) {
    if (steps[i].action.kind == Kind::kSync) {
      for (int k = 0; k < variants; ++k) {
        const absl::Status kept = Revive(disk.Torn(&random), ToldBy(i));
        ASSERT_TRUE(kept.ok()) << "torn before step " << i << ", seed " << seed
                               << ", variant " << k << ": " << kept;
      }
    }
    disk.Do(steps[i]);
    if (steps[i].action.kind == Kind::kSync) {
      const absl::Status kept = Revive(disk.Synced(), ToldBy(i + 1));
      ASSERT_TRUE(kept.ok()) << "cut after step " << i << ": " << kept;
      ++syncs;
      if (steps[i].action.path.ends_with("/entente.db")) ++of_database;
    }
  }
  // Commits, anchors, and the log moved into the database now and then.
  EXPECT_GT(syncs, marks_.size());
  EXPECT_GT(of_database, 5u);
}

// The anchors of a later sync with the files of an earlier one: what a disk
// shows that confirmed a sync and did nothing.
TEST_F(PowerLossTest, RefusesTheLedgersOfADiskThatLiedAboutASync) {
  Work(3);
  Disk disk;
  DiskImage before;
  int lies = 0;
  for (const DiskRecord::Step& step : record_.Steps()) {
    disk.Do(step);
    if (step.action.kind != Kind::kSync) continue;
    const bool is_anchors = step.action.path.ends_with("/anchors");
    if (is_anchors && before.count("entente.db-wal") != 0 &&
        before.at("anchors") != disk.Synced().at("anchors")) {
      before["anchors"] = disk.Synced().at("anchors");
      const absl::Status refused = Revive(before, {});
      EXPECT_TRUE(absl::IsDataLoss(refused)) << refused;
      ++lies;
    }
    if (is_anchors) before = disk.Synced();
  }
  EXPECT_GT(lies, 3);
}

// Every sync fails once. The program that met it ends or is killed, another
// begins with what the kernel shows, and the power goes only then.
TEST_F(PowerLossTest, BuildsNothingOnWhatAFailedSyncLeft) {
  for (int fails = 1, met = 1; met != 0; fails += IsLong() ? 1 : 3) {
    met = 0;
    SCOPED_TRACE(fails);
    DiskRecord record({"anchors"});
    int syncs = 0;
    bool armed = false;
    vfs_.before = [&](const FileAction& action) {
      const bool fails_now =
          armed && action.kind == Kind::kSync && ++syncs == fails;
      const int result = fails_now ? SQLITE_IOERR_FSYNC : SQLITE_OK;
      if (fails_now) met = 1;
      record.Note(action, result);
      return result;
    };
    TestBroker broker(kFewPages);
    ASSERT_TRUE(broker.OpenLedger("broker").ok());
    ASSERT_TRUE(broker.OpenLedger(kWorkLedger).ok());
    told_ = {};
    marks_.clear();
    armed = true;
    for (int i = 0; i < 6; ++i) {
      for (const BatchStep step :
           {BatchStep::kStage, BatchStep::kChunk, BatchStep::kComplete}) {
        absl::Status taken = RunStep(*broker.sequencer, i, step, &told_);
        marks_[record.Mark()] = told_;
        if (taken.ok()) continue;
        ASSERT_TRUE(absl::IsUnavailable(taken)) << taken;
        // The same process never writes again.
        EXPECT_FALSE(RunStep(*broker.sequencer, i, step, &told_).ok());
        const absl::Status read =
            broker.store->Read([](Transaction&) { return absl::OkStatus(); });
        EXPECT_TRUE(absl::IsUnavailable(read)) << read;
        EXPECT_NE(read.message().find("start the broker again"),
                  absl::string_view::npos);
        const absl::Status started = broker.Restart();
        ASSERT_TRUE(started.ok()) << started;
        taken = RunStep(*broker.sequencer, i, step, &told_);
        // It may have been written; then the step is not the next one.
        EXPECT_FALSE(absl::IsUnavailable(taken)) << taken;
        marks_[record.Mark()] = told_;
      }
    }
    vfs_.before = nullptr;
    Disk disk;
    int cuts = 0;
    const std::vector<DiskRecord::Step> steps = record.Steps();
    for (size_t k = 0; k < steps.size() && cuts < 6; ++k) {
      disk.Do(steps[k]);
      if (steps[k].is_failed_sync) cuts = 1;
      if (steps[k].action.kind != Kind::kSync || cuts == 0) continue;
      ++cuts;
      const absl::Status kept = Revive(disk.Synced(), ToldBy(k + 1));
      EXPECT_TRUE(kept.ok()) << "cut after step " << k << ": " << kept;
    }
  }
}

// Key file, anchors and database are made one after the other.
TEST_F(PowerLossTest, AFirstStartThatWasCutOffCanBeBegunAgain) {
  DiskRecord record({"key", "anchors"});
  vfs_.before = [&](const FileAction& action) {
    record.Note(action);
    return SQLITE_OK;
  };
  TestRestorable first;
  first.Revoke('a');
  record.Mark();
  first.Stop();
  vfs_.before = nullptr;
  Disk disk;
  TestRestorable again;
  for (const DiskRecord::Step& step : record.Steps()) {
    disk.Do(step);
    if (step.action.kind != Kind::kSync) continue;
    again.Stop();
    WriteDisk(disk.Synced(), again.config.data);
    const absl::Status started = again.Start();
    EXPECT_TRUE(started.ok()) << started;
  }
  EXPECT_GE(again.Head().size, 2u);
}

}  // namespace
}  // namespace entente::broker

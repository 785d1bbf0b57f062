// A disk that is full, or fails, under a broker at work.

#include <fcntl.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>

#include "broker/store/test_vfs.h"
#include "broker/test_memory_folder.h"
#include "broker/test_workload.h"
#include "gtest/gtest.h"

namespace entente::broker {
namespace {

using Kind = FileAction::Kind;

// Fails actions of one kind from the `first` on, until it is repaired.
struct Fault {
  Kind kind;
  int code;
  int first = 1;
  int met = 0;
  bool is_on = false;

  int operator()(const FileAction& action) {
    if (!is_on || action.kind != kind || ++seen < first) return SQLITE_OK;
    ++met;
    return code;
  }
  int seen = 0;
};

class StorageFaultTest : public testing::Test {
 protected:
  // Steps of batches; whatever fails is tried again once the disk is well.
  // Returns how many calls failed.
  static int Work(TestBroker& broker, Fault* fault, Acknowledged* told) {
    int failed_calls = 0;
    for (int i = 0; i < 4; ++i) {
      for (const BatchStep step : {BatchStep::kStage, BatchStep::kChunk,
                                   BatchStep::kComplete, BatchStep::kDeliver}) {
        const absl::Status taken = RunStep(*broker.sequencer, i, step, told);
        if (taken.ok()) continue;
        ++failed_calls;
        EXPECT_EQ(taken.code(), absl::StatusCode::kUnavailable) << taken;
        EXPECT_EQ(taken.message().substr(0, 23), "nothing was written: da");
        EXPECT_EQ(IsDiskFull(taken), fault->code == SQLITE_FULL) << taken;
        EXPECT_FALSE(RunStep(*broker.sequencer, i, step, told).ok());
        EXPECT_TRUE(Kept(broker, *told).ok());
        fault->is_on = false;
        const absl::Status again = RunStep(*broker.sequencer, i, step, told);
        EXPECT_TRUE(again.ok()) << again;
      }
    }
    return failed_calls;
  }

  static absl::Status Kept(TestBroker& broker, const Acknowledged& told) {
    return CheckKept(broker, told);
  }

  const MemoryFolders memory_;
};

TEST_F(StorageFaultTest, RefusesWhileTheDiskFailsAndGoesOnAfterwards) {
  const std::pair<Kind, int> faults[] = {
      {Kind::kWrite, SQLITE_FULL},
      {Kind::kWrite, SQLITE_IOERR_WRITE},
      {Kind::kTruncate, SQLITE_IOERR_TRUNCATE}};
  for (const auto& [kind, code] : faults) {
    int refused = 0;
    bool is_met = true;
    for (int first = 1; is_met; first += getenv("ENTENTE_LONG") ? 1 : 7) {
      SCOPED_TRACE(testing::Message() << sqlite3_errstr(code) << first);
      Fault fault{kind, code, first};
      const TestVfs vfs(memory_.prefix(), std::ref(fault));
      TestBroker broker(kFewPages);
      ASSERT_TRUE(broker.OpenLedger("broker").ok());
      ASSERT_TRUE(broker.OpenLedger(kWorkLedger).ok());
      Acknowledged told;
      fault.is_on = true;
      refused += Work(broker, &fault, &told);
      fault.is_on = false;
      is_met = fault.met != 0;
      ASSERT_TRUE(broker.Restart().ok());
      EXPECT_TRUE(Kept(broker, told).ok());
      broker.Stop();
    }
    if (kind == Kind::kWrite) {
      EXPECT_GT(refused, 3);
    }
  }
}

TEST_F(StorageFaultTest, FailsToStartWithAReasonAndStartsLater) {
  TestBroker broker;
  ASSERT_TRUE(broker.OpenLedger("broker").ok());
  ASSERT_TRUE(broker.Append("broker", 3).ok());
  broker.Stop();
  const std::pair<Kind, int> faults[] = {{Kind::kOpen, SQLITE_CANTOPEN},
                                         {Kind::kSync, SQLITE_IOERR_FSYNC},
                                         {Kind::kWrite, SQLITE_FULL}};
  for (const auto& [kind, code] : faults) {
    Fault fault{kind, code};
    const TestVfs vfs(memory_.prefix(), std::ref(fault));
    fault.is_on = true;
    const absl::Status failed = broker.Start();
    if (kind == Kind::kOpen) {
      EXPECT_EQ(failed.code(), absl::StatusCode::kUnavailable) << failed;
      EXPECT_NE(failed.message().find("data folder"), absl::string_view::npos);
    }
    fault.is_on = false;
    EXPECT_TRUE(broker.Restart().ok());
    EXPECT_TRUE(broker.Append("broker", 1).ok());
    broker.Stop();
  }
}

TEST_F(StorageFaultTest, SaysThatTheDiskIsFullAndGoesOnWhenThereIsRoom) {
  TestBroker broker;
  ASSERT_TRUE(broker.OpenLedger("broker").ok());
  ASSERT_TRUE(broker.OpenLedger(kWorkLedger).ok());
  const FakeClock clock{absl::UnixEpoch()};
  const Recorder recorder(broker.sequencer.get(), &clock);
  const auto limit = [&](const std::string& pages) {
    return broker.sequencer
        ->Run([&](Transaction& transaction)
                  -> absl::StatusOr<std::vector<PendingEntry>> {
          const auto set =
              transaction.Query("PRAGMA max_page_count = " + pages).Step();
          if (!set.ok()) return set.status();
          return std::vector<PendingEntry>();
        })
        .status();
  };
  Acknowledged told;
  ASSERT_TRUE(RunStep(*broker.sequencer, 0, BatchStep::kStage, &told).ok());
  ASSERT_TRUE(limit("120").ok());
  absl::Status refused;
  for (int i = 0; i < 500 && refused.ok(); ++i) {
    refused = recorder.Run(StepJob(0, BatchStep::kChunk)).status();
  }
  EXPECT_EQ(refused.code(), absl::StatusCode::kUnavailable);
  EXPECT_EQ(ReasonIn(refused), "DISK_FULL");
  EXPECT_EQ(ReasonIn(recorder.Run(StepJob(0, BatchStep::kChunk)).status()),
            "DISK_FULL");
  EXPECT_TRUE(CheckKept(broker, told).ok());
  ASSERT_TRUE(limit("100000").ok());
  EXPECT_TRUE(RunStep(*broker.sequencer, 0, BatchStep::kComplete, &told).ok());
  ASSERT_TRUE(broker.Restart().ok());
  EXPECT_TRUE(CheckKept(broker, told).ok());
}

// The descriptor of the anchors leads to /dev/full.
void FillDiskUnderAnchors(const std::string& path) {
  for (const auto& each :
       std::filesystem::directory_iterator("/proc/self/fd")) {
    std::error_code none;
    if (std::filesystem::read_symlink(each.path(), none) != path) continue;
    const int full = open("/dev/full", O_WRONLY | O_CLOEXEC);
    ASSERT_GE(full, 0);
    ASSERT_GE(dup2(full, std::stoi(each.path().filename())), 0);
    close(full);
    return;
  }
  FAIL() << "no descriptor of " << path;
}

TEST_F(StorageFaultTest, WaitsUntilTheLastCommitIsAnchored) {
  TestBroker broker;
  ASSERT_TRUE(broker.OpenLedger("broker").ok());
  ASSERT_TRUE(broker.Append("broker", 2).ok());
  FillDiskUnderAnchors(broker.folder / "anchors");
  // Where the new file of anchors would be written.
  ASSERT_TRUE(std::filesystem::create_directory(broker.folder / "anchors.new"));
  for (int i = 0; i < 3; ++i) {
    const auto refused = broker.Append("broker", 1);
    EXPECT_EQ(refused.status().code(), absl::StatusCode::kUnavailable);
    EXPECT_NE(refused.status().message().find("nobody knows yet"),
              absl::string_view::npos);
    EXPECT_EQ(IsDiskFull(refused.status()), i == 0) << refused.status();
    EXPECT_EQ(broker.store->Read([](Transaction&) { return absl::OkStatus(); })
                  .code(),
              absl::StatusCode::kUnavailable);
  }
  EXPECT_EQ(broker.anchors->Find("broker.test/ledgers/broker")->size, 2u);
  ASSERT_TRUE(std::filesystem::remove(broker.folder / "anchors.new"));
  const auto receipts = broker.Append("broker", 1);
  ASSERT_TRUE(receipts.ok()) << receipts.status();
  // The first that was refused had been committed; the others had not.
  EXPECT_EQ(receipts->front().index, 3u);
  EXPECT_EQ(broker.anchors->Find("broker.test/ledgers/broker")->size, 4u);
  ASSERT_TRUE(broker.Restart().ok());
  EXPECT_TRUE(broker.ledgers->refused().empty());
  EXPECT_TRUE(broker.Append("broker", 1).ok());
}

}  // namespace
}  // namespace entente::broker

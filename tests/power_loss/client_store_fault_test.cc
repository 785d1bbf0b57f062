// A disk that is full, or fails, under an agency's store.
#include <gtest/gtest.h>

#include <cstdlib>
#include <memory>
#include <utility>

#include "broker/store/test_vfs.h"
#include "broker/test_memory_folder.h"
#include "client/error.h"
#include "client/test_folder.h"
#include "tests/power_loss/client_work.h"

namespace entente::power_loss {
namespace {

using broker::FileAction;
using client::LocalStore;
using Kind = FileAction::Kind;

// What a disk does, and how a command tells of it.
struct FaultCase {
  Kind kind;
  int result;
  std::string code;
  int least_refused;
};

class ClientStoreFaultTest : public testing::TestWithParam<FaultCase> {
 protected:
  // Every round is a program of its own. What fails is tried again once the
  // disk is well. Returns how many calls failed.
  int Work(const ClientWork& work, const std::string& folder, bool* is_on) {
    int refused = 0;
    Told told;
    for (int round = 0; round < work.rounds(); ++round) {
      *is_on = true;
      auto store = work.Open(folder);
      if (!store.ok()) {
        ++refused;
        ExpectTold(store.status());
        *is_on = false;
        store = work.Open(folder);
      }
      EXPECT_TRUE(store.ok()) << store.status();
      if (!store.ok()) return refused;
      for (int step = 0; step < kSteps; ++step) {
        absl::Status taken =
            work.Take(**store, round, static_cast<Step>(step), &told);
        if (taken.ok()) continue;
        ++refused;
        ExpectTold(taken);
        const absl::Status kept = work.CheckKept(**store, told);
        EXPECT_TRUE(kept.ok()) << kept;
        *is_on = false;
        // The same program goes on.
        taken = work.Take(**store, round, static_cast<Step>(step), &told);
        EXPECT_TRUE(taken.ok()) << taken;
      }
      store->reset();
    }
    *is_on = false;
    const auto store = work.Open(folder);
    EXPECT_TRUE(store.ok()) << store.status();
    if (!store.ok()) return refused;
    const absl::Status kept = work.CheckKept(**store, told);
    EXPECT_TRUE(kept.ok()) << kept;
    return refused;
  }

  static void ExpectTold(const absl::Status& status) {
    const client::Failure failure = client::FromStatus(status);
    EXPECT_EQ(failure.code, GetParam().code) << status;
    EXPECT_EQ(failure.exit, client::ExitCode::kUnavailable);
    EXPECT_NE(failure.what.find("store.db"), std::string::npos);
    EXPECT_NE(failure.why, "");
    EXPECT_NE(failure.next.find("same command again"), std::string::npos);
  }

  const broker::MemoryFolders memory_;
};

TEST_P(ClientStoreFaultTest, RefusesWhileTheDiskFailsAndGoesOnAfterwards) {
  const ClientWork work(2, /*large_round=*/1);
  int refused = 0;
  bool met = true;
  for (int first = 1; met; first += getenv("ENTENTE_LONG") != nullptr ? 1 : 7) {
    SCOPED_TRACE(first);
    met = false;
    bool is_on = false;
    int seen = 0;
    const broker::TestVfs vfs(memory_.prefix(), [&](const FileAction& action) {
      if (!is_on || action.kind != GetParam().kind || ++seen < first) {
        return SQLITE_OK;
      }
      met = true;
      return GetParam().result;
    });
    const client::TestFolder folder;
    refused += Work(work, folder.path(), &is_on);
    // The log of one large batch is thousands of writes alike.
    if (first > 400) first *= 2;
  }
  EXPECT_GE(refused, GetParam().least_refused);
}

INSTANTIATE_TEST_SUITE_P(
    All, ClientStoreFaultTest,
    testing::Values(
        FaultCase{Kind::kWrite, SQLITE_FULL, "LOCAL_DISK_FULL", 5},
        FaultCase{Kind::kWrite, SQLITE_IOERR_WRITE, "LOCAL_DISK_FAILED", 5},
        FaultCase{Kind::kTruncate, SQLITE_IOERR_TRUNCATE, "LOCAL_DISK_FAILED",
                  0},
        FaultCase{Kind::kOpen, SQLITE_CANTOPEN, "LOCAL_DISK_FAILED", 1}));

}  // namespace
}  // namespace entente::power_loss

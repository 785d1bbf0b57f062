#include "broker/worker_pool.h"

#include <atomic>

#include "absl/synchronization/barrier.h"
#include "absl/synchronization/notification.h"
#include "gtest/gtest.h"

namespace entente::broker {
namespace {

TEST(WorkerPool, RunsEverythingBeforeItEnds) {
  std::atomic<int> done = 0;
  {
    WorkerPool pool(3, 1000);
    for (int i = 0; i < 500; ++i) {
      ASSERT_TRUE(pool.Submit([&] { ++done; }).ok());
    }
  }
  EXPECT_EQ(done, 500);
}

TEST(WorkerPool, RunsAsManyAtOnceAsItHasThreads) {
  std::atomic<int> met = 0;
  {
    WorkerPool pool(2, 10);
    // Each task waits for the other: one thread alone would never end.
    auto* const barrier = new absl::Barrier(2);
    for (int i = 0; i < 2; ++i) {
      ASSERT_TRUE(pool.Submit([&met, barrier] {
                        if (barrier->Block()) delete barrier;
                        ++met;
                      })
                      .ok());
    }
  }
  EXPECT_EQ(met, 2);
}

TEST(WorkerPool, RefusesWhenTheQueueIsFull) {
  absl::Notification started;
  absl::Notification go;
  std::atomic<int> done = 0;
  {
    WorkerPool pool(1, 1);
    ASSERT_TRUE(pool.Submit([&] {
                      started.Notify();
                      go.WaitForNotification();
                    })
                    .ok());
    started.WaitForNotification();
    EXPECT_TRUE(pool.Submit([&] { ++done; }).ok());
    EXPECT_EQ(pool.Submit([&] { ++done; }).code(),
              absl::StatusCode::kResourceExhausted);
    go.Notify();
  }
  EXPECT_EQ(done, 1);
}

}  // namespace
}  // namespace entente::broker

#include "client/cancellation.h"

#include <thread>

#include "absl/synchronization/notification.h"
#include "gtest/gtest.h"

namespace entente::client {
namespace {

TEST(Cancellation, StopsWhatWatches) {
  const Cancellation cancellation;
  int stopped = 0;
  const Cancellation::Watch first(cancellation, [&] { ++stopped; });
  const Cancellation::Watch second(cancellation, [&] { ++stopped; });
  EXPECT_FALSE(cancellation.cancelled());
  EXPECT_EQ(stopped, 0);
  cancellation.Cancel();
  EXPECT_TRUE(cancellation.cancelled());
  EXPECT_EQ(stopped, 2);
  cancellation.Cancel();
  EXPECT_EQ(stopped, 2);
}

TEST(Cancellation, StopsAtOnceWhatBeginsLater) {
  const Cancellation cancellation;
  cancellation.Cancel();
  bool stopped = false;
  const Cancellation::Watch late(cancellation, [&] { stopped = true; });
  EXPECT_TRUE(stopped);
}

TEST(Cancellation, LeavesAloneWhatHasEnded) {
  const Cancellation cancellation;
  bool stopped = false;
  {
    const Cancellation::Watch brief(cancellation, [&] { stopped = true; });
  }
  cancellation.Cancel();
  EXPECT_FALSE(stopped);
}

TEST(Cancellation, IsSharedByItsCopies) {
  const Cancellation one;
  const Cancellation copy = one;
  copy.Cancel();
  EXPECT_TRUE(one.cancelled());
}

TEST(Cancellation, MayOutliveOrBeOutlivedByAWatch) {
  auto cancellation = std::make_unique<Cancellation>();
  const Cancellation::Watch watch(*cancellation, [] {});
  cancellation.reset();
}

TEST(Cancellation, ComesFromAnotherThread) {
  const Cancellation cancellation;
  absl::Notification stopped;
  const Cancellation::Watch watch(cancellation, [&] { stopped.Notify(); });
  std::thread other([&] { cancellation.Cancel(); });
  stopped.WaitForNotification();
  other.join();
}

}  // namespace
}  // namespace entente::client

#include "client/stop_signal.h"

#include <gtest/gtest.h>

#include <csignal>

#include "absl/synchronization/notification.h"
#include "client/error.h"

namespace entente::client {
namespace {

TEST(StopSignal, TheFirstSignalAsksToStop) {
  for (const int signal : {SIGINT, SIGTERM}) {
    const StopSignal stop;
    EXPECT_FALSE(StopSignal::Asked());
    EXPECT_TRUE(StopSignal::Check().ok());
    raise(signal);
    EXPECT_TRUE(StopSignal::Asked());
    const Failure failure = FromStatus(StopSignal::Check());
    EXPECT_EQ(failure.code, "INTERRUPTED");
    EXPECT_EQ(failure.exit, ExitCode::kPartial);
  }
}

TEST(StopSignal, WhatComesAfterACommandThatWasStoppedGoesOn) {
  {
    const StopSignal stop;
    raise(SIGINT);
    ASSERT_TRUE(StopSignal::Asked());
  }
  EXPECT_FALSE(StopSignal::Asked());
  EXPECT_TRUE(StopSignal::Check().ok());
}

TEST(StopSignal, CancelsWhatWaits) {
  const Cancellation waiting;
  absl::Notification cancelled;
  const Cancellation::Watch watch(waiting, [&] { cancelled.Notify(); });
  {
    const StopSignal stop(&waiting);
    raise(SIGINT);
    cancelled.WaitForNotification();
    EXPECT_TRUE(StopSignal::Asked());
  }
  const Cancellation another;
  { const StopSignal stop(&another); }
  EXPECT_FALSE(another.cancelled()) << "nobody asked";
}

TEST(StopSignal, TheSecondSignalEndsTheProgram) {
  EXPECT_EXIT(
      {
        const StopSignal stop;
        raise(SIGINT);
        raise(SIGINT);
      },
      testing::KilledBySignal(SIGINT), "");
}

TEST(StopSignal, AfterwardsSignalsDoWhatTheyDidBefore) {
  EXPECT_EXIT(
      {
        { const StopSignal stop; }
        raise(SIGTERM);
      },
      testing::KilledBySignal(SIGTERM), "");
}

}  // namespace
}  // namespace entente::client

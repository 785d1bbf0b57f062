#include "client/stop_signal.h"

#include <gtest/gtest.h>

#include <csignal>

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

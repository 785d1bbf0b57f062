#include "client/rpc/call_limits.h"

#include "absl/time/clock.h"
#include "gtest/gtest.h"

namespace entente::client {
namespace {

absl::Time DeadlineOf(const grpc::ClientContext& context) {
  return absl::FromChrono(context.deadline());
}

TEST(LimitedCall, HasItsOwnTimeoutWithoutLimits) {
  grpc::ClientContext context;
  const absl::Time before = absl::Now();
  const LimitedCall call(&context, absl::Hours(2));
  EXPECT_GE(DeadlineOf(context), before + absl::Hours(2) - absl::Seconds(1));
  EXPECT_LE(DeadlineOf(context), absl::Now() + absl::Hours(2));
}

TEST(LimitedCall, EndsWithTheEarlierOfTwoDeadlines) {
  const absl::Time soon = absl::Now() + absl::Minutes(1);
  const CallLimits limits(soon, nullptr);
  grpc::ClientContext longer;
  const LimitedCall first(&longer, absl::Hours(2));
  EXPECT_LE(DeadlineOf(longer), soon);
  grpc::ClientContext shorter;
  const LimitedCall second(&shorter, absl::Seconds(1));
  EXPECT_LT(DeadlineOf(shorter), soon);
}

TEST(LimitedCall, IsFreeAgainWhenTheLimitsEnd) {
  { const CallLimits limits(absl::Now(), nullptr); }
  grpc::ClientContext context;
  const LimitedCall call(&context, absl::Hours(2));
  EXPECT_GT(DeadlineOf(context), absl::Now() + absl::Hours(1));
}

TEST(LimitedCall, MayOutliveACancellationThatNobodyUsed) {
  grpc::ClientContext context;
  std::unique_ptr<LimitedCall> call;
  {
    const Cancellation cancellation;
    const CallLimits limits(absl::InfiniteFuture(), &cancellation);
    call = std::make_unique<LimitedCall>(&context, absl::Seconds(1));
  }
  call.reset();
}

TEST(LimitedCall, TakesACancellationThatCameBefore) {
  const Cancellation cancellation;
  cancellation.Cancel();
  const CallLimits limits(absl::InfiniteFuture(), &cancellation);
  grpc::ClientContext context;
  const LimitedCall call(&context, absl::Hours(1));
  EXPECT_TRUE(cancellation.cancelled());
}

}  // namespace
}  // namespace entente::client

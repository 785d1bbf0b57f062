#include "broker/claims.h"

#include <gtest/gtest.h>

#include <vector>

#include "broker/fake_clock.h"

namespace entente::broker {
namespace {

using Outcome = Claims::Outcome;

class ClaimsTest : public testing::Test {
 protected:
  ClaimsTest() {
    signal_.Watch("south", "isa",
                  [this](int64_t first) { signalled_.push_back(first); });
  }
  uint64_t Open() { return claims_.Open("south", "isa"); }

  FakeClock clock_{absl::FromUnixSeconds(1795000000)};
  MailboxSignal signal_;
  std::vector<int64_t> signalled_;
  Claims claims_{&clock_, &signal_};
};

TEST_F(ClaimsTest, ABatchIsOneReceiversAlone) {
  const uint64_t a = Open();
  const uint64_t b = Open();
  EXPECT_NE(a, b);
  EXPECT_EQ(claims_.Take(a, 7), Outcome::kTaken);
  EXPECT_EQ(claims_.Take(b, 7), Outcome::kWithAnother);
  EXPECT_EQ(claims_.Take(b, 8), Outcome::kTaken);
  EXPECT_EQ(claims_.HeldBy(a), 1u);
  EXPECT_EQ(claims_.HeldBy(b), 1u);
  EXPECT_EQ(claims_.size(), 2u);
  EXPECT_TRUE(signalled_.empty());
}

TEST_F(ClaimsTest, AClaimEndsWithItsReceiver) {
  const uint64_t a = Open();
  const uint64_t b = Open();
  ASSERT_EQ(claims_.Take(a, 7), Outcome::kTaken);
  claims_.Written(a, 7);
  claims_.Close(a);
  EXPECT_EQ(signalled_, std::vector<int64_t>{0});
  EXPECT_EQ(claims_.size(), 0u);
  EXPECT_EQ(claims_.Take(b, 7), Outcome::kTaken);
}

TEST_F(ClaimsTest, WhoeverIsGoneTakesNothing) {
  const uint64_t a = Open();
  claims_.Close(a);
  claims_.Close(a);
  EXPECT_TRUE(signalled_.empty()) << "nothing became free";
  EXPECT_EQ(claims_.Take(a, 7), Outcome::kWithAnother);
  claims_.Written(a, 7);
  claims_.Retire(a);
  EXPECT_EQ(claims_.HeldBy(a), 0u);
  EXPECT_EQ(claims_.size(), 0u);
}

TEST_F(ClaimsTest, AClaimEndsWithTheAcknowledgementByAnybody) {
  const uint64_t a = Open();
  ASSERT_EQ(claims_.Take(a, 7), Outcome::kTaken);
  claims_.Done(7);
  claims_.Done(7);
  claims_.Done(8);
  EXPECT_EQ(claims_.HeldBy(a), 0u);
  EXPECT_EQ(claims_.size(), 0u);
  EXPECT_EQ(signalled_, std::vector<int64_t>{MailboxSignal::kNothingNew});
}

TEST_F(ClaimsTest, AClaimLapsesSoLongAfterTheBatchWasWritten) {
  const uint64_t a = Open();
  const uint64_t b = Open();
  ASSERT_EQ(claims_.Take(a, 7), Outcome::kTaken);
  clock_.Advance(2 * kClaimTime);
  claims_.Lapse();
  EXPECT_EQ(claims_.Take(b, 7), Outcome::kWithAnother) << "still being written";
  claims_.Written(b, 7);  // not b's to say
  clock_.Advance(2 * kClaimTime);
  claims_.Lapse();
  EXPECT_EQ(claims_.size(), 1u);
  claims_.Written(a, 7);
  clock_.Advance(kClaimTime - absl::Nanoseconds(1));
  claims_.Lapse();
  EXPECT_EQ(claims_.Take(b, 7), Outcome::kWithAnother);
  EXPECT_TRUE(signalled_.empty());
  clock_.Advance(absl::Nanoseconds(1));
  claims_.Lapse();
  EXPECT_EQ(signalled_, std::vector<int64_t>{7});
  EXPECT_EQ(claims_.HeldBy(a), 0u);
  EXPECT_EQ(claims_.Take(b, 7), Outcome::kTaken);
}

TEST_F(ClaimsTest, OneAloneIsNotHeldUp) {
  const uint64_t a = Open();
  claims_.Open("south", "another");
  claims_.Open("west", "isa");
  const uint64_t ended = Open();
  claims_.Retire(ended);
  for (int64_t batch = 1; batch <= 40; ++batch) {
    EXPECT_EQ(claims_.Take(a, batch), Outcome::kTaken);
  }
}

TEST_F(ClaimsTest, OneOfSeveralIsNotFarAheadOfItsAcknowledgements) {
  const uint64_t a = Open();
  const uint64_t b = Open();
  for (size_t i = 1; i <= kMostUnacknowledged; ++i) {
    ASSERT_EQ(claims_.Take(a, static_cast<int64_t>(i)), Outcome::kTaken);
  }
  EXPECT_EQ(claims_.Take(a, 50), Outcome::kLater);
  EXPECT_EQ(claims_.Take(b, 50), Outcome::kTaken);
  claims_.Done(1);
  EXPECT_EQ(signalled_, std::vector<int64_t>{MailboxSignal::kNothingNew});
  EXPECT_EQ(claims_.Take(a, 51), Outcome::kTaken);
  EXPECT_EQ(claims_.Take(a, 52), Outcome::kLater);
  claims_.Close(b);
  EXPECT_EQ(claims_.Take(a, 52), Outcome::kTaken);
}

TEST_F(ClaimsTest, WhatIsNeverAcknowledgedHoldsUpForAWhileOnly) {
  const uint64_t a = Open();
  Open();
  for (size_t i = 1; i <= kMostUnacknowledged; ++i) {
    ASSERT_EQ(claims_.Take(a, static_cast<int64_t>(i)), Outcome::kTaken);
    claims_.Written(a, static_cast<int64_t>(i));
  }
  EXPECT_EQ(claims_.Take(a, 50), Outcome::kLater);
  clock_.Advance(kPaceTime);
  EXPECT_EQ(claims_.Take(a, 50), Outcome::kTaken);
}

}  // namespace
}  // namespace entente::broker

#include "client/ledger_tail.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "client/error.h"
#include "client/fake_ledger_parts.h"
#include "client/mirror_parts.h"
#include "client/test_folder.h"

namespace entente::client {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class LedgerTailTest : public testing::Test {
 protected:
  // What the tail shows of the ledger as it is now.
  std::vector<std::string> Read(LedgerTail& tail) {
    const auto mirrored = MirrorParts(parts_, parts_.key(), "pact",
                                      parts_.newest_name(), folder_ / "m", "");
    EXPECT_TRUE(mirrored.ok()) << mirrored.status();
    auto parts = OpenMirrorParts(folder_ / "m");
    EXPECT_TRUE(parts.ok()) << parts.status();
    shown_.clear();
    status_ = tail.Read(*parts);
    return shown_;
  }
  LedgerTail Tail(size_t last, EntryFilter filter = {}) {
    return LedgerTail(std::move(filter), last, [this](const FoundEntry& found) {
      shown_.push_back(PlaceText(found.place));
      return fails_ ? absl::UnavailableError("full") : absl::OkStatus();
    });
  }

  TestFolder folder_;
  FakeLedgerParts parts_;
  std::vector<std::string> shown_;
  absl::Status status_;
  bool fails_ = false;
};

TEST_F(LedgerTailTest, ShowsTheLastAndThenEachNewOneOnce) {
  parts_.newest().Grow(5);
  LedgerTail tail = Tail(2);
  EXPECT_THAT(Read(tail), ElementsAre("0:3", "0:4"));
  EXPECT_THAT(Read(tail), IsEmpty());
  parts_.newest().Grow(7);
  EXPECT_THAT(Read(tail), ElementsAre("0:5", "0:6"));
  EXPECT_THAT(Read(tail), IsEmpty());
}

TEST_F(LedgerTailTest, BeginsWithNothingIfAskedTo) {
  parts_.newest().Grow(5);
  LedgerTail tail = Tail(0);
  EXPECT_THAT(Read(tail), IsEmpty());
  parts_.newest().Grow(6);
  EXPECT_THAT(Read(tail), ElementsAre("0:5"));
}

TEST_F(LedgerTailTest, FollowsIntoANewPart) {
  parts_.newest().Grow(3);
  LedgerTail tail = Tail(1);
  EXPECT_THAT(Read(tail), ElementsAre("0:2"));
  parts_.newest().Grow(4);
  parts_.Continue(4);
  parts_.newest().Grow(2);
  EXPECT_THAT(Read(tail), ElementsAre("0:3", "1:0", "1:1"));
}

TEST_F(LedgerTailTest, ShowsOnlyWhatFits) {
  EntryFilter filter;
  filter.facets = {{"kind", "ledger_continued"}};
  parts_.newest().Grow(3);
  LedgerTail tail = Tail(5, filter);
  EXPECT_THAT(Read(tail), IsEmpty());
  parts_.Continue(3);
  EXPECT_THAT(Read(tail), ElementsAre("1:0"));
}

TEST_F(LedgerTailTest, NoticesALedgerThatWasRewrittenMeanwhile) {
  parts_.newest().Grow(5);
  LedgerTail tail = Tail(1);
  Read(tail);
  FakeLedger other("broker.test/ledgers/pact", parts_.newest().signing_key());
  for (int i = 0; i < 6; ++i) other.Append(FakeLedger::Line(i));
  const TestFolder forged;
  ASSERT_TRUE(MirrorLedger(other, forged / "m", other.key()).ok());
  auto parts = OpenMirrorParts(forged / "m");
  const absl::Status read = tail.Read(*parts);
  EXPECT_TRUE(absl::IsDataLoss(read)) << read;
  EXPECT_EQ(FromStatus(read).exit, ExitCode::kVerificationFailed);
}

TEST_F(LedgerTailTest, WhatCouldNotBeShownIsShownTheNextTime) {
  parts_.newest().Grow(2);
  LedgerTail tail = Tail(1);
  Read(tail);
  parts_.newest().Grow(4);
  fails_ = true;
  EXPECT_THAT(Read(tail), ElementsAre("0:2"));
  EXPECT_FALSE(status_.ok());
  fails_ = false;
  EXPECT_THAT(Read(tail), ElementsAre("0:2", "0:3"));
}

TEST_F(LedgerTailTest, WaitingEndsWhenItIsCancelled) {
  const Cancellation cancellation;
  EXPECT_FALSE(WaitUnlessCancelled(cancellation, absl::ZeroDuration()));
  cancellation.Cancel();
  EXPECT_TRUE(WaitUnlessCancelled(cancellation, absl::Hours(1)));
}

}  // namespace
}  // namespace entente::client

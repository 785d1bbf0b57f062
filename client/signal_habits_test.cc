#include "client/signal_habits.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "client/test_acts.h"

namespace entente::client {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

class HabitSignalsTest : public testing::Test {
 protected:
  explicit HabitSignalsTest(SignalRules rules = {}) : habits_(rules) {}

  void For(const std::string& purpose, absl::Time time) {
    policy::LedgerEntry entry = SentBatch(time);
    entry.purpose = purpose;
    shown_.Show(entry);
  }

  HabitSignals habits_;
  ShownEntries shown_{&habits_};
};

TEST_F(HabitSignalsTest, ActsOutsideHoursAreASignal) {
  shown_.Show(SentBatch(kMonday));                      // 12:00
  shown_.Show(SentBatch(DaysOn(0, 7)));                 // 19:00
  shown_.Show(RefusedBatch(DaysOn(1, -9), "NO_FLOW"));  // Tuesday, 03:00
  shown_.Show(SentBatch(DaysOn(5)));                    // Saturday
  const auto signals = shown_.Signals();
  ASSERT_THAT(signals, SizeIs(1));
  EXPECT_EQ(signals[0].kind, SignalKind::kOutsideHours);
  EXPECT_EQ(signals[0].reason,
            "3 of 4 acts outside 07:00-19:00 on mon,tue,wed,thu,fri, UTC");
  EXPECT_THAT(signals[0].entries,
              ElementsAre(Place{0, 1}, Place{0, 2}, Place{0, 3}));
  EXPECT_THAT(shown_.Report().not_told, Contains(HasSubstr("holidays")));
}

TEST_F(HabitSignalsTest, ActsWithinHoursAreNoSignal) {
  shown_.Show(SentBatch(DaysOn(0, -5)));  // 07:00
  shown_.Show(SentBatch(DaysOn(4, 6)));   // Friday, 18:00
  EXPECT_THAT(shown_.Signals(), IsEmpty());
}

TEST_F(HabitSignalsTest, WhatFollowsByItselfIsNoAct) {
  policy::LedgerEntry delivery = SentBatch(DaysOn(0, 12));
  delivery.kind = policy::EntryKind::kDelivery;
  shown_.Show(delivery);
  EXPECT_THAT(shown_.Signals(), IsEmpty());
}

TEST_F(HabitSignalsTest, APurposeThatAnAgencyNeverUsedBeforeIsASignal) {
  For("find-series", kMonday);
  For("find-series", DaysOn(21));
  For("taxes", DaysOn(30));
  const auto signals = shown_.Signals();
  ASSERT_THAT(signals, SizeIs(1));
  EXPECT_EQ(signals[0].kind, SignalKind::kFirstPurpose);
  EXPECT_EQ(signals[0].who, "north");
  EXPECT_EQ(signals[0].reason,
            "purpose taxes for the first time, 30 days after the first act of "
            "this agency; new is what comes after 30");
  EXPECT_THAT(signals[0].entries, ElementsAre(Place{0, 2}));
}

TEST_F(HabitSignalsTest, PurposesOfTheFirstMonthAndKnownOnesAreNoSignal) {
  For("find-series", kMonday);
  For("taxes", DaysOn(29));
  For("taxes", DaysOn(60));
  For("find-series", DaysOn(60));
  EXPECT_THAT(shown_.Signals(), IsEmpty());
}

TEST_F(HabitSignalsTest, EveryAgencyHasItsOwnHabits) {
  For("taxes", kMonday);
  policy::LedgerEntry west = SentBatch(kMonday);
  west.actor = SystemOf("west");
  shown_.Show(west);
  west.purpose = "taxes";
  west.time = DaysOn(42);
  shown_.Show(west);
  ASSERT_THAT(shown_.Signals(), SizeIs(1));
  EXPECT_EQ(shown_.Signals()[0].who, "west");
}

TEST_F(HabitSignalsTest, ARefusedPurposeWasNotUsed) {
  For("find-series", kMonday);
  policy::LedgerEntry refused = RefusedBatch(DaysOn(42), "NO_FLOW");
  refused.purpose = "taxes";
  shown_.Show(refused);
  EXPECT_THAT(shown_.Signals(), IsEmpty());
  For("taxes", DaysOn(43));
  EXPECT_THAT(shown_.Signals(), SizeIs(1));
}

class NightShiftTest : public HabitSignalsTest {
 protected:
  NightShiftTest()
      : HabitSignalsTest(
            {.zone = absl::FixedTimeZone(3600),
             .hours = *ParseWorkingHours("22:00-06:00", "sat-mon")}) {}
};

TEST_F(NightShiftTest, HoursAreTheCallersInTheirZone) {
  shown_.Show(SentBatch(DaysOn(0, 9)));  // Monday, 22:00 there
  EXPECT_THAT(shown_.Signals(), IsEmpty());
  shown_.Show(SentBatch(DaysOn(0, 8)));   // 21:00
  shown_.Show(SentBatch(DaysOn(0, -7)));  // 06:00
  shown_.Show(SentBatch(DaysOn(1, 9)));   // Tuesday
  ASSERT_THAT(shown_.Signals(), SizeIs(1));
  EXPECT_THAT(shown_.Signals()[0].entries, SizeIs(3));
}

}  // namespace
}  // namespace entente::client

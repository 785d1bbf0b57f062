#include "client/signal_volume.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "client/test_acts.h"

namespace entente::client {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;

class VolumeSignalsTest : public testing::Test {
 protected:
  explicit VolumeSignalsTest(SignalRules rules = {}) : volume_(rules) {}

  // `days` days with `records` each, then one with `last`.
  void Work(int days, uint64_t records, uint64_t last) {
    for (int day = 0; day < days; ++day) {
      shown_.Show(SentBatch(DaysOn(day), records));
    }
    shown_.Show(SentBatch(DaysOn(days), last));
  }
  policy::LedgerEntry By(const std::string& person, uint64_t records) {
    policy::LedgerEntry entry = SentBatch(kMonday, records);
    entry.accompanying["actor"] = person;
    return entry;
  }

  VolumeSignals volume_;
  ShownEntries shown_{&volume_};
};

TEST_F(VolumeSignalsTest, ADayFarAboveTheOwnPastIsASignal) {
  Work(10, 6, 61);
  const auto signals = shown_.Signals();
  ASSERT_THAT(signals, SizeIs(1));
  EXPECT_EQ(signals[0].kind, SignalKind::kAboveOwnPast);
  EXPECT_EQ(signals[0].who, SystemOf("north"));
  EXPECT_EQ(signals[0].reason,
            "61 records on 2027-03-11, more than 10 times 6, the median of the "
            "10 earlier days with acts");
  EXPECT_THAT(signals[0].entries, ElementsAre(Place{0, 10}));
  EXPECT_EQ(signals[0].last, DaysOn(10));
}

TEST_F(VolumeSignalsTest, TenTimesAsMuchIsNotYetFarAbove) {
  Work(10, 6, 60);
  EXPECT_THAT(shown_.Signals(), IsEmpty());
}

TEST_F(VolumeSignalsTest, FewRecordsAreNoSignalWhateverThePast) {
  Work(10, 1, kLeastRecords - 1);
  EXPECT_THAT(shown_.Signals(), IsEmpty());
}

TEST_F(VolumeSignalsTest, AShortPastIsNotComparedWith) {
  Work(kFewestDays - 1, 6, 400);
  EXPECT_THAT(shown_.Signals(), IsEmpty());
}

TEST_F(VolumeSignalsTest, OneBusyDayOfThePastDoesNotHideTheNext) {
  Work(10, 6, 100);
  shown_.Show(SentBatch(DaysOn(11), 100));
  EXPECT_THAT(shown_.Signals(), SizeIs(2));
}

TEST_F(VolumeSignalsTest, ADayIsAllOfItsActs) {
  Work(10, 6, 30);
  shown_.Show(SentBatch(DaysOn(10, 1), 31));
  ASSERT_THAT(shown_.Signals(), SizeIs(1));
  EXPECT_THAT(shown_.Signals()[0].entries, SizeIs(2));
}

TEST_F(VolumeSignalsTest, WhatWasRefusedWasNotGiven) {
  Work(10, 6, 6);
  policy::LedgerEntry refused = RefusedBatch(DaysOn(11), "NO_FLOW");
  refused.records = 10'000;
  shown_.Show(refused);
  EXPECT_THAT(shown_.Signals(), IsEmpty());
}

TEST_F(VolumeSignalsTest, APersonFarAboveTheOthersIsASignal) {
  for (const char* person : {"Ann", "Bob", "Cy"}) shown_.Show(By(person, 6));
  shown_.Show(By("Jo Wells", 40));
  shown_.Show(By("Jo Wells", 21));
  const auto signals = shown_.Signals();
  ASSERT_THAT(signals, SizeIs(1));
  EXPECT_EQ(signals[0].kind, SignalKind::kAbovePeers);
  EXPECT_EQ(signals[0].who, "Jo Wells of north");
  EXPECT_EQ(signals[0].reason,
            "61 records, more than 10 times 6, the median of 3 other people");
  EXPECT_THAT(signals[0].entries, SizeIs(2));
}

TEST_F(VolumeSignalsTest, PeersWhoDoAsMuchAreNoSignal) {
  for (const char* person : {"Ann", "Bob", "Cy", "Jo"}) {
    shown_.Show(By(person, 100));
  }
  EXPECT_THAT(shown_.Signals(), IsEmpty());
}

TEST_F(VolumeSignalsTest, TooFewToCompareIsSaid) {
  for (const char* person : {"Ann", "Bob"}) shown_.Show(By(person, 1));
  shown_.Show(By("Jo", 400));
  EXPECT_THAT(shown_.Signals(), IsEmpty());
  EXPECT_THAT(shown_.Report().not_told,
              Contains("whether one of 3 people acted far more than the "
                       "others: it takes 4"));
}

TEST_F(VolumeSignalsTest, PeopleAreNotComparedWithPrograms) {
  for (const char* person : {"Ann", "Bob", "Cy", "Di"}) {
    shown_.Show(By(person, 1));
  }
  shown_.Show(SentBatch(kMonday, 400));
  EXPECT_THAT(shown_.Signals(), IsEmpty());
}

TEST_F(VolumeSignalsTest, ManyRecordsUnderOneCaseAreASignal) {
  shown_.Show(SentBatch(kMonday, kRecordsPerCase));
  EXPECT_THAT(shown_.Signals(), IsEmpty());
  shown_.Show(SentBatch(DaysOn(1), 1));
  const auto signals = shown_.Signals();
  ASSERT_THAT(signals, SizeIs(1));
  EXPECT_EQ(signals[0].kind, SignalKind::kManyUnderCase);
  EXPECT_EQ(signals[0].who, "OP/1");
  EXPECT_EQ(signals[0].reason,
            "501 records under this case reference, more than 500");
  EXPECT_THAT(signals[0].entries, SizeIs(2));
}

TEST_F(VolumeSignalsTest, SeveralCasesAreNotAddedUp) {
  for (const char* reference : {"OP/1", "OP/2", "OP/3"}) {
    policy::LedgerEntry entry = SentBatch(kMonday, 400);
    entry.accompanying["case_reference"] = reference;
    shown_.Show(entry);
  }
  EXPECT_THAT(shown_.Signals(), IsEmpty());
}

TEST_F(VolumeSignalsTest, SaysWhatEntriesLack) {
  policy::LedgerEntry bare = SentBatch(kMonday, 10'000);
  bare.accompanying.clear();
  shown_.Show(bare);
  shown_.Show(By("Jo", 1));
  const SignalReport report = shown_.Report();
  EXPECT_THAT(report.signals, IsEmpty());
  EXPECT_THAT(report.not_told,
              Contains(HasSubstr("who stood behind 1 of 2 acts")));
  EXPECT_THAT(report.not_told,
              Contains(HasSubstr("for which case 1 of 2 acts were")));
  EXPECT_THAT(report.not_told,
              Contains(HasSubstr("how many people records stand for")));
}

TEST_F(VolumeSignalsTest, AnEmptyLedgerSaysNothing) {
  EXPECT_THAT(shown_.Signals(), IsEmpty());
  EXPECT_THAT(shown_.Report().not_told, IsEmpty());
}

class RecentVolumeTest : public VolumeSignalsTest {
 protected:
  RecentVolumeTest()
      : VolumeSignalsTest({.since = DaysOn(5), .times = 2, .least = 5}) {}
};

TEST_F(RecentVolumeTest, SumsBeginWhereAskedAndThresholdsAreTheCallers) {
  for (const char* person : {"Ann", "Bob", "Cy", "Jo"}) {
    policy::LedgerEntry entry = By(person, 2);
    entry.time = DaysOn(6);
    shown_.Show(entry);
  }
  policy::LedgerEntry old = By("Ann", 100);
  shown_.Show(old);
  EXPECT_THAT(shown_.Signals(), IsEmpty());
  policy::LedgerEntry more = By("Jo", 3);
  more.time = DaysOn(7);
  shown_.Show(more);
  ASSERT_THAT(shown_.Signals(), SizeIs(1));
  EXPECT_EQ(shown_.Signals()[0].who, "Jo of north");
  EXPECT_THAT(shown_.Signals()[0].reason, HasSubstr("more than 2 times 2"));
  EXPECT_THAT(shown_.Signals()[0].reason, Not(HasSubstr("100")));
}

}  // namespace
}  // namespace entente::client

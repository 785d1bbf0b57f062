#include "client/signal_probing.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "client/test_acts.h"

namespace entente::client {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;

class ProbingSignalsTest : public testing::Test {
 protected:
  explicit ProbingSignalsTest(SignalRules rules = {}) : probing_(rules) {}

  // Refused for one purpose after another, `gap` apart.
  void Probe(int times, absl::Duration gap = absl::Minutes(1),
             const std::string& code = "PURPOSE_NOT_IN_AGREEMENT") {
    for (int i = 0; i < times; ++i) {
      policy::LedgerEntry entry = RefusedBatch(kMonday + gap * i, code);
      entry.purpose = absl::StrCat("purpose-", i);
      shown_.Show(entry);
    }
  }

  ProbingSignals probing_;
  ShownEntries shown_{&probing_};
};

TEST_F(ProbingSignalsTest, FiveQuestionsThatDifferALittleAreASignal) {
  Probe(5);
  const auto signals = shown_.Signals();
  ASSERT_THAT(signals, SizeIs(1));
  EXPECT_EQ(signals[0].kind, SignalKind::kProbing);
  EXPECT_EQ(signals[0].who, SystemOf("north"));
  EXPECT_EQ(signals[0].reason,
            "5 different questions refused, each at most 2 names away from an "
            "earlier one; probing is 5");
  EXPECT_THAT(signals[0].entries, SizeIs(5));
}

TEST_F(ProbingSignalsTest, FourAreMistakes) {
  Probe(4);
  EXPECT_THAT(shown_.Signals(), IsEmpty());
}

TEST_F(ProbingSignalsTest, TheSameQuestionAgainIsARetry) {
  for (int i = 0; i < 50; ++i) {
    shown_.Show(RefusedBatch(kMonday + absl::Minutes(i), "NO_FLOW"));
  }
  EXPECT_THAT(shown_.Signals(), IsEmpty());
}

TEST_F(ProbingSignalsTest, QuestionsThatHaveNothingInCommonAreNotOneAttempt) {
  for (int i = 0; i < 10; ++i) {
    policy::LedgerEntry entry = RefusedBatch(kMonday, "NO_FLOW");
    entry.purpose = absl::StrCat("purpose-", i);
    entry.dataset = absl::StrCat("dataset-", i);
    entry.recipient = absl::StrCat("agency-", i);
    shown_.Show(entry);
  }
  EXPECT_THAT(shown_.Signals(), IsEmpty());
}

TEST_F(ProbingSignalsTest, TwoMattersBetweenEachOtherAreTwoAttempts) {
  for (int i = 0; i < 5; ++i) {
    policy::LedgerEntry one = RefusedBatch(kMonday, "FIELD_NOT_RELEASED");
    one.fields = {absl::StrCat("field-", i)};
    policy::LedgerEntry other = one;
    other.recipient = "east";
    other.dataset = "persons";
    other.purpose = "taxes";
    shown_.Show(one);
    shown_.Show(other);
  }
  EXPECT_THAT(shown_.Signals(), SizeIs(2));
}

TEST_F(ProbingSignalsTest, WhatTheStateRefusesIsNoProbing) {
  Probe(10, absl::Minutes(1), "SUSPENDED");
  Probe(10, absl::Minutes(1), "KEY_UNKNOWN");
  EXPECT_THAT(shown_.Signals(), IsEmpty());
}

TEST_F(ProbingSignalsTest, SlowProbingIsSeenUpToADayApart) {
  Probe(5, kProbeGap);
  EXPECT_THAT(shown_.Signals(), SizeIs(1));
}

TEST_F(ProbingSignalsTest, QuestionsFurtherApartAreNotOneAttempt) {
  Probe(9, kProbeGap + absl::Seconds(1));
  EXPECT_THAT(shown_.Signals(), IsEmpty());
}

TEST_F(ProbingSignalsTest, SaysWhatWasLetThroughInTheEnd) {
  Probe(5);
  shown_.Show(SentBatch(kMonday + absl::Minutes(9)));
  ASSERT_THAT(shown_.Signals(), SizeIs(1));
  EXPECT_THAT(shown_.Signals()[0].reason,
              HasSubstr("; then one was allowed, entry 0:5"));
  EXPECT_EQ(shown_.Signals()[0].entries.back(), (Place{0, 5}));
}

TEST_F(ProbingSignalsTest, AnActOfAnotherKindIsNotItsOutcome) {
  Probe(5);
  policy::LedgerEntry other = SentBatch(kMonday + absl::Minutes(9));
  other.dataset = "persons";
  other.recipient = "east";
  shown_.Show(other);
  EXPECT_THAT(shown_.Signals()[0].reason, Not(HasSubstr("allowed")));
}

TEST_F(ProbingSignalsTest, TriesOfSeveralActorsAreNotAddedUp) {
  for (int i = 0; i < 8; ++i) {
    policy::LedgerEntry entry = RefusedBatch(kMonday, "NO_FLOW");
    entry.purpose = absl::StrCat("purpose-", i);
    entry.actor = SystemOf("north", absl::StrCat("s", i / 4));
    shown_.Show(entry);
  }
  EXPECT_THAT(shown_.Signals(), IsEmpty());
}

TEST_F(ProbingSignalsTest, CallsThatARoleMayNotMakeCountToo) {
  for (int i = 0; i < 5; ++i) {
    policy::LedgerEntry entry;
    entry.time = kMonday;
    entry.kind = policy::EntryKind::kRefusedCall;
    entry.actor = SystemOf("north");
    entry.reasons = {{"ROLE_NOT_ALLOWED", ""}};
    entry.detail["method"] = absl::StrCat("/x/Call", i);
    shown_.Show(entry);
  }
  EXPECT_THAT(shown_.Signals(), SizeIs(1));
}

TEST_F(ProbingSignalsTest, ManyMattersAtOnceDoNotHideAnEarlierOne) {
  Probe(5);
  for (int i = 0; i < 40; ++i) {
    policy::LedgerEntry entry = RefusedBatch(kMonday, "NO_FLOW");
    entry.purpose = absl::StrCat("other-", i);
    entry.dataset = absl::StrCat("dataset-", i);
    entry.flow = absl::StrCat("flow-", i);
    shown_.Show(entry);
  }
  EXPECT_THAT(shown_.Signals(), SizeIs(1));
}

class PatientProbingTest : public ProbingSignalsTest {
 protected:
  PatientProbingTest() : ProbingSignalsTest({.probes = 3}) {}
};

TEST_F(PatientProbingTest, TheThresholdIsTheCallers) {
  Probe(3);
  EXPECT_THAT(shown_.Signals(), SizeIs(1));
}

}  // namespace
}  // namespace entente::client

#include "policy/coverage.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "policy/test_route.h"

namespace entente::policy {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::Field;
using testing::Not;
using testing::SizeIs;

class CoverageTest : public testing::Test {
 protected:
  CoverageTest() {
    document_.flows[0].limits.records_per_day = 1000;
    document_.flows[0].limits.enrolments_per_day = 500;
    document_.break_glass.emplace();
  }

  LedgerEntry Sent(absl::Time time, const std::string& sender = "north") {
    LedgerEntry entry;
    entry.kind = EntryKind::kBatch;
    entry.outcome = Outcome::kAllow;
    entry.time = time;
    entry.sender = sender;
    entry.recipient = "west";
    entry.purpose = "analysis";
    entry.flow = "crimes-for-analysis";
    entry.method = "push";
    entry.records = 10;
    return entry;
  }
  ClauseUse Of(const Coverage& coverage, const std::string& clause,
               const std::string& what) {
    for (const ClauseUse& use : coverage.Clauses()) {
      if (use.clause == clause && use.what == what) return use;
    }
    ADD_FAILURE() << clause << ": " << what;
    return {};
  }
  LimitUse LimitOf(const Coverage& coverage, const std::string& name) {
    for (const LimitUse& use : coverage.Limits()) {
      if (use.clause == "flows[0] crimes-for-analysis.limits." + name) {
        return use;
      }
    }
    ADD_FAILURE() << name;
    return {};
  }

  const std::string place_ = "flows[0] crimes-for-analysis";
  Agreement document_ = Document();
};

TEST_F(CoverageTest, ListsWhatTheDocumentAllowsInItsOrder) {
  Coverage coverage(&document_, "d1", kNow);
  std::vector<std::string> lines;
  for (const ClauseUse& use : coverage.Clauses()) {
    lines.push_back(use.clause + ": " + use.what);
    EXPECT_EQ(use.acts, 0u);
    EXPECT_FALSE(use.last.has_value());
  }
  EXPECT_THAT(
      lines,
      ElementsAre("parties: east", "parties: north", "parties: west",
                  "purposes: analysis", "purposes: investigation",
                  "datasets.crimes.identifiers: pnc/1",
                  "flows[0] crimes-for-analysis: north to west for analysis",
                  "flows[0] crimes-for-analysis.methods: push",
                  "flows[0] crimes-for-analysis.methods: query",
                  "break_glass: emergencies"));
}

TEST_F(CoverageTest, AnActUsesItsWayItsMethodItsPartiesAndItsPurpose) {
  Coverage coverage(&document_, "d1", kNow - absl::Hours(24));
  coverage.See(Sent(kNow), "north");
  coverage.See(Sent(kNow + absl::Hours(1)), "north");
  const ClauseUse way = Of(coverage, place_, "north to west for analysis");
  EXPECT_EQ(way.acts, 2u);
  EXPECT_EQ(way.records, 20u);
  EXPECT_EQ(way.last, kNow + absl::Hours(1));
  EXPECT_EQ(Of(coverage, place_ + ".methods", "push").acts, 2u);
  EXPECT_EQ(Of(coverage, place_ + ".methods", "query").acts, 0u);
  EXPECT_EQ(Of(coverage, "parties", "west").acts, 2u);
  EXPECT_EQ(Of(coverage, "parties", "east").acts, 0u);
  EXPECT_EQ(Of(coverage, "purposes", "investigation").acts, 0u);
}

TEST_F(CoverageTest, AnOldActIsALastUseAndNoUse) {
  Coverage coverage(&document_, "d1", kNow);
  coverage.See(Sent(kNow - absl::Seconds(1)), "north");
  const ClauseUse way = Of(coverage, place_, "north to west for analysis");
  EXPECT_EQ(way.acts, 0u);
  EXPECT_EQ(way.last, kNow - absl::Seconds(1));
  EXPECT_EQ(LimitOf(coverage, "records_per_day").most, 0u);
}

TEST_F(CoverageTest, WhatWasRefusedUsesNothing) {
  Coverage coverage(&document_, "d1", kNow);
  LedgerEntry refused = Sent(kNow);
  refused.outcome = Outcome::kDeny;
  coverage.See(refused, "north");
  EXPECT_EQ(Of(coverage, "parties", "north").acts, 0u);
}

TEST_F(CoverageTest, LimitsTellTheMostThatWasUsed) {
  Coverage coverage(&document_, "d1", kNow);
  for (int i = 0; i < 3; ++i) coverage.See(Sent(kNow), "north");
  LedgerEntry large = Sent(kNow + absl::Hours(24));
  large.records = 25;
  coverage.See(large, "north");
  coverage.See(Sent(kNow, "west"), "north");
  const LimitUse day = LimitOf(coverage, "records_per_day");
  EXPECT_EQ(day.limit, 1000);
  EXPECT_EQ(day.most, 30u) << "of one route on one day";
  EXPECT_EQ(LimitOf(coverage, "records_per_request").most, 25u);
  EXPECT_THAT(coverage.Limits(), SizeIs(3));
}

TEST_F(CoverageTest, EnrolmentUsesASchemeAndItsLimit) {
  Coverage coverage(&document_, "d1", kNow);
  LedgerEntry entry;
  entry.kind = EntryKind::kEnrolment;
  entry.outcome = Outcome::kAllow;
  entry.time = kNow;
  entry.records = 300;
  entry.detail["scheme"] = "pnc/1";
  coverage.See(entry, "north");
  entry.detail["scheme"] = "other/1";
  coverage.See(entry, "north");
  coverage.See(entry, "west");
  EXPECT_EQ(Of(coverage, "datasets.crimes.identifiers", "pnc/1").acts, 1u);
  EXPECT_EQ(LimitOf(coverage, "enrolments_per_day").most, 600u)
      << "of one agency, whatever the scheme";
}

TEST_F(CoverageTest, EmergenciesAndActivationAreSeen) {
  Coverage coverage(&document_, "d1", kNow);
  LedgerEntry entry;
  entry.outcome = Outcome::kAllow;
  entry.time = kNow;
  entry.kind = EntryKind::kBreakGlassAsked;
  coverage.See(entry, "north");
  EXPECT_EQ(Of(coverage, "break_glass", "emergencies").acts, 1u);
  EXPECT_FALSE(coverage.activated().has_value());
  entry.kind = EntryKind::kAgreementActivated;
  entry.digest = "d2";
  coverage.See(entry, "north");
  EXPECT_FALSE(coverage.activated().has_value()) << "of another version";
  entry.digest = "d1";
  coverage.See(entry, "north");
  EXPECT_EQ(coverage.activated(), kNow);
}

TEST_F(CoverageTest, AFlowThatTheVersionLacksIsNoClauseOfIt) {
  Coverage coverage(&document_, "d1", kNow);
  LedgerEntry entry = Sent(kNow);
  entry.flow = "gone";
  coverage.See(entry, "north");
  EXPECT_EQ(Of(coverage, place_, "north to west for analysis").acts, 0u);
  EXPECT_EQ(Of(coverage, "parties", "north").acts, 1u);
  EXPECT_THAT(coverage.Clauses(),
              Not(Contains(Field(&ClauseUse::clause, "flows[1] gone"))));
}

}  // namespace
}  // namespace entente::policy

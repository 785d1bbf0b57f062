#include "policy/replay.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "policy/test_route.h"

namespace entente::policy {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

// An allowed batch of what Push asks for.
LedgerEntry Went() {
  LedgerEntry entry;
  entry.kind = EntryKind::kBatch;
  entry.outcome = Outcome::kAllow;
  entry.time = kNow;
  entry.sender = "north";
  entry.recipient = "west";
  entry.purpose = "analysis";
  entry.dataset = "crimes";
  entry.method = "push";
  entry.fields = {"offence", "person"};
  entry.accompanying["case_reference"] = "OP/1";
  entry.records = 10;
  return entry;
}

LedgerEntry Refused(const std::string& code) {
  LedgerEntry entry = Went();
  entry.outcome = Outcome::kDeny;
  entry.reasons = {{code, ""}};
  return entry;
}

Replay On(Agreement draft, std::vector<Agreement> above = {}) {
  std::vector<std::shared_ptr<const CompiledAgreement>> tiers;
  for (Agreement& one : above) {
    tiers.push_back(*CompiledAgreement::Create(std::move(one), {}));
  }
  return Replay(*CompiledAgreement::Create(std::move(draft), {}),
                std::move(tiers));
}

ReplayedAct Once(const Agreement& draft, const LedgerEntry& entry) {
  return On(draft).See(entry, "north");
}

std::vector<std::string> CodesOf(const ReplayedAct& act) {
  std::vector<std::string> codes;
  for (const Failure& failure : act.failures) codes.push_back(failure.Code());
  return codes;
}

TEST(Replay, WhatADraftSaysTooIsTheSame) {
  const ReplayedAct went = Once(Document(), Went());
  EXPECT_EQ(went.outcome, ReplayOutcome::kSameAllowed);
  EXPECT_THAT(went.failures, IsEmpty());
  EXPECT_THAT(went.lost, IsEmpty());
  EXPECT_THAT(went.gained, IsEmpty());
  LedgerEntry refused = Refused("NO_FLOW");
  refused.recipient = "east";
  const ReplayedAct same = Once(Document(), refused);
  EXPECT_EQ(same.outcome, ReplayOutcome::kSameRefused);
  EXPECT_THAT(CodesOf(same), ElementsAre("NO_FLOW"));
}

TEST(Replay, ADraftWithoutTheFlowRefuses) {
  Agreement draft = Document();
  draft.flows[0].purposes = {"investigation"};
  const ReplayedAct act = Once(draft, Went());
  EXPECT_EQ(act.outcome, ReplayOutcome::kNewlyRefused);
  EXPECT_THAT(CodesOf(act), ElementsAre("NO_FLOW"));
}

TEST(Replay, ADraftThatAsksForMoreRefusesWhatDidNotCarryIt) {
  Agreement draft = Document();
  draft.flows[0].require = {Requirement::kCaseReference,
                            Requirement::kJustification};
  EXPECT_THAT(CodesOf(Once(draft, Went())),
              ElementsAre("MISSING:justification"));
  LedgerEntry carried = Went();
  carried.accompanying["justification"] = "x";
  EXPECT_EQ(Once(draft, carried).outcome, ReplayOutcome::kSameAllowed);
}

TEST(Replay, ADraftThatAllowsWhatWasRefusedIsFound) {
  LedgerEntry refused = Refused("NO_FLOW");
  refused.purpose = "investigation";
  EXPECT_EQ(Once(Document(), refused).outcome, ReplayOutcome::kSameRefused);
  Agreement draft = Document();
  draft.flows[0].purposes = {"analysis", "investigation"};
  EXPECT_EQ(Once(draft, refused).outcome, ReplayOutcome::kNewlyAllowed);
}

TEST(Replay, WhereAFlowIsWrittenAndWhatItIsCalledDoesNotMatter) {
  Agreement draft = Document();
  draft.version = 7;
  draft.flows[0].id = "other-name";
  LedgerEntry entry = Went();
  entry.flow = "crimes-for-analysis";
  EXPECT_EQ(Once(draft, entry).outcome, ReplayOutcome::kSameAllowed);
}

TEST(Replay, FieldsThatComeAndGoAreTold) {
  Agreement draft = Document();
  draft.flows[0].release.erase("person");
  draft.flows[0].release["victim"].transform = Transform::kAsIs;
  const ReplayedAct act = Once(draft, Went());
  EXPECT_EQ(act.outcome, ReplayOutcome::kSameAllowed);
  EXPECT_THAT(act.lost, ElementsAre("person"));
  EXPECT_THAT(act.gained, ElementsAre("victim"));
}

TEST(Replay, AFieldThatWasRefusedMustBeReleasedByTheDraft) {
  LedgerEntry refused = Refused("FIELD_NOT_RELEASED");
  refused.fields = {"offence", "person", "victim"};
  const ReplayedAct same = Once(Document(), refused);
  EXPECT_EQ(same.outcome, ReplayOutcome::kSameRefused);
  EXPECT_THAT(same.lost, IsEmpty()) << "it was not released before either";
  Agreement draft = Document();
  draft.flows[0].release["victim"].transform = Transform::kAsIs;
  EXPECT_EQ(Once(draft, refused).outcome, ReplayOutcome::kNewlyAllowed);
}

TEST(Replay, ADraftCountsTheRecordsOfARequest) {
  Agreement draft = Document();
  draft.flows[0].limits.records_per_request = 9;
  EXPECT_THAT(CodesOf(Once(draft, Went())), ElementsAre("TOO_MANY_RECORDS"));
}

TEST(Replay, QuotasOfTheDraftAreUsedUpByTheDay) {
  Agreement draft = Document();
  draft.flows[0].limits.records_per_day = 25;
  Replay replay = On(draft);
  EXPECT_EQ(replay.See(Went(), "north").outcome, ReplayOutcome::kSameAllowed);
  EXPECT_EQ(replay.See(Went(), "north").outcome, ReplayOutcome::kSameAllowed);
  const ReplayedAct third = replay.See(Went(), "north");
  EXPECT_EQ(third.outcome, ReplayOutcome::kNewlyRefused);
  EXPECT_THAT(CodesOf(third), ElementsAre("QUOTA_EXCEEDED"));
  EXPECT_EQ(third.failures[0].clause, "flows[0] crimes-for-analysis.limits");
  // What was refused uses nothing up.
  LedgerEntry small = Went();
  small.records = 5;
  EXPECT_EQ(replay.See(small, "north").outcome, ReplayOutcome::kSameAllowed);
  LedgerEntry tomorrow = Went();
  tomorrow.time += absl::Hours(24);
  EXPECT_EQ(replay.See(tomorrow, "north").outcome, ReplayOutcome::kSameAllowed);
}

TEST(Replay, QuotasOfRequestsAndExtractsCountToo) {
  Agreement draft = Document();
  draft.flows[0].limits.requests_per_day = 1;
  Replay requests = On(draft);
  requests.See(Went(), "north");
  EXPECT_EQ(requests.See(Went(), "north").outcome,
            ReplayOutcome::kNewlyRefused);
  draft = Document();
  draft.flows[0].methods = {Method::kExtract};
  draft.flows[0].limits.extracts_per_year = 1;
  Replay extracts = On(draft);
  LedgerEntry extract = Went();
  extract.method = "extract";
  EXPECT_EQ(extracts.See(extract, "north").outcome,
            ReplayOutcome::kSameAllowed);
  extract.time += absl::Hours(24 * 100);
  EXPECT_EQ(extracts.See(extract, "north").outcome,
            ReplayOutcome::kNewlyRefused);
  extract.time += absl::Hours(24 * 300);
  EXPECT_EQ(extracts.See(extract, "north").outcome,
            ReplayOutcome::kSameAllowed);
}

TEST(Replay, ALargerQuotaLetsThroughWhatWasRefusedForIt) {
  EXPECT_EQ(Once(Document(), Refused("QUOTA_EXCEEDED")).outcome,
            ReplayOutcome::kNewlyAllowed);
}

TEST(Replay, WhatTheTextDidNotDecideIsNotAskedAgain) {
  for (const char* code : {"SUSPENDED", "VERSION_SUPERSEDED", "KEY_UNKNOWN",
                           "EXPIRED", "NO_SUCH_CODE"}) {
    const ReplayedAct act = Once(Document(), Refused(code));
    EXPECT_EQ(act.outcome, ReplayOutcome::kNotReplayed) << code;
    EXPECT_EQ(act.why, std::string("refused with ") + code);
  }
  LedgerEntry mixed = Refused("NO_FLOW");
  mixed.reasons.push_back({"SUSPENDED", ""});
  EXPECT_EQ(Once(Document(), mixed).outcome, ReplayOutcome::kNotReplayed);
  EXPECT_EQ(Once(Document(), Refused("WRONG_FORM")).outcome,
            ReplayOutcome::kNotReplayed);
}

TEST(Replay, WhatTheEntryDoesNotSayIsNotGuessed) {
  LedgerEntry glass = Went();
  glass.detail["break_glass"] = "1f";
  EXPECT_EQ(Once(Document(), glass).why, "under break-glass");
  LedgerEntry cut = Went();
  cut.fields_omitted = 1;
  EXPECT_EQ(Once(Document(), cut).why, "the entry leaves fields out");
  EXPECT_EQ(On(Document()).See(Went(), "").why,
            "the entry does not say which agency asked");
  LedgerEntry bare = Refused("NO_FLOW");
  bare.purpose.clear();
  EXPECT_EQ(Once(Document(), bare).why,
            "the entry does not say what was asked");
}

TEST(Replay, ADraftIsAskedAsIfItWereInForce) {
  Agreement draft = Document();
  draft.valid.from = absl::CivilDay(2040, 1, 1);
  draft.valid.until = absl::CivilDay(2041, 1, 1);
  draft.valid.review_by = draft.valid.until;
  EXPECT_EQ(Once(draft, Went()).outcome, ReplayOutcome::kSameAllowed);
}

TEST(Replay, WhatIsAboveNarrowsTheDraft) {
  Agreement tier = Tier();
  EXPECT_EQ(On(Under(), {tier}).See(Went(), "north").outcome,
            ReplayOutcome::kSameAllowed);
  tier.flows[0].purposes = {"investigation"};
  EXPECT_EQ(On(Under(), {tier}).See(Went(), "north").outcome,
            ReplayOutcome::kNewlyRefused);
  tier = Tier();
  tier.flows[0].release.erase("offence");
  const ReplayedAct act = On(Under(), {tier}).See(Went(), "north");
  EXPECT_EQ(act.outcome, ReplayOutcome::kSameAllowed);
  EXPECT_THAT(act.lost, ElementsAre("offence"));
}

TEST(Replay, SomebodyElsesBatchIsNotTheCallers) {
  const ReplayedAct act =
      On(Document()).See(Refused("NOT_YOUR_AGENCY"), "east");
  EXPECT_EQ(act.outcome, ReplayOutcome::kSameRefused);
  EXPECT_THAT(CodesOf(act), ElementsAre("NOT_YOUR_AGENCY"));
}

}  // namespace
}  // namespace entente::policy

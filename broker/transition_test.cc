#include "broker/transition.h"

#include "broker/rpc/refusal.h"
#include "broker/test_clauses.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace entente::broker {
namespace {

using certs::ActKind;
using testing::HasSubstr;

absl::Time DayOf(int year, int month, int day) {
  return absl::FromCivil(absl::CivilDay(year, month, day), absl::UTCTimeZone());
}

const absl::Time kMidway = DayOf(2027, 6, 1);

policy::Agreement ThreeParties(int64_t version) {
  policy::Agreement document;
  document.id = "isa-three";
  document.version = version;
  for (const char* party : {"east", "north", "west"}) {
    document.parties[party] = {};
    document.signatories.push_back({party, std::string("Chief of ") + party,
                                    std::string(party) + "-chief"});
  }
  document.governance.owner = "Chief of west";
  document.valid.from = absl::CivilDay(2027, 1, 1);
  document.valid.until = absl::CivilDay(2028, 1, 1);
  document.valid.review_by = document.valid.until;
  return document;
}

policy::AgreementRecord InForceRecord() {
  policy::AgreementRecord record;
  record.id = "isa-three";
  record.versions[1] = {
      *policy::CompiledAgreement::Create(ThreeParties(1), {}), {}, true};
  return record;
}

// With version 2 of these parties in force since kMidway.
policy::AgreementRecord WithSecond(const std::vector<std::string>& parties,
                                   int handover_days) {
  policy::AgreementRecord record = InForceRecord();
  policy::Agreement next = ThreeParties(2);
  next.parties.clear();
  for (const std::string& party : parties) next.parties[party] = {};
  next.valid.from = absl::CivilDay(2027, 6, 1);
  next.valid.handover_days = handover_days;
  record.versions[2] = {*policy::CompiledAgreement::Create(next, {}), {}, true};
  return record;
}

certs::AgreementAct ActOf(ActKind kind, const std::string& agency) {
  certs::AgreementAct act;
  act.kind = kind;
  act.agency = agency;
  return act;
}

absl::Status Check(const policy::AgreementRecord& record, ActKind kind,
                   const std::string& agency, absl::Time now = kMidway) {
  return CheckTransition(record, ActOf(kind, agency), kind, now);
}

std::string CodeOfFirst(const absl::Status& status) {
  const auto conditions = ConditionsOf(status);
  return conditions.empty() ? std::string(status.ToString())
                            : conditions.front().reason;
}

TEST(Transition, NamesEveryState) {
  policy::AgreementRecord record = InForceRecord();
  EXPECT_EQ(StateName(record, 1, kMidway), "active");
  EXPECT_EQ(StateName(record, 1, DayOf(2028, 1, 1)), "expired");
  record.sending_suspended_by = {"west"};
  EXPECT_EQ(StateName(record, 1, kMidway), "active");
  record.suspended_by = {"west"};
  EXPECT_EQ(StateName(record, 1, kMidway), "suspended");
  record.terminated = true;
  EXPECT_EQ(StateName(record, 1, kMidway), "ended");

  record = InForceRecord();
  record.versions[1].activated = false;
  EXPECT_EQ(StateName(record, 1, kMidway), "signed");
  record.versions[1].missing = {"west: west-chief"};
  EXPECT_EQ(StateName(record, 1, kMidway), "proposed");

  policy::Agreement reviewed = ThreeParties(1);
  reviewed.valid.review_by = absl::CivilDay(2027, 5, 31);
  record.versions[1] = {
      *policy::CompiledAgreement::Create(reviewed, {}), {}, true};
  EXPECT_EQ(StateName(record, 1, kMidway), "suspended");
  EXPECT_EQ(StateName(record, 1, kMidway - absl::Nanoseconds(1)), "active");

  record = InForceRecord();
  policy::Agreement next = ThreeParties(2);
  next.valid.from = absl::CivilDay(2027, 6, 1);
  next.valid.handover_days = 7;
  record.versions[2] = {*policy::CompiledAgreement::Create(next, {}), {}, true};
  EXPECT_EQ(StateName(record, 1, kMidway), "active") << "the handover";
  EXPECT_EQ(StateName(record, 1, DayOf(2027, 6, 8)), "superseded");
  EXPECT_EQ(StateName(record, 2, DayOf(2027, 6, 8)), "active");
}

TEST(Transition, SaysTheStateAndWhatIsLegalInOneWording) {
  policy::AgreementRecord record = InForceRecord();
  record.suspended_by = {"east", "west"};
  EXPECT_EQ(StateAndLegalActs(record, "west", kMidway),
            "the agreement is suspended by east, west; west may now: suspend "
            "--sending, resume, withdraw");
  record.terminated = true;
  EXPECT_EQ(StateAndLegalActs(record, "west", kMidway),
            "the agreement is ended; west can do nothing more with it");
  // The state is that of the version that names the agency.
  record = WithSecond({"north", "west"}, 0);
  EXPECT_EQ(StateAndLegalActs(record, "east", kMidway),
            "the agreement is superseded; east can do nothing more with it");
  EXPECT_EQ(StateAndLegalActs(record, "west", kMidway),
            "the agreement is active; west may now: suspend, suspend "
            "--sending, withdraw");
}

TEST(Transition, OnlyItsOwnPartiesSuspendAVersion) {
  policy::AgreementRecord record = WithSecond({"north", "west"}, 7);
  record.suspended_by = {"east"};
  EXPECT_EQ(StateName(record, 1, kMidway), "suspended");
  EXPECT_EQ(StateName(record, 2, kMidway), "active");
  EXPECT_TRUE(CheckTransition(record, ActOf(ActKind::kResume, "east"),
                              ActKind::kSuspend, kMidway)
                  .ok());
}

TEST(Transition, WhatIsNotInForceIsLeftAndNotSuspended) {
  policy::AgreementRecord record = InForceRecord();
  record.versions[1].activated = false;
  const absl::Status refused = Check(record, ActKind::kSuspend, "west");
  EXPECT_EQ(CodeOfFirst(refused), "NOT_LEGAL_NOW");
  EXPECT_THAT(std::string(ConditionsOf(refused).front().detail),
              HasSubstr("the agreement is signed; west may now: withdraw"));
  EXPECT_EQ(CodeOfFirst(Check(InForceRecord(), ActKind::kWithdraw, "west",
                              DayOf(2028, 1, 1))),
            "NOT_LEGAL_NOW");
}

TEST(Transition, TellsTheSecondOfTwoThatItIsDone) {
  policy::AgreementRecord record = InForceRecord();
  record.suspended_by = {"west"};
  const absl::Status again = Check(record, ActKind::kSuspend, "west");
  EXPECT_EQ(CodeOfFirst(again), "ALREADY_DONE");
  EXPECT_EQ(again.code(), absl::StatusCode::kAlreadyExists);
  EXPECT_THAT(std::string(again.message()),
              HasSubstr("west has done this: suspend; the agreement is "
                        "suspended by west; west may now: suspend --sending, "
                        "resume, withdraw"));
  EXPECT_TRUE(Check(record, ActKind::kSuspend, "east").ok());
  record.sending_suspended_by = {"west"};
  EXPECT_EQ(CodeOfFirst(Check(record, ActKind::kSuspendSending, "west")),
            "ALREADY_DONE");
  record.withdrawn = {{"west", 1}};
  EXPECT_EQ(CodeOfFirst(Check(record, ActKind::kWithdraw, "west")),
            "ALREADY_DONE");
  record.terminated = true;
  EXPECT_EQ(CodeOfFirst(Check(record, ActKind::kWithdraw, "west")),
            "NOT_LEGAL_NOW");
}

TEST(Transition, TheOwnerAloneSuspendsTheWholeWhereTheDocumentSaysSo) {
  policy::Agreement document = ThreeParties(1);
  document.governance.suspend = policy::SuspendRight::kOwner;
  policy::AgreementRecord record = InForceRecord();
  record.versions[1].agreement =
      *policy::CompiledAgreement::Create(document, {});
  EXPECT_TRUE(Check(record, ActKind::kSuspend, "west").ok());
  const absl::Status refused = Check(record, ActKind::kSuspend, "east");
  EXPECT_EQ(CodeOfFirst(refused), "OWNER_ONLY");
  EXPECT_EQ(PromisedCode(document, "governance.suspend"), "OWNER_ONLY");
  EXPECT_EQ(ConditionsOf(refused).front().clause, "governance.suspend");
  EXPECT_THAT(std::string(refused.message()),
              HasSubstr("its owner is west; the agreement is active; east may "
                        "now: suspend --sending, withdraw"));
  EXPECT_TRUE(Check(record, ActKind::kSuspendSending, "east").ok());
  EXPECT_TRUE(Check(record, ActKind::kWithdraw, "east").ok());
}

TEST(Transition, ResumingIsOfWhatWasSuspended) {
  policy::AgreementRecord record = InForceRecord();
  record.suspended_by = {"west"};
  const certs::AgreementAct resume = ActOf(ActKind::kResume, "west");
  EXPECT_TRUE(CheckTransition(record, resume, ActKind::kSuspend, kMidway).ok());
  EXPECT_EQ(CodeOfFirst(CheckTransition(record, resume,
                                        ActKind::kSuspendSending, kMidway)),
            "NOT_LEGAL_NOW");
}

TEST(Transition, CountsThePartiesThatAreLeft) {
  policy::AgreementRecord record = InForceRecord();
  EXPECT_EQ(PartiesLeft(record, kMidway), 3u);
  record.withdrawn = {{"west", 1}, {"panel", 1}};
  EXPECT_EQ(PartiesLeft(record, kMidway), 2u);
  record.versions[2] = {
      *policy::CompiledAgreement::Create(ThreeParties(2), {}), {}, true};
  EXPECT_EQ(PartiesLeft(record, kMidway), 3u) << "it came back";
}

TEST(Transition, AVersionToComeKeepsTheAgreementIfAllOfItsPartiesStay) {
  policy::AgreementRecord record = WithSecond({"east", "west"}, 0);
  record.versions[2].activated = false;
  record.withdrawn = {{"north", 2}};
  EXPECT_EQ(PartiesLeft(record, kMidway), 2u);
  record.withdrawn = {{"north", 2}, {"east", 1}};
  EXPECT_EQ(PartiesLeft(record, kMidway), 2u) << "the second needs none of v1";
  record.withdrawn = {{"north", 2}, {"east", 2}};
  EXPECT_EQ(PartiesLeft(record, kMidway), 1u);
  // Before anything is in force, a draft may be followed by another.
  record = InForceRecord();
  record.versions[1].activated = false;
  record.withdrawn = {{"north", 1}};
  EXPECT_EQ(PartiesLeft(record, kMidway), 2u);
}

TEST(Transition, InAHandoverWhoeverIsLeftOfEitherVersionCounts) {
  policy::AgreementRecord record = WithSecond({"north", "west"}, 7);
  record.withdrawn = {{"east", 2}};
  EXPECT_EQ(PartiesLeft(record, kMidway), 2u);
  record.withdrawn = {{"east", 2}, {"west", 2}};
  EXPECT_EQ(PartiesLeft(record, kMidway), 1u);
}

}  // namespace
}  // namespace entente::broker

#include "policy/legal_acts.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "policy/test_route.h"

namespace entente::policy {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

// Version 2 starts on 1 April 2027, with these parties.
AgreementRecord WithSecond(std::vector<std::string> parties, bool activated,
                           int handover_days = 0) {
  AgreementRecord record = Record(Document());
  Agreement next = Document();
  next.version = 2;
  next.parties.clear();
  for (const std::string& party : parties) next.parties[party] = {};
  next.valid.from = absl::CivilDay(2027, 4, 1);
  next.valid.handover_days = handover_days;
  record.versions[2] = Signed(next);
  record.versions[2].activated = activated;
  return record;
}

const absl::Time kStarted = At(2027, 4, 2);

TEST(LegalActs, OfAPartyOfWhatIsInForce) {
  AgreementRecord record = Record(Document());
  EXPECT_THAT(LegalActs(record, "west", kNow),
              ElementsAre("suspend", "suspend --sending", "withdraw"));
  record.suspended_by = {"west"};
  EXPECT_THAT(LegalActs(record, "west", kNow),
              ElementsAre("suspend --sending", "resume", "withdraw"));
  record.sending_suspended_by = {"west"};
  EXPECT_THAT(LegalActs(record, "west", kNow),
              ElementsAre("resume", "resume --sending", "withdraw"));
  EXPECT_THAT(LegalActs(record, "stranger", kNow), IsEmpty());
  record.versions[1].activated = false;
  record.suspended_by.clear();
  record.sending_suspended_by.clear();
  EXPECT_THAT(LegalActs(record, "west", kNow), ElementsAre("withdraw"));
}

TEST(LegalActs, TheOwnersRightIsThatOfAnyVersion) {
  Agreement document = Document();
  document.signatories = {{"west", "Chief of west", "west-chief"}};
  document.governance.owner = "Chief of west";
  document.governance.suspend = SuspendRight::kOwner;
  const AgreementRecord record = Record(document);
  EXPECT_THAT(LegalActs(record, "west", kNow),
              ElementsAre("suspend", "suspend --sending", "withdraw"));
  EXPECT_THAT(LegalActs(record, "north", kNow),
              ElementsAre("suspend --sending", "withdraw"));
}

TEST(LegalActs, WhatWasSuspendedCanAlwaysBeResumed) {
  AgreementRecord record = WithSecond({"north", "west"}, true);
  record.suspended_by = {"east"};
  EXPECT_THAT(LegalActs(record, "east", kStarted), ElementsAre("resume"))
      << "no version in force names it";
  EXPECT_THAT(LegalActs(record, "east", At(2028, 1, 1)), ElementsAre("resume"))
      << "all have expired";
  record = Record(Document());
  record.suspended_by = {"east"};
  record.withdrawn = {{"east", 1}};
  EXPECT_THAT(LegalActs(record, "east", kNow), ElementsAre("resume"));
  record.terminated = true;
  EXPECT_THAT(LegalActs(record, "east", kNow), IsEmpty());
}

TEST(LegalActs, InAHandoverThePartiesOfBothVersionsAct) {
  const AgreementRecord record =
      WithSecond({"north", "south", "west"}, true, 7);
  for (const char* agency : {"east", "north", "south"}) {
    EXPECT_THAT(LegalActs(record, agency, kStarted),
                ElementsAre("suspend", "suspend --sending", "withdraw"))
        << agency;
  }
  EXPECT_THAT(LegalActs(record, "east", At(2027, 4, 8)), IsEmpty())
      << "it is over";
  EXPECT_THAT(VersionsOf(record, "north", kStarted), testing::SizeIs(2));
}

TEST(LegalActs, ASignatureThatHasNoEffectYetCanBeTakenBack) {
  AgreementRecord record = WithSecond({"north", "south", "west"}, false);
  EXPECT_THAT(LegalActs(record, "south", kNow), ElementsAre("withdraw"));
  record.withdrawn = {{"south", 2}};
  EXPECT_THAT(LegalActs(record, "south", kNow), IsEmpty());
  EXPECT_EQ(LegalActsInWords(record, "south", kNow),
            "south can do nothing more with it");
}

TEST(LegalActs, InWords) {
  AgreementRecord record = Record(Document());
  record.suspended_by = {"west"};
  EXPECT_EQ(LegalActsInWords(record, "west", kNow),
            "west may now: suspend --sending, resume, withdraw");
}

TEST(AgreementRecord, OnlyItsOwnPartiesHoldAVersion) {
  AgreementRecord record = WithSecond({"north", "west"}, true, 7);
  record.suspended_by = {"east", "west"};
  EXPECT_THAT(record.SuspendedBy(1), ElementsAre("east", "west"));
  EXPECT_THAT(record.SuspendedBy(2), ElementsAre("west"));
  record.suspended_by = {"east"};
  EXPECT_TRUE(record.IsSuspended(1));
  EXPECT_FALSE(record.IsSuspended(2));
}

TEST(AgreementRecord, AVersionIsOpenUntilItEndsOrIsPassedOver) {
  AgreementRecord record = WithSecond({"north", "west"}, false);
  EXPECT_TRUE(record.IsOpen(1, kNow));
  EXPECT_TRUE(record.IsOpen(2, kNow));
  EXPECT_TRUE(record.IsOpen(1, kStarted)) << "the second was never activated";
  record.versions[2].activated = true;
  EXPECT_FALSE(record.IsOpen(1, kStarted));
  EXPECT_FALSE(record.IsOpen(2, At(2028, 1, 1)));
  EXPECT_EQ(record.VersionInForce(kStarted), "version in force: 2");
  EXPECT_EQ(record.VersionInForce(At(2026, 1, 1)), "no version is in force");
  Agreement third = Document();
  third.version = 3;
  record.versions[3] = Signed(third);
  record.versions[2].activated = false;
  EXPECT_FALSE(record.IsOpen(2, kNow)) << "a later one is in force";
  record.terminated = true;
  EXPECT_FALSE(record.IsOpen(3, kNow));
}

}  // namespace
}  // namespace entente::policy

#include "policy/break_glass.h"

#include <functional>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "policy/check.h"
#include "policy/decide.h"
#include "policy/test_decision.h"
#include "policy/test_glass.h"

namespace entente::policy {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

absl::Time Noon() {
  return absl::FromCivil(absl::CivilHour(2026, 12, 1, 12), absl::UTCTimeZone());
}

AgreementRecord RecordOfGlass(const std::string& yaml) {
  const CheckResult result = Check("glass.yaml", yaml);
  EXPECT_TRUE(result.ok()) << result.report;
  AgreementRecord record;
  record.id = result.agreement->id;
  record.versions[1] = {*CompiledAgreement::Create(*result.agreement, {}),
                        {},
                        /*activated=*/true};
  return record;
}

std::shared_ptr<const Register> Known() {
  return Register::Create({RecordOfGlass(GlassDocument())});
}

Decision DecideGlass(const Grant& grant, absl::Time now,
                     const Request& request = GlassRequest()) {
  return DecideUnder(grant, *Known(), now, request, "OP-LANTERN/0142");
}

TEST(BreakGlass, OpensTheListedFieldsBesideTheFlowsOwn) {
  const Decision decision = DecideGlass(GlassGrant(Noon()), Noon());
  ASSERT_TRUE(decision.allowed()) << Text(decision);
  const auto released = Released(decision);
  EXPECT_EQ(released.at("age").transform, Transform::kAsIs);
  EXPECT_EQ(released.at("occurred").transform, Transform::kAsIs);
  EXPECT_EQ(released.at("name").transform, Transform::kAsIs);
  EXPECT_EQ(released.at("person").transform, Transform::kPseudonym);
  EXPECT_EQ(decision.flow->id, "crimes-west");
  EXPECT_EQ(decision.good_until, Noon() + absl::Minutes(30));
  // Without it, nothing of this.
  EXPECT_THAT(Codes(Decide(*Known(), Noon(), GlassRequest())),
              ElementsAre("FIELD_NOT_RELEASED"));
}

TEST(BreakGlass, KeepsTheDocumentsDigest) {
  const auto known = Known();
  const Decision decision = DecideUnder(GlassGrant(Noon()), *known, Noon(),
                                        GlassRequest(), "OP-LANTERN/0142");
  ASSERT_TRUE(decision.allowed());
  EXPECT_EQ(decision.agreement->digest(),
            known->Find("isa-small")->versions.at(1).agreement->digest());
}

TEST(BreakGlass, IsHalfOpenInTime) {
  const Grant grant = GlassGrant(Noon());
  const absl::Duration step = absl::Milliseconds(1);
  EXPECT_THAT(Codes(DecideGlass(grant, Noon() - step)),
              ElementsAre("GRANT_NOT_APPROVED"));
  EXPECT_TRUE(DecideGlass(grant, Noon()).allowed());
  EXPECT_TRUE(DecideGlass(grant, grant.until - step).allowed());
  EXPECT_THAT(Codes(DecideGlass(grant, grant.until)),
              ElementsAre("GRANT_OVER"));
  EXPECT_FALSE(IsOpen(grant, Noon() - step));
  EXPECT_TRUE(IsOpen(grant, Noon()));
  EXPECT_FALSE(IsOpen(grant, grant.until));
}

TEST(BreakGlass, OneSignatureOpensNothing) {
  Grant grant = GlassGrant(Noon());
  grant.from = absl::InfiniteFuture();
  grant.until = absl::InfiniteFuture();
  const Decision decision = DecideGlass(grant, Noon());
  EXPECT_THAT(Codes(decision), ElementsAre("GRANT_NOT_APPROVED"));
  EXPECT_THAT(decision.failures[0].Remedy(), HasSubstr("ask a signatory"));
  EXPECT_FALSE(IsOpen(grant, Noon()));
}

TEST(BreakGlass, ADrillThatWouldHaveWorkedIsRefusedForNothingElse) {
  Grant grant = GlassGrant(Noon());
  grant.drill = true;
  EXPECT_THAT(Codes(DecideGlass(grant, Noon())), ElementsAre("GRANT_DRILL"));
  Request request = GlassRequest();
  request.carried.clear();
  EXPECT_THAT(Codes(DecideGlass(grant, Noon(), request)),
              ElementsAre("MISSING:case_reference", "GRANT_DRILL"));
}

TEST(BreakGlass, IsForItsOwnRequestAlone) {
  const Grant grant = GlassGrant(Noon());
  const Decision other_case =
      DecideUnder(grant, *Known(), Noon(), GlassRequest(), "OP-LANTERN/0143");
  EXPECT_THAT(Codes(other_case), ElementsAre("GRANT_DIFFERS"));
  EXPECT_EQ(other_case.failures[0].detail,
            "case_reference is OP-LANTERN/0143, not OP-LANTERN/0142");
  EXPECT_EQ(other_case.failures[0].clause, "break_glass");
  EXPECT_THAT(Codes(DecideUnder(grant, *Known(), Noon(), GlassRequest(), "")),
              ElementsAre("GRANT_DIFFERS"));
  const std::vector<std::pair<std::string, std::function<void(Request*)>>>
      kOthers = {
          {"version", [](Request* r) { r->version = 2; }},
          {"flow", [](Request* r) { r->flow = ""; }},
          {"sender", [](Request* r) { r->sender = "west-police"; }},
          {"recipient", [](Request* r) { r->recipient = "north-police"; }},
          {"purpose", [](Request* r) { r->purpose = "else"; }},
      };
  for (const auto& [what, change] : kOthers) {
    Request request = GlassRequest();
    change(&request);
    const Decision decision = DecideGlass(grant, Noon(), request);
    const auto differs =
        std::find_if(decision.failures.begin(), decision.failures.end(),
                     [](const Failure& failure) {
                       return failure.reason == Reason::kGrantDiffers;
                     });
    ASSERT_NE(differs, decision.failures.end()) << what;
    EXPECT_THAT(differs->detail, HasSubstr(what));
  }
}

TEST(BreakGlass, StrangersLearnNothing) {
  Request request = GlassRequest();
  request.caller = "east-police";
  EXPECT_THAT(Codes(DecideGlass(GlassGrant(Noon()), Noon(), request)),
              ElementsAre("NO_AGREEMENT"));
  request = GlassRequest();
  request.agreement = "isa-other";
  EXPECT_THAT(Codes(DecideGlass(GlassGrant(Noon()), Noon(), request)),
              ElementsAre("NO_AGREEMENT"));
}

TEST(BreakGlass, WhateverStopsTheAgreementStopsIt) {
  const Grant grant = GlassGrant(Noon());
  const auto code = [&](const std::function<void(AgreementRecord*)>& change,
                        absl::Time now = Noon()) {
    AgreementRecord record = RecordOfGlass(GlassDocument());
    change(&record);
    return Codes(DecideUnder(grant, *Register::Create({record}), now,
                             GlassRequest(), "OP-LANTERN/0142"));
  };
  EXPECT_THAT(code([](auto* r) { r->suspended_by = {"west-police"}; }),
              ElementsAre("SUSPENDED"));
  EXPECT_THAT(code([](auto* r) { r->sending_suspended_by = {"north-police"}; }),
              ElementsAre("SUSPENDED_BY_SENDER"));
  EXPECT_THAT(code([](auto* r) { r->withdrawn["west-police"] = 1; }),
              ElementsAre("WITHDRAWN"));
  EXPECT_THAT(code([](auto* r) { r->terminated = true; }),
              ElementsAre("TERMINATED"));
  Grant late = grant;
  late.from = absl::FromCivil(absl::CivilDay(2028, 11, 1), absl::UTCTimeZone());
  late.until = late.from + absl::Minutes(30);
  EXPECT_THAT(Codes(DecideGlass(late, late.from)),
              testing::Contains("EXPIRED"));
}

TEST(BreakGlass, AnUnlistedFieldIsNeverOpened) {
  for (const char* field : {"offence_note", "person", "none"}) {
    Grant grant = GlassGrant(Noon());
    grant.fields = {field};
    Request request = GlassRequest();
    request.fields = {field, "name", "occurred", "offence"};
    const Decision decision = DecideGlass(grant, Noon(), request);
    EXPECT_THAT(Codes(decision), testing::Contains("GRANT_NOT_LISTED"))
        << field;
  }
  // A document without any.
  const auto plain = Register::Create({RecordOfGlass(SmallDocument())});
  const Decision decision = DecideUnder(GlassGrant(Noon()), *plain, Noon(),
                                        GlassRequest(), "OP-LANTERN/0142");
  EXPECT_THAT(Codes(decision),
              ElementsAre("FIELD_NOT_RELEASED", "GRANT_NOT_LISTED"));
}

TEST(BreakGlass, WhatTravelsAsAPseudonymAlwaysDoes) {
  std::string yaml = GlassDocument();
  yaml.replace(yaml.find("      name: text"), 16,
               "      person: text\n      name: text");
  yaml.replace(yaml.find("[age, occurred]"), 15, "[age, person]");
  Grant grant = GlassGrant(Noon());
  grant.fields = {"person"};
  const auto known = Register::Create({RecordOfGlass(yaml)});
  Request request = GlassRequest();
  request.fields = {"name", "occurred", "offence", "person"};
  request.pseudonyms.clear();
  EXPECT_THAT(
      Codes(DecideUnder(grant, *known, Noon(), request, "OP-LANTERN/0142")),
      testing::IsSupersetOf({"WRONG_FORM", "GRANT_NOT_LISTED"}));
}

TEST(BreakGlass, TheOverarchingAgreementStillNarrows) {
  std::string tier = SmallWith("id: isa-small", "id: isa-tier");
  std::string below = GlassDocument();
  below.replace(below.find("kind: inter_force"), 17,
                "kind: inter_force\nunder: isa-tier");
  const auto known =
      Register::Create({RecordOfGlass(below), RecordOfGlass(tier)});
  const Decision decision = DecideUnder(GlassGrant(Noon()), *known, Noon(),
                                        GlassRequest(), "OP-LANTERN/0142");
  EXPECT_THAT(Codes(decision), ElementsAre("FIELD_NOT_RELEASED"));
  EXPECT_THAT(decision.failures[0].detail, HasSubstr("not released under"));
}

struct GrantCase {
  const char* what;
  std::function<void(Grant*)> change;
  int64_t minutes;
  const char* clause;
};

TEST(CheckGrant, SaysWhatIsNotListed) {
  const Agreement document = *Check("g", GlassDocument()).agreement;
  EXPECT_TRUE(CheckGrant(document, GlassGrant(Noon()), 30).empty());
  EXPECT_TRUE(CheckGrant(document, GlassGrant(Noon()), 1).empty());
  const std::vector<GrantCase> kCases = {
      {"too long", [](Grant*) {}, 31, "break_glass.minutes"},
      {"no time", [](Grant*) {}, 0, "break_glass.minutes"},
      {"no flow", [](Grant* g) { g->flow = "none"; }, 30, "flows"},
      {"sender", [](Grant* g) { g->sender = "west-police"; }, 30,
       "flows crimes-west.from"},
      {"recipient", [](Grant* g) { g->recipient = "panel"; }, 30,
       "flows crimes-west.to"},
      {"itself", [](Grant* g) { g->recipient = g->sender; }, 30,
       "flows crimes-west.to"},
      {"purpose", [](Grant* g) { g->purpose = "else"; }, 30,
       "flows crimes-west.purposes"},
      {"field", [](Grant* g) { g->fields.push_back("name"); }, 30,
       "break_glass.fields.crimes"},
      {"no field", [](Grant* g) { g->fields.clear(); }, 30,
       "break_glass.fields.crimes"},
  };
  for (const GrantCase& one : kCases) {
    Grant grant = GlassGrant(Noon());
    one.change(&grant);
    const auto failures = CheckGrant(document, grant, one.minutes);
    ASSERT_FALSE(failures.empty()) << one.what;
    EXPECT_EQ(failures[0].reason, Reason::kGrantNotListed) << one.what;
    EXPECT_EQ(failures[0].clause, one.clause) << one.what;
    EXPECT_FALSE(failures[0].detail.empty()) << one.what;
  }
}

TEST(CheckGrant, NeverLastsLongerThanAnHourWhateverADocumentSays) {
  Agreement document = *Check("g", GlassDocument()).agreement;
  document.break_glass->minutes = 600;
  EXPECT_TRUE(CheckGrant(document, GlassGrant(Noon()), 60).empty());
  const auto failures = CheckGrant(document, GlassGrant(Noon()), 61);
  ASSERT_EQ(failures.size(), 1u);
  EXPECT_EQ(failures[0].clause, "break_glass.minutes");
  EXPECT_EQ(failures[0].detail, "61 minutes; 1 to 60 are allowed");
}

TEST(CheckGrant, NeedsADocumentThatAllowsIt) {
  const Agreement document = *Check("s", SmallDocument()).agreement;
  const auto failures = CheckGrant(document, GlassGrant(Noon()), 30);
  ASSERT_EQ(failures.size(), 1u);
  EXPECT_EQ(failures[0].clause, "break_glass");
  EXPECT_EQ(failures[0].Code(), "GRANT_NOT_LISTED");
}

}  // namespace
}  // namespace entente::policy

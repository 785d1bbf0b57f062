#include "policy/clauses.h"

#include <functional>
#include <map>
#include <optional>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "policy/check.h"
#include "policy/decide.h"
#include "policy/reason.h"
#include "policy/released_field.h"
#include "policy/test_document.h"
#include "policy/test_route.h"

namespace entente::policy {
namespace {

using testing::Contains;
using testing::HasSubstr;

Agreement Small() { return *Check("", SmallDocument()).agreement; }

std::map<std::string, HeldClause> ByClause(const Agreement& agreement) {
  std::map<std::string, HeldClause> clauses;
  for (const HeldClause& one : ClausesOf(agreement)) {
    EXPECT_TRUE(clauses.emplace(one.clause, one).second) << one.clause;
  }
  return clauses;
}

std::vector<Agreement> Everything() {
  std::vector<Agreement> all = {Small()};
  for (const absl::string_view name : kTemplates) {
    all.push_back(*Check(name, ReadTemplate(name)).agreement);
  }
  Agreement more = Small();
  more.version = 2;
  more.previous = std::string(64, 'a');
  more.under = "isa-tier";
  more.witness = Witness::kRequired;
  more.witnesses = Witnesses{{{"panel", {"key", "https://w.example"}}}, 1, 60};
  more.valid.handover_days = 3;
  more.break_glass = BreakGlass{{{"crimes", {"name"}}}, 10, 24};
  more.flows[0].proof = Proof::kNone;
  more.flows[0].recipient_domain = DomainRole::kSealed;
  more.flows[0].release["age"] = {};
  more.flows[0].release["name"].transform = Transform::kReviewedText;
  all.push_back(more);
  return all;
}

// Codes that no reason has, since no call is refused by them: the recipient's
// program ends with them.
const std::set<std::string> kOfTheRecipient = {"NOT_AS_AGREED",
                                               "VERIFICATION_FAILED"};

TEST(Clauses, SayWhoHoldsThemAndWhatABreachMeets) {
  for (const Agreement& agreement : Everything()) {
    for (const auto& [path, one] : ByClause(agreement)) {
      EXPECT_NE(one.words, "") << path;
      EXPECT_NE(one.by, "") << path;
      EXPECT_NE(one.how, "") << path;
      EXPECT_EQ(one.code.empty(), one.hold != Hold::kEnforced) << path;
      if (one.code.empty() || kOfTheRecipient.count(one.code) > 0) continue;
      EXPECT_TRUE(ReasonOf(one.code).has_value()) << one.code;
    }
  }
}

// No section of a document is passed over, but what binds nobody.
TEST(Clauses, CoverEverySectionOfADocument) {
  for (const Agreement& agreement : Everything()) {
    std::set<std::string> sections;
    for (const auto& [path, one] : ByClause(agreement)) {
      sections.insert(path.substr(0, path.find_first_of(".[")));
    }
    for (const char* section :
         {"version", "kind", "broker", "witness", "parties", "purposes",
          "lawful_basis", "datasets", "flows", "onward", "handling", "valid",
          "governance", "signatories"}) {
      EXPECT_THAT(sections, Contains(section));
    }
    EXPECT_EQ(sections.count("under"), !agreement.under.empty());
    EXPECT_EQ(sections.count("break_glass"), agreement.break_glass.has_value());
    EXPECT_EQ(sections.count("overseers"), !agreement.overseers.empty());
    EXPECT_EQ(sections.count("lists"), !agreement.lists.empty());
    EXPECT_EQ(sections.count("witnesses"), agreement.witnesses.has_value());
    EXPECT_EQ(sections.count("previous"), !agreement.previous.empty());
  }
}

// `agreement`, the small document or one like it, in force, and a request that
// it allows.
Decision Ask(const std::function<void(Request*)>& change,
             absl::Time now = At(2027, 3, 1),
             const Agreement& agreement = Small()) {
  Request request;
  request.agreement = agreement.id;
  request.version = agreement.version;
  request.caller = request.sender = "north-police";
  request.recipient = "west-police";
  request.purpose = "find-series";
  request.dataset = "crimes";
  request.fields = {"name", "occurred", "offence"};
  request.pseudonyms = {{"person", "opaque/1:custody"}};
  request.carried = {Requirement::kCaseReference};
  request.records = 1;
  change(&request);
  return DecideOn({Record(agreement)}, request, now);
}

std::vector<std::string> CodesOf(const Decision& decision) {
  std::vector<std::string> codes;
  for (const Failure& failure : decision.failures) {
    codes.push_back(failure.Code());
  }
  return codes;
}

struct Breach {
  const char* clause;
  std::function<void(Request*)> change;
};

// What is called enforced by the broker and the recipient's program is: the
// decision that both of them make refuses the breach by the code that is told.
TEST(Clauses, EnforcedOnEveryCallMeansRefused) {
  EXPECT_TRUE(Ask([](Request*) {}).allowed());
  const Breach kBreaches[] = {
      {"version", [](Request* r) { r->version = 7; }},
      {"parties.north-police",
       [](Request* r) { r->caller = r->sender = "east-police"; }},
      {"overseers.panel", [](Request* r) { r->caller = r->sender = "panel"; }},
      {"flows[0] crimes-west",
       [](Request* r) {
         r->caller = r->sender = "west-police";
         r->recipient = "north-police";
       }},
      {"flows[0] crimes-west.methods",
       [](Request* r) { r->method = Method::kExtract; }},
      {"flows[0] crimes-west.release",
       [](Request* r) { r->fields.push_back("age"); }},
      {"flows[0] crimes-west.release.person",
       [](Request* r) { r->pseudonyms[0].scheme = "pnc/1"; }},
      {"flows[0] crimes-west.release.person",
       [](Request* r) {
         r->pseudonyms.clear();
         r->fields.push_back("person");
       }},
  };
  const auto clauses = ByClause(Small());
  for (const Breach& breach : kBreaches) {
    const HeldClause& clause = clauses.at(breach.clause);
    EXPECT_EQ(clause.hold, Hold::kEnforced);
    EXPECT_THAT(CodesOf(Ask(breach.change)), Contains(clause.code))
        << breach.clause;
  }
  const auto nothing = [](Request*) {};
  EXPECT_EQ(Ask(nothing, At(2026, 10, 31)).failures.at(0).Code(),
            clauses.at("valid.from").code);
  EXPECT_EQ(Ask(nothing, At(2028, 11, 1)).failures.at(0).Code(),
            clauses.at("valid.until").code);
}

// The last day of each review is the last on which anything is allowed.
TEST(Clauses, AnOverdueReviewMeansRefused) {
  Agreement agreement = Small();
  agreement.governance.ethics = Assessment{"REC-1", absl::CivilDay(2026, 9, 1),
                                           absl::CivilDay(2027, 6, 1)};
  agreement.governance.dpia.review_by = absl::CivilDay(2027, 7, 1);
  agreement.valid.review_by = absl::CivilDay(2027, 8, 1);
  const auto clauses = ByClause(agreement);
  const std::pair<const char*, std::optional<absl::CivilDay>*> assessments[] = {
      {"governance.ethics.review_by", &agreement.governance.ethics->review_by},
      {"governance.dpia.review_by", &agreement.governance.dpia.review_by}};
  for (const auto& [clause, day] : assessments) {
    EXPECT_EQ(clauses.at(clause).hold, Hold::kEnforced);
    const absl::Time over = absl::FromCivil(**day + 1, absl::UTCTimeZone());
    EXPECT_TRUE(
        Ask([](Request*) {}, over - absl::Seconds(1), agreement).allowed());
    const Decision decision = Ask([](Request*) {}, over, agreement);
    EXPECT_THAT(CodesOf(decision),
                testing::ElementsAre(clauses.at(clause).code));
    EXPECT_EQ(decision.failures.at(0).clause, clause);
    day->reset();
  }
  EXPECT_TRUE(Ask([](Request*) {}, At(2027, 8, 1, 23), agreement).allowed());
  EXPECT_THAT(CodesOf(Ask([](Request*) {}, At(2027, 8, 2), agreement)),
              testing::ElementsAre(clauses.at("valid.review_by").code));
}

TEST(Clauses, ALimitOfARequestMeansRefused) {
  Agreement agreement = Small();
  agreement.flows[0].limits.records_per_request = 7;
  const HeldClause clause =
      ByClause(agreement).at("flows[0] crimes-west.limits.records_per_request");
  EXPECT_EQ(clause.hold, Hold::kEnforced);
  const absl::Time day = At(2027, 3, 1);
  EXPECT_TRUE(
      Ask([](Request* r) { r->records = 7; }, day, agreement).allowed());
  EXPECT_THAT(CodesOf(Ask([](Request* r) { r->records = 8; }, day, agreement)),
              testing::ElementsAre(clause.code));
}

// What must accompany a request is asked for; whether it is true is not seen.
TEST(Clauses, WhatIsEvidencedIsAskedFor) {
  const HeldClause clause =
      ByClause(Small()).at("flows[0] crimes-west.require case_reference");
  EXPECT_EQ(clause.hold, Hold::kEvidenced);
  EXPECT_THAT(clause.how, HasSubstr("what lacks it is refused"));
  EXPECT_THAT(CodesOf(Ask([](Request* r) { r->carried.clear(); })),
              testing::ElementsAre("MISSING:case_reference"));
}

TEST(Clauses, SayWhetherAJustificationIsFilledIn) {
  Agreement agreement = Small();
  HeldClause clause = ByClause(agreement).at("governance.justification");
  EXPECT_EQ(clause.hold, Hold::kEvidenced);
  EXPECT_THAT(clause.how, HasSubstr("from its purpose and case reference"));
  agreement.governance.justification = JustificationRule::kGiven;
  clause = ByClause(agreement).at("governance.justification");
  EXPECT_THAT(clause.words, HasSubstr("where the request brings one"));
  EXPECT_EQ(clause.how.find("filled"), std::string::npos);
}

// No program reads what becomes of what was received.
TEST(Clauses, PassingOnIsTrusted) {
  const HeldClause clause = ByClause(Small()).at("onward");
  EXPECT_EQ(clause.hold, Hold::kTrusted);
  EXPECT_EQ(clause.how,
            "what a recipient does with what it received no program sees");
}

TEST(Clauses, EnforcedBySignaturesMeansRefused) {
  AgreementRecord record = Record(Document());
  record.versions[1].missing = {"west: chief"};
  record.versions[1].activated = false;
  EXPECT_EQ(DecideOn({record}, Push()).failures.at(0).Code(),
            ByClause(Small()).at("signatories").code);
  EXPECT_EQ(DecideOn({Record(Under())}, Push()).failures.at(0).Code(),
            ByClause(Everything().back()).at("under").code);
}

// Values that each treatment must not let pass, on one field of each type.
TEST(Clauses, AFormThatIsCalledEnforcedIsChecked) {
  for (const Agreement& agreement : Everything()) {
    const auto clauses = ByClause(agreement);
    for (size_t i = 0; i < agreement.flows.size(); ++i) {
      const Flow& flow = agreement.flows[i];
      for (const auto& [name, treatment] : flow.release) {
        const HeldClause& clause = clauses.at(
            absl::StrCat("flows[", i, "] ", flow.id, ".release.", name));
        const auto field = DescribeReleased(agreement, flow, name);
        if (!field.ok()) continue;  // withheld, or a pseudonym
        // Of the right type, and of no form that a treatment gives.
        crypto::Value value;
        value.type = field->type;
        value.text = "Not a form";
        value.integer = -1;
        if (field->type == crypto::ValueType::kTime) {
          value.text = "2027-03-01T12:07:01.5Z";
        }
        const bool free = treatment.transform == Transform::kAsIs ||
                          treatment.transform == Transform::kFlag ||
                          treatment.transform == Transform::kReviewedText ||
                          treatment.transform == Transform::kShiftDays;
        if (!free) {
          EXPECT_EQ(clause.hold, Hold::kEnforced);
          EXPECT_FALSE(CheckReceived(*field, value).ok()) << clause.clause;
        }
        // Another type never passes.
        value = crypto::Value::Boolean(true);
        if (field->type == crypto::ValueType::kBoolean) {
          value = crypto::Value::Integer(7);
        }
        EXPECT_FALSE(CheckReceived(*field, value).ok()) << clause.clause;
      }
    }
  }
}

TEST(Clauses, WhatOnlyTheSendersProgramDoesIsTrusted) {
  const auto clauses = ByClause(Everything().back());
  EXPECT_EQ(clauses.at("flows[0] crimes-west.rows[0]").hold, Hold::kTrusted);
  EXPECT_EQ(clauses.at("flows[0] crimes-west.release.name").hold,
            Hold::kTrusted);
  EXPECT_THAT(clauses.at("flows[0] crimes-west.rows[0]").by,
              HasSubstr("sender"));
  EXPECT_EQ(clauses.at("flows[0] crimes-west.retention").hold, Hold::kTrusted);
  EXPECT_EQ(clauses.at("flows[0] crimes-west.proof").hold, Hold::kTrusted);
  EXPECT_EQ(clauses.at("flows[0] crimes-west.recipient_domain").hold,
            Hold::kEnforced);
  EXPECT_EQ(clauses.at("flows[0] crimes-west.require case_reference").hold,
            Hold::kEvidenced);
}

TEST(Clauses, SayWhatMissingWitnessesMean) {
  Agreement all = Everything().back();
  EXPECT_EQ(ByClause(all).at("witness").code, "WITNESSES_MISSING");
  EXPECT_THAT(ByClause(all).at("witness").how, HasSubstr("60 minutes"));
  all.witness = Witness::kOptional;
  EXPECT_EQ(ByClause(all).at("witness").hold, Hold::kEvidenced);
  EXPECT_EQ(ByClause(all).at("witnesses.named.panel").hold, Hold::kEvidenced);
  all.witnesses.reset();
  EXPECT_EQ(ByClause(all).at("witness").hold, Hold::kTrusted);
}

TEST(Clauses, AnEmergencyIsHeldToWhatIsListed) {
  const auto clauses = ByClause(Everything().back());
  for (const char* clause :
       {"break_glass.fields.crimes", "break_glass.minutes"}) {
    EXPECT_EQ(clauses.at(clause).hold, Hold::kEnforced) << clause;
  }
  EXPECT_EQ(clauses.at("break_glass.fields.crimes").code, "GRANT_NOT_LISTED");
  EXPECT_EQ(clauses.at("break_glass.minutes").code, "GRANT_OVER");
  EXPECT_EQ(clauses.at("break_glass.minutes").words, "at most 10 minutes");
  EXPECT_EQ(clauses.at("break_glass.report_hours").hold, Hold::kEnforced);
  EXPECT_EQ(clauses.at("break_glass.report_hours").code, "REPORT_OVERDUE");
}

TEST(Clauses, EachHoldHasItsWord) {
  EXPECT_EQ(WordOf(Hold::kEnforced), "enforced");
  EXPECT_EQ(WordOf(Hold::kEvidenced), "evidenced");
  EXPECT_EQ(WordOf(Hold::kTrusted), "trusted");
}

}  // namespace
}  // namespace entente::policy

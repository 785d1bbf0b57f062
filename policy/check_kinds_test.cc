// What the kinds of agreement ask for.
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "policy/check.h"
#include "policy/test_document.h"

namespace entente::policy {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using Edits = std::vector<std::pair<std::string, std::string>>;

std::string Edited(std::string text, const Edits& edits) {
  for (const auto& [from, to] : edits) {
    EXPECT_THAT(text, HasSubstr(from));
    text = absl::StrReplaceAll(text, {{from, to}});
  }
  return text;
}

// The small document between a force and a private partner, and right.
std::string PrivateDocument() {
  return Edited(
      SmallDocument(),
      {{"kind: inter_force", "kind: police_private"},
       {"name: West Police\n    capacity: controller\n    regime: "
        "law_enforcement",
        "name: West Shops\n    capacity: controller\n    regime: general"},
       {"    sensitive: [DPA 2018 Schedule 8 para 1]",
        "    sensitive: [DPA 2018 Schedule 8 para 1]\n"
        "    criminal_offence: [UK GDPR Art 10]"},
       {"    to: [west-police]\n",
        "    to: [west-police]\n    recipients: [Duty manager]\n"},
       {"at_least: 10", "at_least: 18"}});
}

// The small document as a study, and right.
std::string StudyDocument() {
  return Edited(SmallDocument(),
                {{"kind: inter_force", "kind: academic_research"},
                 {"  suspend: any_party",
                  "  ethics: { ref: REC-1, date: \"2026-09-01\" }\n"
                  "  suspend: any_party"},
                 {"recipient_domain: matching", "recipient_domain: sealed"},
                 {"      name: as_is", "      name: withhold"}});
}

// That `text` has exactly one error, with its place and a remedy.
void ExpectOneError(const std::string& text, const std::string& want) {
  const CheckResult result = Check("f", text);
  EXPECT_FALSE(result.ok());
  ASSERT_EQ(result.diagnostics.size(), 1u) << result.report;
  EXPECT_GT(result.diagnostics[0].line, 1);
  EXPECT_GT(result.diagnostics[0].column, 0);
  EXPECT_FALSE(result.diagnostics[0].allowed.empty());
  EXPECT_THAT(result.report, HasSubstr(want));
}

void ExpectFine(const std::string& text) {
  const CheckResult result = Check("f", text);
  EXPECT_TRUE(result.ok()) << result.report;
  EXPECT_THAT(result.diagnostics, IsEmpty()) << result.report;
}

TEST(PolicePrivate, PassesWithItsSafeguards) { ExpectFine(PrivateDocument()); }

TEST(PolicePrivate, APrivatePartnerNamesWhoMaySeeIt) {
  ExpectOneError(
      Edited(PrivateDocument(), {{"    recipients: [Duty manager]\n", ""}}),
      "flows[0].to: nobody is named who may see it at west-police "
      "(recipients: ");
  // Of the force nobody is asked that.
  const Edits turned = {
      {"    from: [north-police]\n    to: [west-police]\n"
       "    recipients: [Duty manager]\n",
       "    from: [west-police]\n    to: [north-police]\n"}};
  ExpectFine(Edited(PrivateDocument(), turned));
}

TEST(PolicePrivate, AnAgeRuleWhereChildrenMayBePresent) {
  const std::string younger =
      Edited(PrivateDocument(), {{"at_least: 18", "at_least: 17"}});
  ExpectOneError(younger,
                 "flows[0]: children may be in the data set, and no rule "
                 "keeps them from a private partner (rows: ");
  ExpectOneError(Edited(younger, {{"children: possible", "children: known"}}),
                 "flows[0]: children may be in the data set");
  ExpectOneError(Edited(PrivateDocument(),
                        {{"      - { field: age, at_least: 18 }\n", ""}}),
                 "flows[0]: children may be in the data set");
  ExpectOneError(Edited(PrivateDocument(), {{"at_least: 18", "at_most: 90"}}),
                 "flows[0]: children may be in the data set");
  ExpectFine(Edited(PrivateDocument(), {{"at_least: 18", "at_least: 21"}}));
  ExpectFine(
      Edited(PrivateDocument(), {{"age: integer", "apparent_age: integer"},
                                 {"field: age", "field: apparent_age"}}));
  // To the police it may be about children.
  ExpectFine(Edited(younger, {{"    from: [north-police]\n"
                               "    to: [west-police]\n"
                               "    recipients: [Duty manager]\n",
                               "    from: [west-police]\n"
                               "    to: [north-police]\n"}}));
}

TEST(PolicePrivate, ThePromiseThatThereAreNoChildrenIsKeptByARule) {
  ExpectOneError(
      Edited(PrivateDocument(), {{"at_least: 18", "at_least: 17"},
                                 {"children: possible", "children: none"}}),
      "flows[0]: the data set has no children, but no rule says so");
  // Of nobody's personal data no rule is asked.
  ExpectFine(Edited(PrivateDocument(),
                    {{"at_least: 18", "at_least: 17"},
                     {"children: possible", "children: none"},
                     {"criminal_offence: true", "criminal_offence: false"},
                     {"special_category: true", "special_category: false"}}));
}

TEST(PolicePrivate, NothingIsPassedOnUnlessListed) {
  ExpectOneError(
      Edited(PrivateDocument(), {{"rule: none", "rule: ask_sender"}}),
      "onward.rule: a private partner could pass on to whom nobody listed "
      "(none, or listed with everyone who may have it)");
  ExpectOneError(Edited(PrivateDocument(), {{"rule: none", "rule: listed"}}),
                 "onward: lists nobody");
  ExpectFine(Edited(PrivateDocument(),
                    {{"rule: none",
                      "rule: listed\n  listed:\n    - { to: The guards, "
                      "purposes: [find-series], needs: View only }"}}));
  ExpectFine(Edited(SmallDocument(), {{"rule: none", "rule: ask_sender"}}));
}

TEST(AcademicResearch, PassesWithItsSafeguards) { ExpectFine(StudyDocument()); }

TEST(AcademicResearch, NeedsEthicsApproval) {
  ExpectOneError(
      Edited(StudyDocument(),
             {{"  ethics: { ref: REC-1, date: \"2026-09-01\" }\n", ""}}),
      "governance: research without ethics approval (ethics: { ref, date })");
  ExpectOneError(Edited(StudyDocument(),
                        {{"date: \"2026-09-01\"", "date: \"2027-09-01\""}}),
                 "governance.ethics.date: is not before the start");
}

TEST(AcademicResearch, RecipientsOfPseudonymsHaveSealedDomains) {
  ExpectOneError(
      Edited(StudyDocument(),
             {{"recipient_domain: sealed", "recipient_domain: matching"}}),
      "flows[0].recipient_domain: the recipient of a study could test who is "
      "in it (sealed)");
  ExpectOneError(
      Edited(StudyDocument(), {{"    recipient_domain: sealed\n", ""}}),
      "flows[0].recipient_domain: the recipient of a study could test");
  // Without pseudonyms there is nothing to test.
  ExpectFine(Edited(StudyDocument(),
                    {{"    recipient_domain: sealed\n", ""},
                     {"      person: { transform: pseudonym }\n", ""}}));
}

TEST(AcademicResearch, KnowsNoEmergency) {
  ExpectOneError(
      Edited(StudyDocument(), {{"onward:\n",
                                "break_glass: { minutes: 30, report_hours: 24, "
                                "fields: { crimes: [offence] } }\nonward:\n"}}),
      "break_glass: an emergency would show people as they are, in a study "
      "(no break_glass)");
}

TEST(AcademicResearch, NoFreeTextAboutPeopleAsItIs) {
  ExpectOneError(
      Edited(StudyDocument(), {{"      name: withhold", "      name: as_is"}}),
      "flows[0].release.name: free text about people as it is, in a study "
      "(withhold, reviewed_text, ");
  ExpectFine(Edited(StudyDocument(),
                    {{"      name: withhold",
                      "      name: { transform: reviewed_text, reviewer: A "
                      "sergeant }"}}));
  ExpectFine(
      Edited(StudyDocument(), {{"      name: withhold", "      name: as_is"},
                               {"      name: text", "      name: code"}}));
  // Findings are about nobody.
  ExpectFine(Edited(StudyDocument(),
                    {{"      name: withhold", "      name: as_is"},
                     {"criminal_offence: true", "criminal_offence: false"},
                     {"special_category: true", "special_category: false"},
                     {"children: possible", "children: none"},
                     {"    identifiers:\n      person: opaque/1:custody\n", ""},
                     {"      person: { transform: pseudonym }\n", ""}}));
}

TEST(AcademicResearch, ACountIsSmallOrTheSmallestCellIsStated) {
  const std::string counted = Edited(
      StudyDocument(),
      {{"      offence: as_is", "      offence: as_is\n      age: as_is"}});
  ExpectOneError(counted,
                 "flows[0].release.age: a count that may stand for one person, "
                 "in a study ({ transform: small_count, below: 10 }, or "
                 "handling.minimum_cell)");
  ExpectFine(
      Edited(counted, {{"      age: as_is",
                        "      age: { transform: small_count, below: 10 }"}}));
  ExpectFine(Edited(
      counted, {{"  staff: Vetted.", "  staff: Vetted.\n  minimum_cell: 10"}}));
  const std::string dates =
      Edited(StudyDocument(),
             {{"      occurred: date\n",
               "      occurred: { type: date, many: true }\n"},
              {"      occurred: date_to_month",
               "      occurred: { transform: count, window_days: 365 }"}});
  ExpectOneError(dates, "flows[0].release.occurred: a count that may stand");
  ExpectFine(Edited(
      dates, {{"  staff: Vetted.", "  staff: Vetted.\n  minimum_cell: 3"}}));
  ExpectOneError(Edited(dates, {{"  staff: Vetted.",
                                 "  staff: Vetted.\n  minimum_cell: 2"}}),
                 "handling.minimum_cell: 2 is out of range");
}

// The small document as that of a hub with a council, and right.
std::string HubDocument() {
  return Edited(
      SmallDocument(),
      {{"kind: inter_force", "kind: safeguarding_hub"},
       {"name: West Police\n    capacity: controller\n    regime: "
        "law_enforcement",
        "name: West Council\n    capacity: controller\n    regime: general"},
       {"    sensitive: [DPA 2018 Schedule 8 para 1]",
        "    sensitive: [DPA 2018 Schedule 8 para 1]\n"
        "    criminal_offence: [UK GDPR Art 10]"},
       {"records_per_day: 5000",
        "records_per_day: 5000, records_per_request: "
        "100"}});
}

TEST(InterForce, BothEndsAreLawEnforcement) {
  ExpectFine(
      Edited(SmallDocument(),
             {{"      name: as_is", "      name: as_is\n      age: as_is"}}));
  const std::string council =
      Edited(HubDocument(), {{"kind: safeguarding_hub", "kind: inter_force"}});
  ExpectOneError(council,
                 "flows[0].to[0]: west-police is no law enforcement body, and "
                 "the agreement is between forces (a party under the regime "
                 "law_enforcement, or another kind)");
  ExpectOneError(Edited(council, {{"    from: [north-police]\n"
                                   "    to: [west-police]\n",
                                   "    from: [west-police]\n"
                                   "    to: [north-police]\n"}}),
                 "flows[0].from[0]: west-police is no law enforcement body");
}

TEST(SafeguardingHub, PassesWithItsSafeguards) { ExpectFine(HubDocument()); }

TEST(SafeguardingHub, ARequestIsTiedToACaseOrAReason) {
  const std::string want =
      "flows[0].require: nothing ties a request to a case or a reason, in a "
      "hub (case_reference, justification)";
  ExpectOneError(
      Edited(HubDocument(), {{"require: [case_reference]", "require: []"}}),
      want);
  ExpectOneError(Edited(HubDocument(),
                        {{"require: [case_reference]", "require: [approver]"}}),
                 want);
  ExpectFine(Edited(HubDocument(), {{"require: [case_reference]",
                                     "require: [approver, justification]"}}));
}

TEST(SafeguardingHub, ARequestIsForNoMoreThanACase) {
  const std::string want =
      "flows[0].limits: a request could be for far more than a case, in a hub "
      "(records_per_request: 100 or less)";
  ExpectOneError(Edited(HubDocument(), {{", records_per_request: 100", ""}}),
                 want);
  ExpectOneError(Edited(HubDocument(), {{"records_per_request: 100",
                                         "records_per_request: 101"}}),
                 want);
  ExpectOneError(
      Edited(HubDocument(), {{"methods: [push]", "methods: [push, extract]"}}),
      "flows[0].methods: an extract is of no case, in a hub (query, push, "
      "subscribe)");
}

TEST(SafeguardingHub, OfNobodysDataNothingIsAsked) {
  ExpectFine(Edited(HubDocument(),
                    {{", records_per_request: 100", ""},
                     {"require: [case_reference]", "require: []"},
                     {"methods: [push]", "methods: [push, extract]"},
                     {"criminal_offence: true", "criminal_offence: false"},
                     {"special_category: true", "special_category: false"},
                     {"children: possible", "children: none"},
                     {"    identifiers:\n      person: opaque/1:custody\n", ""},
                     {"      person: { transform: pseudonym }\n", ""}}));
}

// A flow to a company is not allowed by calling the agreement something else.
TEST(EveryKind, AsksSomethingOfAFlowOutOfThePolice) {
  const std::string right = PrivateDocument();
  ExpectFine(right);
  const std::string bare =
      Edited(right, {{"    recipients: [Duty manager]\n", ""},
                     {"at_least: 18", "at_least: 10"}});
  for (const char* kind : {"inter_force", "safeguarding_hub", "police_private",
                           "academic_research"}) {
    EXPECT_FALSE(Check("f", Edited(bare, {{"kind: police_private",
                                           absl::StrCat("kind: ", kind)}}))
                     .ok())
        << kind;
  }
}

struct Gate {
  const char* name;
  Edits edits;
  const char* want;
};

// What must be there before anybody can sign: a document that lacks it is
// refused where it is proposed, so it is never activated.
TEST(Gates, EachIsAskedForWithItsPlaceAndARemedy) {
  const Gate kGates[] = {
      {"an impact assessment",
       {{"  dpia: { ref: DPIA-1, date: \"2026-09-14\", review_by: "
         "\"2027-09-14\" }\n",
         ""}},
       "governance.dpia: is missing"},
      {"its reference",
       {{"ref: DPIA-1, ", ""}},
       "governance.dpia.ref: is miss"},
      {"its date",
       {{"date: \"2026-09-14\", ", ""}},
       "governance.dpia.date: is missing"},
      {"before the start",
       {{"date: \"2026-09-14\"", "date: \"2026-11-01\""}},
       "governance.dpia.date: is not before the start (a day before "
       "valid.from)"},
      {"a basis for the sender",
       {{"parties: [north-police, west-police]", "parties: [west-police]"}},
       "flows[0]: no lawful basis for north-police and find-series"},
      {"a basis for the recipient",
       {{"parties: [north-police, west-police]", "parties: [north-police]"}},
       "flows[0]: no lawful basis for west-police and find-series"},
      {"a signatory of each party",
       {{"  - { party: north-police, role: Chief, name: north-chief }",
         "  - { party: west-police, role: Other, name: other }"}},
       "parties.north-police: has no signatory"}};
  for (const Gate& gate : kGates) {
    SCOPED_TRACE(gate.name);
    const CheckResult result = Check("f", Edited(SmallDocument(), gate.edits));
    EXPECT_FALSE(result.ok());
    ASSERT_EQ(result.diagnostics.size(), 1u) << result.report;
    EXPECT_GT(result.diagnostics[0].line, 1);
    EXPECT_THAT(result.report, HasSubstr(gate.want));
  }
}

TEST(Gates, ConditionsForEachEndAreAskedFor) {
  const CheckResult sensitive = Check(
      "f", SmallWith("    sensitive: [DPA 2018 Schedule 8 para 1]\n", ""));
  ASSERT_EQ(sensitive.diagnostics.size(), 2u) << sensitive.report;
  for (const char* party : {"north-police", "west-police"}) {
    EXPECT_THAT(sensitive.report,
                HasSubstr(absl::StrCat("flows[0]: no condition for special "
                                       "category data for ",
                                       party,
                                       " and find-series (the line "
                                       "sensitive in lawful_basis)")));
  }
  ExpectOneError(
      Edited(PrivateDocument(),
             {{"\n    criminal_offence: [UK GDPR Art 10]", ""}}),
      "flows[0]: no Article 10 condition for criminal offence data for "
      "west-police");
}

}  // namespace
}  // namespace entente::policy

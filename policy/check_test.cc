#include "policy/check.h"

#include <ostream>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "policy/test_document.h"

// What parts of a document may say to each other.
namespace entente::policy {
namespace {

using testing::HasSubstr;
using Edits = std::vector<std::pair<std::string, std::string>>;

struct CrossCase {
  std::string name;
  Edits edits;       // of SmallDocument
  std::string want;  // in the report
};

void PrintTo(const CrossCase& c, std::ostream* out) { *out << c.name; }

class CrossCheckTest : public testing::TestWithParam<CrossCase> {};

TEST_P(CrossCheckTest, ReportsThatErrorAndNoOther) {
  std::string text = SmallDocument();
  for (const auto& [from, to] : GetParam().edits) {
    ASSERT_THAT(text, HasSubstr(from));
    text = absl::StrReplaceAll(text, {{from, to}});
  }
  const CheckResult result = Check("f", text);
  EXPECT_FALSE(result.ok());
  int errors = 0;
  for (const Diagnostic& d : result.diagnostics) {
    if (d.severity != Diagnostic::Severity::kError) continue;
    ++errors;
    EXPECT_GT(d.line, 1);
  }
  EXPECT_EQ(errors, 1) << result.report;
  EXPECT_THAT(result.report, HasSubstr(absl::StrCat(": ", GetParam().want)));
}

const char kThird[] =
    "  third-police:\n    name: Third\n    capacity: processor\n"
    "    regime: general\n    contact: x@third.example\n"
    "    root: \"4444444444444444444444444444444444444444444444444444444444444"
    "444\"\noverseers:";
const char kThirdSigns[] =
    "signatories:\n  - { party: third-police, role: Chief, name: chief }";

INSTANTIATE_TEST_SUITE_P(
    Names, CrossCheckTest,
    testing::Values(
        CrossCase{"Sender",
                  {{"from: [north-police]", "from: [nrth-police]"}},
                  "flows[0].from[0]: party \"nrth-police\" is not declared "
                  "(did you mean north-police? north-police, west-police)"},
        CrossCase{"Recipient",
                  {{"to: [west-police]", "to: [west-police, panel]"}},
                  "flows[0].to[1]: party \"panel\" is not declared ("},
        CrossCase{"FlowPurpose",
                  {{"purposes: [find-series]\n    dataset",
                    "purposes: [find-serie]\n    dataset"}},
                  "flows[0].purposes[0]: purpose \"find-serie\" is not "
                  "declared (did you mean find-series? find-series)"},
        CrossCase{"Dataset",
                  {{"dataset: crimes", "dataset: crime"}},
                  "flows[0].dataset: data set \"crime\" is not declared (did "
                  "you mean crimes? crimes)"},
        CrossCase{"BasisParty",
                  {{"parties: [north", "parties: [south-force, north"}},
                  "lawful_basis[0].parties[0]: party \"south-force\" is not "
                  "declared"},
        CrossCase{"ReleasedField",
                  {{"name: as_is", "nme: as_is"}},
                  "flows[0].release.nme: field \"nme\" is not declared (did "
                  "you mean name?"},
        CrossCase{"WithheldField",
                  {{"name: as_is", "name: as_is\n      phone: withhold"}},
                  "flows[0].release.phone: field \"phone\" is not declared"},
        CrossCase{"RowField",
                  {{"field: age", "field: person"}},
                  "flows[0].rows[0].field: field \"person\" is not declared"},
        CrossCase{"ShiftPer",
                  {{"occurred: date_to_month",
                    "occurred: { transform: shift_days, within: 5, per: "
                    "victim }"}},
                  "flows[0].release.occurred.per: field \"victim\" is not "
                  "declared"},
        CrossCase{"RetentionField",
                  {{"then: destroy }",
                    "then: destroy, no_later_than_field: ended }"}},
                  "flows[0].retention.no_later_than_field: field \"ended\" is "
                  "not declared"},
        CrossCase{"FieldList",
                  {{"list: offence-codes }", "list: offences }"}},
                  "datasets.crimes.fields.offence.list: list \"offences\" is "
                  "not declared (offence-codes)"},
        CrossCase{"TreatmentList",
                  {{"offence: as_is",
                    "offence: { transform: category, list: groups }"}},
                  "flows[0].release.offence.list: list \"groups\" is not "
                  "declared"},
        CrossCase{"SignatoryParty",
                  {{"party: west-police", "party: panel"}},
                  "signatories[1].party: party \"panel\" is not declared"},
        CrossCase{"OnwardPurpose",
                  {{"rule: none",
                    "rule: listed\n  listed:\n    - { to: Court, purposes: "
                    "[appeal], needs: An order }"}},
                  "onward.listed[0].purposes[0]: purpose \"appeal\" is not "
                  "declared"},
        CrossCase{"BreakGlassDataset",
                  {{"onward:",
                    "break_glass: { minutes: 5, report_hours: 5, fields: { "
                    "people: [name] } }\nonward:"}},
                  "break_glass.fields.people: data set \"people\" is not "
                  "declared (crimes)"},
        CrossCase{"UnusedPurpose",
                  {{"lawful_basis:",
                    "  other:\n    text: Other.\n    regime: general\n"
                    "lawful_basis:"}},
                  "purposes.other: is never used (named in a flow)"},
        CrossCase{"UnusedList",
                  {{"lists:", "lists:\n  spare: [aa]"}},
                  "lists.spare: is never used"},
        CrossCase{"UnusedParty",
                  {{"overseers:", kThird}, {"signatories:", kThirdSigns}},
                  "parties.third-police: is never used"}),
    [](const auto& test) { return test.param.name; });

const char kSecondFlow[] =
    "  - id: second\n    from: [north-police, west-police]\n"
    "    to: [north-police, west-police]\n    purposes: [find-series]\n"
    "    dataset: crimes\n    methods: [push]\n    release: { name: as_is }\n"
    "    require: []\n    limits: { requests_per_day: 1 }\n"
    "    retention: { days: 1, starts: receipt, then: destroy }\nonward:";

INSTANTIATE_TEST_SUITE_P(
    Routes, CrossCheckTest,
    testing::Values(
        CrossCase{"TwoFlowsOnOneRoute",
                  {{"onward:", kSecondFlow}},
                  "flows[1]: second and crimes-west are on one route: "
                  "north-police to west-police, find-series, crimes"},
        CrossCase{"SameId",
                  {{"onward:", kSecondFlow},
                   {"id: second", "id: crimes-west"},
                   {"from: [north-police, west-police]", "from: [west-police]"},
                   {"to: [north-police, west-police]", "to: [north-police]"}},
                  "flows[1].id: crimes-west is here twice"},
        CrossCase{"OnlyToItself",
                  {{"onward:", kSecondFlow},
                   {"from: [north-police, west-police]", "from: [west-police]"},
                   {"to: [north-police, west-police]", "to: [west-police]"}},
                  "flows[1]: a party would only send to itself"},
        CrossCase{"Processor",
                  {{"capacity: controller\n    regime: law_enforcement\n    "
                    "contact: sharing@west",
                    "capacity: processor\n    regime: law_enforcement\n    "
                    "contact: sharing@west"}},
                  "flows[0].to[0]: west-police is a processor (a controller; "
                  "list the processor in onward)"},
        CrossCase{"ListedNobody",
                  {{"rule: none", "rule: listed"}},
                  "onward: lists nobody"},
        CrossCase{"ListWithoutEffect",
                  {{"rule: none",
                    "rule: none\n  listed:\n    - { to: Court, purposes: "
                    "[find-series], needs: An order }"}},
                  "onward.listed: has no effect (rule: listed)"},
        CrossCase{"NoBasisForTheReceivingSide",
                  {{"parties: [north-police, west-police]",
                    "parties: [north-police]"}},
                  "flows[0]: no lawful basis for west-police and find-series"},
        CrossCase{"NoBasisForTheSendingSide",
                  {{"parties: [north-police, west-police]",
                    "parties: [west-police]"}},
                  "flows[0]: no lawful basis for north-police and find-series"},
        CrossCase{"SensitiveWithoutCondition",
                  {{"    sensitive: [DPA 2018 Schedule 8 para 1]\n", ""},
                   {"parties: [north-police, west-police]",
                    "parties: [north-police]\n    purposes: [find-series]\n"
                    "    gateway: [A power]\n    processing: [A ground]\n"
                    "    sensitive: [A condition]\n  - parties: "
                    "[west-police]"}},
                  "flows[0]: no condition for special category data for "
                  "west-police and find-series"},
        CrossCase{"CriminalOffenceUnderUkGdpr",
                  {{"kind: inter_force", "kind: safeguarding_hub"},
                   {"records_per_day: 5000", "records_per_request: 10"},
                   {"regime: law_enforcement\n    contact: sharing@west",
                    "regime: general\n    contact: sharing@west"}},
                  "flows[0]: no Article 10 condition for criminal offence data "
                  "for west-police and find-series"},
        CrossCase{"AdultsOnlyWithoutARule",
                  {{"kind: inter_force", "kind: police_private"},
                   {"children: possible", "children: none"}},
                  "flows[0]: the data set has no children, but no rule says "
                  "so"}),
    [](const auto& test) { return test.param.name; });

const char kPrevious[] =
    "previous: \"0000000000000000000000000000000000000000000000000000000000000"
    "000\"\n";

INSTANTIATE_TEST_SUITE_P(
    DaysAndSignatories, CrossCheckTest,
    testing::Values(
        CrossCase{"FromIsUntil",
                  {{"until: \"2028-11-01\"", "until: \"2026-11-01\""}},
                  "valid.until: is not after valid.from (a later day)"},
        CrossCase{"ReviewAfterTheEnd",
                  {{"review_by: \"2027-10-31\"", "review_by: \"2028-11-02\""}},
                  "valid.review_by: is not while the agreement is in force"},
        CrossCase{"ReviewAtTheStart",
                  {{"review_by: \"2027-10-31\"", "review_by: \"2026-11-01\""}},
                  "valid.review_by: is not while the agreement is in force"},
        CrossCase{"ProjectEndAfterTheEnd",
                  {{"review_by: \"2027-10-31\"",
                    "review_by: \"2027-10-31\"\n  project_end: 2028-11-02"}},
                  "valid.project_end: is not while the agreement is in force"},
        CrossCase{"DpiaOnTheDayOfTheStart",
                  {{"date: \"2026-09-14\"", "date: \"2026-11-01\""}},
                  "governance.dpia.date: is not before the start"},
        CrossCase{"DpiaOverdue",
                  {{"review_by: \"2027-09-14\"", "review_by: \"2026-10-31\""}},
                  "governance.dpia.review_by: is overdue at the start"},
        CrossCase{"DpiaReviewedBeforeItsDate",
                  {{"review_by: \"2027-09-14\"", "review_by: \"2026-09-14\""}},
                  "governance.dpia.review_by: is not after its date"},
        CrossCase{"ResearchWithoutEthics",
                  {{"kind: inter_force", "kind: academic_research"},
                   {"recipient_domain: matching", "recipient_domain: sealed"},
                   {"      name: as_is", "      name: withhold"}},
                  "governance: research without ethics approval"},
        CrossCase{"EthicsAfterTheStart",
                  {{"  suspend:",
                    "  ethics: { ref: E-1, date: 2026-12-01 }\n  suspend:"}},
                  "governance.ethics.date: is not before the start"},
        CrossCase{"OwnerIsNobodysPost",
                  {{"suspend: any_party", "suspend: owner"}},
                  "governance.owner: is not the post of exactly one signatory"},
        CrossCase{"OwnerIsTwoPartiesPost",
                  {{"suspend: any_party", "suspend: owner"},
                   {"owner: Head of Information", "owner: Chief"}},
                  "governance.owner: is not the post of exactly one signatory"},
        CrossCase{"NoProjectEnd",
                  {{"starts: receipt", "starts: project_end"}},
                  "flows[0].retention.starts: valid has no project_end"},
        CrossCase{"NoPrevious",
                  {{"version: 1", "version: 2"}},
                  "version: previous is missing"},
        CrossCase{"PreviousOfTheFirst",
                  {{"kind: inter", absl::StrCat(kPrevious, "kind: inter")}},
                  "previous: version 1 has no version before it"},
        CrossCase{"HandoverOfTheFirst",
                  {{"review_by: \"2027-10-31\"",
                    "review_by: \"2027-10-31\"\n  handover_days: 5"}},
                  "valid.handover_days: version 1 has no version to take over "
                  "from"},
        CrossCase{"SharedRoot",
                  {{std::string(64, '2'), std::string(64, '1')}},
                  "parties.west-police.root: is also the root of "
                  "north-police"},
        CrossCase{"OverseersRootIsAPartys",
                  {{std::string(64, '3'), std::string(64, '1')}},
                  "overseers.panel.root: is also the root of north-police"},
        CrossCase{"OverseerIsParty",
                  {{"  panel:", "  west-police:"}},
                  "overseers.west-police: is a party"},
        CrossCase{"PartyWithoutSignatory",
                  {{"party: west-police, role: Chief",
                    "party: north-police, role: Deputy"}},
                  "parties.west-police: has no signatory"},
        CrossCase{"RoleTwice",
                  {{"signatories:",
                    "signatories:\n  - { party: north-police, role: Chief, "
                    "name: second }"}},
                  "signatories[1].role: is here twice for north-police"},
        CrossCase{"NameTwice",
                  {{"signatories:",
                    "signatories:\n  - { party: north-police, role: Deputy, "
                    "name: north-chief }"}},
                  "signatories[1].name: is here twice for north-police"}),
    [](const auto& test) { return test.param.name; });

TEST(CheckTest, SameNameOfTwoPartiesIsTwoKeys) {
  EXPECT_TRUE(Check("f", SmallWith("west-chief", "north-chief")).ok());
}

TEST(CheckTest, HandoverEndsBeforeTheAgreement) {
  std::string text = absl::StrReplaceAll(
      SmallDocument(), {{"version: 1", absl::StrCat("version: 2\n", kPrevious)},
                        {"until: \"2028-11-01\"", "until: \"2026-12-01\""},
                        {"review_by: \"2027-10-31\"",
                         "review_by: \"2026-12-01\"\n  handover_days: 30"}});
  EXPECT_THAT(Check("f", text).report, HasSubstr("valid.handover_days: is "));
  text = absl::StrReplaceAll(text, {{"days: 30", "days: 29"}});
  EXPECT_TRUE(Check("f", text).ok()) << Check("f", text).report;
}

TEST(CheckTest, AnAgeRuleKeepsThePromiseOfAdultsOnly) {
  const std::string text = absl::StrReplaceAll(
      SmallDocument(), {{"kind: inter_force", "kind: police_private"},
                        {"children: possible", "children: none"},
                        {"at_least: 10", "at_least: 18"}});
  EXPECT_TRUE(Check("f", text).ok()) << Check("f", text).report;
}

TEST(CheckTest, ReportsEverythingAtOnceInTheOrderOfTheFile) {
  const CheckResult result =
      Check("agreement.yaml",
            absl::StrReplaceAll(
                SmallDocument(),
                {{"id: isa-small", "id: small"},
                 {"from: [north-police]", "from: [south-police]"},
                 {"age: integer", "age: number"},
                 {"days: 365", "day: 365"},
                 {"name: west-chief", "name: West Chief"},
                 {"until: \"2028-11-01\"", "until: \"2025-11-01\""}}));
  const std::vector<std::string> lines =
      absl::StrSplit(result.report, '\n', absl::SkipEmpty());
  ASSERT_EQ(lines.size(), 7u) << result.report;
  EXPECT_THAT(lines[0], HasSubstr("agreement.yaml:3:5: id: "));
  EXPECT_THAT(lines[1], HasSubstr(".fields.age: \"number\" is not known"));
  EXPECT_THAT(lines[2], HasSubstr("\"south-police\" is not declared"));
  EXPECT_THAT(lines[3], HasSubstr("retention.days: is missing"));
  EXPECT_THAT(lines[4], HasSubstr("unknown key \"day\" (did you mean days?"));
  EXPECT_THAT(lines[5], HasSubstr("valid.until: is not after valid.from"));
  EXPECT_THAT(lines[6], HasSubstr("signatories[1].name: \"West Chief\""));
}

TEST(CheckTest, YamlErrorsAndSchemaErrorsComeTogether) {
  const CheckResult result =
      Check("f", absl::StrReplaceAll(SmallDocument(),
                                     {{"title: Burglary series",
                                       "title: Burglary series\ntitle: Other"},
                                      {"days: 365", "days: never"}}));
  EXPECT_FALSE(result.ok());
  EXPECT_THAT(result.report, HasSubstr("the key \"title\" is here twice"));
  EXPECT_THAT(result.report, HasSubstr("\"never\" is not a number"));
}

TEST(CheckTest, TemplatesPassAndCanBeProposed) {
  for (const absl::string_view name : kTemplates) {
    const CheckResult result = Check(name, ReadTemplate(name));
    ASSERT_TRUE(result.ok()) << result.report;
    EXPECT_EQ(result.digest.size(), 64u);
    for (const Diagnostic& d : result.diagnostics) {
      EXPECT_THAT(d.message, HasSubstr("query is not built yet")) << name;
    }
  }
}

TEST(CheckTest, WarnsThatQueriesAreNotBuilt) {
  // It may be agreed: its calls are refused, so nothing is promised.
  const CheckResult result =
      Check("f", SmallWith("methods: [push]", "methods: [push, query]"));
  ASSERT_TRUE(result.ok()) << result.report;
  EXPECT_THAT(result.report,
              HasSubstr("warning: flows[0].methods: query is not built yet: "
                        "its calls are refused"));
}

// The small document with `clause` in the place of its `witness`.
CheckResult CheckWitnesses(absl::string_view clause) {
  return Check("f", SmallWith("witness: optional\n", clause));
}

TEST(CheckWitnessesTest, TakesWitnessesWithTheirQuorum) {
  const CheckResult result = CheckWitnesses(kTwoWitnesses);
  ASSERT_TRUE(result.ok()) << result.report;
  EXPECT_THAT(result.report, testing::IsEmpty());
  const Witnesses& witnesses = *result.agreement->witnesses;
  EXPECT_EQ(witnesses.quorum, 2);
  EXPECT_EQ(witnesses.missing_minutes, 60);
  EXPECT_EQ(witnesses.named.at("panel").url, "https://w1.example.org/panel");
  EXPECT_EQ(witnesses.named.at("west").url, "http://127.0.0.1:7380");
}

TEST(CheckWitnessesTest, WhoeverRequiresThemNamesThem) {
  EXPECT_THAT(CheckWitnesses("witness: required\n").report,
              HasSubstr("witness: requires witnesses, and none is named"));
}

TEST(CheckWitnessesTest, NoQuorumIsLargerThanTheirNumber) {
  EXPECT_THAT(CheckWitnesses(absl::StrReplaceAll(kTwoWitnesses,
                                                 {{"quorum: 2", "quorum: 3"}}))
                  .report,
              HasSubstr("witnesses.quorum: is more than there are witnesses "
                        "(1 to 2)"));
}

TEST(CheckWitnessesTest, TheirKeysAreTheirOwn) {
  const std::string one =
      "witness.example.org/w1+8ef38276+BHeYW/QCq+O/"
      "29LPWNBse88uoYqNfYuJMqM5zSWwq"
      "4yt";
  const std::string two =
      "witness.example.net/"
      "w2+a3441539+BEH9GwRbSdlFNiHSfhDWOR2dU8gmpJOyGQyY4wYRTi"
      "g3";
  ASSERT_THAT(kTwoWitnesses, HasSubstr(one));
  EXPECT_THAT(
      CheckWitnesses(absl::StrReplaceAll(kTwoWitnesses, {{two, one}})).report,
      HasSubstr("witnesses.named.west.key: is that of panel"));
  // Another id than the key's.
  EXPECT_THAT(CheckWitnesses(absl::StrReplaceAll(kTwoWitnesses,
                                                 {{"8ef38276", "8ef38277"}}))
                  .report,
              HasSubstr("witnesses.named.panel.key: is not a verifier key"));
  // The key of a log.
  EXPECT_THAT(
      CheckWitnesses(absl::StrReplaceAll(
                         kTwoWitnesses,
                         {{one,
                           "audit.example.org/broker-1+823c7897+AUD+QRsgDzFg/"
                           "oLCgas30JCM9QhshiAMcfQn3JxB05AT"}}))
          .report,
      HasSubstr("witnesses.named.panel.key: "));
}

TEST(CheckWitnessesTest, TheyAreAskedOverTlsOrOnThisMachine) {
  const auto with = [](absl::string_view url) {
    return CheckWitnesses(
               absl::StrReplaceAll(kTwoWitnesses,
                                   {{"https://w1.example.org/panel", url}}))
        .ok();
  };
  for (const char* good :
       {"https://w1.example.org", "https://w1.example.org:8443/a/b-c.d",
        "http://localhost:1", "http://127.0.0.1", "https://192.0.2.1/x"}) {
    EXPECT_TRUE(with(good)) << good;
  }
  for (const char* bad :
       {"http://w1.example.org", "http://127.0.0.10", "ftp://w1.example.org",
        "https://", "https://u@w1.example.org", "https://w1.example.org/",
        "https://w1.example.org//a", "https://w1.example.org/a?b",
        "https://w1.example.org:0", "https://w1.example.org:123456",
        "https://W1.example.org", "https://w1..example.org",
        "http://localhost.example.org"}) {
    EXPECT_FALSE(with(bad)) << bad;
  }
}

}  // namespace
}  // namespace entente::policy

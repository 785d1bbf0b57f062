#include "policy/reader.h"

#include <ostream>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "policy/check.h"
#include "policy/test_document.h"

// The schema, key by key. Cross-checks have tests of their own.
namespace entente::policy {
namespace {

using testing::HasSubstr;

struct SchemaCase {
  std::string name;
  std::string from;  // in SmallDocument
  std::string to;
  std::string want;  // in the report
};

void PrintTo(const SchemaCase& c, std::ostream* out) { *out << c.name; }

class SchemaTest : public testing::TestWithParam<SchemaCase> {};

TEST_P(SchemaTest, RefusesAndSaysWhatIsAllowed) {
  const CheckResult result =
      Check("f", SmallWith(GetParam().from, GetParam().to));
  EXPECT_FALSE(result.ok());
  EXPECT_EQ(result.canonical, "");
  EXPECT_EQ(result.digest, "");
  EXPECT_THAT(result.report, HasSubstr(GetParam().want));
}

INSTANTIATE_TEST_SUITE_P(
    Values, SchemaTest,
    testing::Values(
        SchemaCase{"Schema", "sharing-agreement/v1", "sharing-agreement/v2",
                   "f:2:9: schema: is not a version known here "
                   "(sharing-agreement/v1)"},
        SchemaCase{"Id", "isa-small", "small",
                   "f:3:5: id: \"small\" is not valid (isa- and 3 to 60 of "
                   "a-z, 0-9 and -)"},
        SchemaCase{"Version", "version: 1", "version: 0",
                   "version: 0 is out of range (a whole number from 1 to "
                   "1000000)"},
        SchemaCase{"NotANumber", "version: 1", "version: one",
                   "version: \"one\" is not a number"},
        SchemaCase{"NumberWithZero", "days: 365", "days: 0365",
                   "retention.days: \"0365\" is not a number"},
        SchemaCase{"Fraction", "days: 365", "days: 3.5",
                   "retention.days: \"3.5\" is not a number"},
        SchemaCase{"Previous", "kind: inter", "previous: ABC\nkind: inter",
                   "previous: \"ABC\" is not valid (64 lower-case hex digits)"},
        SchemaCase{"Kind", "kind: inter_force", "kind: inter_forces",
                   "kind: \"inter_forces\" is not known (did you mean "
                   "inter_force? inter_force, safeguarding_hub, "},
        SchemaCase{"ShortSummary",
                   "Two forces look for one series of burglaries together.",
                   "Too short.",
                   "summary: has 10 characters (20 to 1200 characters)"},
        SchemaCase{"SpaceAtEnd", "title: Burglary series",
                   "title: \"Burglary series \"",
                   "title: begins or ends with a space"},
        SchemaCase{"EscapedControl", "title: Burglary series",
                   "title: \"Burglary\\u0007series\"",
                   "title: U+0007 is not a printable character"},
        SchemaCase{"EscapedAccent", "title: Burglary series",
                   "title: \"Cafe\\u0301 series\"",
                   "title: is not in Unicode normal form C"},
        SchemaCase{"TwoLines", "title: Burglary series",
                   "title: |-\n  Burglary\n  series",
                   "title: U+000A is not a printable character"},
        SchemaCase{"TextIsMap", "title: Burglary series", "title: { a: b }",
                   "title: is a map (a value)"},
        SchemaCase{"BrokerKey", "AQEBAQEB", "AQEBAQE", "broker.ledger_key: "},
        SchemaCase{"BrokerMissing",
                   "broker:\n  name: broker.example\n  ledger_key: "
                   "AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE=\n",
                   "", "broker: is missing"},
        SchemaCase{"RootMissing",
                   "    root: \"11111111111111111111111111111111111111111111111"
                   "11111111111111111\"\n",
                   "", "f:13:3: parties.north-police.root: is missing"},
        SchemaCase{"Witness", "witness: optional", "witness: always",
                   "witness: \"always\" is not known (optional, required)"},
        SchemaCase{"PartyName", "  north-police:\n", "  North:\n",
                   "parties: \"North\" is not a valid name (2 to 61 of"},
        SchemaCase{"Regime", "regime: law_enforcement", "regime: police",
                   "is not known (law_enforcement, general)"},
        SchemaCase{"UnknownKey", "    capacity: controller",
                   "    capacty: controller",
                   "parties.north-police: unknown key \"capacty\" (did you "
                   "mean capacity? name, capacity, regime, contact, root)"},
        SchemaCase{"UnknownTopKey", "witness: optional", "wibble: optional",
                   "f:11:1: unknown key \"wibble\" (schema, id, "},
        SchemaCase{"Boolean", "criminal_offence: true", "criminal_offence: yes",
                   "criminal_offence: \"yes\" is not known (true or false)"},
        SchemaCase{"Day", "until: \"2028-11-01\"", "until: \"2027-02-29\"",
                   "valid.until: \"2027-02-29\" is not a day (a day that "
                   "exists"},
        SchemaCase{
            "RepeatedName", "[find-series]\n    gateway",
            "[find-series, find-series]\n    gateway",
            "lawful_basis[0].purposes[1]: \"find-series\" is here twice"},
        SchemaCase{"RepeatedWord", "methods: [push]", "methods: [push, push]",
                   "flows[0].methods[1]: \"push\" is here twice"},
        SchemaCase{"NoItems", "methods: [push]", "methods: []",
                   "flows[0].methods: has 0 items (1 to 4 items)"},
        SchemaCase{"ListNotValue", "methods: [push]", "methods: push",
                   "flows[0].methods: is a value (a list)"},
        SchemaCase{"OneParty",
                   "  - { party: west-police, role: Chief, "
                   "name: west-chief }\n",
                   "", "signatories: has 1 items (2 to 200 items)"},
        SchemaCase{"SignatoryName", ", name: north-chief", "",
                   "signatories[0].name: is missing"},
        SchemaCase{"Marking", "OFFICIAL", "SECRET",
                   "handling.marking: \"SECRET\" is not known (OFFICIAL, "
                   "OFFICIAL-SENSITIVE)"},
        SchemaCase{"Unless", "then: destroy }", "then: destroy, unless: no }",
                   "retention.unless: \"no\" is not known (case_record)"},
        SchemaCase{"EmptyLimits",
                   "{ records_per_day: 5000, enrolments_per_day: 10000 }", "{}",
                   "flows[0].limits: is empty (at least one limit)"},
        SchemaCase{"Scheme", "opaque/1:custody", "opaque/1",
                   "identifiers.person: \"opaque/1\" is not valid (nhs/1, "},
        SchemaCase{"FieldType", "age: integer", "age: number",
                   "fields.age: \"number\" is not known (text, integer, "},
        SchemaCase{"ListOfText", "name: text", "name: { type: text, list: ab }",
                   "fields.name: only a code has a list (type: code)"},
        SchemaCase{"ManyIntegers", "age: integer",
                   "age: { type: integer, many: true }",
                   "fields.age: cannot be many (text, code, date)"},
        SchemaCase{"ListValue", "[28/3, 28/4]", "[28/3, 28;4]",
                   "has a semicolon"},
        SchemaCase{"ListRepeat", "[28/3, 28/4]", "[28/3, 28/3]",
                   "lists.offence-codes[1]: \"28/3\" is here twice"},
        SchemaCase{"GroupRepeat", "[28/3, 28/4]",
                   "{ home: [28/3], other: [28/3] }",
                   "\"28/3\" is in two groups (each value in one group)"},
        SchemaCase{"EmptyGroups", "[28/3, 28/4]", "{}",
                   "lists.offence-codes: is empty (at least one group)"},
        SchemaCase{"ListIsText", "[28/3, 28/4]", "28/3",
                   "lists.offence-codes: is a value (a map)"}),
    [](const auto& test) { return test.param.name; });

INSTANTIATE_TEST_SUITE_P(
    Treatments, SchemaTest,
    testing::Values(
        SchemaCase{"Unknown", "name: as_is", "name: as-is",
                   "release.name: \"as-is\" is not known (did you mean as_is?"},
        SchemaCase{"WordForMap", "name: as_is", "name: grid",
                   "release.name: grid is written as a map ({ transform: grid"},
        SchemaCase{"PseudonymAsWord", "{ transform: pseudonym }", "pseudonym",
                   "release.person: pseudonym is written as a map"},
        SchemaCase{"MapForWord", "name: as_is", "name: { transform: as_is }",
                   "release.name: as_is takes nothing (the word as_is)"},
        SchemaCase{
            "ScopeRequest", "{ transform: pseudonym }",
            "{ transform: pseudonym, scope: request }",
            "release.person.scope: \"request\" is not known (agreement)"},
        SchemaCase{"NoTransform", "name: as_is", "name: { metres: 100 }",
                   "release.name.transform: is missing"},
        SchemaCase{"UnknownTransform", "name: as_is",
                   "name: { transform: blur }",
                   "release.name.transform: \"blur\" is not known"},
        SchemaCase{"Grid", "name: as_is",
                   "name: { transform: grid, metres: 101 }",
                   "metres: 101 is not one of the steps (100, 250, 500, 1000, "
                   "5000)"},
        SchemaCase{"GridTooFine", "name: as_is",
                   "name: { transform: grid, metres: 1 }",
                   "metres: 1 is out of range"},
        SchemaCase{"RoundTime", "name: as_is",
                   "name: { transform: round_time, minutes: 30 }",
                   "minutes: 30 is not one of the steps (15, 60, 360, 1440)"},
        SchemaCase{"EdgesFall", "name: as_is",
                   "name: { transform: age_band, edges: [18, 10] }",
                   "edges[1]: is not above the one before (ascending)"},
        SchemaCase{"NoEdges", "name: as_is",
                   "name: { transform: band, edges: [] }",
                   "edges: has 0 items"},
        SchemaCase{"ForeignParameter", "name: as_is",
                   "name: { transform: small_count, below: 5, metres: 100 }",
                   "release.name: unknown key \"metres\" (transform, below)"},
        SchemaCase{"ShiftWithoutPer", "name: as_is",
                   "name: { transform: shift_days, within: 5 }",
                   "per: is missing"},
        SchemaCase{"RuleWithoutTest", "{ field: age, at_least: 10 }",
                   "{ field: age }",
                   "flows[0].rows[0]: tests nothing (newest_days, one_of, "},
        SchemaCase{"RuleNotPassedFalse", "at_least: 10", "not_passed: false",
                   "rows[0].not_passed: says nothing (true)"},
        SchemaCase{"RuleUnknown", "at_least: 10", "atleast: 10",
                   "rows[0]: unknown key \"atleast\" (did you mean at_least?"}),
    [](const auto& test) { return test.param.name; });

TEST(ReaderTest, AcceptsTheSmallDocumentWithoutAWarning) {
  const CheckResult result = Check("f", SmallDocument());
  ASSERT_TRUE(result.ok()) << result.report;
  EXPECT_EQ(result.report, "");
  const Agreement& agreement = *result.agreement;
  EXPECT_EQ(agreement.id, "isa-small");
  EXPECT_EQ(agreement.version, 1);
  EXPECT_EQ(agreement.broker.ledger_key, std::string(32, '\1'));
  EXPECT_EQ(agreement.parties.at("west-police").root, std::string(64, '2'));
  EXPECT_EQ(agreement.overseers.size(), 1u);
  const Dataset& crimes = agreement.datasets.at("crimes");
  EXPECT_EQ(crimes.fields.at("offence").type, FieldType::kCode);
  EXPECT_EQ(crimes.fields.at("offence").list, "offence-codes");
  EXPECT_EQ(crimes.identifiers.at("person"), "opaque/1:custody");
  const Flow& flow = agreement.flows[0];
  EXPECT_EQ(flow.release.at("person").transform, Transform::kPseudonym);
  EXPECT_EQ(flow.rows[0].at_least, 10);
  EXPECT_EQ(flow.limits.enrolments_per_day, 10000);
  EXPECT_EQ(flow.limits.requests_per_day, std::nullopt);
  EXPECT_EQ(agreement.valid.until, absl::CivilDay(2028, 11, 1));
  EXPECT_EQ(agreement.signatories[1].name, "west-chief");
}

TEST(ReaderTest, DefaultsAreTheCarefulOnes) {
  const CheckResult result =
      Check("f", absl::StrReplaceAll(SmallDocument(),
                                     {{"    proof: always\n", ""},
                                      {"    recipient_domain: matching\n", ""},
                                      {"witness: optional\n", ""}}));
  ASSERT_TRUE(result.ok()) << result.report;
  EXPECT_EQ(result.agreement->flows[0].proof, Proof::kAlways);
  EXPECT_EQ(result.agreement->flows[0].recipient_domain, DomainRole::kMatching);
  EXPECT_EQ(result.agreement->witness, Witness::kOptional);
  EXPECT_EQ(result.agreement->valid.handover_days, 0);
}

TEST(ReaderTest, ReadsAllThatALaterVersionAndGroupsCanSay) {
  const CheckResult result = Check(
      "f", absl::StrReplaceAll(
               SmallDocument(),
               {{"version: 1", absl::StrCat("version: 2\nprevious: \"",
                                            std::string(64, 'a'), "\"")},
                {"[28/3, 28/4]", "{ homes: [28/3], other: [28/4] }"},
                {"offence: as_is",
                 "offence: { transform: category, list: offence-codes }"},
                {"review_by: \"2027-10-31\"",
                 "review_by: \"2027-10-31\"\n  handover_days: 14"},
                {"onward:\n  rule: none",
                 "break_glass: { fields: { crimes: [name] }, minutes: 60, "
                 "report_hours: 72 }\nonward:\n  rule: none"},
                {"witness: optional\n", kTwoWitnesses}}));
  ASSERT_TRUE(result.ok()) << result.report;
  const Agreement& agreement = *result.agreement;
  EXPECT_EQ(agreement.previous, std::string(64, 'a'));
  EXPECT_EQ(agreement.valid.handover_days, 14);
  EXPECT_EQ(agreement.break_glass->fields.at("crimes"),
            std::vector<std::string>{"name"});
  const List& list = agreement.lists.at("offence-codes");
  EXPECT_THAT(list.values, testing::ElementsAre("28/3", "28/4"));
  EXPECT_THAT(list.groups.at("homes"), testing::ElementsAre("28/3"));
  EXPECT_EQ(agreement.witness, Witness::kRequired);
  EXPECT_EQ(agreement.witnesses->named.size(), 2u);
}

TEST(ReaderTest, EveryMissingKeyIsReportedAtOnce) {
  const CheckResult result = Check("f", "schema: sharing-agreement/v1\n");
  for (const char* key :
       {"id", "version", "kind", "title", "summary", "broker", "parties",
        "purposes", "lawful_basis", "datasets", "flows", "onward", "handling",
        "valid", "governance", "signatories"}) {
    EXPECT_THAT(result.report,
                HasSubstr(absl::StrCat("f:1:1: ", key, ": is missing\n")));
  }
  EXPECT_EQ(result.diagnostics.size(), 16u);
}

TEST(ReaderTest, ReportsAListOrAValueInsteadOfTheDocument) {
  EXPECT_EQ(Check("f", "- a\n").report, "f:1:1: is a list (a map)\n");
  EXPECT_EQ(Check("f", "a\n").report, "f:1:1: is a value (a map)\n");
}

}  // namespace
}  // namespace entente::policy

#include "policy/release.h"

#include <array>
#include <memory>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "policy/check.h"
#include "policy/decide.h"
#include "policy/random_world.h"
#include "policy/row_rule.h"
#include "policy/test_document.h"

namespace entente::policy {
namespace {

using crypto::Value;
using crypto::ValueType;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

const absl::Time kNow = absl::FromCivil(
    absl::CivilSecond(2027, 3, 31, 23, 30, 0), absl::UTCTimeZone());

constexpr char kFields[] =
    "      name: text\n"
    "      offence: { type: code, list: offence-codes }\n"
    "      occurred: date\n"
    "      age: integer\n";

// A decision on SmallDocument with other fields, release and rows.
Decision DecideOn(const std::string& fields, const std::string& release,
                  const std::string& rows) {
  std::string text = SmallDocument();
  const auto replace = [&](absl::string_view from, absl::string_view to) {
    const size_t at = text.find(std::string(from));
    ASSERT_NE(at, std::string::npos) << from;
    text.replace(at, from.size(), std::string(to));
  };
  // The list must be used by some field.
  replace(kFields, absl::StrCat(fields,
                                "      spare: { type: code, list: "
                                "offence-codes }\n"));
  replace(
      "      name: as_is\n      offence: as_is\n      occurred: "
      "date_to_month\n",
      release);
  replace(
      "    rows:\n      - { field: age, at_least: 10 }\n"
      "      - { field: offence, one_of: [28/3] }\n",
      rows);
  const CheckResult checked = Check("test.yaml", text);
  EXPECT_TRUE(checked.ok()) << checked.report;
  if (!checked.ok()) return {};
  AgreementRecord record;
  record.id = checked.agreement->id;
  record.versions[1] = {
      *CompiledAgreement::Create(*checked.agreement, {}), {}, true};
  Request request;
  request.agreement = record.id;
  request.version = 1;
  request.caller = request.sender = "north-police";
  request.recipient = "west-police";
  request.purpose = "find-series";
  request.dataset = "crimes";
  request.carried = {Requirement::kCaseReference};
  SetExactFields(*checked.agreement, checked.agreement->flows[0], &request);
  const Decision decision = Decide(*Register::Create({record}), kNow, request);
  EXPECT_TRUE(decision.allowed());
  return decision;
}

RowResult ReleaseOne(const RowPlan& plan,
                     const std::map<std::string, std::string>& record) {
  std::vector<std::optional<absl::string_view>> cells;
  for (const std::string& name : plan.inputs()) {
    const auto cell = record.find(name);
    if (cell == record.end()) {
      cells.push_back(std::nullopt);
    } else {
      cells.push_back(cell->second);
    }
  }
  return plan.Release(cells);
}

// The value of the one field `cell` of this type, treated so; or what is wrong.
absl::StatusOr<Value> ReleaseCell(const std::string& type,
                                  const std::string& treatment,
                                  const std::string& cell) {
  const auto plan = RowPlan::Create(
      DecideOn(absl::StrCat("      cell: ", type, "\n"),
               absl::StrCat("      cell: ", treatment, "\n"), ""));
  if (!plan.ok()) return plan.status();
  const RowResult result = ReleaseOne(*plan, {{"cell", cell}});
  if (!result.released()) {
    EXPECT_THAT(result.values, IsEmpty());
    EXPECT_EQ(result.faults[0].field, "cell");
    return absl::InvalidArgumentError(result.faults[0].what);
  }
  EXPECT_TRUE(CheckReceived(plan->fields()[0], result.values[0]).ok());
  return result.values[0];
}

TEST(RowPlan, TreatsWhatTheFlowReleasesAndReadsNothingElse) {
  const auto plan = RowPlan::Create(
      DecideOn(kFields,
               "      name: withhold\n      offence: as_is\n"
               "      occurred: date_to_month\n",
               "    rows:\n      - { field: age, at_least: 10 }\n"));
  ASSERT_TRUE(plan.ok()) << plan.status();
  EXPECT_THAT(plan->inputs(), ElementsAre("age", "occurred", "offence"));
  ASSERT_EQ(plan->fields().size(), 2u);
  EXPECT_EQ(plan->fields()[0].name, "occurred");
  EXPECT_EQ(plan->fields()[0].longest, 0u);
  EXPECT_EQ(plan->fields()[1].name, "offence");
  EXPECT_EQ(plan->fields()[1].longest, 4u);
  EXPECT_THAT(plan->pseudonyms(),
              ElementsAre(PseudonymName{"person", "opaque/1:custody"}));
  const RowResult result = ReleaseOne(*plan, {{"age", "10"},
                                              {"name", "Ada"},
                                              {"occurred", "2027-03-31"},
                                              {"offence", "28/3"}});
  EXPECT_THAT(result.faults, IsEmpty());
  EXPECT_THAT(result.values,
              ElementsAre(Value::Text("2027-03"), Value::Code("28/3")));
}

TEST(RowPlan, NamesEveryFaultOfARowAndNeverItsValues) {
  const auto plan = RowPlan::Create(DecideOn(
      kFields,
      "      name: as_is\n      offence: as_is\n      occurred: as_is\n",
      "    rows:\n      - { field: age, at_least: 10, at_most: 17 }\n"
      "      - { field: occurred, newest_days: 30 }\n"));
  ASSERT_TRUE(plan.ok()) << plan.status();
  const RowResult result = ReleaseOne(*plan, {{"age", "9"},
                                              {"name",
                                               "S\xC3"
                                               "ecret"},
                                              {"occurred", "31/03/2027"},
                                              {"offence", "Secret"}});
  EXPECT_THAT(result.faults,
              ElementsAre(RowFault{RowFault::Kind::kBadValue, "name",
                                   "is not UTF-8", ""},
                          RowFault{RowFault::Kind::kBadValue, "occurred",
                                   "is not a date, such as 2027-03-31", ""},
                          RowFault{RowFault::Kind::kBadValue, "offence",
                                   "is not in the field's list", ""},
                          RowFault{RowFault::Kind::kRule, "age", "is below 10",
                                   "flows[0] crimes-west.rows[0]"}));
  EXPECT_THAT(result.values, IsEmpty());
  for (const RowFault& fault : result.faults) {
    EXPECT_THAT(fault.what, Not(HasSubstr("ecret")));
  }
}

TEST(RowPlan, AMissingValueIsNullButBreaksARule) {
  const auto plan = RowPlan::Create(DecideOn(
      kFields,
      "      name: as_is\n      offence: as_is\n      occurred: as_is\n",
      "    rows:\n      - { field: age, at_most: 99 }\n"));
  ASSERT_TRUE(plan.ok());
  EXPECT_THAT(ReleaseOne(*plan, {{"age", "9"}, {"name", ""}}).values,
              ElementsAre(Value::Null(), Value::Null(), Value::Null()));
  EXPECT_THAT(ReleaseOne(*plan, {}).faults,
              ElementsAre(RowFault{RowFault::Kind::kRule, "age", "is missing",
                                   "flows[0] crimes-west.rows[0]"}));
}

TEST(RowPlan, WantsOneCellForEachInput) {
  const auto plan = RowPlan::Create(
      DecideOn("      cell: text\n", "      cell: as_is\n", ""));
  EXPECT_FALSE(plan->Release({}).released());
}

TEST(RowPlan, IsNotMadeFromARefusalOrAPartialAnswer) {
  EXPECT_EQ(RowPlan::Create(Decision()).status().code(),
            absl::StatusCode::kFailedPrecondition);
  Decision decision = DecideOn("      cell: text\n", "      cell: as_is\n", "");
  decision.fields.push_back({"other", nullptr, true});
  EXPECT_EQ(RowPlan::Create(decision).status().code(),
            absl::StatusCode::kFailedPrecondition);
}

struct Treated {
  std::string type, treatment, cell;
  Value want;
};

TEST(RowPlan, ReadsAndTreatsEveryType) {
  const Treated kCases[] = {
      {"text", "as_is", "Zoe\xCC\x88", Value::Text("Zoë")},
      {"text", "as_is", " a\nb ", Value::Text(" a\nb ")},
      {"text", "as_is", "", Value::Null()},
      {"text", "flag", "a hit", Value::Boolean(true)},
      {"text", "flag", "", Value::Boolean(false)},
      {"text", "postcode_sector", "1 Mill Lane, Leeds, ls1 4ap",
       Value::Text("LS1 4")},
      {"text", "postcode_district", "EC1A 1BB", Value::Text("EC1A")},
      {"text", "postcode_area", "M1 1AE", Value::Text("M")},
      {"text", "postcode_area", "", Value::Null()},
      {"integer", "as_is", "-12", Value::Integer(-12)},
      {"integer", "flag", "0", Value::Boolean(true)},
      {"decimal", "as_is", "-12.50", Value::Decimal("-12.50")},
      {"date", "as_is", "2028-02-29", Value::Date("2028-02-29")},
      {"date", "year", "2028-02-29", Value::Integer(2028)},
      {"date", "date_to_month", "2028-02-29", Value::Text("2028-02")},
      {"time", "as_is", "2027-03-31T14:05:00Z",
       Value::Time("2027-03-31T14:05:00Z")},
      {"time", "as_is", "2027-07-01T00:30:00.250+01:00",
       Value::Time("2027-06-30T23:30:00.25Z")},
      {"time", "date_to_month", "2027-07-01T00:30:00+01:00",
       Value::Text("2027-06")},
      {"time", "year", "2028-01-01T00:30:00+01:00", Value::Integer(2027)},
      {"boolean", "as_is", "true", Value::Boolean(true)},
      {"boolean", "flag", "false", Value::Boolean(false)},
      {"boolean", "flag", "", Value::Null()},
      {"code", "as_is", "anything", Value::Code("anything")},
      {"{ type: code, list: offence-codes }", "as_is", "28/4",
       Value::Code("28/4")},
      {"{ type: code, list: offence-codes }", "flag", "28/4",
       Value::Boolean(true)},
      {"{ type: code, list: offence-codes, many: true }", "as_is",
       "28/4 ; 28/3", Value::Text("28/4;28/3")},
      {"bytes", "as_is", "AAEC", Value::OfBytes(std::vector<uint8_t>{0, 1, 2})},
  };
  for (const Treated& c : kCases) {
    const auto value = ReleaseCell(c.type, c.treatment, c.cell);
    ASSERT_TRUE(value.ok()) << c.type << " " << c.cell << value.status();
    EXPECT_EQ(*value, c.want) << c.type << " " << c.treatment << " " << c.cell;
  }
}

struct Refused {
  std::string type, treatment, cell, want;
};

TEST(RowPlan, RefusesWhatIsNotOfTheType) {
  const char* kDate = "is not a date, such as 2027-03-31";
  const char* kTime = "is not a time, such as 2027-03-31T14:05:00Z";
  const char* kInteger = "is not a whole number of at most 15 digits";
  const Refused kCases[] = {
      {"text", "as_is", "\xFF", "is not UTF-8"},
      {"text", "as_is", std::string(1'000'001, 'x'), "is too long"},
      {"text", "postcode_area", "somewhere", "does not end in a postcode"},
      {"integer", "as_is", "1.0", kInteger},
      {"integer", "as_is", " 1", kInteger},
      {"integer", "as_is", "1234567890123456", kInteger},
      {"decimal", "as_is", "1e5", "is not a decimal number, such as -12.50"},
      {"date", "as_is", "2027-02-29", kDate},
      {"date", "year", "31/03/2027", kDate},
      {"time", "as_is", "2027-03-31", kTime},
      {"time", "as_is", "2027-03-31 14:05:00Z", kTime},
      {"time", "as_is", "2027-03-31T14:05:00", kTime},
      {"time", "as_is", "2027-13-31T14:05:00Z", kTime},
      {"time", "as_is", " 2027-03-31T14:05:00Z", kTime},
      {"time", "as_is", "infinite-future-is-no-time-Z", kTime},
      {"time", "as_is", "2027-03-31T14:05:00.1234567891Z",
       "is a time finer than nanoseconds"},
      {"boolean", "as_is", "yes", "is neither true nor false"},
      {"{ type: code, list: offence-codes }", "as_is", "28/9",
       "is not in the field's list"},
      {"{ type: code, list: offence-codes, many: true }", "as_is", "28/4;28/9",
       "is not in the field's list"},
      {"{ type: code, list: offence-codes, many: true }", "as_is", "28/4;;28/3",
       "has an empty part between its semicolons"},
      {"bytes", "as_is", "AAE", "is not base64"},
  };
  for (const Refused& c : kCases) {
    const auto value = ReleaseCell(c.type, c.treatment, c.cell);
    EXPECT_EQ(value.status().message(), c.want)
        << c.type << " " << c.cell.substr(0, 40);
  }
}

DayShift SomeShift() {
  std::array<uint8_t, 32> key;
  key.fill(1);
  return *DayShift::Create(*crypto::Secret::TakeFrom(absl::MakeSpan(key)));
}

const absl::CivilDay kSeen(2027, 1, 10);

// By how many days `cell` was shifted for these people, or why it was not.
absl::StatusOr<int64_t> ShiftOf(
    const RowPlan& plan, absl::string_view person,
    const std::vector<std::optional<std::string>>& subjects) {
  std::vector<std::optional<absl::string_view>> cells;
  for (const std::string& name : plan.inputs()) {
    cells.emplace_back(name == "cell" ? "2027-01-10" : person);
  }
  const RowResult result = plan.Release(cells, subjects);
  if (!result.released()) {
    return absl::InvalidArgumentError(result.faults[0].what);
  }
  absl::CivilDay day;
  EXPECT_TRUE(absl::ParseCivilTime(result.values[0].text, &day));
  return day - kSeen;
}

TEST(RowPlan, ShiftsDaysByWhoseTheyAre) {
  const Decision decision = DecideOn(
      "      cell: date\n",
      "      cell: { transform: shift_days, within: 14, per: person }\n", "");
  EXPECT_EQ(RowPlan::Create(decision).status().code(),
            absl::StatusCode::kFailedPrecondition);
  const auto shift = std::make_shared<const DayShift>(SomeShift());
  const auto plan = RowPlan::Create(decision, shift);
  ASSERT_TRUE(plan.ok()) << plan.status();
  EXPECT_THAT(plan->inputs(), ElementsAre("cell"));
  EXPECT_THAT(plan->subjects(),
              ElementsAre(PseudonymName{"person", "opaque/1:custody"}));
  for (const char* person : {"N-1", "N-2", "N-3"}) {
    EXPECT_EQ(*ShiftOf(*plan, "", {person}),
              *shift->Days("isa-small", "opaque/1:custody", person, 14));
  }
  EXPECT_EQ(ShiftOf(*plan, "", {std::nullopt}).status().message(),
            "is shifted by person, which the row lacks");
  EXPECT_EQ(ShiftOf(*plan, "", {}).status().message(),
            "has not one cell for each input and subject");
}

TEST(RowPlan, ShiftsDaysByAFieldThatNeverLeaves) {
  const auto shift = std::make_shared<const DayShift>(SomeShift());
  for (const std::string type : {"text", "code", "integer"}) {
    const auto plan = RowPlan::Create(
        DecideOn(
            absl::StrCat("      cell: date\n      victim: ", type, "\n"),
            "      cell: { transform: shift_days, within: 14, per: victim }\n",
            ""),
        shift);
    ASSERT_TRUE(plan.ok()) << plan.status();
    EXPECT_THAT(plan->inputs(), ElementsAre("cell", "victim"));
    EXPECT_THAT(plan->subjects(), IsEmpty());
    EXPECT_EQ(plan->fields().size(), 1u);
    EXPECT_EQ(*ShiftOf(*plan, "17", {}),
              *shift->Days("isa-small", "field:victim", "17", 14));
    EXPECT_EQ(ShiftOf(*plan, "", {}).status().message(),
              "is shifted by victim, which the row lacks");
  }
}

TEST(RowPlan, ReleasesTextOnlyWithItsReviewMark) {
  const std::string treatment =
      "      cell: { transform: reviewed_text, reviewer: Duty Sergeant }\n";
  for (const std::string declared :
       {"", "      cell_reviewed_by: text\n",
        "      cell_reviewed_by: { type: code, list: offence-codes }\n"}) {
    const auto plan = RowPlan::Create(
        DecideOn(absl::StrCat("      cell: text\n", declared), treatment, ""));
    ASSERT_TRUE(plan.ok()) << plan.status();
    EXPECT_THAT(plan->inputs(), ElementsAre("cell", "cell_reviewed_by"));
    EXPECT_EQ(plan->fields().size(), 1u);
    const RowResult unmarked = ReleaseOne(*plan, {{"cell", "He left."}});
    ASSERT_EQ(unmarked.faults.size(), 1u);
    EXPECT_EQ(unmarked.faults[0].field, "cell");
    EXPECT_EQ(unmarked.faults[0].kind, RowFault::Kind::kBadValue);
    EXPECT_THAT(unmarked.faults[0].what,
                HasSubstr("cell_reviewed_by must say \"Duty Sergeant\""));
    EXPECT_THAT(unmarked.values, IsEmpty());
    EXPECT_TRUE(ReleaseOne(*plan, {{"cell", ""}}).released());
    if (absl::StrContains(declared, "list")) continue;
    EXPECT_THAT(ReleaseOne(*plan, {{"cell", "He left."},
                                   {"cell_reviewed_by", "Duty Sergeant"}})
                    .values,
                ElementsAre(Value::Text("He left.")));
  }
}

TEST(RowPlan, AgesAndWindowsAreThoseOfTheDayOfTheDecision) {
  const auto plan = RowPlan::Create(
      DecideOn("      born: date\n      seen: { type: date, many: true }\n",
               "      born: { transform: age_band, edges: [18] }\n"
               "      seen: { transform: count, window_days: 1 }\n",
               ""));
  ASSERT_TRUE(plan.ok()) << plan.status();
  // kNow is half past eleven in the evening of 31 March.
  EXPECT_THAT(ReleaseOne(*plan, {{"born", "2009-03-31"},
                                 {"seen", "2027-03-29;2027-03-30;2027-04-01"}})
                  .values,
              ElementsAre(Value::Code("18 or over"), Value::Integer(1)));
}

struct RuleCase {
  std::string type, rule;
  std::vector<std::string> keeps, drops;
};

TEST(RowPlan, KeepsARowOnlyIfItsRulesHold) {
  const RuleCase kCases[] = {
      {"date",
       "newest_days: 30",
       {"2027-03-01", "2027-04-09"},
       {"2027-02-28", ""}},
      {"time",
       "newest_days: 30",
       {"2027-03-01T00:00:00Z"},
       {"2027-02-28T23:59:59Z"}},
      {"code", "one_of: [P, C]", {"P", "C"}, {"p", "PC", ""}},
      {"text", "one_of: [Zoë]", {"Zoe\xCC\x88"}, {"Zoe"}},
      {"{ type: code, many: true }",
       "any_of: [CCE, CSE]",
       {"CSE", "X; CCE"},
       {"X", "CCE CSE", ""}},
      {"boolean", "equals: true", {"true"}, {"false", ""}},
      {"boolean", "equals: false", {"false"}, {"true", ""}},
      {"integer", "equals: 7", {"7"}, {"8", ""}},
      {"text", "equals: yes please", {"yes please"}, {"Yes please"}},
      {"date", "equals: 2027-01-01", {"2027-01-01"}, {"2027-01-02"}},
      {"integer", "at_least: 10", {"10", "11"}, {"9", "-10", ""}},
      {"integer", "at_most: 10", {"10", "-1"}, {"11"}},
      {"date", "not_passed: true", {"2027-03-31"}, {"2027-03-30", ""}},
      {"time",
       "not_passed: true",
       {"2027-03-31T23:30:00Z"},
       {"2027-03-31T23:29:59Z"}},
      {"date",
       "after: \"2018-01-01\", before: \"2026-10-01\"",
       {"2018-01-01", "2026-09-30"},
       {"2017-12-31", "2026-10-01", ""}},
  };
  for (const RuleCase& c : kCases) {
    const auto plan = RowPlan::Create(DecideOn(
        absl::StrCat("      cell: ", c.type, "\n      other: text\n"),
        "      other: as_is\n",
        absl::StrCat("    rows:\n      - { field: cell, ", c.rule, " }\n")));
    ASSERT_TRUE(plan.ok()) << c.rule;
    for (const std::string& cell : c.keeps) {
      EXPECT_TRUE(ReleaseOne(*plan, {{"cell", cell}}).released())
          << c.rule << " " << cell;
    }
    for (const std::string& cell : c.drops) {
      const RowResult result = ReleaseOne(*plan, {{"cell", cell}});
      ASSERT_EQ(result.faults.size(), 1u) << c.rule << " " << cell;
      EXPECT_EQ(result.faults[0].kind, RowFault::Kind::kRule);
    }
  }
}

TEST(RowPlan, ParentsRulesHoldAsWell) {
  Decision decision = DecideOn("      cell: integer\n      other: text\n",
                               "      other: as_is\n", "");
  Agreement above = decision.agreement->document();
  above.id = "isa-above";
  above.flows[0].rows.resize(1);
  above.flows[0].rows[0].field = "cell";
  above.flows[0].rows[0].at_least = 18;
  const auto parent = *CompiledAgreement::Create(above, {});
  decision.parents.push_back({parent, &parent->document().flows[0]});
  const auto plan = RowPlan::Create(decision);
  ASSERT_TRUE(plan.ok()) << plan.status();
  EXPECT_TRUE(ReleaseOne(*plan, {{"cell", "18"}}).released());
  EXPECT_THAT(
      ReleaseOne(*plan, {{"cell", "17"}}).faults,
      ElementsAre(RowFault{RowFault::Kind::kRule, "cell", "is below 18",
                           "isa-above/1 flows[0] crimes-west.rows[0]"}));

  above.flows[0].rows[0].field = "zone";
  const auto other = *CompiledAgreement::Create(above, {});
  decision.parents[0] = {other, &other->document().flows[0]};
  EXPECT_EQ(RowPlan::Create(decision).status().code(),
            absl::StatusCode::kFailedPrecondition);
}

TEST(ReleasedField, TheRecipientRefusesWhatWasNotAgreed) {
  const Decision decision = DecideOn(kFields,
                                     "      name: as_is\n      offence: as_is\n"
                                     "      occurred: date_to_month\n",
                                     "");
  const Agreement& document = decision.agreement->document();
  const auto check = [&](absl::string_view name, const Value& value) {
    return CheckReceived(*DescribeReleased(document, *decision.flow, name),
                         value);
  };
  EXPECT_TRUE(check("name", Value::Null()).ok());
  EXPECT_TRUE(check("name", Value::Text("x")).ok());
  EXPECT_FALSE(check("name", Value::Code("x")).ok());
  EXPECT_FALSE(check("name", Value::Text("e\xCC\x81")).ok());
  EXPECT_TRUE(check("offence", Value::Code("28/3")).ok());
  EXPECT_FALSE(check("offence", Value::Code("28/9")).ok());
  EXPECT_TRUE(check("occurred", Value::Text("2027-03")).ok());
  EXPECT_FALSE(check("occurred", Value::Text("2027-03-31")).ok());
  EXPECT_FALSE(check("occurred", Value::Text("2027-13")).ok());
  for (const char* name : {"age", "person", "shoe_size"}) {
    EXPECT_EQ(DescribeReleased(document, *decision.flow, name).status().code(),
              absl::StatusCode::kNotFound)
        << name;
  }
}

}  // namespace
}  // namespace entente::policy

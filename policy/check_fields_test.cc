#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "policy/check.h"
#include "policy/cross_check.h"
#include "policy/test_document.h"
#include "policy/words.h"

// Fields: what may be done to a value of which type.
namespace entente::policy {
namespace {

using testing::HasSubstr;

std::string ReportOf(const std::string& type, const std::string& treatment) {
  return Check("f", absl::StrReplaceAll(
                        SmallDocument(),
                        {{"name: text", absl::StrCat("name: ", type)},
                         {"name: as_is", absl::StrCat("name: ", treatment)},
                         {"[28/3, 28/4]", "{ homes: [28/3], other: [28/4] }"}}))
      .report;
}

TEST(TreatmentTest, AppliesToItsTypesOnly) {
  struct Case {
    std::string treatment;
    std::vector<std::string> types;
  };
  const std::vector<std::string> all = {"text", "integer", "decimal", "date",
                                        "time", "boolean", "code",    "bytes"};
  const std::vector<Case> cases = {
      {"as_is", all},
      {"withhold", all},
      {"flag", all},
      {"year", {"date", "time"}},
      {"date_to_month", {"date", "time"}},
      {"postcode_sector", {"text"}},
      {"postcode_district", {"text"}},
      {"postcode_area", {"text"}},
      {"initials", {"text"}},
      {"{ transform: age_band, edges: [18] }", {"date", "integer"}},
      {"{ transform: band, edges: [18] }", {"integer", "decimal"}},
      {"{ transform: grid, metres: 100 }", {"integer", "decimal"}},
      {"{ transform: round_time, minutes: 60 }", {"time"}},
      {"{ transform: shift_days, within: 9, per: person }", {"date"}},
      {"{ transform: category, list: offence-codes }", {"text", "code"}},
      {"{ transform: count, window_days: 9 }", {}},
      {"{ transform: small_count, below: 5 }", {"integer"}},
      {"{ transform: reviewed_text, reviewer: Sergeant }", {"text"}},
  };
  for (const Case& c : cases) {
    for (const std::string& type : all) {
      const bool fits =
          std::find(c.types.begin(), c.types.end(), type) != c.types.end();
      const std::string report = ReportOf(type, c.treatment);
      EXPECT_EQ(absl::StrContains(report, "does not apply to " + type), !fits)
          << c.treatment << " of " << type << ": " << report;
    }
  }
}

TEST(TreatmentTest, SeveralValuesAreTakenWholeOrCounted) {
  const std::string dates = "{ type: date, many: true }";
  const std::string codes = "{ type: code, many: true }";
  EXPECT_EQ(ReportOf(codes, "as_is"), "");
  EXPECT_EQ(ReportOf(dates, "flag"), "");
  EXPECT_EQ(ReportOf(dates, "withhold"), "");
  EXPECT_THAT(ReportOf(dates, "{ transform: count, window_days: 9 }"),
              testing::Not(HasSubstr("does not apply")));
  EXPECT_THAT(ReportOf(dates, "as_is"),
              HasSubstr("as_is does not apply to date, many (withhold, flag, "
                        "count)"));
  EXPECT_THAT(ReportOf(dates, "year"), HasSubstr("does not apply"));
}

TEST(TreatmentTest, PseudonymsAreOfIdentifiers) {
  EXPECT_THAT(ReportOf("text", "{ transform: pseudonym }"),
              HasSubstr("release.name: a pseudonym of no identifier"));
  const std::string scoped = SmallWith(
      "{ transform: pseudonym }", "{ transform: pseudonym, scope: agreement }");
  EXPECT_TRUE(Check("f", scoped).ok());
  const std::string withheld =
      SmallWith("person: { transform: pseudonym }", "person: withhold");
  EXPECT_TRUE(Check("f", withheld).ok());
  const std::string clear =
      SmallWith("person: { transform: pseudonym }", "person: as_is");
  EXPECT_THAT(Check("f", clear).report,
              HasSubstr("release.person: an identifier, with no type to "
                        "release it by"));
  const std::string both = absl::StrReplaceAll(
      clear, {{"age: integer", "age: integer\n      person: text"}});
  EXPECT_TRUE(Check("f", both).ok()) << Check("f", both).report;
}

TEST(TreatmentTest, CategoryNeedsAGroupForEveryValue) {
  const std::string use = "offence: { transform: category, list: groups }";
  const auto report = [&use](const std::string& groups) {
    return Check("f",
                 absl::StrReplaceAll(
                     SmallDocument(),
                     {{"offence: as_is", use},
                      {"lists:", absl::StrCat("lists:\n  groups: ", groups)}}))
        .report;
  };
  EXPECT_THAT(report("{ home: [28/3], car: [28/4] }"),
              testing::Not(HasSubstr("error")));
  EXPECT_THAT(report("[28/3, 28/4]"),
              HasSubstr("release.offence.list: groups has no groups"));
  EXPECT_THAT(report("{ home: [28/3] }"),
              HasSubstr("groups has no group for \"28/4\" of offence-codes"));
}

TEST(TreatmentTest, DaysAreShiftedPerPersonAndByOneRange) {
  const auto report = [](const std::string& fields, const std::string& per) {
    return Check("f", absl::StrReplaceAll(
                          SmallDocument(),
                          {{"name: text", absl::StrCat("name: text\n", fields)},
                           {"occurred: date_to_month",
                            absl::StrCat("occurred: { transform: shift_days, "
                                         "within: 14, per: ",
                                         per, " }")}}))
        .report;
  };
  EXPECT_EQ(report("", "person"), "");
  EXPECT_EQ(report("", "name"), "");
  EXPECT_EQ(report("", "age"), "");
  const char* kNobody = "does not name a person (an identifier, or one text";
  EXPECT_THAT(report("", "occurred"), HasSubstr(kNobody));
  EXPECT_THAT(report("      other: date", "other"), HasSubstr(kNobody));
  EXPECT_THAT(report("      other: { type: text, many: true }", "other"),
              HasSubstr(kNobody));
  const std::string two = report("      other: date",
                                 "person }\n      other: { transform: "
                                 "shift_days, within: 15, per: person");
  EXPECT_THAT(two, HasSubstr("another range than elsewhere for the same person"
                             ": two shifts of one person can be compared (14"));
  EXPECT_EQ(report("      other: date",
                   "person }\n      other: { transform: shift_days, within: "
                   "14, per: person"),
            "");
}

TEST(TreatmentTest, AReviewMarkIsOneWord) {
  const auto report = [](const std::string& type) {
    return Check("f",
                 absl::StrReplaceAll(
                     SmallDocument(),
                     {{"name: text",
                       absl::StrCat("name: text\n      name_reviewed_by: ",
                                    type)},
                      {"name: as_is",
                       "name: { transform: reviewed_text, reviewer: Duty }"}}))
        .report;
  };
  EXPECT_EQ(report("text"), "");
  EXPECT_EQ(report("code"), "");
  EXPECT_THAT(report("boolean"),
              HasSubstr("name_reviewed_by, which says who reviewed it, is "
                        "boolean (text, code)"));
  EXPECT_THAT(report("{ type: text, many: true }"), HasSubstr("text, many"));
}

TEST(TreatmentTest, WarnsOfASmallCountThatHidesNothing) {
  const auto counted = [](const std::string& below) {
    return Check("f", SmallWith("name: as_is",
                                absl::StrCat("age: { transform: small_count, "
                                             "below: ",
                                             below, " }")));
  };
  EXPECT_TRUE(counted("2").ok());
  EXPECT_THAT(counted("2").report,
              HasSubstr("below: hides nothing: only 1 is fewer than 2"));
  EXPECT_EQ(counted("3").report, "");
}

TEST(ReleaseTest, ReleasesSomething) {
  const std::string text = absl::StrReplaceAll(
      SmallDocument(), {{"      person: { transform: pseudonym }\n", ""},
                        {"name: as_is", "name: withhold"},
                        {"      offence: as_is\n", ""},
                        {"      occurred: date_to_month\n", ""}});
  EXPECT_THAT(Check("f", text).report,
              HasSubstr("flows[0].release: releases nothing"));
}

struct RuleCase {
  std::string type;
  std::string rule;
  std::string want;  // "" if it is fine
};

TEST(RowRuleTest, FitsTheTypeOfItsField) {
  const std::string many = "{ type: code, many: true }";
  const std::string listed = "{ type: code, list: offence-codes }";
  const std::vector<RuleCase> cases = {
      {"date", "newest_days: 5", ""},
      {"time", "newest_days: 5", ""},
      {"text", "newest_days: 5",
       "rows[0].newest_days: does not apply to age, "
       "which is text (date, time)"},
      {"text", "one_of: [a, b]", ""},
      {"integer", "one_of: [a]", "rows[0].one_of: does not apply"},
      {many, "one_of: [a]", "which is code, many (text, code)"},
      {many, "any_of: [a]", ""},
      {"code", "any_of: [a]", "which is code (text, code, many)"},
      {"boolean", "equals: true", ""},
      {"boolean", "equals: yes", "\"yes\" is not of the type boolean"},
      {"integer", "equals: 5", ""},
      {"integer", "equals: 05", "\"05\" is not of the type integer"},
      {"date", "equals: 2027-01-31", ""},
      {"date", "equals: 2027-02-31", "is not of the type date"},
      {"decimal", "equals: 5.0", "rows[0].equals: does not apply"},
      {"integer", "at_most: -5", ""},
      {"decimal", "at_least: 5", "rows[0].at_least: does not apply"},
      {"integer", "at_least: 6, at_most: 5", "at_least is above at_most"},
      {"integer", "at_least: 5, at_most: 5", ""},
      {"date", "not_passed: true", ""},
      {"boolean", "not_passed: true", "rows[0].not_passed: does not apply"},
      {"date", "after: 2027-01-01, before: 2027-01-02", ""},
      {"date", "after: 2027-01-01, before: 2027-01-01", "after is not before"},
      {"text", "after: 2027-01-01", "rows[0].after: does not apply"},
      {"text", "before: 2027-01-01", "rows[0].before: does not apply"},
      {listed, "one_of: [28/3]", ""},
      {listed, "one_of: [28/33]",
       "\"28/33\" is not in offence-codes (did you mean 28/3?)"},
      {listed, "equals: zzz", "rows[0].equals: \"zzz\" is not in"},
  };
  for (const RuleCase& c : cases) {
    const std::string report =
        Check("f", absl::StrReplaceAll(
                       SmallDocument(),
                       {{"age: integer", absl::StrCat("age: ", c.type)},
                        {"at_least: 10", c.rule}}))
            .report;
    if (c.want.empty()) {
      EXPECT_EQ(report, "") << c.type << " " << c.rule;
    } else {
      EXPECT_THAT(report, HasSubstr(c.want)) << c.type << " " << c.rule;
    }
  }
}

TEST(RetentionTest, LastDayIsKnownToTheRecipient) {
  const auto report = [](const std::string& treatment) {
    return Check("f", absl::StrReplaceAll(
                          SmallDocument(),
                          {{"occurred: date_to_month", treatment},
                           {"then: destroy }",
                            "then: destroy, no_later_than_field: occurred }"}}))
        .report;
  };
  EXPECT_EQ(report("occurred: as_is"), "");
  EXPECT_THAT(report("occurred: year"),
              HasSubstr("the recipient cannot know occurred"));
  EXPECT_THAT(report("occurred: withhold"), HasSubstr("cannot know"));
}

TEST(MethodTest, LimitsAndTermsFitTheMethods) {
  struct Case {
    std::string methods;
    std::string limits;
    std::string more;
    std::string want;
  };
  const std::vector<Case> cases = {
      {"push", "extracts_per_year: 4", "",
       "limits.extracts_per_year: limits nothing"},
      {"extract", "extracts_per_year: 4", "", ""},
      {"push", "records_per_request: 9, records_per_day: 8", "",
       "limits.records_per_request: is above records_per_day"},
      {"push", "records_per_request: 8, records_per_day: 8", "", ""},
      {"query", "requests_per_day: 1", "    proof: none\n",
       "flows[0].proof: a query without proof (always)"},
      {"push", "requests_per_day: 1", "    proof: none\n", ""},
      {"push", "requests_per_day: 1", "    answer_records: 5\n",
       "flows[0].answer_records: there is no answer"},
      {"push", "requests_per_day: 1", "    min_answer_ms: 5\n",
       "flows[0].min_answer_ms: there is no answer"},
      {"query", "requests_per_day: 1",
       "    answer_records: 5\n    min_answer_ms: 500\n", ""},
  };
  for (const Case& c : cases) {
    const CheckResult result = Check(
        "f",
        absl::StrReplaceAll(
            SmallDocument(),
            {{"[push]", absl::StrCat("[", c.methods, "]")},
             {"records_per_day: 5000, enrolments_per_day: 10000", c.limits},
             {"    proof: always\n", c.more}}));
    if (c.want.empty()) {
      EXPECT_TRUE(result.ok()) << result.report;
    } else {
      EXPECT_THAT(result.report, HasSubstr(c.want));
    }
  }
}

}  // namespace
}  // namespace entente::policy

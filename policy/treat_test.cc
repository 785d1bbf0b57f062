#include "policy/treat.h"

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "policy/test_field.h"

namespace entente::policy {
namespace {

using crypto::Value;
using crypto::ValueType;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;
using testing::UnorderedElementsAre;

constexpr absl::CivilDay kToday(2027, 3, 31);
const Field kText = {FieldType::kText, "", false};
const Field kInteger = {FieldType::kInteger, "", false};
const Field kDecimal = {FieldType::kDecimal, "", false};
const Field kDate = {FieldType::kDate, "", false};
const Field kTime = {FieldType::kTime, "", false};
const Field kCode = {FieldType::kCode, "", false};
const Field kDates = {FieldType::kDate, "", true};

struct Good {
  Field type;
  Treatment treatment;
  std::string cell;
  Value want;
};

// Treats, and has the recipient look at what came out.
void ExpectTreated(absl::Span<const Good> cases,
                   const Circumstances& circumstances) {
  for (const Good& c : cases) {
    const ReleasedField field = ReleasedAs(c.type, c.treatment);
    const auto value = TreatText(field, c.cell, circumstances);
    const std::string what =
        absl::StrCat(WordOf(c.treatment.transform), " of ", c.cell);
    ASSERT_TRUE(value.ok()) << what << ": " << value.status();
    EXPECT_EQ(value->text, c.want.text) << what;
    EXPECT_EQ(*value, c.want) << what;
    EXPECT_TRUE(CheckReceived(field, *value).ok()) << what;
    EXPECT_TRUE(value->type == ValueType::kNull || value->type == field.type)
        << what;
    EXPECT_TRUE(crypto::EncodePlaintext(*value, field.longest).ok()) << what;
  }
}

struct Bad {
  Field type;
  Treatment treatment;
  std::string cell, want;
};

void ExpectRefused(absl::Span<const Bad> cases,
                   const Circumstances& circumstances) {
  for (const Bad& c : cases) {
    const auto value =
        TreatText(ReleasedAs(c.type, c.treatment), c.cell, circumstances);
    EXPECT_EQ(value.status().message(), c.want)
        << WordOf(c.treatment.transform) << " of " << c.cell;
    EXPECT_EQ(value.status().code(), absl::StatusCode::kInvalidArgument);
  }
}

TEST(Treat, AgeBandIsThatOfTheDayOfRelease) {
  const Treatment band = Edges(Transform::kAgeBand, {10, 18, 25, 35});
  const Treatment baby = Edges(Transform::kAgeBand, {0, 1, 18});
  ExpectTreated(
      {{
          {kDate, band, "2009-03-31", Value::Code("18 to 24")},  // birthday
          {kDate, band, "2009-04-01", Value::Code("10 to 17")},  // tomorrow
          {kDate, band, "2017-04-01", Value::Code("under 10")},
          {kDate, band, "2017-03-31", Value::Code("10 to 17")},
          {kDate, band, "2002-03-31", Value::Code("25 to 34")},
          {kDate, band, "1992-03-31", Value::Code("35 or over")},
          {kDate, band, "1897-03-31", Value::Code("35 or over")},
          {kDate, band, "2027-03-31", Value::Code("under 10")},
          {kDate, band, "", Value::Null()},
          {kDate, baby, "2027-03-31", Value::Code("0")},
          {kDate, baby, "2026-03-31", Value::Code("1 to 17")},
          {kInteger, band, "17", Value::Code("10 to 17")},
          {kInteger, band, "18", Value::Code("18 to 24")},
          {kInteger, band, "0", Value::Code("under 10")},
          {kInteger, band, "130", Value::Code("35 or over")},
          {kInteger, baby, "0", Value::Code("0")},
          {kInteger, band, "", Value::Null()},
      }},
      {kToday, {}, ""});
  const char* kBorn =
      "is no birth date: it is to come, or more than 130 years ago";
  ExpectRefused({{
                    {kDate, band, "2027-04-01", kBorn},
                    {kDate, band, "1896-03-31", kBorn},
                    {kDate, band, "0001-01-01", kBorn},
                    {kInteger, band, "-1", "is no age from 0 to 130"},
                    {kInteger, band, "131", "is no age from 0 to 130"},
                }},
                {kToday, {}, ""});
}

TEST(Treat, AgeBandOfALeapDayChangesOnTheFirstOfMarch) {
  const Treatment band = Edges(Transform::kAgeBand, {18});
  const auto on = [&](absl::CivilDay today) {
    return TreatText(ReleasedAs(kDate, band), "2008-02-29", {today, {}, ""})
        ->text;
  };
  EXPECT_EQ(on(absl::CivilDay(2026, 2, 28)), "under 18");
  EXPECT_EQ(on(absl::CivilDay(2026, 3, 1)), "18 or over");
}

TEST(Treat, BandsHaveTheirLowerEdge) {
  const Treatment band = Edges(Transform::kBand, {50, 75, 90});
  ExpectTreated(
      {{
          {kInteger, band, "49", Value::Code("under 50")},
          {kInteger, band, "-3", Value::Code("under 50")},
          {kInteger, band, "50", Value::Code("50 to 74")},
          {kInteger, band, "74", Value::Code("50 to 74")},
          {kInteger, band, "90", Value::Code("90 or over")},
          {kInteger, band, "999999999999999", Value::Code("90 or over")},
          {kInteger, band, "", Value::Null()},
          {kDecimal, band, "49.999", Value::Code("under 50")},
          {kDecimal, band, "-0.5", Value::Code("under 50")},
          {kDecimal, band, "74.999", Value::Code("50 to under 75")},
          {kDecimal, band, "75.0", Value::Code("75 to under 90")},
          {kDecimal, band, std::string(300, '9'), Value::Code("90 or over")},
      }},
      {});
}

TEST(Treat, GridIsTheLowerEdgeOfTheCell) {
  ExpectTreated({{
                    {kInteger, Grid(100), "429157", Value::Integer(429100)},
                    {kInteger, Grid(250), "429157", Value::Integer(429000)},
                    {kInteger, Grid(500), "429999", Value::Integer(429500)},
                    {kInteger, Grid(1000), "429999", Value::Integer(429000)},
                    {kInteger, Grid(5000), "4999", Value::Integer(0)},
                    {kInteger, Grid(100), "0", Value::Integer(0)},
                    {kInteger, Grid(100), "10000000", Value::Integer(10000000)},
                    {kDecimal, Grid(100), "429199.999", Value::Integer(429100)},
                    {kDecimal, Grid(100), "429200.0", Value::Integer(429200)},
                    {kInteger, Grid(100), "", Value::Null()},
                }},
                {});
  const char* kWant =
      "is no distance from a grid's origin, 0 to 10000000 metres";
  ExpectRefused({{
                    {kInteger, Grid(100), "-1", kWant},
                    {kDecimal, Grid(100), "-0.1", kWant},
                    {kInteger, Grid(100), "10000001", kWant},
                    {kDecimal, Grid(100), std::string(40, '9'), kWant},
                }},
                {});
}

TEST(Treat, TimesAreRoundedDownInUtc) {
  ExpectTreated({{
                    {kTime, RoundTo(15), "2027-03-31T14:14:59Z",
                     Value::Time("2027-03-31T14:00:00Z")},
                    {kTime, RoundTo(15), "2027-03-31T14:15:00Z",
                     Value::Time("2027-03-31T14:15:00Z")},
                    {kTime, RoundTo(60), "2027-03-31T23:59:59.999999999Z",
                     Value::Time("2027-03-31T23:00:00Z")},
                    {kTime, RoundTo(360), "2027-03-31T11:59:00Z",
                     Value::Time("2027-03-31T06:00:00Z")},
                    {kTime, RoundTo(1440), "2027-03-31T23:59:00Z",
                     Value::Time("2027-03-31T00:00:00Z")},
                    // Half past midnight in summer is the day before by UTC.
                    {kTime, RoundTo(1440), "2027-07-01T00:30:00+01:00",
                     Value::Time("2027-06-30T00:00:00Z")},
                    // The two nights on which British clocks change.
                    {kTime, RoundTo(60), "2027-03-28T02:30:00+01:00",
                     Value::Time("2027-03-28T01:00:00Z")},
                    {kTime, RoundTo(60), "2027-10-31T01:30:00+00:00",
                     Value::Time("2027-10-31T01:00:00Z")},
                    {kTime, RoundTo(60), "2028-02-29T00:00:01Z",
                     Value::Time("2028-02-29T00:00:00Z")},
                    {kTime, RoundTo(360), "0001-01-01T05:00:00Z",
                     Value::Time("0001-01-01T00:00:00Z")},
                    {kTime, RoundTo(360), "9999-12-31T23:59:59Z",
                     Value::Time("9999-12-31T18:00:00Z")},
                    {kTime, RoundTo(60), "", Value::Null()},
                }},
                {});
}

TEST(Treat, DaysAreShiftedByThePersonsShift) {
  const auto shifted = [](int64_t shift, const std::string& day) {
    return TreatText(ReleasedAs(kDate, ShiftWithin(90)), day,
                     {kToday, shift, ""});
  };
  EXPECT_EQ(*shifted(14, "2028-02-20"), Value::Date("2028-03-05"));
  EXPECT_EQ(*shifted(14, "2027-02-20"), Value::Date("2027-03-06"));
  EXPECT_EQ(*shifted(-1, "2028-03-01"), Value::Date("2028-02-29"));
  EXPECT_EQ(*shifted(-90, "2028-01-01"), Value::Date("2027-10-03"));
  EXPECT_EQ(*shifted(1, "9999-12-30"), Value::Date("9999-12-31"));
  const char* kFar = "is too near the calendar's end to be shifted";
  EXPECT_EQ(shifted(1, "9999-12-31").status().message(), kFar);
  EXPECT_EQ(shifted(-1, "1000-01-01").status().message(), kFar);
  // Nobody's days: nothing to refuse where there is no day.
  ExpectTreated({{{kDate, ShiftWithin(14), "", Value::Null()}}}, {});
  ExpectRefused({{{kDate, ShiftWithin(14), "2027-01-01",
                   "is shifted by person, which the row lacks"}}},
                {});
}

TEST(Treat, CategoryIsTheGroupOfTheValue) {
  ExpectTreated({{
                    {kCode, InGroups(), "28/3", Value::Code("home")},
                    {kText, InGroups(), "28A", Value::Code("home")},
                    {kCode, InGroups(), "45/10", Value::Code("car")},
                    {kCode, InGroups(), "", Value::Null()},
                }},
                {});
  const char* kNone = "is in no group of the list groups";
  ExpectRefused({{
                    {kText, InGroups(), "28/4", kNone},
                    {kText, InGroups(), "28a", kNone},
                    {kText, InGroups(), " 28A", kNone},
                    {kText, InGroups(), "home", kNone},
                }},
                {});
}

TEST(Treat, CountsTheDatesOfTheWindow) {
  const Treatment month = CountOver(30);
  ExpectTreated(
      {{
          {kDates, month, "2027-03-31", Value::Integer(1)},
          {kDates, month, "2027-03-01", Value::Integer(1)},  // 30 days before
          {kDates, month, "2027-02-28", Value::Integer(0)},
          {kDates, month, "2027-04-01", Value::Integer(0)},  // to come
          {kDates, month, "2027-03-31; 2027-03-31;2026-01-01",
           Value::Integer(2)},
          {kDates, month, "", Value::Integer(0)},
          {kDates, CountOver(365), "2026-03-31;2026-03-30", Value::Integer(1)},
          {kDates, CountOver(36500), "1928-01-01;0001-01-01",
           Value::Integer(1)},
      }},
      {kToday, {}, ""});
  // A leap day is a day of the window.
  const auto on = [](absl::CivilDay today, const std::string& day) {
    return TreatText(ReleasedAs(kDates, CountOver(365)), day, {today, {}, ""})
        ->integer;
  };
  EXPECT_EQ(on(absl::CivilDay(2029, 2, 28), "2028-02-29"), 1);
  EXPECT_EQ(on(absl::CivilDay(2029, 3, 1), "2028-02-29"), 0);
  EXPECT_EQ(on(absl::CivilDay(2028, 12, 31), "2028-01-01"), 1);
  EXPECT_EQ(on(absl::CivilDay(2028, 12, 31), "2027-12-31"), 0);
}

TEST(Treat, SmallCountsAreNotTold) {
  ExpectTreated(
      {{
          {kInteger, SmallBelow(5), "0", Value::Text("0")},
          {kInteger, SmallBelow(5), "1", Value::Text("fewer than 5")},
          {kInteger, SmallBelow(5), "4", Value::Text("fewer than 5")},
          {kInteger, SmallBelow(5), "5", Value::Text("5")},
          {kInteger, SmallBelow(10), "9", Value::Text("fewer than 10")},
          {kInteger, SmallBelow(10), "123456", Value::Text("123456")},
          {kInteger, SmallBelow(5), "", Value::Null()},
      }},
      {});
  ExpectRefused(
      {{{kInteger, SmallBelow(5), "-1", "is below 0, which is no count"}}}, {});
}

TEST(Treat, InitialsAreThoseOfTheName) {
  const Treatment initials = Only(Transform::kInitials);
  ExpectTreated(
      {{
          {kText, initials, "Anna O'Neill-Smith", Value::Text("A.O.S.")},
          {kText, initials, "e\u0301mile", Value::Text("\u00c9.")},
          {kText, initials, "", Value::Null()},
      }},
      {});
  ExpectRefused(
      {{{kText, initials, "12 Mill Lane", "is no name: it has a digit"}}}, {});
}

TEST(Treat, TextNeedsTheMarkOfItsReviewer) {
  const Treatment reviewed = ReviewedBy("MASH detective sergeant");
  EXPECT_EQ(ReviewMark("summary"), "summary_reviewed_by");
  ExpectTreated({{
                    {kText, reviewed, "He left.", Value::Text("He left.")},
                    {kText, reviewed, "", Value::Null()},
                }},
                {kToday, {}, "MASH detective sergeant"});
  for (const char* mark :
       {"", "MASH detective", "mash detective sergeant", "true", "yes",
        "MASH detective sergeant ", "Named nurse for safeguarding"}) {
    ExpectRefused(
        {{{kText, reviewed, "He left.",
           "is not marked as reviewed: once the MASH detective sergeant has "
           "read this text, cell_reviewed_by must say \"MASH detective "
           "sergeant\""}}},
        {kToday, {}, mark});
    ExpectTreated({{{kText, reviewed, "", Value::Null()}}}, {kToday, {}, mark});
  }
}

TEST(Treat, RefusesWhatIsNoValue) {
  ReleasedField field = ReleasedAs(kText, Only(Transform::kAsIs));
  for (const Transform transform :
       {Transform::kWithhold, Transform::kPseudonym}) {
    field.treatment.transform = transform;
    EXPECT_FALSE(TreatText(field, "x", {}).ok());
  }
}

TEST(DescribeReleased, ClosesTheVocabulariesOfBandsAndGroups) {
  const ReleasedField age =
      ReleasedAs(kDate, Edges(Transform::kAgeBand, {0, 18}));
  EXPECT_EQ(age.type, ValueType::kCode);
  EXPECT_THAT(*age.vocabulary, UnorderedElementsAre("0 to 17", "18 or over"));
  EXPECT_EQ(age.longest, 10u);
  EXPECT_THAT(age.bands, ElementsAre("under 0", "0 to 17", "18 or over"));
  const ReleasedField band =
      ReleasedAs(kDecimal, Edges(Transform::kBand, {0, 18}));
  EXPECT_THAT(*band.vocabulary,
              UnorderedElementsAre("under 0", "0 to under 18", "18 or over"));
  const ReleasedField category = ReleasedAs(kCode, InGroups());
  EXPECT_EQ(category.type, ValueType::kCode);
  EXPECT_THAT(*category.vocabulary, UnorderedElementsAre("car", "home"));
  EXPECT_EQ(category.longest, 4u);
}

struct Received {
  Field type;
  Treatment treatment;
  std::vector<Value> good, bad;
};

TEST(CheckReceived, KnowsEveryForm) {
  const auto text = [](const char* of) { return Value::Text(of); };
  const auto time = [](const char* of) { return Value::Time(of); };
  const Received kCases[] = {
      {kDate,
       Only(Transform::kYear),
       {Value::Integer(2027), Value::Integer(1)},
       {Value::Integer(0), Value::Integer(10000), Value::Integer(-2027),
        text("2027")}},
      {kDate,
       Only(Transform::kDateToMonth),
       {text("2027-03"), text("0001-12")},
       {text("2027-13"), text("2027-3"), text("2027-03-31"), text("")}},
      {kText,
       Only(Transform::kPostcodeSector),
       {text("LS1 4"), text("FIQQ 1"), text("GIR 0"), text("BFPO"),
        text("JE2 3"), text("M1 1")},
       {text("LS1"), text("LS1 4AP"), text("LS1 "), text("ls1 4"),
        text("1 Mill Lane LS1 4"), text("LS14")}},
      {kText,
       Only(Transform::kPostcodeDistrict),
       {text("LS1"), text("EC1A"), text("IM99"), text("GIR"), text("STHL"),
        text("BFPO")},
       {text("LS"), text("LS1 4"), text("LS1 4AP"), text("Leeds"), text("")}},
      {kText,
       Only(Transform::kPostcodeArea),
       {text("LS"), text("M"), text("GY"), text("GIR"), text("TDCU"),
        text("BFPO")},
       {text("LS1"), text("ls"), text("QS"), text("LSX"), text("")}},
      {kText,
       Only(Transform::kInitials),
       {text("A."), text("A.B.")},
       {text("Ada"), text("a."), text("A. B."), text("")}},
      {kDate,
       Edges(Transform::kAgeBand, {18, 25}),
       {Value::Code("under 18"), Value::Code("18 to 24")},
       {Value::Code("17"), Value::Code("2009-03-31"), Value::Code("under 25"),
        text("under 18"), Value::Integer(17)}},
      {kInteger,
       Edges(Transform::kBand, {50}),
       {Value::Code("under 50")},
       {Value::Code("49"), Value::Integer(49)}},
      {kInteger,
       Grid(250),
       {Value::Integer(0), Value::Integer(429250)},
       {Value::Integer(429157), Value::Integer(-250),
        Value::Integer(10'000'250), Value::Decimal("250")}},
      {kTime,
       RoundTo(360),
       {time("2027-03-31T06:00:00Z"), time("2027-03-31T18:00:00Z")},
       {time("2027-03-31T07:00:00Z"), time("2027-03-31T06:15:00Z"),
        time("2027-03-31T06:00:01Z"), time("2027-03-31T06:00:00.5Z"),
        Value::Date("2027-03-31")}},
      {kTime,
       RoundTo(15),
       {time("2027-03-31T09:45:00Z")},
       {time("2027-03-31T09:44:00Z")}},
      {kDate,
       ShiftWithin(14),
       {Value::Date("2027-03-31")},
       {Value::Date("2027-02-29"), text("2027-03-31")}},
      {kCode,
       InGroups(),
       {Value::Code("home"), Value::Code("car")},
       {Value::Code("28/3"), Value::Code("Home"), text("home")}},
      {kDates,
       CountOver(30),
       {Value::Integer(0), Value::Integer(7)},
       {Value::Integer(-1), Value::Integer(1'000'001),
        Value::Date("2027-03-31")}},
      {kInteger,
       SmallBelow(5),
       {text("0"), text("5"), text("fewer than 5"), text("1234567890123")},
       {text("1"), text("4"), text("-5"), text("05"), text("fewer than 6"),
        text(""), Value::Integer(7)}},
      {kText,
       ReviewedBy("Sergeant"),
       {text("He left.")},
       {text("e\u0301"), Value::Code("He left.")}},
      {kText, Only(Transform::kFlag), {Value::Boolean(true)}, {text("true")}},
  };
  for (const Received& c : kCases) {
    const ReleasedField field = ReleasedAs(c.type, c.treatment);
    const absl::string_view word = WordOf(c.treatment.transform);
    EXPECT_TRUE(CheckReceived(field, Value::Null()).ok()) << word;
    for (const Value& value : c.good) {
      EXPECT_TRUE(CheckReceived(field, value).ok())
          << word << " " << value.text << value.integer;
    }
    for (const Value& value : c.bad) {
      const absl::Status held = CheckReceived(field, value);
      EXPECT_EQ(held.code(), absl::StatusCode::kInvalidArgument)
          << word << " " << value.text << value.integer;
      EXPECT_THAT(std::string(held.message()), HasSubstr("cell is "));
      if (value.text.size() > 8) {
        EXPECT_THAT(std::string(held.message()), Not(HasSubstr(value.text)));
      }
    }
  }
}

}  // namespace
}  // namespace entente::policy

#include "policy/breadth.h"

#include <ostream>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "policy/for_all.h"
#include "policy/row_rule.h"
#include "policy/test_decision.h"
#include "policy/words.h"

namespace entente::policy {

void PrintTo(Breadth breadth, std::ostream* out) {
  constexpr const char* kNames[] = {"same", "wider", "narrower", "differs"};
  *out << kNames[size_t(breadth)];
}

namespace {

Breadth Turned(Breadth breadth) {
  if (breadth == Breadth::kWider) return Breadth::kNarrower;
  if (breadth == Breadth::kNarrower) return Breadth::kWider;
  return breadth;
}

Treatment Of(Transform transform) {
  Treatment treatment;
  treatment.transform = transform;
  return treatment;
}

Treatment With(Transform transform, int64_t Treatment::*member, int64_t value) {
  Treatment treatment = Of(transform);
  treatment.*member = value;
  return treatment;
}

Treatment Bands(Transform transform, std::vector<int64_t> edges) {
  Treatment treatment = Of(transform);
  treatment.edges = std::move(edges);
  return treatment;
}

Treatment Shift(int64_t within, const std::string& per) {
  Treatment treatment = With(Transform::kShiftDays, &Treatment::within, within);
  treatment.per = per;
  return treatment;
}

struct TreatmentCase {
  Treatment before;
  Treatment after;
  Breadth want;
};

TEST(Breadth, OrdersTreatments) {
  using T = Transform;
  const TreatmentCase kCases[] = {
      {Of(T::kYear), Of(T::kYear), Breadth::kSame},
      {Of(T::kYear), Of(T::kDateToMonth), Breadth::kWider},
      {Of(T::kDateToMonth), Of(T::kAsIs), Breadth::kWider},
      {Of(T::kPostcodeArea), Of(T::kPostcodeSector), Breadth::kWider},
      {Of(T::kPostcodeSector), Of(T::kPostcodeDistrict), Breadth::kNarrower},
      {Of(T::kInitials), Of(T::kAsIs), Breadth::kWider},
      {Of(T::kInitials), Of(T::kFlag), Breadth::kNarrower},
      {Of(T::kPseudonym), Of(T::kAsIs), Breadth::kWider},
      {Of(T::kPseudonym), Of(T::kFlag), Breadth::kDiffers},
      {Of(T::kYear), Of(T::kPostcodeArea), Breadth::kDiffers},
      {Of(T::kDateToMonth), Bands(T::kAgeBand, {18}), Breadth::kDiffers},
      {Bands(T::kAgeBand, {18, 30}), Bands(T::kAgeBand, {18}),
       Breadth::kNarrower},
      {Bands(T::kBand, {10}), Bands(T::kBand, {10, 20, 30}), Breadth::kWider},
      {Bands(T::kBand, {10}), Bands(T::kBand, {20}), Breadth::kDiffers},
      {With(T::kGrid, &Treatment::metres, 1000),
       With(T::kGrid, &Treatment::metres, 250), Breadth::kWider},
      {With(T::kGrid, &Treatment::metres, 100),
       With(T::kGrid, &Treatment::metres, 250), Breadth::kDiffers},
      {With(T::kRoundTime, &Treatment::minutes, 15),
       With(T::kRoundTime, &Treatment::minutes, 60), Breadth::kNarrower},
      {Shift(30, "person"), Shift(7, "person"), Breadth::kWider},
      {Shift(30, "person"), Shift(7, "crime"), Breadth::kDiffers},
      {With(T::kSmallCount, &Treatment::below, 10),
       With(T::kSmallCount, &Treatment::below, 5), Breadth::kWider},
      {With(T::kCount, &Treatment::window_days, 30),
       With(T::kCount, &Treatment::window_days, 60), Breadth::kDiffers},
      {With(T::kCount, &Treatment::window_days, 30), Of(T::kFlag),
       Breadth::kDiffers},
  };
  for (const TreatmentCase& test : kCases) {
    EXPECT_EQ(CompareTreatments(test.before, test.after), test.want)
        << WordOf(test.before.transform) << " " << WordOf(test.after.transform);
    EXPECT_EQ(CompareTreatments(test.after, test.before), Turned(test.want));
  }
}

TEST(Breadth, NothingIsWiderThanInFullAndNothingNarrowerThanWithheld) {
  for (const auto& [word, transform] : AllWords<Transform>()) {
    const Breadth full = CompareTreatments(Of(transform), Of(Transform::kAsIs));
    EXPECT_EQ(full,
              transform == Transform::kAsIs ? Breadth::kSame : Breadth::kWider)
        << word;
    const Breadth none =
        CompareTreatments(Of(transform), Of(Transform::kWithhold));
    EXPECT_EQ(none, transform == Transform::kWithhold ? Breadth::kSame
                                                      : Breadth::kNarrower)
        << word;
  }
}

TEST(Breadth, OrdersLimits) {
  EXPECT_EQ(CompareLimits({}, {}), Breadth::kSame);
  EXPECT_EQ(CompareLimits(5, 5), Breadth::kSame);
  EXPECT_EQ(CompareLimits(5, 6), Breadth::kWider);
  EXPECT_EQ(CompareLimits(5, {}), Breadth::kWider);
  EXPECT_EQ(CompareLimits({}, 5), Breadth::kNarrower);
  EXPECT_EQ(CompareLimits(6, 5), Breadth::kNarrower);
}

Retention Kept(int64_t days) {
  Retention retention;
  retention.days = days;
  return retention;
}

TEST(Breadth, OrdersRetention) {
  const auto expect = [](const Retention& before, const Retention& after,
                         Breadth want) {
    EXPECT_EQ(CompareRetention(before, after), want);
    EXPECT_EQ(CompareRetention(after, before), Turned(want));
  };
  expect(Kept(30), Kept(30), Breadth::kSame);
  expect(Kept(30), Kept(60), Breadth::kWider);
  Retention other = Kept(30);
  other.starts = RetentionStart::kProjectEnd;
  expect(Kept(30), other, Breadth::kDiffers);
  other = Kept(30);
  other.then = RetentionEnd::kReview;
  expect(Kept(30), other, Breadth::kWider);
  other.then = RetentionEnd::kReturn;
  expect(Kept(30), other, Breadth::kDiffers);
  other = Kept(30);
  other.unless_case_record = true;
  expect(Kept(30), other, Breadth::kWider);
  expect(Kept(60), other, Breadth::kDiffers);
  other = Kept(30);
  other.certificate = true;
  expect(Kept(30), other, Breadth::kNarrower);
  other = Kept(30);
  other.no_later_than_field = "ends";
  expect(Kept(30), other, Breadth::kNarrower);
}

TEST(Breadth, OrdersWhatMayBePassedOn) {
  Onward none;
  Onward one;
  one.rule = OnwardRule::kListed;
  one.listed = {{"court", {"trial"}, "An order"}};
  Onward two = one;
  two.listed.push_back({"guards", {"patrol"}, "Training"});
  Onward ask;
  ask.rule = OnwardRule::kAskSender;
  EXPECT_EQ(CompareOnward(none, one), Breadth::kWider);
  EXPECT_EQ(CompareOnward(one, two), Breadth::kWider);
  EXPECT_EQ(CompareOnward(two, one), Breadth::kNarrower);
  EXPECT_EQ(CompareOnward(one, ask), Breadth::kDiffers);
  EXPECT_EQ(CompareOnward(none, ask), Breadth::kWider);
  Onward except = one;
  except.exceptions = {"Children"};
  EXPECT_EQ(CompareOnward(one, except), Breadth::kDiffers);
  two = one;
  two.listed[0].needs = "Nothing";
  EXPECT_EQ(CompareOnward(one, two), Breadth::kDiffers);
}

TEST(Breadth, OrdersWhatAnEmergencyMayShow) {
  BreakGlass rule;
  rule.fields["persons"] = {"address"};
  rule.minutes = 30;
  rule.report_hours = 24;
  BreakGlass more = rule;
  more.fields["persons"].push_back("name");
  EXPECT_EQ(CompareBreakGlass({}, {}), Breadth::kSame);
  EXPECT_EQ(CompareBreakGlass({}, rule), Breadth::kWider);
  EXPECT_EQ(CompareBreakGlass(rule, more), Breadth::kWider);
  more.minutes = 10;
  EXPECT_EQ(CompareBreakGlass(rule, more), Breadth::kDiffers);
  more = rule;
  more.report_hours = 72;
  EXPECT_EQ(CompareBreakGlass(more, rule), Breadth::kNarrower);
  more = rule;
  more.fields["crimes"] = {"place"};
  EXPECT_EQ(CompareBreakGlass(rule, more), Breadth::kWider);
}

RowRule On(const std::string& field) {
  RowRule rule;
  rule.field = field;
  return rule;
}

RowRule AtLeast(int64_t value) {
  RowRule rule = On("age");
  rule.at_least = value;
  return rule;
}

RowRule OneOf(std::vector<std::string> values) {
  RowRule rule = On("offence");
  rule.one_of = std::move(values);
  return rule;
}

Breadth OfRules(const std::vector<RowRule>& before,
                const std::vector<RowRule>& after) {
  const std::vector<FieldRules> fields = CompareRows(before, after);
  if (fields.empty()) return Breadth::kSame;
  EXPECT_EQ(fields.size(), 1u);
  return fields[0].breadth;
}

TEST(Breadth, OrdersRowRules) {
  EXPECT_EQ(OfRules({AtLeast(18)}, {AtLeast(10)}), Breadth::kWider);
  EXPECT_EQ(OfRules({AtLeast(10)}, {AtLeast(18)}), Breadth::kNarrower);
  EXPECT_EQ(OfRules({AtLeast(10)}, {}), Breadth::kWider);
  EXPECT_EQ(OfRules({}, {AtLeast(10)}), Breadth::kNarrower);
  RowRule most = On("age");
  most.at_most = 20;
  EXPECT_EQ(OfRules({AtLeast(10)}, {most}), Breadth::kDiffers);
  EXPECT_EQ(OfRules({AtLeast(10)}, {AtLeast(10), most}), Breadth::kNarrower);
  EXPECT_EQ(OfRules({OneOf({"a"})}, {OneOf({"b", "a"})}), Breadth::kWider);
  EXPECT_EQ(OfRules({OneOf({"a"})}, {OneOf({"b"})}), Breadth::kDiffers);
  RowRule old = On("seen");
  old.newest_days = 30;
  RowRule older = old;
  older.newest_days = 90;
  EXPECT_EQ(OfRules({old}, {older}), Breadth::kWider);
  older.not_passed = true;
  EXPECT_EQ(OfRules({old}, {older}), Breadth::kDiffers);
  RowRule days = On("seen");
  days.after = absl::CivilDay(2027, 1, 1);
  days.before = absl::CivilDay(2027, 6, 1);
  RowRule more = days;
  more.after = absl::CivilDay(2026, 1, 1);
  EXPECT_EQ(OfRules({days}, {more}), Breadth::kWider);
  more.before = absl::CivilDay(2027, 3, 1);
  EXPECT_EQ(OfRules({days}, {more}), Breadth::kDiffers);
  RowRule any = On("methods");
  any.any_of = {"a", "b"};
  RowRule fewer = any;
  fewer.any_of = {"a"};
  EXPECT_EQ(OfRules({any}, {fewer}), Breadth::kNarrower);
}

TEST(Breadth, RulesThatSayTheSameDoNotDiffer) {
  EXPECT_EQ(OfRules({AtLeast(10)}, {AtLeast(5), AtLeast(10)}), Breadth::kSame);
  RowRule equals = On("offence");
  equals.equals = "a";
  EXPECT_EQ(OfRules({equals}, {OneOf({"a"})}), Breadth::kSame);
  EXPECT_EQ(OfRules({OneOf({"a", "b"}), OneOf({"b", "c"})}, {OneOf({"b"})}),
            Breadth::kSame);
}

RowRule RandomRule(Dice* dice) {
  const std::vector<std::string> values = {"1", "2", "3"};
  RowRule rule = On("x");
  switch (dice->Roll(4)) {
    case 0:
      rule.at_least = int64_t(dice->Roll(4));
      break;
    case 1:
      rule.at_most = int64_t(dice->Roll(4));
      break;
    case 2:
      rule.one_of = dice->Some(values, 1);
      break;
    default:
      rule.any_of = dice->Some(values, 1);
  }
  return rule;
}

// A cell that every test of a random rule can read.
TypedCell Cell(int64_t value, std::vector<std::string> parts) {
  TypedCell cell;
  cell.value.type = crypto::ValueType::kInteger;
  cell.value.integer = value;
  cell.value.text = parts.empty() ? "" : parts[0];
  cell.parts = std::move(parts);
  return cell;
}

bool Passes(const std::vector<RowRule>& rules, const TypedCell& cell) {
  for (const RowRule& rule : rules) {
    if (!BrokenTests(rule, cell, WorldNow()).empty()) return false;
  }
  return true;
}

// What the rules let pass is the judge of what is called wider.
TEST(Breadth, WiderRulesLetPassWhatPassed) {
  std::vector<TypedCell> cells;
  for (int64_t value = -1; value < 5; ++value) {
    for (int bits = 0; bits < 8; ++bits) {
      std::vector<std::string> parts;
      for (int i = 0; i < 3; ++i) {
        if ((bits >> i) & 1) parts.push_back(std::to_string(i + 1));
      }
      cells.push_back(Cell(value, parts));
    }
  }
  int ordered = 0;
  ForAll(kRounds, [&](Dice* dice) {
    std::vector<RowRule> before, after;
    for (size_t i = dice->Roll(4); i > 0; --i)
      before.push_back(RandomRule(dice));
    for (size_t i = dice->Roll(4); i > 0; --i)
      after.push_back(RandomRule(dice));
    const Breadth breadth = OfRules(before, after);
    ordered += breadth != Breadth::kDiffers;
    for (const TypedCell& cell : cells) {
      const bool then = Passes(before, cell);
      const bool now = Passes(after, cell);
      const bool up = breadth == Breadth::kWider || breadth == Breadth::kSame;
      const bool down =
          breadth == Breadth::kNarrower || breadth == Breadth::kSame;
      EXPECT_TRUE(!up || now || !then);
      EXPECT_TRUE(!down || then || !now);
    }
  });
  EXPECT_GT(ordered, kRounds / 10);
}

}  // namespace
}  // namespace entente::policy

// Properties of treatments over random cells: what is released depends on
// nothing but what the agreement says may be seen, and nothing crashes.
#include <rapidcheck.h>

#include <algorithm>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "policy/age.h"
#include "policy/bands.h"
#include "policy/test_field.h"

namespace entente::policy {
namespace {

using crypto::Value;

constexpr absl::CivilDay kLeapDay(2028, 2, 29);
const Circumstances kHere = {kLeapDay, -7, "Sergeant"};

Field Of(FieldType type) { return {type, "", false}; }

std::string DayText(absl::CivilDay day) { return absl::FormatCivilTime(day); }

struct Way {
  Field type;
  Treatment treatment;
};

std::vector<Way> AllWays() {
  std::vector<Way> ways;
  const auto add = [&](std::initializer_list<FieldType> types,
                       const Treatment& treatment) {
    for (const FieldType type : types) ways.push_back({Of(type), treatment});
  };
  add({FieldType::kText, FieldType::kInteger, FieldType::kDecimal,
       FieldType::kDate, FieldType::kTime, FieldType::kBoolean,
       FieldType::kCode, FieldType::kBytes},
      Only(Transform::kAsIs));
  add({FieldType::kText, FieldType::kBoolean}, Only(Transform::kFlag));
  for (const Transform transform :
       {Transform::kYear, Transform::kDateToMonth}) {
    add({FieldType::kDate, FieldType::kTime}, Only(transform));
  }
  for (const Transform transform :
       {Transform::kPostcodeSector, Transform::kPostcodeDistrict,
        Transform::kPostcodeArea, Transform::kInitials}) {
    add({FieldType::kText}, Only(transform));
  }
  add({FieldType::kText}, ReviewedBy("Sergeant"));
  add({FieldType::kText}, ReviewedBy("Inspector"));
  add({FieldType::kDate, FieldType::kInteger},
      Edges(Transform::kAgeBand, {0, 10, 18}));
  add({FieldType::kInteger, FieldType::kDecimal},
      Edges(Transform::kBand, {0, 10, 18}));
  add({FieldType::kInteger, FieldType::kDecimal}, Grid(250));
  add({FieldType::kTime}, RoundTo(15));
  add({FieldType::kDate}, ShiftWithin(14));
  add({FieldType::kText, FieldType::kCode}, InGroups());
  add({FieldType::kInteger}, SmallBelow(5));
  ways.push_back({{FieldType::kDate, "", true}, CountOver(30)});
  return ways;
}

// Cells that are nearly right more often than chance would have them.
rc::Gen<std::string> AnyCell() {
  const std::string digits = "0123456789-.:;TZ+ ";
  return rc::gen::oneOf(
      rc::gen::arbitrary<std::string>(),
      rc::gen::container<std::string>(rc::gen::elementOf(digits)),
      rc::gen::map(rc::gen::inRange<int64_t>(-20'000'000, 20'000'000),
                   [](int64_t number) { return absl::StrCat(number); }),
      rc::gen::map(rc::gen::inRange(-800'000, 100'000),
                   [](int days) { return DayText(kLeapDay + days); }),
      rc::gen::map(rc::gen::inRange<int64_t>(-60'000'000'000, 250'000'000'000),
                   [](int64_t seconds) {
                     return absl::FormatTime("%E4Y-%m-%dT%H:%M:%SZ",
                                             absl::FromUnixSeconds(seconds),
                                             absl::UTCTimeZone());
                   }),
      rc::gen::elementOf(std::vector<std::string>{
          "28/3", "45/10", "LS1 4AP", "bfpo 9", "Anna O'Neill-Smith", "true",
          "AAEC", "2028-02-29;2028-02-28", "-0.5", ""}));
}

TEST(TreatProperty, IsTotalAndKeepsItsPromiseToTheRecipient) {
  for (const Way& way : AllWays()) {
    const ReleasedField field = ReleasedAs(way.type, way.treatment);
    EXPECT_TRUE(rc::check([&] {
      const std::string cell = *AnyCell();
      const auto value = TreatText(field, cell, kHere);
      if (!value.ok()) {
        RC_ASSERT(absl::IsInvalidArgument(value.status()));
        return;
      }
      RC_ASSERT(CheckReceived(field, *value).ok());
      RC_ASSERT(crypto::EncodePlaintext(*value, field.longest).ok());
      // The same again.
      RC_ASSERT(*TreatText(field, cell, kHere) == *value);
    })) << WordOf(way.treatment.transform);
  }
}

TEST(TreatProperty, ARecipientsCheckIsTotal) {
  for (const Way& way : AllWays()) {
    const ReleasedField field = ReleasedAs(way.type, way.treatment);
    EXPECT_TRUE(rc::check([&] {
      Value value;
      value.type = static_cast<crypto::ValueType>(*rc::gen::inRange(0, 12));
      value.text = *AnyCell();
      value.integer = *rc::gen::arbitrary<int64_t>();
      const absl::Status held = CheckReceived(field, value);
      RC_ASSERT((held.ok() || absl::IsInvalidArgument(held)));
      if (held.ok() && value.type != crypto::ValueType::kNull) {
        RC_ASSERT(value.type == field.type);
        RC_ASSERT((field.vocabulary == nullptr ||
                   field.vocabulary->contains(value.text)));
      }
    })) << WordOf(way.treatment.transform);
  }
}

// Two cells that must look the same once released do.
void ExpectAlike(const Way& way, const std::string& one,
                 const std::string& other) {
  const ReleasedField field = ReleasedAs(way.type, way.treatment);
  const auto first = TreatText(field, one, kHere);
  const auto second = TreatText(field, other, kHere);
  RC_ASSERT(first.ok());
  RC_ASSERT(second.ok());
  RC_ASSERT(*first == *second);
}

TEST(TreatProperty, AnAgeBandTellsNoMoreThanTheBand) {
  const std::vector<int64_t> edges = {0, 1, 10, 18, 25, 65};
  const Way by_date = {Of(FieldType::kDate), Edges(Transform::kAgeBand, edges)};
  const Way by_age = {Of(FieldType::kInteger),
                      Edges(Transform::kAgeBand, edges)};
  EXPECT_TRUE(rc::check([&] {
    const absl::CivilDay one = kLeapDay - *rc::gen::inRange(0, 47'000);
    const absl::CivilDay other = kLeapDay - *rc::gen::inRange(0, 47'000);
    const int64_t age = *AgeOn(one, kLeapDay);
    const int64_t other_age = *AgeOn(other, kLeapDay);
    // The band of a birth date is that of its age.
    RC_ASSERT(TreatText(ReleasedAs(by_date.type, by_date.treatment),
                        DayText(one), kHere)
                  ->text == TreatText(ReleasedAs(by_age.type, by_age.treatment),
                                      absl::StrCat(age), kHere)
                                ->text);
    RC_PRE(BandOf(edges, age) == BandOf(edges, other_age));
    ExpectAlike(by_date, DayText(one), DayText(other));
  }));
}

TEST(TreatProperty, ABandTellsNoMoreThanTheBandAndKeepsTheOrder) {
  EXPECT_TRUE(rc::check([] {
    const auto drawn = *rc::gen::unique<std::vector<int64_t>>(
        rc::gen::inRange<int64_t>(0, 1000));
    RC_PRE(!drawn.empty());
    std::vector<int64_t> edges = drawn;
    std::sort(edges.begin(), edges.end());
    const ReleasedField field =
        ReleasedAs(Of(FieldType::kInteger), Edges(Transform::kBand, edges));
    const int64_t one = *rc::gen::inRange<int64_t>(-10, 1010);
    const int64_t other = *rc::gen::inRange<int64_t>(-10, 1010);
    const auto band = [&](int64_t value) {
      const auto treated = TreatText(field, absl::StrCat(value), kHere);
      return std::find(field.bands.begin(), field.bands.end(), treated->text) -
             field.bands.begin();
    };
    // An edge between them, and nothing else, tells them apart.
    const bool parted =
        std::any_of(edges.begin(), edges.end(), [&](int64_t edge) {
          return std::min(one, other) < edge && edge <= std::max(one, other);
        });
    RC_ASSERT((band(one) != band(other)) == parted);
    RC_ASSERT((one <= other) == (band(one) <= band(other)) || !parted);
  }));
}

TEST(TreatProperty, AGridTellsNoMoreThanTheCellAndIsItsOwnGrid) {
  EXPECT_TRUE(rc::check([] {
    const int64_t metres = *rc::gen::element(100, 250, 500, 1000, 5000);
    const Way way = {Of(FieldType::kInteger), Grid(metres)};
    const Way decimal = {Of(FieldType::kDecimal), Grid(metres)};
    const int64_t cell =
        *rc::gen::inRange<int64_t>(0, kMaxMetres / metres) * metres;
    const int64_t inside = cell + *rc::gen::inRange<int64_t>(0, metres);
    ExpectAlike(way, absl::StrCat(cell), absl::StrCat(inside));
    ExpectAlike(decimal, absl::StrCat(cell), absl::StrCat(inside, ".99"));
    RC_ASSERT(TreatText(ReleasedAs(way.type, way.treatment),
                        absl::StrCat(inside), kHere)
                  ->integer == cell);
  }));
}

TEST(TreatProperty, ARoundedTimeTellsNoMoreThanTheStep) {
  EXPECT_TRUE(rc::check([] {
    const int64_t minutes = *rc::gen::element(15, 60, 360, 1440);
    const Way way = {Of(FieldType::kTime), RoundTo(minutes)};
    const int64_t step =
        *rc::gen::inRange<int64_t>(-2'000'000, 2'000'000) * minutes * 60;
    const auto text = [](int64_t seconds) {
      return absl::FormatTime("%E4Y-%m-%dT%H:%M:%SZ",
                              absl::FromUnixSeconds(seconds),
                              absl::UTCTimeZone());
    };
    RC_PRE(absl::ToCivilYear(absl::FromUnixSeconds(step),
                             absl::UTCTimeZone()) >= absl::CivilYear(1000));
    RC_PRE(absl::ToCivilYear(absl::FromUnixSeconds(step), absl::UTCTimeZone()) <
           absl::CivilYear(9999));
    const int64_t inside = step + *rc::gen::inRange<int64_t>(0, minutes * 60);
    ExpectAlike(way, text(step), text(inside));
    RC_ASSERT(
        TreatText(ReleasedAs(way.type, way.treatment), text(inside), kHere)
            ->text == text(step));
  }));
}

TEST(TreatProperty, AShiftKeepsEveryGapAndItsRange) {
  EXPECT_TRUE(rc::check([] {
    const ReleasedField field =
        ReleasedAs(Of(FieldType::kDate), ShiftWithin(90));
    const int64_t shift = *rc::gen::inRange<int64_t>(-90, 91);
    const absl::CivilDay one = kLeapDay - *rc::gen::inRange(0, 100'000);
    const absl::CivilDay other = kLeapDay - *rc::gen::inRange(0, 100'000);
    const auto shifted = [&](absl::CivilDay day) {
      absl::CivilDay to;
      absl::ParseCivilTime(
          TreatText(field, DayText(day), {kLeapDay, shift, ""})->text, &to);
      return to;
    };
    RC_ASSERT(shifted(one) - shifted(other) == one - other);
    RC_ASSERT(shifted(one) - one == shift);
  }));
}

TEST(TreatProperty, SmallCountsLookAlike) {
  EXPECT_TRUE(rc::check([] {
    const int64_t below = *rc::gen::inRange<int64_t>(3, 1000);
    const Way way = {Of(FieldType::kInteger), SmallBelow(below)};
    ExpectAlike(way, absl::StrCat(*rc::gen::inRange<int64_t>(1, below)),
                absl::StrCat(*rc::gen::inRange<int64_t>(1, below)));
  }));
}

TEST(TreatProperty, ACountTellsNothingOfTheDatesButHowMany) {
  const Way way = {{FieldType::kDate, "", true}, CountOver(30)};
  EXPECT_TRUE(rc::check([&] {
    const auto list = [](int inside, int outside) {
      std::string text;
      for (int i = 0; i < inside + outside; ++i) {
        const int days = i < inside ? *rc::gen::inRange(0, 31)
                                    : *rc::gen::element(-400, -1, 31, 4000);
        absl::StrAppend(&text, i == 0 ? "" : ";", DayText(kLeapDay - days));
      }
      return text;
    };
    const int inside = *rc::gen::inRange(0, 20);
    ExpectAlike(way, list(inside, *rc::gen::inRange(0, 5)),
                list(inside, *rc::gen::inRange(0, 5)));
  }));
}

TEST(TreatProperty, InitialsTellTheFirstLettersOnlyAndAreTheirOwn) {
  const Way way = {Of(FieldType::kText), Only(Transform::kInitials)};
  EXPECT_TRUE(rc::check([&] {
    const std::string letters = "abcdefghijklmnopqrstuvwxyz";
    const auto tail = [&] {
      return *rc::gen::container<std::string>(rc::gen::elementOf(letters));
    };
    std::string one;
    std::string other;
    const int words = *rc::gen::inRange(1, 9);
    for (int i = 0; i < words; ++i) {
      const char first = *rc::gen::elementOf(letters);
      absl::StrAppend(&one, std::string(1, first), tail(), " ");
      absl::StrAppend(&other, std::string(1, first), tail(), "-");
    }
    ExpectAlike(way, one, other);
    const auto initials =
        TreatText(ReleasedAs(way.type, way.treatment), one, kHere);
    ExpectAlike(way, one, initials->text);
  }));
}

TEST(TreatProperty, APartOfAPostcodeTellsNoMoreThanThePart) {
  EXPECT_TRUE(rc::check([] {
    const std::string inward = "ABDEFGHJLNPQRSTUWXYZ";
    const auto unit = [&] {
      return std::string{*rc::gen::elementOf(inward),
                         *rc::gen::elementOf(inward)};
    };
    const std::string area = *rc::gen::elementOf(
        std::vector<std::string>{"LS", "M", "JE", "GY", "IM", "BT", "SW"});
    const auto district = [&] {
      return absl::StrCat(area, *rc::gen::inRange(1, 100));
    };
    const auto digit = [] { return absl::StrCat(*rc::gen::inRange(0, 10)); };
    const auto way = [](Transform transform) {
      return Way{Of(FieldType::kText), Only(transform)};
    };
    const std::string near = district();
    const std::string sector = absl::StrCat(near, " ", digit());
    ExpectAlike(way(Transform::kPostcodeSector), absl::StrCat(sector, unit()),
                absl::StrCat("1 Mill Lane, ", sector, unit()));
    ExpectAlike(way(Transform::kPostcodeDistrict),
                absl::StrCat(near, " ", digit(), unit()),
                absl::StrCat(near, digit(), unit()));
    ExpectAlike(way(Transform::kPostcodeArea),
                absl::StrCat(district(), " ", digit(), unit()),
                absl::StrCat(district(), " ", digit(), unit()));
  }));
}

TEST(TreatProperty, DaysOfOneMonthAndYearLookAlike) {
  EXPECT_TRUE(rc::check([] {
    const absl::CivilDay day = kLeapDay - *rc::gen::inRange(0, 100'000);
    const absl::CivilDay first(absl::CivilMonth{day});
    const absl::CivilDay january(absl::CivilYear{day});
    ExpectAlike({Of(FieldType::kDate), Only(Transform::kDateToMonth)},
                DayText(day), DayText(first));
    ExpectAlike({Of(FieldType::kDate), Only(Transform::kYear)}, DayText(day),
                DayText(january));
  }));
}

}  // namespace
}  // namespace entente::policy

#include "policy/treat.h"

#include <algorithm>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "policy/age.h"
#include "policy/bands.h"
#include "policy/initials.h"
#include "policy/postcode.h"
#include "policy/printable.h"
#include "policy/text.h"

namespace entente::policy {
namespace {

using crypto::Value;
using crypto::ValueType;

absl::Status WrongValue(absl::string_view what) {
  return absl::InvalidArgumentError(what);
}

// ReadCell has checked it.
absl::CivilDay DayOf(absl::string_view text) {
  absl::CivilDay day;
  absl::ParseCivilTime(text.substr(0, 10), &day);
  return day;
}

int64_t WholeOf(const Value& value) {
  return value.type == ValueType::kDecimal ? Floor(value.text) : value.integer;
}

absl::StatusOr<Value> PostcodePart(Transform transform,
                                   absl::string_view text) {
  const std::optional<Postcode> found = FindPostcode(text);
  if (!found.has_value()) return WrongValue("does not end in a postcode");
  return Value::Text(transform == Transform::kPostcodeSector ? found->sector
                     : transform == Transform::kPostcodeDistrict
                         ? found->district
                         : found->area);
}

absl::StatusOr<Value> AgeBand(const ReleasedField& field, const Value& value,
                              absl::CivilDay today) {
  std::optional<int64_t> age = value.integer;
  if (value.type == ValueType::kDate) {
    age = AgeOn(DayOf(value.text), today);
    if (!age.has_value()) {
      return WrongValue(
          absl::StrCat("is no birth date: it is to come, or more than ",
                       kMaxAge, " years ago"));
    }
  }
  if (*age < 0 || *age > kMaxAge) {
    return WrongValue(absl::StrCat("is no age from 0 to ", kMaxAge));
  }
  return Value::Code(field.bands[BandOf(field.treatment.edges, *age)]);
}

absl::StatusOr<Value> OnGrid(const ReleasedField& field, const Value& value) {
  const int64_t metres = WholeOf(value);
  if (metres < 0 || metres > kMaxMetres) {
    return WrongValue(absl::StrCat("is no distance from a grid's origin, 0 to ",
                                   kMaxMetres, " metres"));
  }
  return Value::Integer(CellOf(metres, field.treatment.metres));
}

absl::StatusOr<Value> RoundTime(absl::string_view text, int64_t minutes) {
  absl::CivilMinute minute;
  if (!absl::ParseCivilTime(text.substr(0, 16), &minute)) {
    return WrongValue("is not a time");
  }
  const int64_t of_day = minute - absl::CivilMinute(absl::CivilDay(minute));
  minute -= of_day % minutes;
  return Value::Time(absl::FormatTime(
      "%E4Y-%m-%dT%H:%M:00Z", absl::FromCivil(minute, absl::UTCTimeZone()),
      absl::UTCTimeZone()));
}

absl::StatusOr<Value> Shifted(const ReleasedField& field, const Value& value,
                              std::optional<int64_t> shift) {
  if (!shift.has_value()) {
    return WrongValue(absl::StrCat("is shifted by ", field.treatment.per,
                                   ", which the row lacks"));
  }
  const absl::CivilDay day = DayOf(value.text) + *shift;
  // FormatCivilTime writes a year before 1000 with fewer digits.
  if (day.year() < 1000 || day.year() > 9999) {
    return WrongValue("is too near the calendar's end to be shifted");
  }
  return Value::Date(absl::FormatCivilTime(day));
}

absl::StatusOr<Value> Category(const ReleasedField& field, const Value& value) {
  if (field.groups == nullptr) return WrongValue("has no groups");
  const auto group = field.groups->find(value.text);
  if (group == field.groups->end()) {
    return WrongValue(
        absl::StrCat("is in no group of the list ", field.treatment.list));
  }
  return Value::Code(group->second);
}

Value CountOf(const ReleasedField& field, const TypedCell& cell,
              absl::CivilDay today) {
  const absl::CivilDay first = today - field.treatment.window_days;
  return Value::Integer(std::count_if(cell.parts.begin(), cell.parts.end(),
                                      [&](const std::string& part) {
                                        const absl::CivilDay day = DayOf(part);
                                        return day >= first && day <= today;
                                      }));
}

absl::StatusOr<Value> SmallCount(const ReleasedField& field,
                                 const Value& value) {
  if (value.integer < 0) return WrongValue("is below 0, which is no count");
  const int64_t below = field.treatment.below;
  return Value::Text(value.integer == 0 || value.integer >= below
                         ? absl::StrCat(value.integer)
                         : FewerThan(below));
}

absl::StatusOr<Value> Reviewed(const ReleasedField& field, const Value& value,
                               absl::string_view reviewed_by) {
  if (reviewed_by == field.treatment.reviewer) return value;
  return WrongValue(absl::StrCat("is not marked as reviewed: once the ",
                                 Printable(field.treatment.reviewer),
                                 " has read this text, ",
                                 ReviewMark(field.name), " must say \"",
                                 Printable(field.treatment.reviewer), "\""));
}

}  // namespace

std::string ReviewMark(absl::string_view field) {
  return absl::StrCat(field, "_reviewed_by");
}

absl::StatusOr<Value> Treat(const ReleasedField& field, const TypedCell& cell,
                            const Circumstances& circumstances) {
  const Transform transform = field.treatment.transform;
  const Value& value = cell.value;
  if (transform == Transform::kFlag) {
    if (value.type == ValueType::kBoolean) return value;
    if (field.source.type == FieldType::kBoolean) return Value::Null();
    return Value::Boolean(!cell.null());
  }
  if (transform == Transform::kCount) {
    return CountOf(field, cell, circumstances.today);
  }
  if (cell.null()) return Value::Null();
  switch (transform) {
    case Transform::kAsIs:
      return value;
    case Transform::kYear:
      return Value::Integer(DayOf(value.text).year());
    case Transform::kDateToMonth:
      return Value::Text(absl::string_view(value.text).substr(0, 7));
    case Transform::kPostcodeSector:
    case Transform::kPostcodeDistrict:
    case Transform::kPostcodeArea:
      return PostcodePart(transform, value.text);
    case Transform::kInitials: {
      const absl::StatusOr<std::string> initials = InitialsOf(value.text);
      if (!initials.ok()) return initials.status();
      return Value::Text(*initials);
    }
    case Transform::kAgeBand:
      return AgeBand(field, value, circumstances.today);
    case Transform::kBand:
      return Value::Code(
          field.bands[BandOf(field.treatment.edges, WholeOf(value))]);
    case Transform::kGrid:
      return OnGrid(field, value);
    case Transform::kRoundTime:
      return RoundTime(value.text, field.treatment.minutes);
    case Transform::kShiftDays:
      return Shifted(field, value, circumstances.shift);
    case Transform::kCategory:
      return Category(field, value);
    case Transform::kSmallCount:
      return SmallCount(field, value);
    case Transform::kReviewedText:
      return Reviewed(field, value, circumstances.reviewed_by);
    case Transform::kFlag:
    case Transform::kCount:
    case Transform::kWithhold:
    case Transform::kPseudonym:
      break;
  }
  return WrongValue("is not released as a value");
}

}  // namespace entente::policy

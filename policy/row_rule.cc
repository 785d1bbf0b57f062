#include "policy/row_rule.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "policy/text.h"

namespace entente::policy {
namespace {

using crypto::ValueType;

bool Has(const std::vector<std::string>& values, const std::string& value) {
  return std::find(values.begin(), values.end(), value) != values.end();
}

bool IsDayOrTime(const TypedCell& cell) {
  return cell.value.type == ValueType::kDate ||
         cell.value.type == ValueType::kTime;
}

// The UTC day of a date or time; ReadCell has checked it.
absl::CivilDay DayOf(const TypedCell& cell) {
  absl::CivilDay day;
  absl::ParseCivilTime(cell.value.text.substr(0, 10), &day);
  return day;
}

bool HasPassed(const TypedCell& cell, absl::Time now) {
  if (cell.value.type == ValueType::kDate) {
    return DayOf(cell) < absl::ToCivilDay(now, absl::UTCTimeZone());
  }
  absl::Time time;
  std::string ignored;
  return !absl::ParseTime(absl::RFC3339_full, cell.value.text, &time,
                          &ignored) ||
         time < now;
}

bool Equals(const TypedCell& cell, const std::string& wanted) {
  switch (cell.value.type) {
    case ValueType::kBoolean:
      return ParseBoolean(wanted) == (cell.value.integer != 0);
    case ValueType::kInteger:
      return ParseInteger(wanted) == cell.value.integer;
    default:
      return cell.value.text == wanted;
  }
}

}  // namespace

std::vector<std::string> BrokenTests(const RowRule& rule, const TypedCell& cell,
                                     absl::Time now) {
  if (cell.null()) return {"is missing"};
  std::vector<std::string> broken;
  const auto require = [&](bool given, bool holds, std::string what) {
    if (given && !holds) broken.push_back(std::move(what));
  };
  const bool day = IsDayOrTime(cell);
  const bool integer = cell.value.type == ValueType::kInteger;
  const absl::CivilDay today = absl::ToCivilDay(now, absl::UTCTimeZone());
  const int64_t newest = rule.newest_days.value_or(0);
  require(rule.newest_days.has_value(), day && DayOf(cell) >= today - newest,
          absl::StrCat("is older than ", newest, " days"));
  require(!rule.one_of.empty(), Has(rule.one_of, cell.value.text),
          absl::StrCat("is none of ", absl::StrJoin(rule.one_of, ", ")));
  require(!rule.any_of.empty(),
          std::any_of(
              cell.parts.begin(), cell.parts.end(),
              [&](const std::string& part) { return Has(rule.any_of, part); }),
          absl::StrCat("has none of ", absl::StrJoin(rule.any_of, ", ")));
  require(rule.equals.has_value(), Equals(cell, rule.equals.value_or("")),
          absl::StrCat("is not ", rule.equals.value_or("")));
  const int64_t least = rule.at_least.value_or(0);
  require(rule.at_least.has_value(), integer && cell.value.integer >= least,
          absl::StrCat("is below ", least));
  const int64_t most = rule.at_most.value_or(0);
  require(rule.at_most.has_value(), integer && cell.value.integer <= most,
          absl::StrCat("is above ", most));
  require(rule.not_passed, day && !HasPassed(cell, now), "has passed");
  const absl::CivilDay after = rule.after.value_or(absl::CivilDay());
  require(rule.after.has_value(), day && DayOf(cell) >= after,
          absl::StrCat("is before ", absl::FormatCivilTime(after)));
  const absl::CivilDay before = rule.before.value_or(absl::CivilDay());
  require(rule.before.has_value(), day && DayOf(cell) < before,
          absl::StrCat("is not before ", absl::FormatCivilTime(before)));
  return broken;
}

}  // namespace entente::policy

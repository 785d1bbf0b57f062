#include "policy/released_field.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "crypto/calendar.h"
#include "policy/bands.h"
#include "policy/initials.h"
#include "policy/postcode.h"
#include "policy/text.h"

namespace entente::policy {
namespace {

using crypto::Value;
using crypto::ValueType;

ValueType TypeOf(const Field& field) {
  if (field.many) return ValueType::kText;
  switch (field.type) {
    case FieldType::kText:
      return ValueType::kText;
    case FieldType::kInteger:
      return ValueType::kInteger;
    case FieldType::kDecimal:
      return ValueType::kDecimal;
    case FieldType::kDate:
      return ValueType::kDate;
    case FieldType::kTime:
      return ValueType::kTime;
    case FieldType::kBoolean:
      return ValueType::kBoolean;
    case FieldType::kCode:
      return ValueType::kCode;
    case FieldType::kBytes:
      return ValueType::kBytes;
  }
  return ValueType::kNull;
}

ValueType TypeAfter(const Field& field, Transform transform) {
  switch (transform) {
    case Transform::kAsIs:
      return TypeOf(field);
    case Transform::kFlag:
      return ValueType::kBoolean;
    case Transform::kYear:
    case Transform::kGrid:
    case Transform::kCount:
      return ValueType::kInteger;
    case Transform::kDateToMonth:
    case Transform::kPostcodeSector:
    case Transform::kPostcodeDistrict:
    case Transform::kPostcodeArea:
    case Transform::kInitials:
    case Transform::kSmallCount:
    case Transform::kReviewedText:
      return ValueType::kText;
    case Transform::kAgeBand:
    case Transform::kBand:
    case Transform::kCategory:
      return ValueType::kCode;
    case Transform::kRoundTime:
      return ValueType::kTime;
    case Transform::kShiftDays:
      return ValueType::kDate;
    case Transform::kWithhold:
    case Transform::kPseudonym:
      break;
  }
  return ValueType::kNull;
}

// Closes the vocabulary of `field`.
void Close(const std::vector<std::string>& values, ReleasedField* field) {
  field->vocabulary =
      std::make_shared<const Vocabulary>(values.begin(), values.end());
  // Several values in one cell have no longest one.
  if (field->source.many) return;
  for (const std::string& value : values) {
    field->longest = std::max(field->longest, value.size());
  }
}

void CloseBands(ReleasedField* field) {
  const Treatment& treatment = field->treatment;
  if (treatment.edges.empty()) return;
  field->bands =
      BandNames(treatment.edges, field->source.type == FieldType::kDecimal
                                     ? Between::kFractions
                                     : Between::kWhole);
  std::vector<std::string> possible = field->bands;
  // Nobody is younger than 0.
  if (treatment.transform == Transform::kAgeBand && treatment.edges[0] == 0) {
    possible.erase(possible.begin());
  }
  Close(possible, field);
}

void CloseGroups(const List& list, ReleasedField* field) {
  absl::flat_hash_map<std::string, std::string> groups;
  std::vector<std::string> names;
  for (const auto& [name, values] : list.groups) {
    names.push_back(name);
    for (const std::string& value : values) groups[value] = name;
  }
  field->groups =
      std::make_shared<const absl::flat_hash_map<std::string, std::string>>(
          std::move(groups));
  Close(names, field);
}

bool IsMonth(absl::string_view text) {
  return text.size() == 7 && crypto::IsDate(absl::StrCat(text, "-01"));
}

bool IsIn(const ReleasedField& field, absl::string_view text) {
  if (field.vocabulary == nullptr) return true;
  if (!field.source.many) return field.vocabulary->contains(text);
  const std::vector<absl::string_view> parts = absl::StrSplit(text, ';');
  return std::all_of(parts.begin(), parts.end(), [&](absl::string_view part) {
    return field.vocabulary->contains(part);
  });
}

// Whether an RFC 3339 time is at the beginning of a step of its day.
bool IsRounded(absl::string_view time, int64_t minutes) {
  const auto hour = ParseInteger(absl::StripPrefix(time.substr(11, 2), "0"));
  const auto minute = ParseInteger(absl::StripPrefix(time.substr(14, 2), "0"));
  return time.substr(16) == ":00Z" && minutes > 0 &&
         (hour.value_or(0) * 60 + minute.value_or(0)) % minutes == 0;
}

bool IsSmallCount(absl::string_view text, int64_t below) {
  if (text == FewerThan(below)) return true;
  const std::optional<int64_t> count = ParseInteger(text);
  return count.has_value() && (*count == 0 || *count >= below);
}

// What a value, which is of the right type, is not; empty if it is good.
absl::string_view FormFault(const ReleasedField& field, const Value& value) {
  const absl::string_view text = value.text;
  const int64_t number = value.integer;
  const Treatment& treatment = field.treatment;
  switch (treatment.transform) {
    case Transform::kYear:
      return number >= 1 && number <= 9999 ? "" : "is not a year";
    case Transform::kDateToMonth:
      return IsMonth(text) ? "" : "is not a month";
    case Transform::kPostcodeSector:
      return IsPostcodeSector(text) ? "" : "is not a postcode sector";
    case Transform::kPostcodeDistrict:
      return IsPostcodeDistrict(text) ? "" : "is not a postcode district";
    case Transform::kPostcodeArea:
      return IsPostcodeArea(text) ? "" : "is not a postcode area";
    case Transform::kInitials:
      return AreInitials(text) ? "" : "is not a name's initials";
    case Transform::kAgeBand:
    case Transform::kBand:
      return IsIn(field, text) ? "" : "is not one of the bands";
    case Transform::kGrid:
      return number >= 0 && number <= kMaxMetres && treatment.metres > 0 &&
                     number % treatment.metres == 0
                 ? ""
                 : "is not on the grid";
    case Transform::kRoundTime:
      return IsRounded(text, treatment.minutes) ? "" : "is not a rounded time";
    case Transform::kCount:
      return number >= 0 && number <= int64_t{crypto::kMaxValueSize}
                 ? ""
                 : "is not a count";
    case Transform::kSmallCount:
      return IsSmallCount(text, treatment.below)
                 ? ""
                 : "is neither a count nor the word for a small one";
    default:
      return IsIn(field, text) ? "" : "is not in the agreed list";
  }
}

}  // namespace

absl::StatusOr<ReleasedField> DescribeReleased(const Agreement& agreement,
                                               const Flow& flow,
                                               absl::string_view name) {
  ReleasedField released;
  released.name = std::string(name);
  const auto release = flow.release.find(released.name);
  const auto dataset = agreement.datasets.find(flow.dataset);
  if (release == flow.release.end() || dataset == agreement.datasets.end() ||
      release->second.transform == Transform::kWithhold ||
      release->second.transform == Transform::kPseudonym) {
    return absl::NotFoundError(
        absl::StrCat("flow ", flow.id, " releases no value ", name));
  }
  const auto field = dataset->second.fields.find(released.name);
  if (field == dataset->second.fields.end()) {
    return absl::NotFoundError(
        absl::StrCat("data set ", flow.dataset, " has no field ", name));
  }
  released.source = field->second;
  released.treatment = release->second;
  released.type = TypeAfter(released.source, released.treatment.transform);
  switch (released.treatment.transform) {
    case Transform::kAsIs: {
      const auto list = agreement.lists.find(released.source.list);
      if (list != agreement.lists.end()) Close(list->second.values, &released);
      break;
    }
    case Transform::kAgeBand:
    case Transform::kBand:
      CloseBands(&released);
      break;
    case Transform::kCategory: {
      const auto list = agreement.lists.find(released.treatment.list);
      if (list != agreement.lists.end()) CloseGroups(list->second, &released);
      break;
    }
    default:
      break;
  }
  return released;
}

std::string FewerThan(int64_t below) {
  return absl::StrCat("fewer than ", below);
}

absl::Status CheckReceived(const ReleasedField& field, const Value& value) {
  if (value.type == ValueType::kNull) return absl::OkStatus();
  if (value.type != field.type) {
    return absl::InvalidArgumentError(
        absl::StrCat(field.name, " is not of the agreed type"));
  }
  if (!crypto::CheckValue(value).ok()) {
    return absl::InvalidArgumentError(
        absl::StrCat(field.name, " is malformed"));
  }
  const absl::string_view fault = FormFault(field, value);
  if (!fault.empty()) {
    return absl::InvalidArgumentError(absl::StrCat(field.name, " ", fault));
  }
  return absl::OkStatus();
}

}  // namespace entente::policy

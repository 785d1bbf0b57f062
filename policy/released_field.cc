#include "policy/released_field.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
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

// kNull for a treatment that is not built.
ValueType TypeAfter(const Field& field, Transform transform) {
  switch (transform) {
    case Transform::kAsIs:
      return TypeOf(field);
    case Transform::kFlag:
      return ValueType::kBoolean;
    case Transform::kYear:
      return ValueType::kInteger;
    case Transform::kDateToMonth:
    case Transform::kPostcodeSector:
    case Transform::kPostcodeDistrict:
    case Transform::kPostcodeArea:
      return ValueType::kText;
    default:
      return ValueType::kNull;
  }
}

bool IsMonth(absl::string_view text) {
  return text.size() == 7 && ParseDay(absl::StrCat(text, "-01")).has_value();
}

bool IsIn(const ReleasedField& field, absl::string_view text) {
  if (field.vocabulary == nullptr) return true;
  if (!field.source.many) return field.vocabulary->contains(text);
  const std::vector<absl::string_view> parts = absl::StrSplit(text, ';');
  return std::all_of(parts.begin(), parts.end(), [&](absl::string_view part) {
    return field.vocabulary->contains(part);
  });
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
  released.transform = release->second.transform;
  released.type = TypeAfter(released.source, released.transform);
  if (released.type == ValueType::kNull) {
    return absl::UnimplementedError(absl::StrCat(
        WordOf(released.transform), " of ", name, " is not built yet"));
  }
  const auto list = agreement.lists.find(released.source.list);
  if (list == agreement.lists.end() || released.transform != Transform::kAsIs) {
    return released;
  }
  const std::vector<std::string>& values = list->second.values;
  released.vocabulary =
      std::make_shared<const Vocabulary>(values.begin(), values.end());
  // Several values in one cell have no longest one.
  if (released.source.many) return released;
  for (const std::string& value : values) {
    released.longest = std::max(released.longest, value.size());
  }
  return released;
}

absl::StatusOr<Value> Treat(const ReleasedField& field, const TypedCell& cell) {
  if (field.transform == Transform::kFlag) {
    if (cell.value.type == ValueType::kBoolean) return cell.value;
    if (field.source.type == FieldType::kBoolean) return Value::Null();
    return Value::Boolean(!cell.null());
  }
  if (cell.null()) return Value::Null();
  const absl::string_view text = cell.value.text;
  switch (field.transform) {
    case Transform::kAsIs:
      return cell.value;
    case Transform::kYear:
      return Value::Integer(ParseInteger(text.substr(0, 4)).value_or(0));
    case Transform::kDateToMonth:
      return Value::Text(text.substr(0, 7));
    case Transform::kPostcodeSector:
    case Transform::kPostcodeDistrict:
    case Transform::kPostcodeArea: {
      const std::optional<Postcode> found = FindPostcode(text);
      if (!found.has_value()) {
        return absl::InvalidArgumentError("does not end in a postcode");
      }
      return Value::Text(
          field.transform == Transform::kPostcodeSector     ? found->sector
          : field.transform == Transform::kPostcodeDistrict ? found->district
                                                            : found->area);
    }
    default:
      return absl::UnimplementedError(
          absl::StrCat(WordOf(field.transform), " is not built yet"));
  }
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
  if (field.transform == Transform::kDateToMonth && !IsMonth(value.text)) {
    return absl::InvalidArgumentError(
        absl::StrCat(field.name, " is not a month"));
  }
  if (!IsIn(field, value.text)) {
    return absl::InvalidArgumentError(
        absl::StrCat(field.name, " is not in the agreed list"));
  }
  return absl::OkStatus();
}

}  // namespace entente::policy

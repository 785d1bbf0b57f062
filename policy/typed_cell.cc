#include "policy/typed_cell.h"

#include <uninorm.h>
#include <unistr.h>

#include <cstdlib>
#include <optional>
#include <utility>

#include "absl/cleanup/cleanup.h"
#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/time/time.h"
#include "crypto/hex.h"
#include "crypto/unicode.h"
#include "policy/text.h"

namespace entente::policy {
namespace {

using crypto::Value;

absl::Status WrongCell(absl::string_view what) {
  return absl::InvalidArgumentError(what);
}

absl::StatusOr<Value> ReadTime(absl::string_view text) {
  constexpr absl::string_view kWant =
      "is not a time, such as 2027-03-31T14:05:00Z";
  // ParseTime also reads blanks and the word infinite-future.
  const auto is_digit = [](char c) { return absl::ascii_isdigit(uint8_t(c)); };
  if (text.size() < 20 || !is_digit(text[0]) || text[10] != 'T' ||
      absl::StrContains(text, ' ') ||
      !(text.back() == 'Z' || is_digit(text.back()))) {
    return WrongCell(kWant);
  }
  // absl::Time holds little more, and would drop the rest without a word.
  if (text[19] == '.' && text.find_first_not_of("0123456789", 20) > 29) {
    return WrongCell("is a time finer than nanoseconds");
  }
  absl::Time time;
  std::string ignored;
  if (!absl::ParseTime(absl::RFC3339_full, text, &time, &ignored)) {
    return WrongCell(kWant);
  }
  return Value::Time(
      absl::FormatTime("%E4Y-%m-%dT%H:%M:%E*SZ", time, absl::UTCTimeZone()));
}

absl::StatusOr<Value> ReadOne(FieldType type, const Vocabulary* vocabulary,
                              absl::string_view text) {
  switch (type) {
    case FieldType::kText:
      return Value::Text(text);
    case FieldType::kCode:
      if (vocabulary != nullptr && !vocabulary->contains(text)) {
        return WrongCell("is not in the field's list");
      }
      return Value::Code(text);
    case FieldType::kInteger: {
      const std::optional<int64_t> number = ParseInteger(text);
      if (!number)
        return WrongCell("is not a whole number of at most 15 digits");
      return Value::Integer(*number);
    }
    case FieldType::kDecimal:
      if (!crypto::CheckValue(Value::Decimal(text)).ok()) {
        return WrongCell("is not a decimal number, such as -12.50");
      }
      return Value::Decimal(text);
    case FieldType::kDate:
      if (!crypto::CheckValue(Value::Date(text)).ok()) {
        return WrongCell("is not a date, such as 2027-03-31");
      }
      return Value::Date(text);
    case FieldType::kTime:
      return ReadTime(text);
    case FieldType::kBoolean: {
      const std::optional<bool> value = ParseBoolean(text);
      if (!value) return WrongCell("is neither true nor false");
      return Value::Boolean(*value);
    }
    case FieldType::kBytes: {
      const absl::StatusOr<crypto::Bytes> bytes = crypto::FromBase64(text);
      if (!bytes.ok()) return WrongCell("is not base64");
      return Value::OfBytes(*bytes);
    }
  }
  return WrongCell("is of an unknown type");
}

}  // namespace

absl::StatusOr<std::string> ToNfc(absl::string_view text) {
  if (crypto::CheckNfc(text).ok()) return std::string(text);
  const auto* bytes = reinterpret_cast<const uint8_t*>(text.data());
  // u8_normalize would put a replacement for what is not UTF-8.
  if (u8_check(bytes, text.size()) != nullptr) return WrongCell("is not UTF-8");
  size_t length = 0;
  uint8_t* const normal =
      u8_normalize(UNINORM_NFC, bytes, text.size(), nullptr, &length);
  const auto cleanup = absl::MakeCleanup([normal] { free(normal); });
  if (normal == nullptr) {
    return absl::ResourceExhaustedError("cannot be normalised: no memory");
  }
  return std::string(reinterpret_cast<const char*>(normal), length);
}

absl::StatusOr<TypedCell> ReadCell(const Field& field,
                                   const Vocabulary* vocabulary,
                                   absl::string_view text) {
  TypedCell cell;
  if (text.empty()) return cell;
  if (text.size() > crypto::kMaxValueSize) return WrongCell("is too long");
  const absl::StatusOr<std::string> normal = ToNfc(text);
  if (!normal.ok()) return normal.status();
  if (!field.many) {
    absl::StatusOr<Value> value = ReadOne(field.type, vocabulary, *normal);
    if (!value.ok()) return value.status();
    cell.value = *std::move(value);
    return cell;
  }
  for (absl::string_view part : absl::StrSplit(*normal, ';')) {
    part = absl::StripAsciiWhitespace(part);
    if (part.empty())
      return WrongCell("has an empty part between its semicolons");
    const absl::StatusOr<Value> value = ReadOne(field.type, vocabulary, part);
    if (!value.ok()) return value.status();
    cell.parts.push_back(value->text);
  }
  cell.value = Value::Text(absl::StrJoin(cell.parts, ";"));
  return cell;
}

}  // namespace entente::policy

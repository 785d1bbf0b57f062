#include "crypto/value.h"

#include <algorithm>
#include <bit>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "crypto/calendar.h"
#include "crypto/encoding.h"
#include "crypto/unicode.h"

namespace entente::crypto {
namespace {

constexpr size_t kFrameSize = 5;  // length and type
constexpr size_t kIntegerSize = 8;

size_t DigitRun(absl::string_view text) {
  size_t run = 0;
  while (run < text.size() &&
         absl::ascii_isdigit(static_cast<unsigned char>(text[run]))) {
    ++run;
  }
  return run;
}

bool IsDecimal(absl::string_view text) {
  if (!text.empty() && text[0] == '-') text.remove_prefix(1);
  const size_t whole = DigitRun(text);
  if (whole == 0 || (whole > 1 && text[0] == '0')) return false;
  if (whole == text.size()) return true;
  const absl::string_view fraction = text.substr(whole + 1);
  return text[whole] == '.' && !fraction.empty() &&
         DigitRun(fraction) == fraction.size();
}

absl::Status Check(bool ok, absl::string_view rule) {
  return ok ? absl::OkStatus() : absl::InvalidArgumentError(rule);
}

bool HoldsInteger(ValueType type) {
  return type == ValueType::kInteger || type == ValueType::kBoolean;
}

Bytes ValueBytes(const Value& value) {
  Bytes bytes;
  if (value.type == ValueType::kInteger) {
    AppendU64(&bytes, static_cast<uint64_t>(value.integer));
  } else if (value.type == ValueType::kBoolean) {
    bytes.push_back(static_cast<uint8_t>(value.integer));
  } else {
    bytes.assign(value.text.begin(), value.text.end());
  }
  return bytes;
}

absl::StatusOr<Value> ValueFromBytes(uint8_t type,
                                     absl::Span<const uint8_t> bytes) {
  if (type > static_cast<uint8_t>(ValueType::kBytes)) {
    return absl::InvalidArgumentError(
        absl::StrCat("unknown value type ", type));
  }
  Value value;
  value.type = static_cast<ValueType>(type);
  if (!HoldsInteger(value.type)) {
    value.text = std::string(AsText(bytes));
    return value;
  }
  if (value.type == ValueType::kInteger && bytes.size() != kIntegerSize) {
    return absl::InvalidArgumentError("an integer takes 8 bytes");
  }
  if (value.type == ValueType::kBoolean && bytes.size() != 1) {
    return absl::InvalidArgumentError("a boolean takes 1 byte");
  }
  uint64_t bits = 0;
  for (const uint8_t byte : bytes) bits = bits << 8 | byte;
  value.integer = static_cast<int64_t>(bits);
  return value;
}

}  // namespace

absl::Status CheckValue(const Value& value) {
  if (value.text.size() > kMaxValueSize) {
    return absl::InvalidArgumentError(
        absl::StrCat("a value holds at most ", kMaxValueSize, " bytes"));
  }
  if (HoldsInteger(value.type) ? !value.text.empty() : value.integer != 0) {
    return absl::InvalidArgumentError("value holds more than its type allows");
  }
  switch (value.type) {
    case ValueType::kNull:
      return Check(value.text.empty(), "a null holds nothing");
    case ValueType::kText:
    case ValueType::kCode:
      return CheckNfc(value.text);
    case ValueType::kDecimal:
      return Check(IsDecimal(value.text),
                   "a decimal is digits, with a minus before and a fraction "
                   "after them at most");
    case ValueType::kDate:
      return Check(IsDate(value.text), "a date is a real day, YYYY-MM-DD");
    case ValueType::kTime:
      return Check(IsUtcTime(value.text),
                   "a time is YYYY-MM-DDTHH:MM:SSZ, in UTC");
    case ValueType::kBoolean:
      return Check(value.integer == 0 || value.integer == 1,
                   "a boolean is 0 or 1");
    case ValueType::kInteger:
    case ValueType::kBytes:
      return absl::OkStatus();
  }
  return absl::InvalidArgumentError("unknown value type");
}

size_t PadmeSize(size_t size) {
  if (size < 2) return size;
  const int exponent = std::bit_width(size) - 1;
  const int kept = std::bit_width(static_cast<size_t>(exponent));
  if (kept >= exponent) return size;
  const size_t mask = (size_t{1} << (exponent - kept)) - 1;
  return (size + mask) & ~mask;
}

size_t PlaintextSize(size_t value_size, size_t longest) {
  return std::max(kMinPlaintextSize,
                  PadmeSize(std::max(value_size, longest) + kFrameSize));
}

bool IsPlaintextSize(size_t size) {
  return size >= kMinPlaintextSize && PadmeSize(size) == size &&
         size <= PlaintextSize(kMaxValueSize, 0);
}

absl::StatusOr<Bytes> EncodePlaintext(const Value& value, size_t longest) {
  if (absl::Status valid = CheckValue(value); !valid.ok()) return valid;
  const Bytes bytes = ValueBytes(value);
  if (longest != 0 && bytes.size() > longest) {
    return absl::InvalidArgumentError(
        "value is longer than the longest member of its vocabulary");
  }
  Bytes plaintext;
  plaintext.reserve(PlaintextSize(bytes.size(), longest));
  AppendU32(&plaintext, static_cast<uint32_t>(bytes.size()));
  plaintext.push_back(static_cast<uint8_t>(value.type));
  plaintext.insert(plaintext.end(), bytes.begin(), bytes.end());
  plaintext.resize(PlaintextSize(bytes.size(), longest));
  return plaintext;
}

absl::StatusOr<Value> DecodePlaintext(absl::Span<const uint8_t> plaintext,
                                      size_t longest) {
  if (plaintext.size() < kMinPlaintextSize) {
    return absl::InvalidArgumentError("plaintext is shorter than any");
  }
  uint32_t size = 0;
  for (size_t i = 0; i < 4; ++i) size = size << 8 | plaintext[i];
  if (size > plaintext.size() - kFrameSize ||
      (longest != 0 && size > longest) ||
      PlaintextSize(size, longest) != plaintext.size()) {
    return absl::InvalidArgumentError("plaintext is not padded as its field");
  }
  const absl::Span<const uint8_t> padding =
      plaintext.subspan(kFrameSize + size);
  if (std::any_of(padding.begin(), padding.end(),
                  [](uint8_t byte) { return byte != 0; })) {
    return absl::InvalidArgumentError("padding is not zero");
  }
  absl::StatusOr<Value> value =
      ValueFromBytes(plaintext[4], plaintext.subspan(kFrameSize, size));
  if (!value.ok()) return value;
  if (absl::Status valid = CheckValue(*value); !valid.ok()) return valid;
  return value;
}

}  // namespace entente::crypto

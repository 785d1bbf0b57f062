// Typed values and the padded plaintexts that carry them inside a seal.
// Pure; thread-safe.
#ifndef ENTENTE_CRYPTO_VALUE_H_
#define ENTENTE_CRYPTO_VALUE_H_

#include <cstddef>
#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "crypto/hex.h"

namespace entente::crypto {

// What a value is; the number is its byte in the plaintext.
enum class ValueType : uint8_t {
  kNull = 0,     // nothing released, or nothing known: no bytes
  kText = 1,     // UTF-8, NFC
  kInteger = 2,  // 8 bytes, big-endian, two's complement
  kDecimal = 3,  // as text: `-12.50`, without exponent or leading zeros
  kDate = 4,     // as text: `YYYY-MM-DD`, a real day (crypto/calendar.h)
  kTime = 5,     // as text: RFC 3339 in UTC (crypto/calendar.h)
  kBoolean = 6,  // 1 byte, 0 or 1
  kCode = 7,     // text out of a vocabulary: UTF-8, NFC
  kBytes = 8,    // any bytes
};

// A value's bytes inside a plaintext. Padded and sealed, this just fits a
// chunk.
inline constexpr size_t kMaxValueSize = 1'000'000;
// No plaintext is shorter.
inline constexpr size_t kMinPlaintextSize = 64;

// One typed value: `text` holds text, decimal, date, time, code and bytes,
// `integer` holds an integer, or 0 and 1 for a boolean. Never a secret.
struct Value {
  ValueType type = ValueType::kNull;
  std::string text;
  int64_t integer = 0;

  static Value Null() { return {}; }
  static Value Integer(int64_t value) {
    return {ValueType::kInteger, {}, value};
  }
  static Value Boolean(bool value) {
    return {ValueType::kBoolean, {}, value ? 1 : 0};
  }
  static Value Text(absl::string_view v) { return Of(ValueType::kText, v); }
  static Value Decimal(absl::string_view v) {
    return Of(ValueType::kDecimal, v);
  }
  static Value Date(absl::string_view v) { return Of(ValueType::kDate, v); }
  static Value Time(absl::string_view v) { return Of(ValueType::kTime, v); }
  static Value Code(absl::string_view v) { return Of(ValueType::kCode, v); }
  static Value OfBytes(absl::Span<const uint8_t> v) {
    return Of(ValueType::kBytes, AsText(v));
  }
  static Value Of(ValueType type, absl::string_view text) {
    return {type, std::string(text), 0};
  }

  friend bool operator==(const Value&, const Value&) = default;
};

// OK if `value` obeys the table above. InvalidArgument names the rule broken,
// never the value.
absl::Status CheckValue(const Value& value);

// `size` rounded up by Padmé (Nikitin and others, 2019, "Reducing Metadata
// Leakage from Encrypted Files"): at most 12 % more, and only O(log log size)
// bits of the size remain visible.
size_t PadmeSize(size_t size);

// The size of a plaintext whose value takes `value_size` bytes in a field whose
// longest possible value takes `longest`: max(64, Padmé(larger of both + 5)).
size_t PlaintextSize(size_t value_size, size_t longest);

// Whether some value makes a plaintext of `size` bytes: what anyone without the
// key can still check.
bool IsPlaintextSize(size_t size);

// u32(length) || u8(type) || value || zeros, of PlaintextSize(length, longest)
// bytes. `longest` is the size of the longest member of a closed vocabulary, 0
// for an open one. InvalidArgument if CheckValue refuses, if the value is
// longer than kMaxValueSize, or longer than `longest` when that is not 0.
absl::StatusOr<Bytes> EncodePlaintext(const Value& value, size_t longest);

// Reads what EncodePlaintext writes with the same `longest`, and nothing else.
// InvalidArgument for a wrong size, padding that is not zero, an unknown type,
// or bytes that do not obey the type. Safe on hostile input.
absl::StatusOr<Value> DecodePlaintext(absl::Span<const uint8_t> plaintext,
                                      size_t longest);

}  // namespace entente::crypto

#endif  // ENTENTE_CRYPTO_VALUE_H_

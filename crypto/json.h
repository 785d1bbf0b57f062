// JSON, read strictly and written canonically.
#ifndef ENTENTE_CRYPTO_JSON_H_
#define ENTENTE_CRYPTO_JSON_H_

#include <cstddef>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"

namespace entente::crypto {

// Objects keep their keys in the order of their UTF-8 bytes.
using Json = nlohmann::json;

// The largest text and the deepest nesting that ParseJson reads.
inline constexpr size_t kMaxJsonBytes = 4 << 20;
inline constexpr int kMaxJsonDepth = 32;
// Whole numbers that every reader holds exactly: RFC 7493 section 2.2.
inline constexpr int64_t kMaxJsonInteger = 9007199254740991;

// Reads one document of objects, arrays, strings, whole numbers within
// +-kMaxJsonInteger and booleans. InvalidArgument, starting "line:column: ",
// for a duplicate key, null, a fraction or exponent, a number out of range, bad
// UTF-8, a document that is too deep or too long, anything after it, and
// whatever else RFC 8259 refuses. Safe on hostile input.
absl::StatusOr<Json> ParseJson(absl::string_view text);

// RFC 8785: no white space, keys in order of their UTF-16 code units, shortest
// escapes. InvalidArgument for null, fractions, numbers out of range and bad
// UTF-8.
absl::StatusOr<std::string> CanonicalJson(const Json& value);

// ParseJson of bytes that are canonical already; InvalidArgument otherwise. Two
// documents that it reads are equal if and only if their bytes are.
absl::StatusOr<Json> ParseCanonicalJson(absl::Span<const uint8_t> bytes);

}  // namespace entente::crypto

#endif  // ENTENTE_CRYPTO_JSON_H_

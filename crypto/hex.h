// Hexadecimal and base64, strict both ways.
#ifndef ENTENTE_CRYPTO_HEX_H_
#define ENTENTE_CRYPTO_HEX_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"

namespace entente::crypto {

using Bytes = std::vector<uint8_t>;

// The bytes of `text`, borrowed.
absl::Span<const uint8_t> AsBytes(absl::string_view text);
// The text of `bytes`, borrowed.
absl::string_view AsText(absl::Span<const uint8_t> bytes);

// Lower-case hexadecimal, two digits a byte.
std::string ToHex(absl::Span<const uint8_t> bytes);
// Reads lower-case hexadecimal. InvalidArgument for an odd length or any other
// character.
absl::StatusOr<Bytes> FromHex(absl::string_view text);

// RFC 4648 section 4: standard alphabet, padded.
std::string ToBase64(absl::Span<const uint8_t> bytes);
// Reads what ToBase64 writes and nothing else: InvalidArgument for white space,
// missing padding, another alphabet, or unused bits that are not zero.
absl::StatusOr<Bytes> FromBase64(absl::string_view text);

}  // namespace entente::crypto

#endif  // ENTENTE_CRYPTO_HEX_H_

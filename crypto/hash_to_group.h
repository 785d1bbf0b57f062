// Hashing into the group and its scalars, by RFC 9380 with SHA-512.
#ifndef ENTENTE_CRYPTO_HASH_TO_GROUP_H_
#define ENTENTE_CRYPTO_HASH_TO_GROUP_H_

#include <cstddef>
#include <cstdint>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "crypto/group.h"
#include "crypto/hex.h"

namespace entente::crypto {

// What RFC 9497 calls contextString in mode 1, and the separator that it then
// hashes identifiers under.
inline constexpr absl::string_view kVoprfContext(
    "OPRFV1-\x01-ristretto255-SHA512", 28);
inline constexpr absl::string_view kHashToGroupDst(
    "HashToGroup-OPRFV1-\x01-ristretto255-SHA512", 40);

// RFC 9380 section 5.3.1 with SHA-512. InvalidArgument unless `dst` has 1 to
// 255 bytes and `size` is 1 to 16,320. Thread-safe.
absl::StatusOr<Bytes> ExpandMessageXmdSha512(absl::Span<const uint8_t> message,
                                             absl::string_view dst,
                                             size_t size);

// Reduce64 of 64 bytes expanded from `message` under `label`. InvalidArgument
// if the result is 0 or the label does not do as a `dst`. Thread-safe.
absl::StatusOr<Scalar> HashToScalar(absl::string_view label,
                                    absl::Span<const uint8_t> message);

// hash_to_ristretto255 of RFC 9380 appendix B. InvalidArgument if the result is
// the identity. Thread-safe; 17 us.
absl::StatusOr<Point> HashToGroup(absl::Span<const uint8_t> message,
                                  absl::string_view dst = kHashToGroupDst);

}  // namespace entente::crypto

#endif  // ENTENTE_CRYPTO_HASH_TO_GROUP_H_

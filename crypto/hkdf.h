// HKDF by RFC 5869, over SHA-256 and SHA-512. Thread-safe.
#ifndef ENTENTE_CRYPTO_HKDF_H_
#define ENTENTE_CRYPTO_HKDF_H_

#include <cstddef>
#include <cstdint>

#include "absl/status/status.h"
#include "absl/types/span.h"
#include "crypto/secret.h"

namespace entente::crypto {

// The most that one call gives: 255 blocks.
inline constexpr size_t kMaxHkdfSha256Output = size_t{255} * 32;
inline constexpr size_t kMaxHkdfSha512Output = size_t{255} * 64;

// The pseudorandom key. An empty `salt` stands for 32 zero bytes.
WipedArray<32> HkdfSha256Extract(absl::Span<const uint8_t> salt,
                                 absl::Span<const uint8_t> ikm);

// Fills `out`. InvalidArgument if it is longer than kMaxHkdfSha256Output.
absl::Status HkdfSha256Expand(absl::Span<const uint8_t> prk,
                              absl::Span<const uint8_t> info,
                              absl::Span<uint8_t> out);

// Extract, then Expand into `out`. InvalidArgument as there.
absl::Status HkdfSha256(absl::Span<const uint8_t> ikm,
                        absl::Span<const uint8_t> salt,
                        absl::Span<const uint8_t> info,
                        absl::Span<uint8_t> out);
absl::Status HkdfSha512(absl::Span<const uint8_t> ikm,
                        absl::Span<const uint8_t> salt,
                        absl::Span<const uint8_t> info,
                        absl::Span<uint8_t> out);

}  // namespace entente::crypto

#endif  // ENTENTE_CRYPTO_HKDF_H_

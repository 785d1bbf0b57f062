// X25519 by RFC 7748, by OpenSSL, in constant time. Thread-safe; 40 us a call.
#ifndef ENTENTE_CRYPTO_X25519_H_
#define ENTENTE_CRYPTO_X25519_H_

#include <array>
#include <cstdint>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "crypto/secret.h"

namespace entente::crypto {

// The shared secret of `private_key` and `public_key`, 32 bytes each.
// InvalidArgument for another size, or when it would be all zero, as with a
// public key of small order.
absl::StatusOr<WipedArray<32>> X25519(absl::Span<const uint8_t> private_key,
                                      absl::Span<const uint8_t> public_key);

// The public key of `private_key`, 32 bytes. InvalidArgument for another size.
absl::StatusOr<std::array<uint8_t, 32>> X25519PublicKey(
    absl::Span<const uint8_t> private_key);

}  // namespace entente::crypto

#endif  // ENTENTE_CRYPTO_X25519_H_

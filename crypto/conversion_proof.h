// The broker's proof that it converted a whole chunk with the right keys and
// left nobody out, swapped or put in. It stops a broker that tags a recipient
// with another key. A chunk without ciphertexts has no proof.
#ifndef ENTENTE_CRYPTO_CONVERSION_PROOF_H_
#define ENTENTE_CRYPTO_CONVERSION_PROOF_H_

#include <array>
#include <cstddef>
#include <cstdint>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "crypto/batch_limits.h"
#include "crypto/convert.h"
#include "crypto/group.h"
#include "crypto/hex.h"
#include "crypto/sha.h"

namespace entente::crypto {

inline constexpr size_t kConversionProofBytes = 96;
// The most ciphertexts that one proof covers: a chunk of 1 MiB full of them.
inline constexpr size_t kMaxProvedCiphertexts =
    kMaxChunkBytes / kCiphertextBytes;

// c, z_s and z_w, each a canonical scalar.
using ConversionProof = std::array<uint8_t, kConversionProofBytes>;

// The public keys that a conversion is between.
struct ConversionPublicKeys {
  Point source;       // K_src
  Point destination;  // K_dst
  Point edge;         // X_e
  Point recipient;    // Y_B
};

// What binds a proof to its place: the batch head, then the chunk's number
// counted from 0.
Bytes ConversionContext(const Hash& batch_head, uint32_t chunk);

// A fresh proof that `converted` is `sent`, converted with `keys` for the
// recipient whose key is `recipient`. `context` is made by
// ConversionContext. InvalidArgument unless there are 1 to
// kMaxProvedCiphertexts and both spans are as long, or if the context exceeds
// 65,535 bytes. That the statement is true is the caller's affair. Thread-safe;
// 120 us a ciphertext.
absl::StatusOr<ConversionProof> ProveConversion(
    const ConversionKeys& keys, const Point& recipient,
    absl::Span<const uint8_t> context, absl::Span<const Ciphertext> sent,
    absl::Span<const Converted> converted);

// Checks one. The caller has checked the proofs of possession of all four keys
// and that the source is the sender's MATCHING domain. InvalidArgument as
// ProveConversion or if the proof is not three canonical scalars; DataLoss if
// the conversion is not proved. Safe on hostile input; thread-safe; 240 us a
// ciphertext.
absl::Status VerifyConversion(const ConversionPublicKeys& keys,
                              absl::Span<const uint8_t> context,
                              absl::Span<const Ciphertext> sent,
                              absl::Span<const Converted> converted,
                              absl::Span<const uint8_t> proof);

}  // namespace entente::crypto

#endif  // ENTENTE_CRYPTO_CONVERSION_PROOF_H_

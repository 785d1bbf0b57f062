// Hashes of an RFC 6962 tree and the checks of its proofs.
#ifndef ENTENTE_CRYPTO_MERKLE_H_
#define ENTENTE_CRYPTO_MERKLE_H_

#include <cstdint>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "crypto/sha.h"

namespace entente::crypto {

// Hashes in the longest inclusion proof; a consistency proof has one more.
inline constexpr size_t kMaxInclusionHashes = 64;

// SHA-256(""), the root of the tree without entries.
Hash EmptyRoot();
// SHA-256(0x00 || entry). Thread-safe.
Hash LeafHash(absl::Span<const uint8_t> entry);
Hash LeafHash(absl::string_view entry);
// SHA-256(0x01 || left || right). Thread-safe; 0.13 us.
Hash NodeHash(const Hash& left, const Hash& right);

// Checks that `leaf` is the hash of entry `index` (from 0) of the tree of
// `size` entries under `root`: RFC 9162 section 2.1.3.2. InvalidArgument unless
// index < size and the proof has the right length; DataLoss if it does not lead
// to `root`. Safe on hostile input.
absl::Status VerifyInclusion(const Hash& leaf, uint64_t index, uint64_t size,
                             absl::Span<const Hash> proof, const Hash& root);

// Checks that the tree of `new_size` entries begins with that of `old_size`:
// RFC 9162 section 2.1.4.2. With equal sizes, or an old size of 0, the proof
// must be empty. InvalidArgument if old_size > new_size or the proof has the
// wrong length; DataLoss if it does not lead to both roots. Safe on hostile
// input.
absl::Status VerifyConsistency(uint64_t old_size, const Hash& old_root,
                               uint64_t new_size, const Hash& new_root,
                               absl::Span<const Hash> proof);

}  // namespace entente::crypto

#endif  // ENTENTE_CRYPTO_MERKLE_H_

// How large a batch may be. Sender, broker and recipient refuse more.
#ifndef ENTENTE_CRYPTO_BATCH_LIMITS_H_
#define ENTENTE_CRYPTO_BATCH_LIMITS_H_

#include <cstddef>
#include <cstdint>

#include "absl/time/time.h"

namespace entente::crypto {

inline constexpr uint32_t kMaxChunkRecords = 1024;
// Pseudonyms and sealed bytes of a chunk together.
inline constexpr size_t kMaxChunkBytes = size_t{1} << 20;
inline constexpr uint32_t kMaxBatchChunks = 64;
inline constexpr uint32_t kMaxBatchRecords = kMaxBatchChunks * kMaxChunkRecords;
inline constexpr size_t kMaxHeaderBytes = size_t{64} << 10;
// Released fields of a record, without `_present`.
inline constexpr size_t kMaxReleasedFields = 256;
inline constexpr size_t kMaxPseudonymFields = 32;
// C1 || C2, and R1 || R2.
inline constexpr size_t kElementPairSize = 64;
// From `created` to `not_after`.
inline constexpr absl::Duration kMaxBatchLife = absl::Hours(7 * 24);

}  // namespace entente::crypto

#endif  // ENTENTE_CRYPTO_BATCH_LIMITS_H_

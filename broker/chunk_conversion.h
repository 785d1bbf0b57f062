// The arithmetic on one chunk: blind conversion to the recipient's domain.
#ifndef ENTENTE_BROKER_CHUNK_CONVERSION_H_
#define ENTENTE_BROKER_CHUNK_CONVERSION_H_

#include <cstdint>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "crypto/convert.h"
#include "crypto/group.h"
#include "crypto/hex.h"
#include "crypto/sha.h"

namespace entente::broker {

struct ConvertedChunk {
  crypto::Bytes converted;  // R1 || R2 in wire order
  crypto::Bytes proof;      // 96 bytes, or empty
};

// What the pseudonyms of one chunk become. `earlier` are those of the batch's
// chunks before it, as they travelled. A proof is made if `recipient` is not
// null and there is anything to prove; it is bound to `head_hash` and `chunk`.
// BAD_ELEMENT, also for one that converts to the identity; REPEATED_ELEMENT.
// Thread-safe; 150 us a pseudonym, 270 us with proof.
absl::StatusOr<ConvertedChunk> ConvertChunk(
    const crypto::ConversionKeys& keys, const crypto::Point* recipient,
    const crypto::Hash& head_hash, uint32_t chunk,
    absl::Span<const uint8_t> pseudonyms,
    absl::Span<const crypto::Bytes> earlier);

}  // namespace entente::broker

#endif  // ENTENTE_BROKER_CHUNK_CONVERSION_H_

// The chain of chunk hashes that a sender signs, and the delivery that a
// recipient signs.
#ifndef ENTENTE_CRYPTO_CHUNK_H_
#define ENTENTE_CRYPTO_CHUNK_H_

#include <cstddef>
#include <cstdint>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "crypto/batch_limits.h"
#include "crypto/sha.h"
#include "crypto/signing.h"

namespace entente::crypto {

// H_c = SHA-256("entente chunk v1" || bh || u32(chunk) || H_{c-1} || u8(final)
// || u32(count) || SHA-256(pseudonyms) || SHA-256(sealed)). `previous` is all
// zero for chunk 0. Thread-safe.
Hash ChunkHash(const Hash& head_hash, uint32_t chunk, const Hash& previous,
               bool final, uint32_t count, const Hash& pseudonyms,
               const Hash& sealed);

// The batch key's signature over one chunk, and its check: DataLoss if it is
// not.
Signature SignChunk(const SigningKey& batch_key, const Hash& chunk_hash);
absl::Status VerifyChunk(const Ed25519PublicKey& batch_key,
                         const Hash& chunk_hash, const Signature& signature);

// The recipient's signature over what it received: the head bh, the batch
// digest (the final H_c), and SHA-256 of all R1 || R2 in wire order. DataLoss
// if it is not.
Signature SignDelivery(const SigningKey& batch_key, const Hash& head_hash,
                       const Hash& batch_digest, const Hash& converted);
absl::Status VerifyDelivery(const Ed25519PublicKey& batch_key,
                            const Hash& head_hash, const Hash& batch_digest,
                            const Hash& converted, const Signature& signature);

// One chunk as it travels, borrowed.
struct Chunk {
  uint32_t index = 0;
  bool final = false;
  uint32_t count = 0;                    // records
  absl::Span<const uint8_t> pseudonyms;  // per record and field: C1 || C2
  absl::Span<const uint8_t> sealed;      // crypto/sealed_fields.h
};

// What a header says of its chunks.
struct BatchShape {
  uint32_t records = 0;         // in all chunks
  size_t pseudonym_fields = 0;  // per record
  size_t sealed_fields = 0;     // per record, `_present` among them
};

// How far a batch has come: enough to go on after a restart.
struct ChainPosition {
  uint32_t next_chunk = 0;
  uint32_t records = 0;   // so far
  Hash last_hash = {};    // H of the chunk before next_chunk
  bool complete = false;  // the final chunk is in

  friend bool operator==(const ChainPosition&, const ChainPosition&) = default;
};

// Follows one batch chunk by chunk, at the sender, the broker and the
// recipient.
class ChunkChain {
 public:
  // Goes on from `position`, at first a fresh one.
  ChunkChain(const Hash& head_hash, const BatchShape& shape,
             const ChainPosition& position = {})
      : head_hash_(head_hash), shape_(shape), position_(position) {}

  // Checks `chunk` and adds it; returns its hash. On error nothing changes.
  // FailedPrecondition for any chunk but the next, or after the final one;
  // InvalidArgument beyond crypto/batch_limits.h, if the bytes do not hold what
  // `count` and the shape say, if a chunk but a sole final one is empty, or if
  // the final one does not complete the header's record count (or another one
  // exceeds it).
  absl::StatusOr<Hash> Append(const Chunk& chunk);

  // Append, if `signature` is that of `batch_key`; else DataLoss.
  absl::Status AppendSigned(const Chunk& chunk,
                            const Ed25519PublicKey& batch_key,
                            const Signature& signature);

  const ChainPosition& position() const { return position_; }

  // The final H_c. FailedPrecondition before the final chunk.
  absl::StatusOr<Hash> BatchDigest() const;

 private:
  absl::Status Check(const Chunk& chunk) const;
  Hash HashOf(const Chunk& chunk) const;
  void Advance(const Chunk& chunk, const Hash& hash);

  Hash head_hash_;
  BatchShape shape_;
  ChainPosition position_;
};

}  // namespace entente::crypto

#endif  // ENTENTE_CRYPTO_CHUNK_H_

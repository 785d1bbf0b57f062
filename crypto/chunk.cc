#include "crypto/chunk.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "crypto/encoding.h"
#include "crypto/sealed_fields.h"

namespace entente::crypto {
namespace {

constexpr absl::string_view kBatchLabel = "entente batch v1";
constexpr absl::string_view kDeliveryLabel = "entente delivery v1";

Bytes DeliveryMessage(const Hash& head_hash, const Hash& batch_digest,
                      const Hash& converted) {
  Bytes message;
  AppendRaw(&message, head_hash);
  AppendRaw(&message, batch_digest);
  AppendRaw(&message, converted);
  return message;
}

}  // namespace

Hash ChunkHash(const Hash& head_hash, uint32_t chunk, const Hash& previous,
               bool final, uint32_t count, const Hash& pseudonyms,
               const Hash& sealed) {
  Bytes message;
  AppendRaw(&message, "entente chunk v1");
  AppendRaw(&message, head_hash);
  AppendU32(&message, chunk);
  AppendRaw(&message, previous);
  AppendU8(&message, final ? 1 : 0);
  AppendU32(&message, count);
  AppendRaw(&message, pseudonyms);
  AppendRaw(&message, sealed);
  return Sha256(message);
}

Signature SignChunk(const SigningKey& batch_key, const Hash& chunk_hash) {
  return batch_key.Sign(kBatchLabel, chunk_hash);
}

absl::Status VerifyChunk(const Ed25519PublicKey& batch_key,
                         const Hash& chunk_hash, const Signature& signature) {
  return batch_key.Verify(kBatchLabel, chunk_hash, signature);
}

Signature SignDelivery(const SigningKey& batch_key, const Hash& head_hash,
                       const Hash& batch_digest, const Hash& converted) {
  return batch_key.Sign(kDeliveryLabel,
                        DeliveryMessage(head_hash, batch_digest, converted));
}

absl::Status VerifyDelivery(const Ed25519PublicKey& batch_key,
                            const Hash& head_hash, const Hash& batch_digest,
                            const Hash& converted, const Signature& signature) {
  return batch_key.Verify(kDeliveryLabel,
                          DeliveryMessage(head_hash, batch_digest, converted),
                          signature);
}

absl::StatusOr<Hash> ChunkChain::Append(const Chunk& chunk) {
  if (absl::Status s = Check(chunk); !s.ok()) return s;
  const Hash hash = HashOf(chunk);
  Advance(chunk, hash);
  return hash;
}

absl::Status ChunkChain::AppendSigned(const Chunk& chunk,
                                      const Ed25519PublicKey& batch_key,
                                      const Signature& signature) {
  if (absl::Status s = Check(chunk); !s.ok()) return s;
  const Hash hash = HashOf(chunk);
  if (absl::Status s = VerifyChunk(batch_key, hash, signature); !s.ok()) {
    return s;
  }
  Advance(chunk, hash);
  return absl::OkStatus();
}

absl::StatusOr<Hash> ChunkChain::BatchDigest() const {
  if (!position_.complete) {
    return absl::FailedPreconditionError("the final chunk is missing");
  }
  return position_.last_hash;
}

absl::Status ChunkChain::Check(const Chunk& chunk) const {
  if (position_.complete) {
    return absl::FailedPreconditionError("the batch is complete");
  }
  if (chunk.index != position_.next_chunk) {
    return absl::FailedPreconditionError(
        absl::StrCat("chunk ", chunk.index, " came where ",
                     position_.next_chunk, " is next"));
  }
  if (chunk.index >= kMaxBatchChunks || chunk.count > kMaxChunkRecords ||
      chunk.pseudonyms.size() > kMaxChunkBytes ||
      chunk.sealed.size() > kMaxChunkBytes - chunk.pseudonyms.size()) {
    return absl::InvalidArgumentError(absl::StrCat(
        "chunk ", chunk.index, " is larger than a chunk or a batch may be"));
  }
  if (chunk.count == 0 && !(chunk.final && chunk.index == 0)) {
    return absl::InvalidArgumentError(
        "an empty chunk may only be the whole batch");
  }
  const uint64_t records = uint64_t{position_.records} + chunk.count;
  if (records > shape_.records || (chunk.final && records < shape_.records)) {
    return absl::InvalidArgumentError(absl::StrCat(
        "chunks hold ", records, " records, the header says ", shape_.records));
  }
  if (chunk.pseudonyms.size() !=
      chunk.count * shape_.pseudonym_fields * kElementPairSize) {
    return absl::InvalidArgumentError(absl::StrCat(
        "chunk ", chunk.index, " holds too many or too few pseudonyms"));
  }
  return CheckSealedFields(chunk.sealed, chunk.count * shape_.sealed_fields);
}

Hash ChunkChain::HashOf(const Chunk& chunk) const {
  return ChunkHash(head_hash_, chunk.index, position_.last_hash, chunk.final,
                   chunk.count, Sha256(chunk.pseudonyms), Sha256(chunk.sealed));
}

void ChunkChain::Advance(const Chunk& chunk, const Hash& hash) {
  ++position_.next_chunk;
  position_.records += chunk.count;
  position_.last_hash = hash;
  position_.complete = chunk.final;
}

}  // namespace entente::crypto

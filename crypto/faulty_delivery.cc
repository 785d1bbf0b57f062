#include "crypto/faulty_delivery.h"

#include "crypto/encoding.h"

namespace entente::crypto {
namespace {

constexpr absl::string_view kLabel = "entente faulty-delivery v1";

Bytes Message(const Hash& head_hash, const Hash& batch_digest,
              const Hash& converted, absl::string_view violations) {
  Bytes message;
  AppendRaw(&message, head_hash);
  AppendRaw(&message, batch_digest);
  AppendRaw(&message, converted);
  AppendRaw(&message, Sha256(violations));
  return message;
}

}  // namespace

Signature SignFaultyDelivery(const SigningKey& batch_key, const Hash& head_hash,
                             const Hash& batch_digest, const Hash& converted,
                             absl::string_view violations) {
  return batch_key.Sign(
      kLabel, Message(head_hash, batch_digest, converted, violations));
}

absl::Status VerifyFaultyDelivery(const Ed25519PublicKey& batch_key,
                                  const Hash& head_hash,
                                  const Hash& batch_digest,
                                  const Hash& converted,
                                  absl::string_view violations,
                                  const Signature& signature) {
  return batch_key.Verify(
      kLabel, Message(head_hash, batch_digest, converted, violations),
      signature);
}

}  // namespace entente::crypto

// What a recipient signs instead of a plain delivery (crypto/chunk.h) when a
// batch held what the agreement does not promise.
#ifndef ENTENTE_CRYPTO_FAULTY_DELIVERY_H_
#define ENTENTE_CRYPTO_FAULTY_DELIVERY_H_

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "crypto/sha.h"
#include "crypto/signing.h"

namespace entente::crypto {

// The batch key's signature over "entente faulty-delivery v1" || bh || final
// H_c || SHA-256(all R) || SHA-256(violations): as a delivery, and the exact
// text of the violations. Its label differs, so neither passes for the other.
// Verify: DataLoss if it is not. Thread-safe.
Signature SignFaultyDelivery(const SigningKey& batch_key, const Hash& head_hash,
                             const Hash& batch_digest, const Hash& converted,
                             absl::string_view violations);
absl::Status VerifyFaultyDelivery(const Ed25519PublicKey& batch_key,
                                  const Hash& head_hash,
                                  const Hash& batch_digest,
                                  const Hash& converted,
                                  absl::string_view violations,
                                  const Signature& signature);

}  // namespace entente::crypto

#endif  // ENTENTE_CRYPTO_FAULTY_DELIVERY_H_

// The broker's wrapping key, in a file encrypted under a passphrase.
#ifndef ENTENTE_BROKER_KEY_FILE_H_
#define ENTENTE_BROKER_KEY_FILE_H_

#include <cstddef>
#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "crypto/hex.h"
#include "crypto/secret.h"

namespace entente::broker {

// Seals the keys that stand in database rows: XChaCha20-Poly1305 with a random
// nonce of 24 bytes, which stands before the ciphertext. Const methods may run
// concurrently.
class WrappingKey {
 public:
  // `row` names what is sealed, for example `master/<agreement>/<epoch>`: a
  // sealed row moved to another name does not open. 40 bytes longer than
  // `plaintext`.
  crypto::Bytes Seal(absl::string_view row,
                     absl::Span<const uint8_t> plaintext) const;

  // DataLoss if it was sealed under another key or name, or altered;
  // ResourceExhausted if memory runs out.
  absl::StatusOr<crypto::Secret> Unseal(absl::string_view row,
                                        absl::Span<const uint8_t> sealed) const;

 private:
  friend class KeyFile;
  explicit WrappingKey(crypto::Secret key) : key_(std::move(key)) {}

  crypto::Secret key_;  // 32 bytes
};

// What one guess of the passphrase costs (Argon2id).
struct PassphraseCost {
  uint64_t passes = 3;
  size_t memory_bytes = size_t{256} << 20;
};

// The file, 0600: a label, the cost, salt and nonce, and the wrapping key
// sealed under Argon2id of the passphrase with all that precedes it as
// associated data.
class KeyFile {
 public:
  // Makes a new key. AlreadyExists if there is a file; otherwise what errno
  // told, or ResourceExhausted if there is not the memory that `cost` asks.
  static absl::StatusOr<WrappingKey> Create(const std::string& path,
                                            const crypto::Secret& passphrase,
                                            const PassphraseCost& cost);

  // NotFound; FailedPrecondition if others than the owner have a right to the
  // file; DataLoss if it is no key file; PermissionDenied if the passphrase is
  // wrong (or the file was altered: the two look the same);
  // ResourceExhausted. Costs what the file says, at most 1 GiB and 16 passes.
  static absl::StatusOr<WrappingKey> Open(const std::string& path,
                                          const crypto::Secret& passphrase);
};

}  // namespace entente::broker

#endif  // ENTENTE_BROKER_KEY_FILE_H_

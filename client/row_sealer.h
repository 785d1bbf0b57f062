// Encryption of what stands in the local store.
#ifndef ENTENTE_CLIENT_ROW_SEALER_H_
#define ENTENTE_CLIENT_ROW_SEALER_H_

#include <cstdint>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "crypto/hex.h"
#include "crypto/secret.h"

namespace entente::client {

// Seals rows and makes the keys by which they are found, under two keys
// derived from a profile's table key (HKDF-SHA256). Const methods may run
// concurrently.
class RowSealer {
 public:
  // InvalidArgument unless the table key has 32 bytes; ResourceExhausted.
  static absl::StatusOr<RowSealer> Create(const crypto::Secret& table_key);

  // XChaCha20-Poly1305 with a random nonce, which stands first; `row` names
  // what is sealed, so that a row moved elsewhere does not open. 40 bytes
  // longer than `plaintext`.
  crypto::Bytes Seal(absl::Span<const uint8_t> row,
                     absl::Span<const uint8_t> plaintext) const;

  // DataLoss if it was sealed under another key or name, or altered.
  absl::StatusOr<crypto::Bytes> Open(absl::Span<const uint8_t> row,
                                     absl::Span<const uint8_t> sealed) const;

  // The same into guarded memory, for keys.
  absl::StatusOr<crypto::Secret> OpenSecret(
      absl::Span<const uint8_t> row, absl::Span<const uint8_t> sealed) const;

  // HMAC-SHA256: finds a row by something that must not be read from the file.
  crypto::Bytes IndexOf(absl::Span<const uint8_t> subject) const;

 private:
  RowSealer(crypto::Secret seal, crypto::Secret index)
      : seal_(std::move(seal)), index_(std::move(index)) {}

  crypto::Secret seal_;
  crypto::Secret index_;
};

}  // namespace entente::client

#endif  // ENTENTE_CLIENT_ROW_SEALER_H_

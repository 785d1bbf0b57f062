// The packed form of a chunk's sealed fields: u32(length) || ciphertext and tag
// for each field of each record. Needs no key.
#ifndef ENTENTE_CRYPTO_SEALED_FIELDS_H_
#define ENTENTE_CRYPTO_SEALED_FIELDS_H_

#include <cstddef>
#include <cstdint>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "crypto/encoding.h"
#include "crypto/hex.h"

namespace entente::crypto {

// Appends one ciphertext with its tag. InvalidArgument, with `packed` as it
// was, if its length is not that of a sealed plaintext.
absl::Status AppendSealedField(Bytes* packed,
                               absl::Span<const uint8_t> ciphertext);

// Takes a packed form apart. Borrows it. Safe on hostile input.
class SealedFieldReader {
 public:
  explicit SealedFieldReader(absl::Span<const uint8_t> packed)
      : reader_(packed) {}

  // The next ciphertext with its tag. InvalidArgument if it is cut short, or if
  // its length is not that of a sealed plaintext (IsPlaintextSize).
  absl::StatusOr<absl::Span<const uint8_t>> Next();

  // InvalidArgument if anything is left.
  absl::Status ExpectEnd() const { return reader_.ExpectEnd(); }

 private:
  ByteReader reader_;
};

// OK if `packed` holds exactly `count` fields. InvalidArgument as
// SealedFieldReader. What the broker checks.
absl::Status CheckSealedFields(absl::Span<const uint8_t> packed, size_t count);

}  // namespace entente::crypto

#endif  // ENTENTE_CRYPTO_SEALED_FIELDS_H_

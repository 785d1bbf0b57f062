// The batched proof of RFC 9497 section 2.2, ristretto255-SHA512, mode 1: that
// one number k takes A to B and every C_i to its D_i.
#ifndef ENTENTE_CRYPTO_DLEQ_H_
#define ENTENTE_CRYPTO_DLEQ_H_

#include <array>
#include <cstddef>
#include <cstdint>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "crypto/group.h"

namespace entente::crypto {

// The most pairs that one proof covers.
inline constexpr size_t kMaxDleqBatch = 1024;
inline constexpr size_t kDleqProofBytes = 64;

// Challenge and answer, each a canonical scalar.
using DleqProof = std::array<uint8_t, kDleqProofBytes>;

// B = k*A and D_i = k*C_i. The spans are of equal length and are borrowed.
// A is not hashed: it must be a point that the verifier knew before, such as
// the base or a key that it pinned.
struct DleqStatement {
  const Point& a;
  const Point& b;
  absl::Span<const Point> c;
  absl::Span<const Point> d;
};

// A fresh proof. InvalidArgument unless the statement has 1 to kMaxDleqBatch
// pairs and equal spans. That the statement is true is the caller's affair.
// Thread-safe; 58 us a pair.
absl::StatusOr<DleqProof> ProveDleq(const SecretScalar& k,
                                    const DleqStatement& statement);

// The same with a nonce of the caller's, which must be fresh, random and used
// once: for published vectors.
absl::StatusOr<DleqProof> ProveDleqWithNonce(const SecretScalar& k,
                                             const DleqStatement& statement,
                                             const SecretScalar& nonce);

// InvalidArgument if the statement is not as for ProveDleq, or the proof is not
// two canonical scalars; DataLoss if the statement is not proved. Safe on
// hostile input; thread-safe; 116 us a pair.
absl::Status VerifyDleq(const DleqStatement& statement,
                        absl::Span<const uint8_t> proof);

}  // namespace entente::crypto

#endif  // ENTENTE_CRYPTO_DLEQ_H_

// Moving a table of pseudonyms from one epoch to the next. The owner sends its
// pseudonyms blinded (BlindedBatch::Create), the broker multiplies them by
// delta = k' / k (BlindEvaluate) and proves it (ProveRotation), the owner
// checks and unblinds (BlindedBatch::FinishRotation). Delta is never given
// away: with it, one epoch's leaked table would be the next one's too.
#ifndef ENTENTE_CRYPTO_ROTATION_H_
#define ENTENTE_CRYPTO_ROTATION_H_

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "crypto/dleq.h"
#include "crypto/domain.h"
#include "crypto/group.h"
#include "crypto/secret.h"

namespace entente::crypto {

// What the broker moves one domain with, and the public keys of both epochs.
struct RotationKeys {
  SecretScalar delta;
  Point old_key;
  Point new_key;
};

// Derives them from the masters of both epochs. `domain` is the old one; the
// new one differs in its epoch alone, which is the next. InvalidArgument as
// DeriveDomainKey, or if there is no next epoch.
absl::StatusOr<RotationKeys> DeriveRotationKeys(const Secret& old_master,
                                                const Secret& new_master,
                                                const Domain& domain);

// The proof that goes with a moved batch. As ProveDleq.
absl::StatusOr<DleqProof> ProveRotation(const RotationKeys& keys,
                                        absl::Span<const Point> blinded,
                                        absl::Span<const Point> moved);

}  // namespace entente::crypto

#endif  // ENTENTE_CRYPTO_ROTATION_H_

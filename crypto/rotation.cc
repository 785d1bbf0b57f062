#include "crypto/rotation.h"

#include <limits>

namespace entente::crypto {

absl::StatusOr<RotationKeys> DeriveRotationKeys(const Secret& old_master,
                                                const Secret& new_master,
                                                const Domain& domain) {
  if (domain.epoch == std::numeric_limits<uint32_t>::max()) {
    return absl::InvalidArgumentError("no epoch follows the last");
  }
  Domain next = domain;
  ++next.epoch;
  const absl::StatusOr<SecretScalar> k = DeriveDomainKey(old_master, domain);
  if (!k.ok()) return k.status();
  const absl::StatusOr<SecretScalar> next_k = DeriveDomainKey(new_master, next);
  if (!next_k.ok()) return next_k.status();
  const absl::StatusOr<Point> old_key = MulBase(*k);
  if (!old_key.ok()) return old_key.status();
  const absl::StatusOr<Point> new_key = MulBase(*next_k);
  if (!new_key.ok()) return new_key.status();
  return RotationKeys{*next_k * k->Inverse(), *old_key, *new_key};
}

absl::StatusOr<DleqProof> ProveRotation(const RotationKeys& keys,
                                        absl::Span<const Point> blinded,
                                        absl::Span<const Point> moved) {
  return ProveDleq(keys.delta, {keys.old_key, keys.new_key, blinded, moved});
}

}  // namespace entente::crypto

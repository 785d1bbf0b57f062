// Proofs that whoever published P = p*B knows p, bound to what P is for.
// Without one, a key computed from somebody else's (x*B - Y) would open what is
// encrypted to both.
#ifndef ENTENTE_CRYPTO_POSSESSION_H_
#define ENTENTE_CRYPTO_POSSESSION_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "crypto/domain.h"
#include "crypto/group.h"
#include "crypto/hex.h"

namespace entente::crypto {

inline constexpr size_t kPossessionProofBytes = 64;

// Challenge and answer, each a canonical scalar.
using PossessionProof = std::array<uint8_t, kPossessionProofBytes>;

// Whose key it is, and which of the three kinds. Made by the functions below.
struct KeyOwner {
  std::string agreement;
  Bytes owner;
  std::string kind;
};

// Y of an agency, for all its agreements. InvalidArgument for an empty name.
absl::StatusOr<KeyOwner> OwnerOfY(absl::string_view agency);
// K of a domain, X of an edge. InvalidArgument as DomainBytes and EdgeBytes.
absl::StatusOr<KeyOwner> OwnerOfK(const Domain& domain);
absl::StatusOr<KeyOwner> OwnerOfX(const Edge& edge);

// A fresh proof for the public half of `key`. InvalidArgument if a part of
// `owner` is too long to encode. Thread-safe; 40 us.
absl::StatusOr<PossessionProof> ProvePossession(const SecretScalar& key,
                                                const KeyOwner& owner);

// Checks `proof` for `key`. InvalidArgument if it is not two canonical scalars,
// DataLoss if it proves nothing about this key and owner. Safe on hostile
// input; thread-safe; 80 us.
absl::Status VerifyPossession(const Point& key, const KeyOwner& owner,
                              absl::Span<const uint8_t> proof);

}  // namespace entente::crypto

#endif  // ENTENTE_CRYPTO_POSSESSION_H_

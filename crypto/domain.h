// Domains, edges, and the keys that the broker derives for them.
#ifndef ENTENTE_CRYPTO_DOMAIN_H_
#define ENTENTE_CRYPTO_DOMAIN_H_

#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "crypto/group.h"
#include "crypto/hex.h"
#include "crypto/secret.h"

namespace entente::crypto {

// What a domain is for. The values are hashed: never change one.
enum class Role : uint8_t {
  // Its agency may enrol identifiers, and send from it.
  kMatching = 1,
  // Nobody may enrol in it or send from it: it only receives.
  kSealed = 2,
};

// One agency's pseudonyms under one agreement, in one epoch.
struct Domain {
  std::string agreement;  // its id, UTF-8
  std::string agency;
  Role role = Role::kSealed;
  uint32_t epoch = 0;
};

// The way from one agency to another under one agreement.
struct Edge {
  std::string agreement;
  std::string sender;
  std::string recipient;
  uint32_t epoch = 0;
};

// The bytes that stand for one in hashes and key derivation. InvalidArgument if
// a name is empty or longer than 65,535 bytes, or the role is neither of the
// two.
absl::StatusOr<Bytes> DomainBytes(const Domain& domain);
absl::StatusOr<Bytes> EdgeBytes(const Edge& edge);

// The edge that conversion takes from `source` to `destination`. Broker and
// client both ask here before they convert or accept anything.
// PermissionDenied if `source` is SEALED; InvalidArgument if agreement or epoch
// differ, or both are the same agency.
absl::StatusOr<Edge> EdgeBetween(const Domain& source,
                                 const Domain& destination);

// The broker's keys k_d and x_e under the master of one agreement and epoch.
// Public halves are MulBase of them. InvalidArgument unless the master has 32
// bytes, and as DomainBytes and EdgeBytes.
absl::StatusOr<SecretScalar> DeriveDomainKey(const Secret& master,
                                             const Domain& domain);
absl::StatusOr<SecretScalar> DeriveEdgeKey(const Secret& master,
                                           const Edge& edge);

}  // namespace entente::crypto

#endif  // ENTENTE_CRYPTO_DOMAIN_H_

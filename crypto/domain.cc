#include "crypto/domain.h"

#include "absl/strings/string_view.h"
#include "crypto/encoding.h"
#include "crypto/sha.h"

namespace entente::crypto {
namespace {

constexpr size_t kMasterBytes = 32;

absl::StatusOr<SecretScalar> Derive(const Secret& master,
                                    absl::string_view label,
                                    const absl::StatusOr<Bytes>& name) {
  if (!name.ok()) return name.status();
  if (master.size() != kMasterBytes) {
    return absl::InvalidArgumentError("a master that is not 32 bytes");
  }
  Bytes message;
  AppendRaw(&message, label);
  AppendRaw(&message, *name);
  return SecretScalar::FromReduce64(HmacSha512(master.Expose(), message));
}

}  // namespace

absl::StatusOr<Bytes> DomainBytes(const Domain& domain) {
  if (domain.agreement.empty() || domain.agency.empty()) {
    return absl::InvalidArgumentError(
        "a domain needs an agreement and an agency");
  }
  if (domain.role != Role::kMatching && domain.role != Role::kSealed) {
    return absl::InvalidArgumentError("a domain of an unknown role");
  }
  return ByteWriter()
      .Lp(domain.agreement)
      .Lp(domain.agency)
      .U8(static_cast<uint8_t>(domain.role))
      .U32(domain.epoch)
      .Finish();
}

absl::StatusOr<Bytes> EdgeBytes(const Edge& edge) {
  if (edge.agreement.empty() || edge.sender.empty() || edge.recipient.empty()) {
    return absl::InvalidArgumentError(
        "an edge needs an agreement, a sender and a recipient");
  }
  return ByteWriter()
      .Lp(edge.agreement)
      .Lp(edge.sender)
      .Lp(edge.recipient)
      .U32(edge.epoch)
      .Finish();
}

absl::StatusOr<Edge> EdgeBetween(const Domain& source,
                                 const Domain& destination) {
  if (source.role != Role::kMatching) {
    return absl::PermissionDeniedError(
        "nothing is converted out of a SEALED domain");
  }
  if (source.agreement != destination.agreement ||
      source.epoch != destination.epoch) {
    return absl::InvalidArgumentError(
        "conversion stays within one agreement and one epoch");
  }
  if (source.agency == destination.agency) {
    return absl::InvalidArgumentError(
        "conversion goes from one agency to another");
  }
  return Edge{source.agreement, source.agency, destination.agency,
              source.epoch};
}

absl::StatusOr<SecretScalar> DeriveDomainKey(const Secret& master,
                                             const Domain& domain) {
  return Derive(master, "entente k v1", DomainBytes(domain));
}

absl::StatusOr<SecretScalar> DeriveEdgeKey(const Secret& master,
                                           const Edge& edge) {
  return Derive(master, "entente x v1", EdgeBytes(edge));
}

}  // namespace entente::crypto

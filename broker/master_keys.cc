#include "broker/master_keys.h"

#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "broker/store/keys_table.h"

namespace entente::broker {
namespace {

constexpr size_t kMasterBytes = 32;

// The epoch stands first: an agreement's id cannot imitate it.
std::string RowName(absl::string_view agreement, uint32_t epoch) {
  return absl::StrCat("master/", epoch, "/", agreement);
}

absl::StatusOr<PublishedKey> Publish(
    const absl::StatusOr<crypto::SecretScalar>& key,
    const absl::StatusOr<crypto::KeyOwner>& owner) {
  if (!key.ok()) return key.status();
  if (!owner.ok()) return owner.status();
  const absl::StatusOr<crypto::Point> point = crypto::MulBase(*key);
  if (!point.ok()) return point.status();
  const absl::StatusOr<crypto::PossessionProof> proof =
      crypto::ProvePossession(*key, *owner);
  if (!proof.ok()) return proof.status();
  return PublishedKey{*point, *proof};
}

}  // namespace

absl::Status MasterKeys::Create(Transaction& transaction,
                                absl::string_view agreement, uint32_t epoch,
                                absl::Time now) const {
  const absl::StatusOr<crypto::Secret> master =
      crypto::Secret::Random(kMasterBytes);
  if (!master.ok()) return master.status();
  return KeysTable(transaction)
      .InsertMaster(
          {std::string(agreement), epoch,
           wrapping_.Seal(RowName(agreement, epoch), master->Expose()), now});
}

absl::Status MasterKeys::Shred(Transaction& transaction,
                               absl::string_view agreement,
                               uint32_t epoch) const {
  return KeysTable(transaction).DeleteMaster(agreement, epoch);
}

absl::StatusOr<crypto::Secret> MasterKeys::Master(Transaction& transaction,
                                                  absl::string_view agreement,
                                                  uint32_t epoch) const {
  const absl::StatusOr<MasterRow> row =
      KeysTable(transaction).GetMaster(agreement, epoch);
  if (!row.ok()) return row.status();
  return wrapping_.Unseal(RowName(agreement, epoch), row->sealed);
}

absl::StatusOr<crypto::SecretScalar> MasterKeys::DomainKey(
    Transaction& transaction, const crypto::Domain& domain) const {
  const absl::StatusOr<crypto::Secret> master =
      Master(transaction, domain.agreement, domain.epoch);
  if (!master.ok()) return master.status();
  return crypto::DeriveDomainKey(*master, domain);
}

absl::StatusOr<crypto::SecretScalar> MasterKeys::EdgeKey(
    Transaction& transaction, const crypto::Edge& edge) const {
  const absl::StatusOr<crypto::Secret> master =
      Master(transaction, edge.agreement, edge.epoch);
  if (!master.ok()) return master.status();
  return crypto::DeriveEdgeKey(*master, edge);
}

absl::StatusOr<crypto::ConversionKeys> MasterKeys::Conversion(
    Transaction& transaction, const crypto::Domain& source,
    const crypto::Domain& destination) const {
  const absl::StatusOr<crypto::Secret> master =
      Master(transaction, source.agreement, source.epoch);
  if (!master.ok()) return master.status();
  return crypto::ConversionKeys::Derive(*master, source, destination);
}

absl::StatusOr<PublishedKey> MasterKeys::PublishDomain(
    Transaction& transaction, const crypto::Domain& domain) const {
  return Publish(DomainKey(transaction, domain), crypto::OwnerOfK(domain));
}

absl::StatusOr<PublishedKey> MasterKeys::PublishEdge(
    Transaction& transaction, const crypto::Edge& edge) const {
  return Publish(EdgeKey(transaction, edge), crypto::OwnerOfX(edge));
}

}  // namespace entente::broker

// The masters of agreements, and the broker's keys under them.
#ifndef ENTENTE_BROKER_MASTER_KEYS_H_
#define ENTENTE_BROKER_MASTER_KEYS_H_

#include <cstdint>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "broker/key_file.h"
#include "broker/store/sqlite.h"
#include "crypto/convert.h"
#include "crypto/domain.h"
#include "crypto/group.h"
#include "crypto/possession.h"
#include "crypto/secret.h"

namespace entente::broker {

// The public half of a domain or edge key, with the proof that we know the
// private one.
struct PublishedKey {
  crypto::Point point;
  crypto::PossessionProof proof;
};

// One master M per (agreement, epoch), 32 random bytes, sealed in its row; the
// keys k of domains and x of edges are derived from it at each use. Const
// methods may run concurrently, each on its own transaction; NotFound if the
// epoch has no master (any more), DataLoss if its row does not open,
// InvalidArgument as crypto/domain.h. A derivation costs about 30 us and one
// read.
class MasterKeys {
 public:
  explicit MasterKeys(const WrappingKey* wrapping) : wrapping_(*wrapping) {}

  // AlreadyExists if the epoch has one.
  absl::Status Create(Transaction& transaction, absl::string_view agreement,
                      uint32_t epoch, absl::Time now) const;

  // Deletes M, which shreds the pseudonyms of the epoch.
  absl::Status Shred(Transaction& transaction, absl::string_view agreement,
                     uint32_t epoch) const;

  absl::StatusOr<crypto::SecretScalar> DomainKey(
      Transaction& transaction, const crypto::Domain& domain) const;
  absl::StatusOr<crypto::SecretScalar> EdgeKey(Transaction& transaction,
                                               const crypto::Edge& edge) const;

  // What converts from `source` to `destination`. PermissionDenied and
  // InvalidArgument as crypto::ConversionKeys::Derive.
  absl::StatusOr<crypto::ConversionKeys> Conversion(
      Transaction& transaction, const crypto::Domain& source,
      const crypto::Domain& destination) const;

  // K of a domain and X of an edge, for the manifest.
  absl::StatusOr<PublishedKey> PublishDomain(
      Transaction& transaction, const crypto::Domain& domain) const;
  absl::StatusOr<PublishedKey> PublishEdge(Transaction& transaction,
                                           const crypto::Edge& edge) const;

 private:
  absl::StatusOr<crypto::Secret> Master(Transaction& transaction,
                                        absl::string_view agreement,
                                        uint32_t epoch) const;

  const WrappingKey& wrapping_;
};

}  // namespace entente::broker

#endif  // ENTENTE_BROKER_MASTER_KEYS_H_

// What a client has verified once and holds the broker to.
#ifndef ENTENTE_CLIENT_KNOWLEDGE_TABLE_H_
#define ENTENTE_CLIENT_KNOWLEDGE_TABLE_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "client/row_sealer.h"
#include "client/sqlite.h"
#include "crypto/hex.h"
#include "crypto/secret.h"
#include "crypto/sha.h"

namespace entente::client {

// A checkpoint of a ledger that was verified.
struct KeptCheckpoint {
  uint64_t size = 0;
  crypto::Hash root = {};
  std::string note;   // as signed
  uint32_t part = 0;  // of the ledger (policy/ledger_part.h)

  friend bool operator==(const KeptCheckpoint&,
                         const KeptCheckpoint&) = default;
};

// What was seen of a part of a ledger and is not vouched for by the part that
// it goes on in; somebody accepted that.
struct LostView {
  KeptCheckpoint seen;
  std::string first_entry;  // of the part that was accepted
  absl::Time accepted;      // whole milliseconds
};

// See LocalStore for threads, durability and status codes.
class KnowledgeTable {
 public:
  KnowledgeTable(Database* database, const RowSealer* sealer)
      : database_(*database), sealer_(*sealer) {}

  // Keeps a checkpoint that was verified to extend the one kept of its part.
  // One that is smaller changes nothing: another process was faster. DataLoss
  // if the same size has another root, or if it is larger and of a part that
  // was closed since: the ledger was forked.
  absl::Status KeepCheckpoint(absl::string_view ledger,
                              const KeptCheckpoint& checkpoint);
  // The last kept of the newest part that is known.
  absl::StatusOr<std::optional<KeptCheckpoint>> Checkpoint(
      absl::string_view ledger);
  // The last kept of one part.
  absl::StatusOr<std::optional<KeptCheckpoint>> CheckpointOf(
      absl::string_view ledger, uint32_t part);

  // Keeps how `ledger` goes on from `seen`, the last kept of its newest part:
  // `parts` are the last checkpoint of that part and of each that follows, in
  // their order. Unavailable, and nothing is kept, if another process has kept
  // something else meanwhile.
  absl::Status KeepContinuation(absl::string_view ledger,
                                const KeptCheckpoint& seen,
                                absl::Span<const KeptCheckpoint> parts);
  // The same although `parts` do not vouch for what was seen: what was kept of
  // their first and of later parts becomes lost views.
  absl::Status AcceptContinuation(absl::string_view ledger,
                                  const KeptCheckpoint& seen,
                                  absl::Span<const KeptCheckpoint> parts,
                                  absl::string_view first_entry,
                                  absl::Time now);
  // In the order in which they were accepted.
  absl::StatusOr<std::vector<LostView>> LostViews(absl::string_view ledger);

  // Keeps a key manifest that was verified, and makes it the one in force.
  absl::Status PinManifest(absl::string_view agreement,
                           absl::Span<const uint8_t> content);
  // The one in force, as signed.
  absl::StatusOr<std::optional<crypto::Bytes>> PinnedManifest(
      absl::string_view agreement);
  // Any one pinned at some time, by its SHA-256.
  absl::StatusOr<std::optional<crypto::Bytes>> ManifestOf(
      absl::string_view agreement, const crypto::Hash& digest);

  // Keeps a pepper. OK if it is there already; AlreadyExists if another one
  // is: the first commitment wins.
  absl::Status KeepPepper(absl::string_view agreement, uint32_t generation,
                          const crypto::Secret& pepper);
  // NotFound if this agency has none yet.
  absl::StatusOr<crypto::Secret> Pepper(absl::string_view agreement,
                                        uint32_t generation);

 private:
  absl::Status Put(absl::string_view ledger, const KeptCheckpoint& checkpoint);
  // Unavailable unless `seen` is the last kept.
  absl::Status CheckStill(absl::string_view ledger, const KeptCheckpoint& seen);
  absl::Status PutLost(absl::string_view ledger, const KeptCheckpoint& from,
                       absl::string_view first_entry, absl::Time now);

  Database& database_;
  const RowSealer& sealer_;
};

}  // namespace entente::client

#endif  // ENTENTE_CLIENT_KNOWLEDGE_TABLE_H_

// What a client has verified once and holds the broker to.
#ifndef ENTENTE_CLIENT_KNOWLEDGE_TABLE_H_
#define ENTENTE_CLIENT_KNOWLEDGE_TABLE_H_

#include <cstdint>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "client/row_sealer.h"
#include "client/sqlite.h"
#include "crypto/hex.h"
#include "crypto/secret.h"
#include "crypto/sha.h"

namespace entente::client {

// The last checkpoint of a ledger that was verified.
struct KeptCheckpoint {
  uint64_t size = 0;
  crypto::Hash root = {};
  std::string note;  // as signed

  friend bool operator==(const KeptCheckpoint&,
                         const KeptCheckpoint&) = default;
};

// See LocalStore for threads, durability and status codes.
class KnowledgeTable {
 public:
  KnowledgeTable(Database* database, const RowSealer* sealer)
      : database_(*database), sealer_(*sealer) {}

  // Keeps a checkpoint that was verified to extend the one kept. One that is
  // smaller changes nothing: another process was faster. DataLoss if the same
  // size has another root: the ledger was forked.
  absl::Status KeepCheckpoint(absl::string_view ledger,
                              const KeptCheckpoint& checkpoint);
  absl::StatusOr<std::optional<KeptCheckpoint>> Checkpoint(
      absl::string_view ledger);

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
  Database& database_;
  const RowSealer& sealer_;
};

}  // namespace entente::client

#endif  // ENTENTE_CLIENT_KNOWLEDGE_TABLE_H_

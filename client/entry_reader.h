// Reading single entries of a ledger, each with its proof.
#ifndef ENTENTE_CLIENT_ENTRY_READER_H_
#define ENTENTE_CLIENT_ENTRY_READER_H_

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "client/knowledge_table.h"
#include "client/ledger_source.h"
#include "crypto/checkpoint.h"
#include "crypto/note.h"
#include "crypto/sha.h"
#include "crypto/tile.h"
#include "policy/ledger_entry.h"

namespace entente::client {

// A ledger whose keeper also proves single entries. Nothing that it gives is
// believed.
class EntrySource : public LedgerSource {
 public:
  struct Proved {
    uint64_t index = 0;
    std::string entry;                      // the line
    std::string proof;                      // a tlog-proof
    std::vector<crypto::Hash> consistency;  // from the size asked about
  };

  // Entry `index` under the latest checkpoint; no consistency is asked for if
  // `known_size` is 0.
  virtual absl::StatusOr<Proved> Entry(uint64_t index, uint64_t known_size) = 0;

  // The hashes of a tile, 32 bytes each.
  virtual absl::StatusOr<crypto::Bytes> Tile(const crypto::TileId& tile) = 0;
};

// An entry that stands in the ledger.
struct VerifiedEntry {
  uint64_t index = 0;
  std::string line;
  policy::LedgerEntry entry;
  std::string proof;  // a tlog-proof
};

// Holds the keeper to one history from `known` on: every checkpoint that it
// shows must be signed by `key` and continue the one before. Failures that show
// it lying are DataLoss (exit 6). Not thread-safe.
class EntryReader {
 public:
  // `source` is borrowed. With nothing known, `known` is of size 0.
  EntryReader(EntrySource* source, crypto::NoteKey key, KeptCheckpoint known)
      : source_(*source), key_(std::move(key)), seen_(std::move(known)) {}

  // How many entries the ledger has now.
  absl::StatusOr<uint64_t> Size();

  // Entry `index`. Errors as the source's; DataLoss if it is not proved.
  absl::StatusOr<VerifiedEntry> Read(uint64_t index);

  // Of the part that is read.
  const crypto::NoteKey& key() const { return key_; }
  // The last checkpoint that was verified; `known` at first.
  const KeptCheckpoint& seen() const { return seen_; }

 private:
  // Checks that `next`, signed as `note`, continues what was seen.
  absl::Status Follow(const crypto::Checkpoint& next, absl::string_view note,
                      absl::Span<const crypto::Hash> consistency);

  EntrySource& source_;
  const crypto::NoteKey key_;
  KeptCheckpoint seen_;
};

}  // namespace entente::client

#endif  // ENTENTE_CLIENT_ENTRY_READER_H_

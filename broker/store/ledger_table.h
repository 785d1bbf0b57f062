// Rows of ledgers, entries and tiles; what they mean is in broker/ledger.
#ifndef ENTENTE_BROKER_STORE_LEDGER_TABLE_H_
#define ENTENTE_BROKER_STORE_LEDGER_TABLE_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "broker/store/sqlite.h"

namespace entente::broker {

struct LedgerRow {
  std::string id;
  std::string origin;
  uint64_t size = 0;                 // entries
  uint64_t signed_size = 0;          // entries under the last signed checkpoint
  std::vector<uint8_t> signed_root;  // 32 bytes
  std::string checkpoint;            // the last signed note
};

class LedgerTable {
 public:
  explicit LedgerTable(Transaction& transaction) : transaction_(transaction) {}

  // AlreadyExists if there is a ledger of this id or origin.
  absl::Status Insert(const LedgerRow& row);
  // NotFound.
  absl::StatusOr<LedgerRow> Get(absl::string_view id);
  // In order of the ids.
  absl::StatusOr<std::vector<LedgerRow>> List();
  // The parts of one ledger (policy/ledger_part.h), oldest first; empty if
  // there is none.
  absl::StatusOr<std::vector<LedgerRow>> Parts(absl::string_view ledger);
  // The id of its newest part. NotFound.
  absl::StatusOr<std::string> NewestPart(absl::string_view ledger);
  absl::Status SetSize(absl::string_view id, uint64_t size);
  // Writes the three fields of the last signed checkpoint.
  absl::Status SetSigned(const LedgerRow& row);

  // AlreadyExists if there is an entry at `position`.
  absl::Status InsertEntry(absl::string_view id, uint64_t position,
                           absl::string_view content);
  // NotFound.
  absl::StatusOr<std::string> GetEntry(absl::string_view id, uint64_t position);
  // Entries from `begin` up to and without `end`. DataLoss if one is missing.
  absl::StatusOr<std::vector<std::string>> GetEntries(absl::string_view id,
                                                      uint64_t begin,
                                                      uint64_t end);

  struct Totals {
    uint64_t ledgers = 0;
    uint64_t entries = 0;
  };
  // Over all ledgers, from their rows.
  absl::StatusOr<Totals> CountAll();

  absl::StatusOr<uint64_t> CountEntries(absl::string_view id);

  // Hashes one after the other, at most 256; empty if there is no such tile.
  absl::StatusOr<std::vector<uint8_t>> GetTile(absl::string_view id,
                                               uint32_t level, uint64_t tile);
  absl::Status PutTile(absl::string_view id, uint32_t level, uint64_t tile,
                       absl::Span<const uint8_t> hashes);
  // Bytes in all tiles of a ledger.
  absl::StatusOr<uint64_t> CountHashBytes(absl::string_view id);

 private:
  Transaction& transaction_;
};

}  // namespace entente::broker

#endif  // ENTENTE_BROKER_STORE_LEDGER_TABLE_H_

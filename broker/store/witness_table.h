// What witnesses cosigned of the ledgers.
#ifndef ENTENTE_BROKER_STORE_WITNESS_TABLE_H_
#define ENTENTE_BROKER_STORE_WITNESS_TABLE_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "absl/types/optional.h"
#include "broker/store/sqlite.h"

namespace entente::broker {

// The last cosignature of one witness on one part of a ledger.
struct CosignatureRow {
  std::string part;
  std::string witness;  // its verifier key
  uint64_t size = 0;    // entries under the checkpoint
  std::string line;     // with its line feed
  absl::Time time;      // whole seconds
};

// A checkpoint with the lines of a quorum.
struct WitnessedRow {
  std::string part;
  uint64_t size = 0;
  std::string checkpoint;
};

class WitnessTable {
 public:
  explicit WitnessTable(Transaction& transaction) : transaction_(transaction) {}

  // In the place of what there was of this part and witness.
  absl::Status Put(const CosignatureRow& row);
  // Of one part, by verifier key.
  absl::StatusOr<std::vector<CosignatureRow>> Of(absl::string_view part);

  // In the place of what there was of this part, unless that is larger.
  absl::Status PutWitnessed(const WitnessedRow& row);
  // NotFound.
  absl::StatusOr<WitnessedRow> GetWitnessed(absl::string_view part);

  // Notes that the quorum of `agreement` is missing since then. AlreadyExists.
  absl::Status SetMissing(absl::string_view agreement, absl::Time since);
  // Empty if nothing is noted.
  absl::StatusOr<absl::optional<absl::Time>> MissingSince(
      absl::string_view agreement);
  absl::Status ClearMissing(absl::string_view agreement);
  absl::StatusOr<uint64_t> CountMissing();

 private:
  Transaction& transaction_;
};

}  // namespace entente::broker

#endif  // ENTENTE_BROKER_STORE_WITNESS_TABLE_H_

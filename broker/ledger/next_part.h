// Going on with a ledger in a new part.
#ifndef ENTENTE_BROKER_LEDGER_NEXT_PART_H_
#define ENTENTE_BROKER_LEDGER_NEXT_PART_H_

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "broker/ledger/ledger_log.h"
#include "broker/store/sqlite.h"
#include "policy/ledger_part.h"

namespace entente::broker {

struct NextPart {
  std::string name;      // `isa-1.1`
  std::string previous;  // `isa-1`, which takes no more entries
  uint64_t size = 0;     // entries of it that are vouched for
  // What is known to have been signed of it, if that is more; 0 otherwise.
  uint64_t signed_size = 0;
  std::string digest;  // SHA-256 of the first entry, hexadecimal
};

// What the caller knows and the database does not.
struct PartsSigned {
  // The highest number of a part that was ever signed.
  uint32_t highest = 0;
  // Entries that were signed of the newest part in the database.
  uint64_t size = 0;
};

// Closes the newest part of `ledger`, which is made empty if there is none, and
// opens the next: its one entry names what is closed and is signed. For a
// broker that does not serve; the caller anchors the new head.
//
// FailedPrecondition if the newest part has entries that are not signed;
// ResourceExhausted after kMaxLedgerPart; otherwise as LedgerLog.
absl::StatusOr<NextPart> OpenNextPart(Transaction& transaction,
                                      const LedgerLog& ledgers,
                                      absl::string_view ledger,
                                      policy::ContinuationReason reason,
                                      const PartsSigned& known, absl::Time now);

}  // namespace entente::broker

#endif  // ENTENTE_BROKER_LEDGER_NEXT_PART_H_

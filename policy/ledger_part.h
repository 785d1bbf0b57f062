// A ledger is one log or a series of them: how its parts are called, and how
// the first entry of each continues the one before.
#ifndef ENTENTE_POLICY_LEDGER_PART_H_
#define ENTENTE_POLICY_LEDGER_PART_H_

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "crypto/sha.h"
#include "policy/ledger_entry.h"

namespace entente::policy {

// More parts than this no ledger has.
inline constexpr uint32_t kMaxLedgerPart = 999'999;

// One part of a ledger: `isa-1` is the first, `isa-1.1` the next.
struct LedgerPart {
  std::string ledger;  // `broker`, or an agreement's id; has no dot
  uint32_t part = 0;   // counted from 0

  bool operator==(const LedgerPart&) const = default;
};

// As origins end, and as the wire names it.
std::string PartName(absl::string_view ledger, uint32_t part);

// Reads what PartName writes. InvalidArgument for an empty ledger, white
// space, a number that is not 1 to kMaxLedgerPart or has leading zeros, or
// more than one dot.
absl::StatusOr<LedgerPart> ParsePartName(absl::string_view name);

// Why a ledger goes on in a new part.
enum class ContinuationReason {
  kRestored,  // the broker was restored, and what was signed is not all there
  kRolled,    // the operator said so; nothing is missing
};

// What the first entry of a part says of the part before.
struct Continuation {
  std::string origin;      // of the part before
  uint64_t size = 0;       // entries of it that are vouched for
  crypto::Hash root = {};  // of these
  ContinuationReason reason = ContinuationReason::kRestored;
  // What the broker knows that it signed of the part before, if that is more
  // than `size`: entries from `size` on are lost. 0 otherwise.
  uint64_t signed_size = 0;

  bool operator==(const Continuation&) const = default;
};

// Makes `entry`, which has salt and time, the one that says so: kind, outcome,
// subject (the root) and details.
LedgerEntry ContinuationEntry(LedgerEntry entry, const Continuation& says);

// Reads what ContinuationEntry wrote. InvalidArgument if the entry is of
// another kind or is not allowed, has other details, a size that is no number,
// a root that is none, a reason unknown, or a signed size that is not above the
// size.
absl::StatusOr<Continuation> ReadContinuation(const LedgerEntry& entry);

}  // namespace entente::policy

#endif  // ENTENTE_POLICY_LEDGER_PART_H_

// What a ledger says was begun, and does not say how it ended.
#ifndef ENTENTE_CLIENT_OPEN_INTENTS_H_
#define ENTENTE_CLIENT_OPEN_INTENTS_H_

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "client/entry_search.h"
#include "policy/ledger_entry.h"

namespace entente::client {

// How much later than due the broker may write that something has ended.
inline constexpr absl::Duration kEndSlack = absl::Minutes(5);
// How long a batch waits for its recipient at most.
inline constexpr absl::Duration kDeliveryWait = absl::Hours(24 * 7);

// An entry whose outcome is due and is not in the ledger.
struct OpenIntent {
  Place place;
  policy::EntryKind kind = policy::EntryKind::kUnspecified;
  std::string sentence;  // without a final stop
};

// Pairs intents with their outcomes, in entries that it is given in their
// order:
//
// - break-glass asked for: approved, or ended, within
//   policy::kMaxApprovalWait;
// - break-glass approved: ended when its minutes are over;
// - break-glass ended after an approval: reported when the report is due;
// - an allowed batch: delivered within kDeliveryWait;
// - the broker's start: its stop, before the next start.
//
// Queries are not built: their entries are counted and not paired. Memory for
// what is open. Not thread-safe.
class OpenIntents {
 public:
  void See(const Place& place, const policy::LedgerEntry& entry);

  // What is overdue at `as_of`, in the order of the ledger.
  std::vector<OpenIntent> Overdue(absl::Time as_of) const;

  // The time of the latest entry: up to then a mirror can tell. Past infinity
  // without entries.
  absl::Time latest() const { return latest_; }
  // Entries of queries and answers.
  uint64_t unpaired() const { return unpaired_; }

 private:
  struct Waiting {
    OpenIntent intent;
    absl::Time due;
  };

  void SeeGrant(const Place& place, const policy::LedgerEntry& entry);
  void SeeStart(const Place& place, const policy::LedgerEntry& entry);

  std::map<std::string, Waiting> grants_;   // by id: what it waits for now
  std::map<std::string, Waiting> batches_;  // by sender and batch
  std::optional<Waiting> start_;
  std::vector<OpenIntent> stopless_;  // starts that another start followed
  absl::Time latest_ = absl::InfinitePast();
  uint64_t unpaired_ = 0;
};

// One page of the overdue intents that `plan` means, as SearchParts. Every
// entry is read, also of those that the filter leaves out. Without `now`, as
// for a mirror, what is overdue at the latest entry.
absl::StatusOr<SearchPage> SearchOpen(std::vector<ReadablePart>& parts,
                                      const SearchPlan& plan,
                                      std::optional<absl::Time> now);

}  // namespace entente::client

#endif  // ENTENTE_CLIENT_OPEN_INTENTS_H_

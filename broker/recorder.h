// Writes what happened, allowed or refused, and hands out the proof.
#ifndef ENTENTE_BROKER_RECORDER_H_
#define ENTENTE_BROKER_RECORDER_H_

#include <cstdint>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "broker/clock.h"
#include "broker/rpc/caller.h"
#include "broker/sequencer.h"
#include "policy/ledger_entry.h"

namespace entente::broker {

// Makes entries for the sequencer. Thread-safe.
class Recorder {
 public:
  Recorder(Sequencer* sequencer, const Clock* clock);

  // An allowed act of `caller` now. Pending salts it.
  policy::LedgerEntry Allowed(policy::EntryKind kind,
                              const Caller& caller) const;
  // An act of the broker itself.
  policy::LedgerEntry OwnAct(policy::EntryKind kind) const;

  // The line for `ledger`, with a fresh salt, also if another was made from the
  // same entry. Whatever a peer made too long is cut, so that every act can be
  // recorded.
  static absl::StatusOr<PendingEntry> Pending(absl::string_view ledger,
                                              policy::LedgerEntry entry);

  // Records that the act in `entry` was refused for the conditions of
  // `refusal`, and returns `refusal` with the place of its entry. Blocks.
  // UNAVAILABLE (LOG_UNAVAILABLE, DISK_FULL, LEDGER_REFUSED) if it cannot be
  // recorded.
  absl::Status Refused(absl::string_view ledger, policy::LedgerEntry entry,
                       const absl::Status& refusal) const;

  // Runs `job` to the end. Blocks. A refusal of the job's comes back as it is;
  // a store that cannot write becomes UNAVAILABLE (LOG_UNAVAILABLE,
  // DISK_FULL).
  absl::StatusOr<std::vector<Receipt>> Run(Job job) const;

 private:
  Sequencer& sequencer_;
  const Clock& clock_;
};

}  // namespace entente::broker

#endif  // ENTENTE_BROKER_RECORDER_H_

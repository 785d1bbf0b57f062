// What the broker writes into its own ledger about itself.
#ifndef ENTENTE_BROKER_OWN_ENTRIES_H_
#define ENTENTE_BROKER_OWN_ENTRIES_H_

#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "broker/config.h"
#include "broker/context.h"
#include "policy/ledger_entry.h"

namespace entente::broker {

// The broker's own ledger names the head of every agreement's ledger at least
// so often, so that none can vanish or be put back unseen by whoever mirrors
// the broker's own.
inline constexpr absl::Duration kHeadsEvery = absl::Hours(1);

// SHA-256, hexadecimal, of all settings that a broker runs with, one
// `name: value` a line in the order of Settings(). No secret is a setting.
std::string ConfigDigest(const Config& config);

// Thread-safe.
class OwnEntries {
 public:
  // `context` outlives this; its sequencer must take jobs.
  explicit OwnEntries(const Context* context) : context_(*context) {}

  // Makes the broker's own ledger if there is none. Records the start with the
  // digest of `config` and the program's `version`, and the heads. Blocks; the
  // other two too. UNAVAILABLE if it cannot be recorded.
  absl::Status Started(const Config& config, absl::string_view version)
      ABSL_LOCKS_EXCLUDED(mu_);
  // Records the heads, if that is due.
  absl::Status Tick() ABSL_LOCKS_EXCLUDED(mu_);
  // Records the heads and the stop.
  absl::Status Stopped() ABSL_LOCKS_EXCLUDED(mu_);

 private:
  // One entry for each agreement's ledger that is served: the last signed head
  // of its newest part.
  absl::StatusOr<std::vector<PendingEntry>> Heads(
      Transaction& transaction) const;
  absl::Status Write(const policy::LedgerEntry* first,
                     const policy::LedgerEntry* last) ABSL_LOCKS_EXCLUDED(mu_);

  const Context& context_;
  absl::Mutex mu_;
  absl::Time heads_due_ ABSL_GUARDED_BY(mu_) = absl::InfinitePast();
};

}  // namespace entente::broker

#endif  // ENTENTE_BROKER_OWN_ENTRIES_H_

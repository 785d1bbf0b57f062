// Acts that are refused before a service sees them, as entries.
#ifndef ENTENTE_BROKER_DENIALS_H_
#define ENTENTE_BROKER_DENIALS_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "absl/types/optional.h"
#include "broker/context.h"
#include "policy/ledger_entry.h"

namespace entente::broker {

// Within so long the same denial is one entry; how often it came again is an
// entry at the end.
inline constexpr absl::Duration kDenialWindow = absl::Minutes(1);
// Entries that one source may cause in a window; how many more denials there
// were is an entry at the end. So a ledger grows by at most twice this and one
// in a window for each source, whatever is tried.
inline constexpr size_t kMaxDenialsPerSource = 30;

// The source of everyone whose certificate proves nothing. They share a limit.
inline constexpr char kUnknownSource[] = "unknown";

// A login or a call that was refused.
struct Denial {
  // An agency, `operator`, or kUnknownSource: whose limit it counts against.
  std::string source;
  std::string ledger;
  // kRefusedLogin or kRefusedCall, with the actor. Two denials are the same if
  // kind, ledger, certificate, detail `method` and first reason are.
  policy::LedgerEntry entry;
  absl::Status refusal;  // from Refuse
};

// Bounded by the limits above and the number of agencies. Thread-safe.
class Denials {
 public:
  // `context` outlives this, and its sequencer is shut down before.
  explicit Denials(const Context* context) : context_(*context) {}

  // Records `denial`, unless it or its source had its entries in this window:
  // then it is counted. Returns the refusal, with the place of its entry if it
  // has one. UNAVAILABLE (LOG_UNAVAILABLE, DISK_FULL) if it cannot be recorded.
  // Blocks.
  absl::Status Record(Denial denial) ABSL_LOCKS_EXCLUDED(mu_);

  // The same without waiting for the entry, for threads that must not block.
  // What cannot be recorded is counted, in the log if not in the ledger.
  void Note(Denial denial) ABSL_LOCKS_EXCLUDED(mu_);

  // Hands the counts of a window that has ended to the sequencer. Once a
  // second; does not block.
  void Tick() ABSL_LOCKS_EXCLUDED(mu_);

  // The same for the window that is open, before the sequencer is shut down.
  void Flush() ABSL_LOCKS_EXCLUDED(mu_);

 private:
  using Done = std::function<void(const absl::StatusOr<EntryPlace>&)>;

  // What this window knows of one denial.
  struct Slot {
    Denial denial;
    uint64_t repeats = 0;              // after the first
    absl::optional<EntryPlace> place;  // of the entry, once it is durable
  };
  // Denials of one source and kind without a slot.
  struct Omitted {
    policy::EntryReason reason;  // of the first
    uint64_t count = 0;
  };

  static std::string KeyOf(const Denial& denial);
  // Opens a slot, or counts. True: the caller writes the entry. Otherwise
  // `place` is the entry's, if it is known.
  bool Admit(const Denial& denial, const std::string& key,
             absl::optional<EntryPlace>* place) ABSL_LOCKS_EXCLUDED(mu_);
  void CountOmitted(const Denial& denial) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  // Submits the entry of `denial`; `done` gets its place, on any thread.
  void Write(const Denial& denial, const std::string& key, Done done)
      ABSL_LOCKS_EXCLUDED(mu_);
  void Written(const std::string& key, const Denial& denial,
               const absl::StatusOr<EntryPlace>& place)
      ABSL_LOCKS_EXCLUDED(mu_);
  // Ends the window if it is over, or `always`, and submits its counts.
  void Roll(bool always) ABSL_LOCKS_EXCLUDED(mu_);
  void Submit(std::vector<PendingEntry> entries, uint64_t counted);

  const Context& context_;
  absl::Mutex mu_;
  absl::Time window_end_ ABSL_GUARDED_BY(mu_) = absl::InfinitePast();
  std::map<std::string, Slot> slots_ ABSL_GUARDED_BY(mu_);
  std::map<std::string, size_t> entries_of_ ABSL_GUARDED_BY(mu_);
  std::map<std::pair<std::string, policy::EntryKind>, Omitted> omitted_
      ABSL_GUARDED_BY(mu_);
};

}  // namespace entente::broker

#endif  // ENTENTE_BROKER_DENIALS_H_

// Says in the ledger when an overdue review suspends an agreement.
#ifndef ENTENTE_BROKER_OVERDUE_NOTES_H_
#define ENTENTE_BROKER_OVERDUE_NOTES_H_

#include <cstdint>
#include <string>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_set.h"
#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"
#include "broker/context.h"

namespace entente::broker {

// The suspension itself needs nobody: every decision looks at the clock. This
// makes its entry, once for each version, when it has begun. Thread-safe.
class OverdueNotes {
 public:
  // Writes what is due at the clock's time, also after one failed; the first
  // failure is returned. Blocks, if there is anything to write. Cheap if not:
  // meant for every second.
  absl::Status NoteAll(const Context& context) ABSL_LOCKS_EXCLUDED(mu_);

 private:
  absl::Mutex mu_;
  // What need not be looked up again.
  absl::flat_hash_set<std::pair<std::string, int64_t>> noted_
      ABSL_GUARDED_BY(mu_);
};

}  // namespace entente::broker

#endif  // ENTENTE_BROKER_OVERDUE_NOTES_H_

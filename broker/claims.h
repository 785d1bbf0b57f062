// Which waiting batches are on their way to a receiver.
#ifndef ENTENTE_BROKER_CLAIMS_H_
#define ENTENTE_BROKER_CLAIMS_H_

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_set.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "broker/clock.h"
#include "broker/mailbox_signal.h"

namespace entente::broker {

// How long a receiver may take over a batch once the last of it was written.
inline constexpr absl::Duration kClaimTime = absl::Minutes(10);
// How many batches one of several receivers is given ahead of its
// acknowledgements: one to work on, one on its way.
inline constexpr size_t kMostUnacknowledged = 2;
// A batch counts so long towards that: one that the receiver does not like is
// never acknowledged.
inline constexpr absl::Duration kPaceTime = absl::Seconds(5);

// Several receivers of one agency share its mailbox under one agreement: a
// batch that is claimed by one is not given to another. A claim is in memory
// alone, and ends with its receiver, with the acknowledgement of the batch by
// anybody, or kClaimTime after the batch was written. The mailbox is signalled
// whenever that lets somebody go on. Thread-safe; does not block.
class Claims {
 public:
  enum class Outcome {
    kTaken,        // by the one who asked
    kWithAnother,  // who has it already
    kLater,        // there are others, and this one is far enough ahead
  };

  // Both are borrowed. `signal` is called without a lock held.
  Claims(const Clock* clock, MailboxSignal* signal)
      : clock_(*clock), signal_(*signal) {}

  // A new receiver; its number.
  uint64_t Open(absl::string_view agency, absl::string_view agreement)
      ABSL_LOCKS_EXCLUDED(mu_);
  // It is gone. A number that is not open is passed over, here and below.
  void Close(uint64_t receiver) ABSL_LOCKS_EXCLUDED(mu_);
  // It takes no more batches, and keeps what it has.
  void Retire(uint64_t receiver) ABSL_LOCKS_EXCLUDED(mu_);

  // `batch` is the sequence number of a deliverable batch in the mailbox of
  // `receiver`, which does not have it yet.
  Outcome Take(uint64_t receiver, int64_t batch) ABSL_LOCKS_EXCLUDED(mu_);
  // All of it was written: kClaimTime begins.
  void Written(uint64_t receiver, int64_t batch) ABSL_LOCKS_EXCLUDED(mu_);
  // It waits no more, whoever had it.
  void Done(int64_t batch) ABSL_LOCKS_EXCLUDED(mu_);

  // Ends the claims whose time is over. For a ticker.
  void Lapse() ABSL_LOCKS_EXCLUDED(mu_);

  // How many batches `receiver` has claimed.
  size_t HeldBy(uint64_t receiver) const ABSL_LOCKS_EXCLUDED(mu_);
  // By all.
  size_t size() const ABSL_LOCKS_EXCLUDED(mu_);

 private:
  using Mailbox = std::pair<std::string, std::string>;  // agency, agreement
  struct Receiver {
    Mailbox mailbox;
    bool is_retired = false;
    absl::flat_hash_set<int64_t> batches;
  };
  struct Claim {
    uint64_t receiver = 0;
    absl::Time written = absl::InfiniteFuture();
  };

  // Whether another receiver of the mailbox takes batches too.
  bool HasOthers(uint64_t receiver) const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  // How many batches of `receiver` count towards kMostUnacknowledged.
  size_t Ahead(const Receiver& receiver, absl::Time now) const
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  void Signal(const Mailbox& mailbox, int64_t first) const
      ABSL_LOCKS_EXCLUDED(mu_);

  const Clock& clock_;
  MailboxSignal& signal_;
  mutable absl::Mutex mu_;
  uint64_t last_ ABSL_GUARDED_BY(mu_) = 0;
  std::map<uint64_t, Receiver> receivers_ ABSL_GUARDED_BY(mu_);
  std::map<int64_t, Claim> claims_ ABSL_GUARDED_BY(mu_);  // by batch
};

}  // namespace entente::broker

#endif  // ENTENTE_BROKER_CLAIMS_H_

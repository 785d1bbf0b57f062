// The one thread through which everything durable goes.
#ifndef ENTENTE_BROKER_SEQUENCER_H_
#define ENTENTE_BROKER_SEQUENCER_H_

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <string>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "broker/ledger/anchor_file.h"
#include "broker/ledger/ledger_log.h"
#include "broker/store/store.h"
#include "crypto/sha.h"

namespace entente::broker {

// An entry that a job wants written.
struct PendingEntry {
  // `broker`, or an agreement's id: its newest part takes the entry. The ledger
  // exists, or the job made it.
  std::string ledger;
  // One line of JSON without its line feed, at most kMaxEntryBytes.
  std::string entry;
  // Called in the same transaction with the entry's number in all parts of the
  // ledger together (LedgerLog::PlaceOf), to note it in the job's rows; may be
  // empty. A failure undoes the job.
  std::function<absl::Status(Transaction&, uint64_t position)> appended;
};

// Proof that an entry is durably in a ledger.
struct Receipt {
  std::string part;    // of the ledger: `isa-1`, or `isa-1.1`
  uint64_t index = 0;  // counted from 0 in that part
  std::string entry;
  // c2sp.org/tlog-proof@v1 with the checkpoint of `size` and `root`.
  std::string proof;
  uint64_t size = 0;
  crypto::Hash root = {};
};

// Writes a caller's rows and says which entries go with them. Runs on the
// sequencer's thread within the transaction of all jobs of its group, so that
// what it reads cannot change before the commit. Must not block, and must be
// free of effects outside the transaction: it may be undone after it returned.
using Job =
    std::function<absl::StatusOr<std::vector<PendingEntry>>(Transaction&)>;

// Told once, on the sequencer's thread, when all is durable or nothing is. Must
// not block. Receipts are in the order of the job's entries.
using JobDone = std::function<void(absl::StatusOr<std::vector<Receipt>>)>;

// Collects the jobs that wait, runs them in one transaction, appends their
// entries, signs one checkpoint for each ledger touched, commits, syncs the
// anchors, and answers. Idle, one job pays one commit; under load a commit
// carries up to `max_group` jobs. A commit whose anchors cannot be written is
// anchored before the next group is run. Thread-safe.
class Sequencer {
 public:
  struct Options {
    size_t max_queued = 1024;
    size_t max_group = 128;
    // Told of every commit, on the sequencer's thread; may be empty. Must not
    // block. `entries` is 0 if nothing became durable.
    std::function<void(size_t jobs, size_t entries, absl::Duration took,
                       bool is_durable)>
        committed;
  };

  // Starts the thread. Ledgers are as CheckLedgers left them.
  Sequencer(Store* store, const LedgerLog* ledgers, AnchorFile* anchors,
            Options options);
  ~Sequencer();  // as Shutdown
  Sequencer(const Sequencer&) = delete;
  Sequencer& operator=(const Sequencer&) = delete;

  // ResourceExhausted when `max_queued` jobs wait, Unavailable after Shutdown;
  // `done` is not called then. Otherwise `done` gets
  //   the job's own failure, or that of appending its entries or of `appended`:
  //     its rows are undone, those of others stand;
  //   Unavailable   the commit failed, and nothing was written for anyone; or
  //                 a sync or the anchoring failed, and nobody knows. Marked if
  //                 the disk is full (IsDiskFull). The job may be submitted
  //                 again.
  absl::Status Submit(Job job, JobDone done) ABSL_LOCKS_EXCLUDED(mu_);

  // Submits and waits. Not on the sequencer's thread or one of gRPC's.
  absl::StatusOr<std::vector<Receipt>> Run(Job job) ABSL_LOCKS_EXCLUDED(mu_);

  // Refuses new jobs, finishes those that wait, and ends the thread.
  void Shutdown() ABSL_LOCKS_EXCLUDED(mu_);

  // Jobs that wait now.
  size_t queued() const ABSL_LOCKS_EXCLUDED(mu_);

 private:
  struct Waiting {
    Job job;
    JobDone done;
  };
  struct Outcome {
    absl::Status status;
    std::vector<Receipt> receipts;
  };

  void Work() ABSL_LOCKS_EXCLUDED(mu_);
  bool HasWorkOrStops() const ABSL_SHARED_LOCKS_REQUIRED(mu_) {
    return stopping_ || !queue_.empty();
  }
  std::vector<Waiting> NextGroup() ABSL_LOCKS_EXCLUDED(mu_);
  void RunGroup(std::vector<Waiting> group);
  // Anchors what an earlier group could not.
  absl::Status CatchUp();
  absl::Status WriteGroup(Transaction& transaction,
                          const std::vector<Waiting>& group,
                          std::vector<Outcome>* outcomes,
                          std::vector<Anchor>* signed_heads);
  absl::Status RunJob(Transaction& transaction, const Job& job,
                      std::map<std::string, PartOfLedger>* checked,
                      Outcome* outcome);
  // The part of `ledger` that takes entries, which was found to be what was
  // last signed.
  absl::StatusOr<PartOfLedger> Checked(Transaction& transaction,
                                       const std::string& ledger);
  absl::Status SignTouched(Transaction& transaction,
                           std::vector<Outcome>* outcomes,
                           std::vector<Anchor>* signed_heads);

  Store& store_;
  const LedgerLog& ledgers_;
  AnchorFile& anchors_;
  const Options options_;
  // Signed and committed, but not anchored. The thread's alone.
  std::vector<Anchor> unanchored_;

  mutable absl::Mutex mu_;
  std::deque<Waiting> queue_ ABSL_GUARDED_BY(mu_);
  bool stopping_ ABSL_GUARDED_BY(mu_) = false;
  absl::Mutex join_mu_ ABSL_ACQUIRED_BEFORE(mu_);
  std::thread thread_ ABSL_GUARDED_BY(join_mu_);
};

}  // namespace entente::broker

#endif  // ENTENTE_BROKER_SEQUENCER_H_

// The store in one SQLite file of the data folder.
#ifndef ENTENTE_BROKER_STORE_SQLITE_STORE_H_
#define ENTENTE_BROKER_STORE_SQLITE_STORE_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "broker/store/sqlite.h"
#include "broker/store/store.h"

namespace entente::broker {

// Pages in the log above which it is moved into the database, 4 MiB of them.
inline constexpr int kLogPages = 1000;

// One connection writes, `readers` read; a reader waits while all are taken.
//
// A sync that failed stops the store until the program starts again. Open first
// makes durable anew what the log holds, since after a failed sync the kernel
// shows pages that the disk may not have.
class SqliteStore final : public Store {
 public:
  // Opens `path`, with a new schema if the file is new. `readers` >= 1. No
  // other process writes to it.
  // FailedPrecondition if the file is of another version of the broker or of
  // another program; the message names the way out.
  static absl::StatusOr<std::unique_ptr<SqliteStore>> Open(
      const std::string& path, int readers, int log_pages = kLogPages);
  ~SqliteStore() override;

  absl::Status Read(
      absl::FunctionRef<absl::Status(Transaction&)> work) override;
  absl::Status Write(absl::FunctionRef<absl::Status(Transaction&)> work,
                     absl::FunctionRef<absl::Status()> release) override;
  absl::Status Resume(absl::FunctionRef<absl::Status()> release) override;

 private:
  SqliteStore(std::unique_ptr<Database> writer,
              std::vector<std::unique_ptr<Database>> readers, int log_pages)
      : log_pages_(log_pages),
        writer_(std::move(writer)),
        idle_(std::move(readers)) {}

  std::unique_ptr<Database> TakeReader() ABSL_LOCKS_EXCLUDED(readers_mu_);
  void ReturnReader(std::unique_ptr<Database> reader)
      ABSL_LOCKS_EXCLUDED(readers_mu_);
  absl::Status Available() const ABSL_SHARED_LOCKS_REQUIRED(release_mu_);
  absl::Status CommitAndRelease(Transaction transaction,
                                absl::FunctionRef<absl::Status()> release)
      ABSL_LOCKS_EXCLUDED(release_mu_);
  // Stops the store if `status` tells of a failed sync; returns it.
  absl::Status Heed(absl::Status status)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(release_mu_);
  void MoveLog() ABSL_LOCKS_EXCLUDED(release_mu_);

  const int log_pages_;
  std::unique_ptr<Database> writer_;

  absl::Mutex readers_mu_;
  std::vector<std::unique_ptr<Database>> idle_ ABSL_GUARDED_BY(readers_mu_);

  // Held from commit to release, and by readers while they fix their state: it
  // is what keeps a reader from a commit that is not anchored yet.
  absl::Mutex release_mu_ ABSL_ACQUIRED_AFTER(readers_mu_);
  // Why the last commit is not released; OK if it is.
  absl::Status unreleased_ ABSL_GUARDED_BY(release_mu_);
  // The failed sync; OK as long as there was none.
  absl::Status failed_sync_ ABSL_GUARDED_BY(release_mu_);
};

}  // namespace entente::broker

#endif  // ENTENTE_BROKER_STORE_SQLITE_STORE_H_

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

// One connection writes, `readers` read; a reader waits while all are taken.
class SqliteStore final : public Store {
 public:
  // Opens `path`, with a new schema if the file is new. `readers` >= 1.
  // FailedPrecondition if the file is of another version of the broker or of
  // another program; the message names the way out.
  static absl::StatusOr<std::unique_ptr<SqliteStore>> Open(
      const std::string& path, int readers);

  absl::Status Read(
      absl::FunctionRef<absl::Status(Transaction&)> work) override;
  absl::Status Write(absl::FunctionRef<absl::Status(Transaction&)> work,
                     absl::FunctionRef<absl::Status()> release) override;

 private:
  SqliteStore(std::unique_ptr<Database> writer,
              std::vector<std::unique_ptr<Database>> readers)
      : writer_(std::move(writer)), idle_(std::move(readers)) {}

  std::unique_ptr<Database> TakeReader() ABSL_LOCKS_EXCLUDED(readers_mu_);
  void ReturnReader(std::unique_ptr<Database> reader)
      ABSL_LOCKS_EXCLUDED(readers_mu_);

  std::unique_ptr<Database> writer_;

  absl::Mutex readers_mu_;
  std::vector<std::unique_ptr<Database>> idle_ ABSL_GUARDED_BY(readers_mu_);

  // Held from commit to release, and by readers while they fix their state: it
  // is what keeps a reader from a commit that is not anchored yet.
  absl::Mutex release_mu_ ABSL_ACQUIRED_AFTER(readers_mu_);
  bool stopped_ ABSL_GUARDED_BY(release_mu_) = false;
};

}  // namespace entente::broker

#endif  // ENTENTE_BROKER_STORE_SQLITE_STORE_H_

#include "broker/store/sqlite_store.h"

#include <utility>

#include "absl/cleanup/cleanup.h"
#include "absl/strings/str_cat.h"
#include "broker/store/rewrite_log.h"
#include "broker/store/schema.h"

namespace entente::broker {

absl::StatusOr<std::unique_ptr<SqliteStore>> SqliteStore::Open(
    const std::string& path, int readers, int log_pages) {
  if (absl::Status durable = RewriteLog(path); !durable.ok()) return durable;
  absl::StatusOr<std::unique_ptr<Database>> writer =
      Database::Open(path, Database::Mode::kReadWrite);
  if (!writer.ok()) return writer.status();
  if (absl::Status ready = PrepareSchema(writer->get()); !ready.ok()) {
    return ready;
  }
  std::vector<std::unique_ptr<Database>> idle;
  for (int i = 0; i < readers; ++i) {
    absl::StatusOr<std::unique_ptr<Database>> reader =
        Database::Open(path, Database::Mode::kReadOnly);
    if (!reader.ok()) return reader.status();
    idle.push_back(*std::move(reader));
  }
  return std::unique_ptr<SqliteStore>(
      new SqliteStore(*std::move(writer), std::move(idle), log_pages));
}

SqliteStore::~SqliteStore() {
  absl::MutexLock lock(&release_mu_);
  // The writer closes last. Moving the log now could call a lost page durable
  // and delete the only copy.
  if (!failed_sync_.ok()) writer_->KeepLog();
}

absl::Status SqliteStore::Available() const {
  if (!failed_sync_.ok()) {
    return absl::UnavailableError(absl::StrCat(
        "the store has stopped because a sync failed, so that nobody knows "
        "what the disk holds; check the disk of the data folder and start the "
        "broker again: ",
        failed_sync_.message()));
  }
  if (!unreleased_.ok()) {
    absl::Status paused = absl::UnavailableError(
        absl::StrCat("the store waits until its last commit can be anchored: ",
                     unreleased_.message()));
    return IsDiskFull(unreleased_) ? MarkDiskFull(std::move(paused)) : paused;
  }
  return absl::OkStatus();
}

absl::Status SqliteStore::Heed(absl::Status status) {
  if (IsFailedSync(status) && failed_sync_.ok()) failed_sync_ = status;
  return status;
}

std::unique_ptr<Database> SqliteStore::TakeReader() {
  absl::MutexLock lock(&readers_mu_);
  readers_mu_.Await(absl::Condition(
      +[](std::vector<std::unique_ptr<Database>>* idle) {
        return !idle->empty();
      },
      &idle_));
  std::unique_ptr<Database> reader = std::move(idle_.back());
  idle_.pop_back();
  return reader;
}

void SqliteStore::ReturnReader(std::unique_ptr<Database> reader) {
  absl::MutexLock lock(&readers_mu_);
  idle_.push_back(std::move(reader));
}

absl::Status SqliteStore::Read(
    absl::FunctionRef<absl::Status(Transaction&)> work) {
  std::unique_ptr<Database> reader = TakeReader();
  const auto give_back =
      absl::MakeCleanup([&] { ReturnReader(std::move(reader)); });
  absl::StatusOr<Transaction> transaction =
      [&]() -> absl::StatusOr<Transaction> {
    absl::ReaderMutexLock lock(&release_mu_);
    if (absl::Status can = Available(); !can.ok()) return can;
    return Transaction::Begin(reader.get(), Transaction::Kind::kRead);
  }();
  if (!transaction.ok()) return transaction.status();
  return work(*transaction);
}

absl::Status SqliteStore::Write(
    absl::FunctionRef<absl::Status(Transaction&)> work,
    absl::FunctionRef<absl::Status()> release) {
  {
    absl::ReaderMutexLock lock(&release_mu_);
    if (absl::Status can = Available(); !can.ok()) return can;
  }
  absl::StatusOr<Transaction> transaction =
      Transaction::Begin(writer_.get(), Transaction::Kind::kWrite);
  if (!transaction.ok()) return transaction.status();
  if (absl::Status worked = work(*transaction); !worked.ok()) {
    absl::MutexLock lock(&release_mu_);
    return Heed(std::move(worked));
  }
  if (absl::Status written = CommitAndRelease(*std::move(transaction), release);
      !written.ok()) {
    return written;
  }
  MoveLog();
  return absl::OkStatus();
}

absl::Status SqliteStore::CommitAndRelease(
    Transaction transaction, absl::FunctionRef<absl::Status()> release) {
  absl::MutexLock lock(&release_mu_);
  if (absl::Status committed = Heed(transaction.Commit()); !committed.ok()) {
    return committed;
  }
  unreleased_ = release();
  return Available();
}

absl::Status SqliteStore::Resume(absl::FunctionRef<absl::Status()> release) {
  absl::MutexLock lock(&release_mu_);
  if (failed_sync_.ok() && !unreleased_.ok()) unreleased_ = release();
  return Available();
}

// What was answered is durable in the log already, so nobody waits for this
// and only a failed sync matters. Anything else is tried after the next commit.
void SqliteStore::MoveLog() {
  if (writer_->log_pages() < log_pages_) return;
  const absl::Status moved = writer_->Checkpoint();
  absl::MutexLock lock(&release_mu_);
  Heed(moved).IgnoreError();
}

}  // namespace entente::broker

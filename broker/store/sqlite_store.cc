#include "broker/store/sqlite_store.h"

#include <utility>

#include "absl/cleanup/cleanup.h"
#include "absl/strings/str_cat.h"
#include "broker/store/schema.h"

namespace entente::broker {
namespace {

absl::Status Stopped() {
  return absl::UnavailableError(
      "the store has stopped because a commit could not be anchored; repair "
      "the disk of the data folder and start the broker again");
}

}  // namespace

absl::StatusOr<std::unique_ptr<SqliteStore>> SqliteStore::Open(
    const std::string& path, int readers) {
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
      new SqliteStore(*std::move(writer), std::move(idle)));
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
    if (stopped_) return Stopped();
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
    if (stopped_) return Stopped();
  }
  absl::StatusOr<Transaction> transaction =
      Transaction::Begin(writer_.get(), Transaction::Kind::kWrite);
  if (!transaction.ok()) return transaction.status();
  if (absl::Status worked = work(*transaction); !worked.ok()) return worked;

  absl::MutexLock lock(&release_mu_);
  if (absl::Status committed = transaction->Commit(); !committed.ok()) {
    return committed;
  }
  if (absl::Status released = release(); !released.ok()) {
    stopped_ = true;
    return absl::UnavailableError(
        absl::StrCat(released.message(), "; ", Stopped().message()));
  }
  return absl::OkStatus();
}

}  // namespace entente::broker

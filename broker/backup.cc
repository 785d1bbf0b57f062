#include "broker/backup.h"

#include <sys/stat.h>

#include <cerrno>
#include <filesystem>

#include "absl/strings/str_cat.h"
#include "broker/durable_file.h"
#include "broker/ledger/anchor_file.h"
#include "broker/store/data_folder.h"
#include "broker/store/ledger_table.h"
#include "broker/store/sqlite.h"

namespace entente::broker {
namespace {

constexpr size_t kMaxSmallFileBytes = 64 << 20;

absl::Status CopySmallFile(const std::string& from, const std::string& to) {
  const absl::StatusOr<std::string> content =
      ReadFile(from, kMaxSmallFileBytes);
  if (!content.ok()) return content.status();
  return WriteDurably(to, *content);
}

// Whether the copy can be read, and what it holds.
absl::StatusOr<BackupReport> Inspect(const std::string& database) {
  const auto copy = Database::Open(database, Database::Mode::kReadOnly);
  if (!copy.ok()) return copy.status();
  auto transaction = Transaction::Begin(copy->get(), Transaction::Kind::kRead);
  if (!transaction.ok()) return transaction.status();
  // SQLite 3.40's quick_check takes the columns of a table without row ids for
  // null if its key has them in another order.
  Statement check = transaction->Query("PRAGMA integrity_check(1)");
  const absl::StatusOr<bool> found = check.Step();
  if (!found.ok()) return found.status();
  if (!*found || check.ColumnText(0) != "ok") {
    return absl::DataLossError(
        absl::StrCat("the database is damaged: ", check.ColumnText(0)));
  }
  const auto ledgers = LedgerTable(*transaction).List();
  if (!ledgers.ok()) return ledgers.status();
  BackupReport report;
  for (const LedgerRow& row : *ledgers) {
    ++report.ledgers;
    report.entries += row.size;
  }
  return report;
}

}  // namespace

absl::StatusOr<BackupReport> BackUp(const std::string& from,
                                    const std::string& to) {
  const DataFolderFiles source(from);
  const DataFolderFiles target(to);
  for (const std::string& needed :
       {source.database(), source.anchors(), source.key_file()}) {
    if (!std::filesystem::exists(needed)) {
      return absl::NotFoundError(absl::StrCat(
          needed, " is missing: ", from, " is not a broker's data folder"));
    }
  }
  if (mkdir(to.c_str(), 0700) != 0) {
    return absl::ErrnoToStatus(errno, absl::StrCat("cannot make ", to));
  }
  const auto database =
      Database::Open(source.database(), Database::Mode::kReadOnly);
  if (!database.ok()) return database.status();
  if (absl::Status copied = (*database)->CopyTo(target.database());
      !copied.ok()) {
    return copied;
  }
  // After the database, so that they never say less than it.
  if (absl::Status copied =
          CopySmallFile(source.anchors(), target.anchors_at_backup());
      !copied.ok()) {
    return copied;
  }
  // Reading them proves that they can be read, and drops a torn last line.
  if (const auto anchors = AnchorFile::Open(target.anchors_at_backup());
      !anchors.ok()) {
    return anchors.status();
  }
  if (absl::Status copied = CopySmallFile(source.key_file(), target.key_file());
      !copied.ok()) {
    return copied;
  }
  return Inspect(target.database());
}

}  // namespace entente::broker

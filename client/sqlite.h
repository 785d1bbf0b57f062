// SQLite behind types that release what they hold and report what failed.
#ifndef ENTENTE_CLIENT_SQLITE_H_
#define ENTENTE_CLIENT_SQLITE_H_

#include <sqlite3.h>

#include <cstdint>
#include <memory>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "crypto/hex.h"

namespace entente::client {

// Status codes of every call below, with the code of client/error.h:
//   Unavailable        LOCAL_DISK_FULL, LOCAL_DISK_FAILED, LOCAL_SYNC_FAILED,
//                      or LOCAL_STORE_BUSY: another process has a lock
//   DataLoss           LOCAL_STORE_DAMAGED, or it is no database
//   ResourceExhausted  no memory
//   AlreadyExists      a primary key is there already
//   Internal           a mistake in our SQL
// Messages name the cause and never the values bound.
//
// A sync that failed stops the Database: nobody knows what the disk holds then,
// and a later sync that succeeds proves nothing, since the kernel tells of a
// lost write once. Every later call is refused with LOCAL_SYNC_FAILED, and the
// log stays as it is for whoever opens the file next.

class Database;

// One run of a statement. Values are bound from left to right; the first
// failure is kept and returned by Step or Run. Ends before its Database.
class Statement {
 public:
  Statement(Statement&& other) noexcept;
  Statement& operator=(Statement&&) = delete;
  ~Statement();

  Statement& Int(int64_t value);
  Statement& Text(absl::string_view value);
  Statement& Blob(absl::Span<const uint8_t> value);

  // Moves to the next row; false after the last.
  absl::StatusOr<bool> Step();
  // Runs a statement that returns no rows.
  absl::Status Run();

  // Takes it back to before its first step, without values, to be bound and
  // run once more: dearer things than running are saved.
  Statement& Again();

  // The current row's columns, from 0; after Step returned true.
  int64_t ColumnInt(int column) const;
  std::string ColumnText(int column) const;
  crypto::Bytes ColumnBlob(int column) const;

 private:
  friend class Database;
  Statement(absl::Status error, Database* database, sqlite3_stmt* handle)
      : error_(std::move(error)), database_(database), handle_(handle) {}

  absl::Status error_;
  Database* database_;
  sqlite3_stmt* handle_;
  int bound_ = 0;
};

// One connection. Not thread-safe; may move between threads.
class Database {
 public:
  enum class Holds { kTheOnlyCopy, kWhatCanBeMadeAgain };

  // Opens `path`, creating it (0600): WAL, 10 s of patience with locks. The
  // only copy has synchronous=FULL and secure_delete, and its log is made
  // durable anew before anything that stands in it is told: after a failed sync
  // of another process the kernel shows commits that the disk may not have.
  static absl::StatusOr<std::unique_ptr<Database>> Open(
      const std::string& path, Holds holds = Holds::kTheOnlyCopy);
  ~Database();
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;

  // `sql` is one statement and a constant of ours.
  Statement Query(absl::string_view sql);
  // Runs one or more statements without values.
  absl::Status Execute(const std::string& sql);
  // Rows changed by the last INSERT, UPDATE or DELETE.
  int64_t changes() const;

 private:
  friend class Statement;
  Database(sqlite3* handle, std::string path)
      : handle_(handle), path_(std::move(path)) {}

  absl::Status Prepare(Holds holds);
  // Writes the log over itself, byte for byte, and syncs it.
  absl::Status MakeLogDurable();
  // Moves the log into the database once it has `pages` enough.
  void MoveLog(int pages);
  // What `code` means, of `doing` something; stops after a failed sync.
  absl::Status Heed(int code, absl::string_view doing);

  sqlite3* handle_;
  const std::string path_;
  absl::Status stopped_;  // by the failed sync; OK as long as there was none
};

// A write transaction; rolled back unless committed.
class Transaction {
 public:
  static absl::StatusOr<Transaction> Begin(Database* database);
  Transaction(Transaction&& other) noexcept;
  Transaction& operator=(Transaction&&) = delete;
  ~Transaction();

  // Durable when this returns OK. After a failure everything is rolled back.
  absl::Status Commit();

 private:
  explicit Transaction(Database* database) : database_(database) {}

  Database* database_;  // null once ended
};

}  // namespace entente::client

#endif  // ENTENTE_CLIENT_SQLITE_H_

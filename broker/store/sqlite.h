// SQLite behind types that release what they hold and report what failed.
#ifndef ENTENTE_BROKER_STORE_SQLITE_H_
#define ENTENTE_BROKER_STORE_SQLITE_H_

#include <sqlite3.h>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"

namespace entente::broker {

// Status codes of every call below:
//   ResourceExhausted   the disk, the quota or the database is full
//   Unavailable         input or output failed, or another process has a lock
//   DataLoss            the file is damaged or is no database
//   AlreadyExists       a primary key or a unique value is there already
//   FailedPrecondition  any other constraint refused the row
//   Internal            a mistake in our SQL
// Messages name the cause and never the values bound.

// Whether the status says that the disk, the quota or the database is full.
bool IsDiskFull(const absl::Status& status);
// Marks a status of any code so; for what wraps or finds the same.
absl::Status MarkDiskFull(absl::Status status);

// Whether the status says that a sync failed. What the file holds on the disk
// is unknown then, and a later sync that succeeds proves nothing about it: the
// kernel tells of a lost write once.
bool IsFailedSync(const absl::Status& status);

// One run of a prepared statement. Values are bound from left to right; the
// first failure, also that of preparing, is kept and returned by Step or Run.
// Ends before its Database.
class Statement {
 public:
  Statement(Statement&& other) noexcept;
  Statement& operator=(Statement&&) = delete;
  ~Statement();

  Statement& Int(int64_t value);
  Statement& Text(absl::string_view value);
  Statement& Blob(absl::Span<const uint8_t> value);
  Statement& Null();

  // Moves to the next row; false after the last.
  absl::StatusOr<bool> Step();

  // Runs a statement that returns no rows.
  absl::Status Run();

  // The current row's columns, counted from 0; after Step returned true. NULL
  // reads as 0 or empty.
  int64_t ColumnInt(int column) const;
  std::string ColumnText(int column) const;
  std::vector<uint8_t> ColumnBlob(int column) const;
  bool ColumnIsNull(int column) const;

 private:
  friend class Database;
  friend class Transaction;
  Statement(absl::Status error, sqlite3_stmt* handle, bool* in_use)
      : error_(std::move(error)), handle_(handle), in_use_(in_use) {}

  absl::Status error_;
  sqlite3_stmt* handle_;
  bool* in_use_;  // of the cache; null if the statement is our own
  int bound_ = 0;
};

// One connection. Not thread-safe; may move between threads.
class Database {
 public:
  enum class Mode { kReadWrite, kReadOnly };

  // Opens `path`, creating it (0600) in kReadWrite, with WAL, synchronous=FULL,
  // foreign keys, secure_delete, no trusted schema, and 10 s of patience with
  // locks. The log is moved into the database by Checkpoint and by the last
  // connection that closes, and at no other time.
  static absl::StatusOr<std::unique_ptr<Database>> Open(const std::string& path,
                                                        Mode mode);
  ~Database();
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;

  // Writes the database as it is at one instant to the new file `path` (0600),
  // synced, also while others write. AlreadyExists.
  absl::Status CopyTo(const std::string& path);

  // A statement from the cache. `sql` is one statement and a constant of ours.
  Statement Query(absl::string_view sql);

  // Runs one or more statements without values.
  absl::Status Execute(const std::string& sql);

  // Pages in the log after the last commit of this connection.
  int log_pages() const { return log_pages_; }

  // Moves into the database what no reader still needs in the log, and syncs.
  // What it leaves is moved by the next one.
  absl::Status Checkpoint();

  // Leaves the log as it is when this connection closes.
  void KeepLog();

  // Rows changed by the last INSERT, UPDATE or DELETE.
  int64_t changes() const;

  // Whether a transaction is open. SQLite itself rolls back a transaction when
  // the disk is full or fails.
  bool in_transaction() const;

 private:
  struct Cached {
    sqlite3_stmt* handle = nullptr;
    bool in_use = false;
  };

  explicit Database(sqlite3* handle) : handle_(handle) {}

  sqlite3* handle_;
  int log_pages_ = 0;
  // Cached values are pointed to by statements in use.
  absl::flat_hash_map<std::string, std::unique_ptr<Cached>> cache_;
};

// A transaction; rolled back unless committed. All reads within see one state.
class Transaction {
 public:
  enum class Kind { kRead, kWrite };

  // kWrite takes the write lock at once; kRead fixes the state that it sees.
  static absl::StatusOr<Transaction> Begin(Database* database, Kind kind);
  Transaction(Transaction&& other) noexcept;
  Transaction& operator=(Transaction&&) = delete;
  ~Transaction();

  // As Database::Query. Unavailable at Step or Run if SQLite has rolled back
  // the transaction after a failure: nothing may be written outside it.
  Statement Query(absl::string_view sql);
  int64_t changes() const { return database_->changes(); }
  // False once SQLite has rolled it back by itself after a failure.
  bool is_open() const {
    return database_ != nullptr && database_->in_transaction();
  }

  // Durable when this returns OK. After a failure everything is rolled back.
  absl::Status Commit();

 private:
  friend class Savepoint;
  explicit Transaction(Database* database) : database_(database) {}

  Database* database_;  // null once ended
};

// A part of a transaction that can be undone alone; undone unless kept. Ends
// before its transaction, the last opened first.
class Savepoint {
 public:
  static absl::StatusOr<Savepoint> Open(Transaction* transaction);
  Savepoint(Savepoint&& other) noexcept;
  Savepoint& operator=(Savepoint&&) = delete;
  ~Savepoint();

  absl::Status Keep();

 private:
  explicit Savepoint(Database* database) : database_(database) {}

  Database* database_;  // null once ended
};

}  // namespace entente::broker

#endif  // ENTENTE_BROKER_STORE_SQLITE_H_

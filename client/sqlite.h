// SQLite behind types that release what they hold and report what failed.
#ifndef ENTENTE_CLIENT_SQLITE_H_
#define ENTENTE_CLIENT_SQLITE_H_

#include <sqlite3.h>

#include <cstdint>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "crypto/hex.h"

namespace entente::client {

// Status codes of every call below:
//   ResourceExhausted  the disk is full
//   Unavailable        input or output failed, or another process has a lock
//   DataLoss           the file is damaged or is no database
//   AlreadyExists      a primary key is there already
//   Internal           a mistake in our SQL
// Messages name the cause and never the values bound.

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
  Statement(absl::Status error, sqlite3_stmt* handle)
      : error_(std::move(error)), handle_(handle) {}

  absl::Status error_;
  sqlite3_stmt* handle_;
  int bound_ = 0;
};

// One connection. Not thread-safe; may move between threads.
class Database {
 public:
  // Opens `path`, creating it (0600): WAL, synchronous=FULL, secure_delete, 10
  // s of patience with locks.
  static absl::StatusOr<std::unique_ptr<Database>> Open(
      const std::string& path);
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
  explicit Database(sqlite3* handle) : handle_(handle) {}

  sqlite3* handle_;
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

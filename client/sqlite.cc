#include "client/sqlite.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "absl/strings/str_cat.h"
#include "client/error.h"
#include "client/local_failure.h"

namespace entente::client {
namespace {

constexpr int kPatienceMs = 10'000;
// Pages in the log above which it is moved into the database, 4 MiB of them.
constexpr int kLogPages = 1000;
// SQLite's files take less than 128 KiB at a time.
constexpr sqlite3_int64 kPiece = 64 << 10;

bool IsFailedSync(int code) {
  return code == SQLITE_IOERR_FSYNC || code == SQLITE_IOERR_DIR_FSYNC;
}

absl::Status SyncFailed(const std::string& path) {
  return ToStatus(
      {.what = absl::StrCat("the store ", path, " has stopped"),
       .why = "a sync failed, so that nobody knows what the disk holds",
       .next = "check the disk, then run the same command again",
       .code = "LOCAL_SYNC_FAILED",
       .exit = ExitCode::kUnavailable});
}

absl::Status Meaning(int code, absl::string_view doing,
                     const std::string& path) {
  const std::string what = absl::StrCat("cannot ", doing, " the store ", path);
  const std::string why =
      absl::StrCat(sqlite3_errstr(code), " (", std::to_string(code), ")");
  if (IsFailedSync(code)) return SyncFailed(path);
  // The index of the log grows by writing to its file.
  if (code == SQLITE_IOERR_SHMSIZE) return DiskFull(what, why);
  switch (code & 0xff) {
    case SQLITE_OK:
    case SQLITE_ROW:
    case SQLITE_DONE:
      return absl::OkStatus();
    case SQLITE_FULL:
      return DiskFull(what, why);
    case SQLITE_TOOBIG:
    case SQLITE_NOMEM:
      return absl::ResourceExhaustedError(absl::StrCat(what, ": ", why));
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return ToStatus({.what = what,
                       .why = "another process uses it",
                       .next = "run the same command again once the other one "
                               "has ended",
                       .code = "LOCAL_STORE_BUSY",
                       .exit = ExitCode::kUnavailable});
    case SQLITE_IOERR:
    case SQLITE_CANTOPEN:
    case SQLITE_READONLY:
    case SQLITE_PERM:
      return DiskFailed(what, why);
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
      return ToStatus({.what = what,
                       .why = why,
                       .next = "put its folder back from a backup",
                       .code = "LOCAL_STORE_DAMAGED",
                       .exit = ExitCode::kVerificationFailed});
    case SQLITE_CONSTRAINT:
      return absl::AlreadyExistsError(absl::StrCat(what, ": ", why));
    default:
      return absl::InternalError(absl::StrCat(what, ": ", why));
  }
}

// Writing makes pages dirty again that the kernel calls clean after a failed
// sync, so that this sync is about every byte; a break in the middle leaves the
// same bytes.
int RewriteFile(sqlite3_file* file) {
  const sqlite3_io_methods& does = *file->pMethods;
  sqlite3_int64 size = 0;
  if (int code = does.xFileSize(file, &size); code != SQLITE_OK) return code;
  if (size == 0) return SQLITE_OK;
  crypto::Bytes piece;
  for (sqlite3_int64 at = 0; at < size; at += kPiece) {
    piece.resize(static_cast<size_t>(std::min(kPiece, size - at)));
    const int length = static_cast<int>(piece.size());
    if (int code = does.xRead(file, piece.data(), length, at);
        code != SQLITE_OK) {
      return code;
    }
    if (int code = does.xWrite(file, piece.data(), length, at);
        code != SQLITE_OK) {
      return code;
    }
  }
  return does.xSync(file, SQLITE_SYNC_FULL);
}

}  // namespace

Statement::Statement(Statement&& other) noexcept
    : error_(std::move(other.error_)),
      database_(other.database_),
      handle_(std::exchange(other.handle_, nullptr)),
      bound_(other.bound_) {}

Statement::~Statement() { sqlite3_finalize(handle_); }

Statement& Statement::Int(int64_t value) {
  if (error_.ok()) {
    error_ = database_->Heed(sqlite3_bind_int64(handle_, ++bound_, value),
                             "bind a value of");
  }
  return *this;
}

Statement& Statement::Text(absl::string_view value) {
  if (error_.ok()) {
    error_ = database_->Heed(
        sqlite3_bind_text64(handle_, ++bound_,
                            value.data() == nullptr ? "" : value.data(),
                            value.size(), SQLITE_TRANSIENT, SQLITE_UTF8),
        "bind a value of");
  }
  return *this;
}

Statement& Statement::Blob(absl::Span<const uint8_t> value) {
  if (error_.ok()) {
    // A null pointer would bind NULL.
    const void* data =
        value.empty() ? "" : static_cast<const void*>(value.data());
    error_ =
        database_->Heed(sqlite3_bind_blob64(handle_, ++bound_, data,
                                            value.size(), SQLITE_TRANSIENT),
                        "bind a value of");
  }
  return *this;
}

absl::StatusOr<bool> Statement::Step() {
  if (!error_.ok()) return error_;
  if (!database_->stopped_.ok()) return database_->stopped_;
  const int code = sqlite3_step(handle_);
  if (code == SQLITE_ROW) return true;
  error_ = database_->Heed(
      code, sqlite3_stmt_readonly(handle_) != 0 ? "read" : "write");
  if (!error_.ok()) return error_;
  return false;
}

absl::Status Statement::Run() {
  const absl::StatusOr<bool> stepped = Step();
  if (!stepped.ok()) return stepped.status();
  return *stepped ? absl::InternalError("local store: rows nobody asked for")
                  : absl::OkStatus();
}

Statement& Statement::Again() {
  if (handle_ != nullptr) {
    sqlite3_reset(handle_);
    sqlite3_clear_bindings(handle_);
    error_ = absl::OkStatus();
  }
  bound_ = 0;
  return *this;
}

int64_t Statement::ColumnInt(int column) const {
  return sqlite3_column_int64(handle_, column);
}

std::string Statement::ColumnText(int column) const {
  const crypto::Bytes bytes = ColumnBlob(column);
  return {bytes.begin(), bytes.end()};
}

crypto::Bytes Statement::ColumnBlob(int column) const {
  const auto* data =
      static_cast<const uint8_t*>(sqlite3_column_blob(handle_, column));
  if (data == nullptr) return {};
  return {data, data + sqlite3_column_bytes(handle_, column)};
}

absl::StatusOr<std::unique_ptr<Database>> Database::Open(
    const std::string& path, Holds holds) {
  // SQLite would create the file with the process's umask.
  const int fd =
      open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (fd < 0) return FileError(errno, absl::StrCat("cannot open ", path));
  close(fd);
  sqlite3* handle = nullptr;
  const int code = sqlite3_open_v2(
      path.c_str(), &handle,
      SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE,
      nullptr);
  std::unique_ptr<Database> database(new Database(handle, path));
  if (absl::Status opened = database->Heed(code, "open"); !opened.ok()) {
    return opened;
  }
  if (absl::Status prepared = database->Prepare(holds); !prepared.ok()) {
    return prepared;
  }
  return database;
}

absl::Status Database::Prepare(Holds holds) {
  sqlite3_busy_timeout(handle_, kPatienceMs);
  sqlite3_db_config(handle_, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
  sqlite3_db_config(handle_, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, nullptr);
  // In place of SQLite's own hook, which hides a failed sync.
  sqlite3_wal_hook(
      handle_,
      [](void* database, sqlite3*, const char*, int pages) {
        static_cast<Database*>(database)->MoveLog(pages);
        return SQLITE_OK;
      },
      this);
  if (holds == Holds::kWhatCanBeMadeAgain) {
    return Execute(
        "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;"
        "PRAGMA secure_delete = OFF;");
  }
  // Closing would move what is in the log and perhaps nowhere else.
  sqlite3_db_config(handle_, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, nullptr);
  if (absl::Status set =
          Execute("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;"
                  "PRAGMA secure_delete = ON;");
      !set.ok()) {
    return set;
  }
  if (absl::Status durable = MakeLogDurable(); !durable.ok()) return durable;
  sqlite3_db_config(handle_, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 0, nullptr);
  return absl::OkStatus();
}

absl::Status Database::MakeLogDurable() {
  // Whoever may write keeps others from writing to the log.
  const absl::StatusOr<Transaction> transaction = Transaction::Begin(this);
  if (!transaction.ok()) return transaction.status();
  sqlite3_file* log = nullptr;
  int code =
      sqlite3_file_control(handle_, "main", SQLITE_FCNTL_JOURNAL_POINTER, &log);
  // It has no methods while it is not open.
  if (code == SQLITE_OK && log != nullptr && log->pMethods != nullptr) {
    code = RewriteFile(log);
  }
  return Heed(code, "make durable the log of");
}

// What was answered is durable in the log already, so nobody waits for this and
// only a failed sync matters. Anything else is tried after the next commit.
void Database::MoveLog(int pages) {
  if (pages < kLogPages) return;
  Heed(sqlite3_wal_checkpoint_v2(handle_, nullptr, SQLITE_CHECKPOINT_PASSIVE,
                                 nullptr, nullptr),
       "move the log of")
      .IgnoreError();
}

absl::Status Database::Heed(int code, absl::string_view doing) {
  absl::Status status = Meaning(code, doing, path_);
  if (IsFailedSync(code) && stopped_.ok()) {
    stopped_ = status;
    // It could call a lost page durable and delete the only copy.
    sqlite3_db_config(handle_, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, nullptr);
  }
  return status;
}

Database::~Database() { sqlite3_close_v2(handle_); }

Statement Database::Query(absl::string_view sql) {
  sqlite3_stmt* handle = nullptr;
  if (!stopped_.ok()) return {stopped_, this, handle};
  const int code = sqlite3_prepare_v2(
      handle_, sql.data(), static_cast<int>(sql.size()), &handle, nullptr);
  absl::Status prepared = Heed(code, "prepare a statement for");
  if (absl::IsInternal(prepared)) {
    prepared = absl::InternalError(
        absl::StrCat("local store: prepare: ", sqlite3_errmsg(handle_)));
  }
  return {std::move(prepared), this, handle};
}

absl::Status Database::Execute(const std::string& sql) {
  if (!stopped_.ok()) return stopped_;
  return Heed(sqlite3_exec(handle_, sql.c_str(), nullptr, nullptr, nullptr),
              "set up");
}

int64_t Database::changes() const { return sqlite3_changes64(handle_); }

absl::StatusOr<Transaction> Transaction::Begin(Database* database) {
  if (absl::Status begun = database->Query("BEGIN IMMEDIATE").Run();
      !begun.ok()) {
    return begun;
  }
  return Transaction(database);
}

Transaction::Transaction(Transaction&& other) noexcept
    : database_(std::exchange(other.database_, nullptr)) {}

Transaction::~Transaction() {
  if (database_ != nullptr) database_->Query("ROLLBACK").Run().IgnoreError();
}

absl::Status Transaction::Commit() {
  absl::Status committed = database_->Query("COMMIT").Run();
  // A COMMIT that failed may have left the transaction open.
  if (!committed.ok()) database_->Query("ROLLBACK").Run().IgnoreError();
  database_ = nullptr;
  return committed;
}

}  // namespace entente::client

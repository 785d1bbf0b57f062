#include "broker/store/sqlite.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

#include "absl/strings/cord.h"
#include "absl/strings/str_cat.h"
#include "broker/durable_file.h"

namespace entente::broker {
namespace {

constexpr int kBusyTimeoutMs = 10'000;
constexpr char kDiskFull[] = "entente/disk-full";
constexpr char kFailedSync[] = "entente/failed-sync";

absl::Status IoError(int code, absl::string_view text) {
  absl::Status failed = absl::UnavailableError(
      absl::StrCat(text, "; check the disk and the rights of the data folder"));
  if (code == SQLITE_IOERR_FSYNC || code == SQLITE_IOERR_DIR_FSYNC) {
    failed.SetPayload(kFailedSync, absl::Cord());
  }
  // The index of the log grows by writing to its file.
  return code == SQLITE_IOERR_SHMSIZE ? MarkDiskFull(std::move(failed))
                                      : failed;
}

// Holding the extended code: the constraint kinds differ only there.
absl::Status ToStatus(int code, absl::string_view doing) {
  const std::string text =
      absl::StrCat("database: ", doing, ": ", sqlite3_errstr(code), " (",
                   std::to_string(code), ")");
  switch (code & 0xff) {
    case SQLITE_OK:
    case SQLITE_ROW:
    case SQLITE_DONE:
      return absl::OkStatus();
    case SQLITE_FULL:
      return MarkDiskFull(absl::ResourceExhaustedError(
          absl::StrCat(text, "; free space on the disk of the data folder")));
    case SQLITE_TOOBIG:
    case SQLITE_NOMEM:
      return absl::ResourceExhaustedError(text);
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return absl::UnavailableError(
          absl::StrCat(text, "; another process holds the database"));
    case SQLITE_IOERR:
      return IoError(code, text);
    case SQLITE_CANTOPEN:
    case SQLITE_READONLY:
    case SQLITE_PERM:
    case SQLITE_AUTH:
      return absl::UnavailableError(absl::StrCat(
          text, "; check the disk and the rights of the data folder"));
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
      return absl::DataLossError(
          absl::StrCat(text, "; restore the data folder from a backup"));
    case SQLITE_CONSTRAINT:
      if (code == SQLITE_CONSTRAINT_PRIMARYKEY ||
          code == SQLITE_CONSTRAINT_UNIQUE) {
        return absl::AlreadyExistsError(text);
      }
      return absl::FailedPreconditionError(text);
    default:
      return absl::InternalError(text);
  }
}

// SQLite would create the file with the process's umask.
absl::Status CreatePrivately(const std::string& path) {
  const int fd = open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (fd < 0) {
    return absl::ErrnoToStatus(errno, absl::StrCat("cannot open ", path));
  }
  close(fd);
  return absl::OkStatus();
}

}  // namespace

bool IsDiskFull(const absl::Status& status) {
  return status.GetPayload(kDiskFull).has_value();
}

absl::Status MarkDiskFull(absl::Status status) {
  status.SetPayload(kDiskFull, absl::Cord());
  return status;
}

bool IsFailedSync(const absl::Status& status) {
  return status.GetPayload(kFailedSync).has_value();
}

Statement::Statement(Statement&& other) noexcept
    : error_(std::move(other.error_)),
      handle_(std::exchange(other.handle_, nullptr)),
      in_use_(std::exchange(other.in_use_, nullptr)),
      bound_(other.bound_) {}

Statement::~Statement() {
  if (handle_ == nullptr) return;
  if (in_use_ == nullptr) {
    sqlite3_finalize(handle_);
    return;
  }
  sqlite3_reset(handle_);
  sqlite3_clear_bindings(handle_);
  *in_use_ = false;
}

Statement& Statement::Int(int64_t value) {
  if (error_.ok()) {
    error_ = ToStatus(sqlite3_bind_int64(handle_, ++bound_, value), "bind");
  }
  return *this;
}

Statement& Statement::Text(absl::string_view value) {
  if (error_.ok()) {
    error_ = ToStatus(
        sqlite3_bind_text64(handle_, ++bound_,
                            value.data() == nullptr ? "" : value.data(),
                            value.size(), SQLITE_TRANSIENT, SQLITE_UTF8),
        "bind");
  }
  return *this;
}

Statement& Statement::Blob(absl::Span<const uint8_t> value) {
  if (error_.ok()) {
    // A null pointer would bind NULL.
    const void* data =
        value.empty() ? "" : static_cast<const void*>(value.data());
    error_ = ToStatus(sqlite3_bind_blob64(handle_, ++bound_, data, value.size(),
                                          SQLITE_TRANSIENT),
                      "bind");
  }
  return *this;
}

Statement& Statement::Null() {
  if (error_.ok()) {
    error_ = ToStatus(sqlite3_bind_null(handle_, ++bound_), "bind");
  }
  return *this;
}

absl::StatusOr<bool> Statement::Step() {
  if (!error_.ok()) return error_;
  const int code = sqlite3_step(handle_);
  if (code == SQLITE_ROW) return true;
  error_ = ToStatus(code, sqlite3_stmt_readonly(handle_) ? "read" : "write");
  if (!error_.ok()) return error_;
  return false;
}

absl::Status Statement::Run() {
  const absl::StatusOr<bool> row = Step();
  if (!row.ok()) return row.status();
  if (*row) return absl::InternalError("database: a row came unexpectedly");
  return absl::OkStatus();
}

int64_t Statement::ColumnInt(int column) const {
  return sqlite3_column_int64(handle_, column);
}

std::string Statement::ColumnText(int column) const {
  const unsigned char* text = sqlite3_column_text(handle_, column);
  if (text == nullptr) return "";
  return {reinterpret_cast<const char*>(text),
          static_cast<size_t>(sqlite3_column_bytes(handle_, column))};
}

std::vector<uint8_t> Statement::ColumnBlob(int column) const {
  const auto* data =
      static_cast<const uint8_t*>(sqlite3_column_blob(handle_, column));
  if (data == nullptr) return {};
  return {data, data + sqlite3_column_bytes(handle_, column)};
}

bool Statement::ColumnIsNull(int column) const {
  return sqlite3_column_type(handle_, column) == SQLITE_NULL;
}

absl::StatusOr<std::unique_ptr<Database>> Database::Open(
    const std::string& path, Mode mode) {
  if (mode == Mode::kReadWrite) {
    if (absl::Status made = CreatePrivately(path); !made.ok()) return made;
  }
  sqlite3* handle = nullptr;
  const int flags = (mode == Mode::kReadWrite ? SQLITE_OPEN_READWRITE
                                              : SQLITE_OPEN_READONLY) |
                    SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;
  const int code = sqlite3_open_v2(path.c_str(), &handle, flags, nullptr);
  std::unique_ptr<Database> database(new Database(handle));
  if (absl::Status opened = ToStatus(code, absl::StrCat("open ", path));
      !opened.ok()) {
    return opened;
  }
  sqlite3_busy_timeout(handle, kBusyTimeoutMs);
  sqlite3_db_config(handle, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
  sqlite3_db_config(handle, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, nullptr);
  std::string pragmas = "PRAGMA foreign_keys = ON;";
  if (mode == Mode::kReadWrite) {
    absl::StrAppend(&pragmas,
                    "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;"
                    "PRAGMA secure_delete = ON;");
  } else {
    absl::StrAppend(&pragmas, "PRAGMA query_only = ON;");
  }
  if (absl::Status set = database->Execute(pragmas); !set.ok()) return set;
  // In place of SQLite's own hook, which moves the log and hides a failure.
  sqlite3_wal_hook(
      handle,
      [](void* pages, sqlite3*, const char*, int count) {
        *static_cast<int*>(pages) = count;
        return SQLITE_OK;
      },
      &database->log_pages_);
  return database;
}

Database::~Database() {
  for (auto& [sql, cached] : cache_) sqlite3_finalize(cached->handle);
  sqlite3_close_v2(handle_);
}

absl::Status Database::CopyTo(const std::string& path) {
  const int fd =
      open(path.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (fd < 0) {
    return absl::ErrnoToStatus(errno, absl::StrCat("cannot make ", path));
  }
  // The log that SQLite writes beside it gets the same owner.
  const absl::Status given = GiveToOwnerOfFolder(fd, path);
  close(fd);
  if (!given.ok()) return given;
  sqlite3* target = nullptr;
  int code = sqlite3_open_v2(
      path.c_str(), &target,
      SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE,
      nullptr);
  if (code == SQLITE_OK) {
    sqlite3_backup* copy = sqlite3_backup_init(target, "main", handle_, "main");
    if (copy == nullptr) {
      code = sqlite3_extended_errcode(target);
    } else {
      // All pages in one step are one reading transaction, which never makes a
      // writer wait.
      sqlite3_backup_step(copy, -1);
      code = sqlite3_backup_finish(copy);
    }
  }
  if (code == SQLITE_OK) {
    // One file, which opens from a medium that cannot be written as well.
    code = sqlite3_exec(target, "PRAGMA journal_mode = DELETE", nullptr,
                        nullptr, nullptr);
  }
  const absl::Status copied = ToStatus(code, absl::StrCat("copy to ", path));
  sqlite3_close_v2(target);
  return copied;
}

Statement Database::Query(absl::string_view sql) {
  std::unique_ptr<Cached>& cached = cache_[sql];
  if (cached == nullptr) cached = std::make_unique<Cached>();
  // A statement in use would lose its place: the inner use gets its own.
  const bool own = cached->in_use;
  if (!own && cached->handle != nullptr) {
    cached->in_use = true;
    return {absl::OkStatus(), cached->handle, &cached->in_use};
  }
  sqlite3_stmt* handle = nullptr;
  const int code =
      sqlite3_prepare_v3(handle_, sql.data(), static_cast<int>(sql.size()),
                         own ? 0 : SQLITE_PREPARE_PERSISTENT, &handle, nullptr);
  absl::Status prepared = ToStatus(code, "prepare");
  if (!prepared.ok()) {
    if (absl::IsInternal(prepared)) {
      prepared = absl::InternalError(
          absl::StrCat("database: prepare: ", sqlite3_errmsg(handle_)));
    }
    return {std::move(prepared), nullptr, nullptr};
  }
  if (own) return {absl::OkStatus(), handle, nullptr};
  cached->handle = handle;
  cached->in_use = true;
  return {absl::OkStatus(), handle, &cached->in_use};
}

absl::Status Database::Execute(const std::string& sql) {
  const int code =
      sqlite3_exec(handle_, sql.c_str(), nullptr, nullptr, nullptr);
  return ToStatus(code, "execute");
}

absl::Status Database::Checkpoint() {
  const int code = sqlite3_wal_checkpoint_v2(
      handle_, nullptr, SQLITE_CHECKPOINT_PASSIVE, nullptr, nullptr);
  // Busy: another connection moves it just now.
  if ((code & 0xff) == SQLITE_BUSY) return absl::OkStatus();
  return ToStatus(code, "move the log into the database");
}

void Database::KeepLog() {
  sqlite3_db_config(handle_, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, nullptr);
}

bool Database::in_transaction() const {
  return sqlite3_get_autocommit(handle_) == 0;
}

int64_t Database::changes() const { return sqlite3_changes64(handle_); }

absl::StatusOr<Transaction> Transaction::Begin(Database* database, Kind kind) {
  if (kind == Kind::kWrite) {
    if (absl::Status begun = database->Query("BEGIN IMMEDIATE").Run();
        !begun.ok()) {
      return begun;
    }
    return Transaction(database);
  }
  if (absl::Status begun = database->Query("BEGIN").Run(); !begun.ok()) {
    return begun;
  }
  Transaction transaction(database);
  // SQLite fixes the state at the first read, not at BEGIN.
  const absl::StatusOr<bool> read =
      database->Query("SELECT 1 FROM sqlite_schema LIMIT 1").Step();
  if (!read.ok()) return read.status();
  return transaction;
}

Transaction::Transaction(Transaction&& other) noexcept
    : database_(std::exchange(other.database_, nullptr)) {}

Transaction::~Transaction() {
  if (database_ != nullptr) database_->Query("ROLLBACK").Run().IgnoreError();
}

Statement Transaction::Query(absl::string_view sql) {
  if (!database_->in_transaction()) {
    return {absl::UnavailableError(
                "database: the transaction was rolled back after a failure"),
            nullptr, nullptr};
  }
  return database_->Query(sql);
}

absl::Status Transaction::Commit() {
  if (database_ == nullptr) {
    return absl::FailedPreconditionError("database: the transaction has ended");
  }
  absl::Status committed = database_->Query("COMMIT").Run();
  // A COMMIT that failed may have left the transaction open.
  if (!committed.ok()) database_->Query("ROLLBACK").Run().IgnoreError();
  database_ = nullptr;
  return committed;
}

absl::StatusOr<Savepoint> Savepoint::Open(Transaction* transaction) {
  if (absl::Status opened = transaction->Query("SAVEPOINT part").Run();
      !opened.ok()) {
    return opened;
  }
  return Savepoint(transaction->database_);
}

Savepoint::Savepoint(Savepoint&& other) noexcept
    : database_(std::exchange(other.database_, nullptr)) {}

Savepoint::~Savepoint() {
  if (database_ == nullptr) return;
  database_->Query("ROLLBACK TO part").Run().IgnoreError();
  database_->Query("RELEASE part").Run().IgnoreError();
}

absl::Status Savepoint::Keep() {
  if (database_ == nullptr) {
    return absl::FailedPreconditionError("database: the savepoint has ended");
  }
  absl::Status kept =
      std::exchange(database_, nullptr)->Query("RELEASE part").Run();
  return kept;
}

}  // namespace entente::broker

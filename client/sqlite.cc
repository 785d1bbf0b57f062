#include "client/sqlite.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

#include "absl/strings/str_cat.h"

namespace entente::client {
namespace {

constexpr int kPatienceMs = 10'000;

absl::Status ToStatus(int code, absl::string_view doing) {
  const std::string text =
      absl::StrCat("local store: ", doing, ": ", sqlite3_errstr(code));
  switch (code & 0xff) {
    case SQLITE_OK:
    case SQLITE_ROW:
    case SQLITE_DONE:
      return absl::OkStatus();
    case SQLITE_FULL:
    case SQLITE_TOOBIG:
    case SQLITE_NOMEM:
      return absl::ResourceExhaustedError(
          absl::StrCat(text, "; free space on the disk of the profile"));
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return absl::UnavailableError(
          absl::StrCat(text, "; another process uses this profile"));
    case SQLITE_IOERR:
    case SQLITE_CANTOPEN:
    case SQLITE_READONLY:
    case SQLITE_PERM:
      return absl::UnavailableError(
          absl::StrCat(text, "; check the disk and the rights of the profile"));
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
      return absl::DataLossError(
          absl::StrCat(text, "; restore the profile from its backup"));
    case SQLITE_CONSTRAINT:
      return absl::AlreadyExistsError(text);
    default:
      return absl::InternalError(text);
  }
}

}  // namespace

Statement::Statement(Statement&& other) noexcept
    : error_(std::move(other.error_)),
      handle_(std::exchange(other.handle_, nullptr)),
      bound_(other.bound_) {}

Statement::~Statement() { sqlite3_finalize(handle_); }

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

absl::StatusOr<bool> Statement::Step() {
  if (!error_.ok()) return error_;
  const int code = sqlite3_step(handle_);
  if (code == SQLITE_ROW) return true;
  error_ = ToStatus(code, sqlite3_stmt_readonly(handle_) ? "read" : "write");
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
    const std::string& path) {
  // SQLite would create the file with the process's umask.
  const int fd =
      open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (fd < 0) {
    return absl::ErrnoToStatus(errno, absl::StrCat("cannot open ", path));
  }
  close(fd);
  sqlite3* handle = nullptr;
  const int code = sqlite3_open_v2(
      path.c_str(), &handle,
      SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE,
      nullptr);
  std::unique_ptr<Database> database(new Database(handle));
  if (absl::Status opened = ToStatus(code, absl::StrCat("open ", path));
      !opened.ok()) {
    return opened;
  }
  sqlite3_busy_timeout(handle, kPatienceMs);
  sqlite3_db_config(handle, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
  sqlite3_db_config(handle, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, nullptr);
  if (absl::Status set = database->Execute(
          "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;"
          "PRAGMA secure_delete = ON;");
      !set.ok()) {
    return set;
  }
  return database;
}

Database::~Database() { sqlite3_close_v2(handle_); }

Statement Database::Query(absl::string_view sql) {
  sqlite3_stmt* handle = nullptr;
  const int code = sqlite3_prepare_v2(
      handle_, sql.data(), static_cast<int>(sql.size()), &handle, nullptr);
  absl::Status prepared = ToStatus(code, "prepare");
  if (absl::IsInternal(prepared)) {
    prepared = absl::InternalError(
        absl::StrCat("local store: prepare: ", sqlite3_errmsg(handle_)));
  }
  return {std::move(prepared), handle};
}

absl::Status Database::Execute(const std::string& sql) {
  return ToStatus(sqlite3_exec(handle_, sql.c_str(), nullptr, nullptr, nullptr),
                  "execute");
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

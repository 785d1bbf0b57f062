#include "broker/store/rewrite_log.h"

#include <sqlite3.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <vector>

#include "absl/cleanup/cleanup.h"
#include "absl/strings/str_cat.h"

namespace entente::broker {
namespace {

// SQLite's files take less than 128 KiB at a time.
constexpr sqlite3_int64 kPiece = 64 << 10;

int RewriteFile(sqlite3_file* file) {
  const sqlite3_io_methods& does = *file->pMethods;
  sqlite3_int64 size = 0;
  if (int code = does.xFileSize(file, &size); code != SQLITE_OK) return code;
  std::vector<uint8_t> piece;
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

// Through SQLite's own layer, so that the file is handled as SQLite does.
absl::Status RewriteLog(const std::string& path) {
  const std::string log = path + "-wal";
  if (!std::filesystem::exists(log)) return absl::OkStatus();
  sqlite3_vfs* system = sqlite3_vfs_find(nullptr);
  const char* name =
      sqlite3_create_filename(path.c_str(), "", log.c_str(), 0, nullptr);
  if (system == nullptr || name == nullptr) {
    return absl::ResourceExhaustedError("database: no memory");
  }
  const auto freed = absl::MakeCleanup(
      [name] { sqlite3_free_filename(const_cast<char*>(name)); });
  std::vector<std::max_align_t> space(
      static_cast<size_t>(system->szOsFile) / sizeof(std::max_align_t) + 1);
  auto* file = reinterpret_cast<sqlite3_file*>(space.data());
  int code = system->xOpen(system, sqlite3_filename_wal(name), file,
                           SQLITE_OPEN_READWRITE | SQLITE_OPEN_WAL, nullptr);
  if (code == SQLITE_OK) code = RewriteFile(file);
  if (file->pMethods != nullptr) file->pMethods->xClose(file);
  if (code == SQLITE_OK) return absl::OkStatus();
  return absl::UnavailableError(absl::StrCat(
      "cannot make ", log, " durable: ", sqlite3_errstr(code), " (", code,
      "); check the disk and the rights of the data folder"));
}

}  // namespace entente::broker

#include "client/durable_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>

#include "absl/cleanup/cleanup.h"
#include "absl/strings/str_cat.h"
#include "client/local_failure.h"
#include "crypto/hex.h"

namespace entente::client {
namespace {

constexpr size_t kMaxPrivateBytes = 1024;

absl::Status Failed(absl::string_view doing, absl::string_view path) {
  return FileError(errno, absl::StrCat("cannot ", doing, " ", path));
}

std::string FolderOf(const std::string& path) {
  const size_t slash = path.rfind('/');
  if (slash == std::string::npos) return ".";
  return slash == 0 ? "/" : path.substr(0, slash);
}

absl::Status SyncFolder(const std::string& folder) {
  const int fd = open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0) return Failed("open", folder);
  const auto closing = absl::MakeCleanup([fd] { close(fd); });
  if (fsync(fd) != 0) return Failed("sync", folder);
  return absl::OkStatus();
}

absl::Status WriteAndSync(int fd, const std::string& path,
                          absl::Span<const uint8_t> content, unsigned mode) {
  if (fchmod(fd, mode) != 0) return Failed("protect", path);
  while (!content.empty()) {
    const ssize_t written = write(fd, content.data(), content.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return Failed("write", path);
    content.remove_prefix(static_cast<size_t>(written));
  }
  if (fsync(fd) != 0) return Failed("sync", path);
  return absl::OkStatus();
}

absl::Status CreateAndSync(const std::string& path, int flags,
                           absl::Span<const uint8_t> content, unsigned mode) {
  const int fd = open(
      path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW | flags, mode);
  if (fd < 0) return Failed("create", path);
  const auto closing = absl::MakeCleanup([fd] { close(fd); });
  absl::Status written = WriteAndSync(fd, path, content, mode);
  if (!written.ok()) unlink(path.c_str());
  return written;
}

}  // namespace

absl::Status SyncFolderOf(const std::string& path) {
  return SyncFolder(FolderOf(path));
}

absl::Status WriteDurably(const std::string& path, absl::string_view content,
                          unsigned mode) {
  const std::string beside = absl::StrCat(path, ".new");
  if (absl::Status written =
          CreateAndSync(beside, O_TRUNC, crypto::AsBytes(content), mode);
      !written.ok()) {
    return written;
  }
  if (rename(beside.c_str(), path.c_str()) != 0) {
    const absl::Status failed = Failed("replace", path);
    unlink(beside.c_str());
    return failed;
  }
  return SyncFolderOf(path);
}

absl::Status CreatePrivate(const std::string& path,
                           absl::Span<const uint8_t> content) {
  if (absl::Status made = CreateAndSync(path, O_EXCL, content, 0600);
      !made.ok()) {
    return made;
  }
  return SyncFolderOf(path);
}

absl::StatusOr<std::string> ReadFile(const std::string& path,
                                     size_t max_bytes) {
  const int fd = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return Failed("open", path);
  const auto closing = absl::MakeCleanup([fd] { close(fd); });
  std::string content;
  std::array<char, 16384> buffer;
  while (true) {
    const ssize_t got = read(fd, buffer.data(), buffer.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return Failed("read", path);
    if (got == 0) return content;
    content.append(buffer.data(), static_cast<size_t>(got));
    if (content.size() > max_bytes) {
      return absl::InvalidArgumentError(
          absl::StrCat(path, " is larger than ", max_bytes, " bytes"));
    }
  }
}

absl::StatusOr<crypto::Secret> ReadPrivate(const std::string& path) {
  if (absl::Status checked = CheckPrivate(path); !checked.ok()) return checked;
  const int fd = open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
  if (fd < 0) return Failed("open", path);
  const auto closing = absl::MakeCleanup([fd] { close(fd); });
  crypto::WipedArray<kMaxPrivateBytes + 1> buffer;
  size_t size = 0;
  while (size < buffer.size()) {
    const ssize_t got = read(fd, buffer.data() + size, buffer.size() - size);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return Failed("read", path);
    if (got == 0) break;
    size += static_cast<size_t>(got);
  }
  if (size > kMaxPrivateBytes) {
    return absl::InvalidArgumentError(
        absl::StrCat(path, " is larger than ", kMaxPrivateBytes, " bytes"));
  }
  return crypto::Secret::TakeFrom({buffer.data(), size});
}

absl::Status CheckPrivate(const std::string& path) {
  struct stat found = {};
  if (lstat(path.c_str(), &found) != 0) return Failed("find", path);
  if (!S_ISREG(found.st_mode) || (found.st_mode & 077) != 0) {
    return absl::FailedPreconditionError(
        absl::StrCat(path,
                     " must be a plain file that only its owner can read; run: "
                     "chmod 600 ",
                     path));
  }
  return absl::OkStatus();
}

absl::Status MakeFolders(const std::string& path) {
  if (path.empty() || Exists(path)) return absl::OkStatus();
  const std::string parent = FolderOf(path);
  if (parent != path) {
    if (absl::Status made = MakeFolders(parent); !made.ok()) return made;
  }
  if (mkdir(path.c_str(), 0700) != 0 && errno != EEXIST) {
    return Failed("make the folder", path);
  }
  return SyncFolder(parent);
}

bool Exists(const std::string& path) {
  struct stat found = {};
  return stat(path.c_str(), &found) == 0;
}

}  // namespace entente::client

#include "broker/durable_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>

#include "absl/cleanup/cleanup.h"
#include "absl/strings/str_cat.h"

namespace entente::broker {
namespace {

absl::Status Failed(int code, absl::string_view doing, absl::string_view path) {
  return absl::ErrnoToStatus(code, absl::StrCat("cannot ", doing, " ", path));
}

std::string FolderOf(const std::string& path) {
  const size_t slash = path.rfind('/');
  return slash == std::string::npos ? "." : path.substr(0, slash + 1);
}

absl::Status WriteAndSync(const std::string& path, absl::string_view content) {
  // What stands there is of a crash, or of somebody who means harm.
  unlink(path.c_str());
  const int fd =
      open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (fd < 0) return Failed(errno, "create", path);
  const auto closing = absl::MakeCleanup([fd] { close(fd); });
  if (fchmod(fd, 0600) != 0) return Failed(errno, "protect", path);
  if (absl::Status given = GiveToOwnerOfFolder(fd, path); !given.ok()) {
    return given;
  }
  while (!content.empty()) {
    const ssize_t written = write(fd, content.data(), content.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return Failed(errno, "write", path);
    content.remove_prefix(static_cast<size_t>(written));
  }
  if (fsync(fd) != 0) return Failed(errno, "sync", path);
  return absl::OkStatus();
}

absl::Status SyncFolderOf(const std::string& path) {
  const std::string folder = FolderOf(path);
  const int fd = open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0) return Failed(errno, "open", folder);
  const auto closing = absl::MakeCleanup([fd] { close(fd); });
  if (fsync(fd) != 0) return Failed(errno, "sync", folder);
  return absl::OkStatus();
}

}  // namespace

absl::Status GiveToOwnerOfFolder(int fd, const std::string& path) {
  if (geteuid() != 0) return absl::OkStatus();
  const std::string folder = FolderOf(path);
  struct stat found = {};
  struct stat file = {};
  if (stat(folder.c_str(), &found) != 0) return Failed(errno, "find", folder);
  if (fstat(fd, &file) != 0) return Failed(errno, "find", path);
  // Whoever owns the folder may have put another file's name there.
  if (!S_ISREG(file.st_mode) || file.st_nlink != 1) {
    return absl::FailedPreconditionError(
        absl::StrCat(path, " is no file of its own; remove it"));
  }
  if (fchown(fd, found.st_uid, found.st_gid) != 0) {
    return Failed(errno, "give away", path);
  }
  return absl::OkStatus();
}

absl::Status WriteDurably(const std::string& path, absl::string_view content) {
  const std::string beside = absl::StrCat(path, ".new");
  if (absl::Status written = WriteAndSync(beside, content); !written.ok()) {
    unlink(beside.c_str());
    return written;
  }
  if (rename(beside.c_str(), path.c_str()) != 0) {
    const absl::Status failed = Failed(errno, "replace", path);
    unlink(beside.c_str());
    return failed;
  }
  return SyncFolderOf(path);
}

absl::StatusOr<std::string> ReadFile(const std::string& path,
                                     size_t max_bytes) {
  const int fd = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return Failed(errno, "open", path);
  const auto closing = absl::MakeCleanup([fd] { close(fd); });
  std::string content;
  char buffer[16384];
  while (true) {
    const ssize_t got = read(fd, buffer, sizeof(buffer));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return Failed(errno, "read", path);
    if (got == 0) return content;
    content.append(buffer, static_cast<size_t>(got));
    if (content.size() > max_bytes) {
      return absl::InvalidArgumentError(
          absl::StrCat(path, " is larger than ", max_bytes, " bytes"));
    }
  }
}

absl::Status CheckPrivate(const std::string& path) {
  struct stat found = {};
  if (lstat(path.c_str(), &found) != 0) return Failed(errno, "find", path);
  if (!S_ISREG(found.st_mode) || (found.st_mode & 077) != 0) {
    return absl::FailedPreconditionError(
        absl::StrCat(path,
                     " must be a plain file that only its owner can read; run: "
                     "chmod 600 ",
                     path));
  }
  return absl::OkStatus();
}

}  // namespace entente::broker

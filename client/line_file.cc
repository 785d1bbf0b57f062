#include "client/line_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <utility>

#include "absl/strings/str_cat.h"
#include "client/durable_file.h"
#include "client/local_failure.h"

namespace entente::client {
namespace {

constexpr size_t kBufferBytes = 64 << 10;

absl::Status Failed(absl::string_view doing, absl::string_view path) {
  return FileError(errno, absl::StrCat("cannot ", doing, " ", path));
}

}  // namespace

LineFile::~LineFile() {
  if (fd_ < 0) return;
  close(fd_);
  unlink(Beside().c_str());
}

absl::Status LineFile::Append(absl::string_view text) {
  if (text.empty()) return absl::OkStatus();
  if (fd_ < 0) {
    fd_ = open(Beside().c_str(),
               O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd_ < 0) return Failed("create", Beside());
    if (fchmod(fd_, 0600) != 0) return Failed("protect", Beside());
  }
  absl::StrAppend(&buffer_, text);
  return buffer_.size() < kBufferBytes ? absl::OkStatus() : WriteBuffer();
}

absl::Status LineFile::WriteBuffer() {
  absl::string_view rest = buffer_;
  while (!rest.empty()) {
    const ssize_t written = write(fd_, rest.data(), rest.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return Failed("write", Beside());
    rest.remove_prefix(static_cast<size_t>(written));
  }
  buffer_.clear();
  return absl::OkStatus();
}

absl::Status LineFile::Keep() {
  if (fd_ < 0) {
    if (unlink(path_.c_str()) == 0 || errno == ENOENT) return absl::OkStatus();
    return Failed("remove", path_);
  }
  if (absl::Status written = WriteBuffer(); !written.ok()) return written;
  if (fsync(fd_) != 0) return Failed("sync", Beside());
  if (rename(Beside().c_str(), path_.c_str()) != 0) {
    return Failed("rename", Beside());
  }
  close(std::exchange(fd_, -1));
  return SyncFolderOf(path_);
}

}  // namespace entente::client

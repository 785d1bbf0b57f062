#include "client/folder_lock.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>

#include "absl/strings/str_cat.h"

namespace entente::client {

absl::StatusOr<FolderLock> FolderLock::Acquire(const std::string& folder) {
  return Lock(folder, LOCK_EX);
}

absl::StatusOr<FolderLock> FolderLock::TryAcquire(const std::string& folder) {
  absl::StatusOr<FolderLock> lock = Lock(folder, LOCK_EX | LOCK_NB);
  if (!absl::IsUnavailable(lock.status())) return lock;
  return absl::UnavailableError(absl::StrCat("another process has ", folder));
}

absl::StatusOr<FolderLock> FolderLock::Lock(const std::string& folder,
                                            int how) {
  const int fd = open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0) {
    return absl::ErrnoToStatus(errno, absl::StrCat("cannot open ", folder));
  }
  FolderLock lock(fd);
  while (flock(fd, how) != 0) {
    if (errno == EINTR) continue;
    return absl::ErrnoToStatus(errno, absl::StrCat("cannot lock ", folder));
  }
  return lock;
}

FolderLock::~FolderLock() {
  if (fd_ >= 0) close(fd_);
}

}  // namespace entente::client

#include "broker/store/data_folder.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

#include "absl/strings/str_cat.h"
#include "broker/durable_file.h"

namespace entente::broker {

absl::StatusOr<DataFolder> DataFolder::Open(const std::string& path) {
  if (mkdir(path.c_str(), 0700) != 0 && errno != EEXIST) {
    return absl::ErrnoToStatus(errno, absl::StrCat("cannot make ", path));
  }
  struct stat found = {};
  if (stat(path.c_str(), &found) != 0) {
    return absl::ErrnoToStatus(errno, absl::StrCat("cannot find ", path));
  }
  if (!S_ISDIR(found.st_mode) || (found.st_mode & 077) != 0) {
    return absl::FailedPreconditionError(
        absl::StrCat(path,
                     " must be a folder that only its owner can enter; "
                     "run: chmod 700 ",
                     path));
  }
  const std::string name = path + "/lock";
  const int lock =
      open(name.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (lock < 0) {
    return absl::ErrnoToStatus(errno, absl::StrCat("cannot open ", name));
  }
  if (absl::Status given = GiveToOwnerOfFolder(lock, name); !given.ok()) {
    close(lock);
    return given;
  }
  if (flock(lock, LOCK_EX | LOCK_NB) != 0) {
    const int code = errno;
    close(lock);
    if (code != EWOULDBLOCK) {
      return absl::ErrnoToStatus(code, absl::StrCat("cannot lock ", name));
    }
    return absl::FailedPreconditionError(
        absl::StrCat("another broker serves the data folder ", path,
                     "; stop it, or name another folder"));
  }
  return DataFolder(path, lock);
}

DataFolder::DataFolder(DataFolder&& other) noexcept
    : DataFolderFiles(std::move(other)),
      lock_(std::exchange(other.lock_, -1)) {}

DataFolder::~DataFolder() {
  if (lock_ >= 0) close(lock_);
}

}  // namespace entente::broker

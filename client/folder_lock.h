// A folder that one process works in at a time.
#ifndef ENTENTE_CLIENT_FOLDER_LOCK_H_
#define ENTENTE_CLIENT_FOLDER_LOCK_H_

#include <string>

#include "absl/status/statusor.h"

namespace entente::client {

// Held until destruction, or until the process ends. Move-only.
class FolderLock {
 public:
  // Waits until no other process holds the folder. NotFound if there is none;
  // otherwise what errno told.
  static absl::StatusOr<FolderLock> Acquire(const std::string& folder);
  // The same without waiting: Unavailable if another holds it.
  static absl::StatusOr<FolderLock> TryAcquire(const std::string& folder);

  FolderLock(FolderLock&& other) noexcept : fd_(other.fd_) { other.fd_ = -1; }
  FolderLock& operator=(FolderLock&&) = delete;
  ~FolderLock();

 private:
  explicit FolderLock(int fd) : fd_(fd) {}
  // `how` is flock's.
  static absl::StatusOr<FolderLock> Lock(const std::string& folder, int how);

  int fd_;
};

}  // namespace entente::client

#endif  // ENTENTE_CLIENT_FOLDER_LOCK_H_

#include "client/local_failure.h"

#include <cerrno>
#include <cstring>
#include <string>

#include "client/error.h"

namespace entente::client {

absl::Status DiskFull(absl::string_view what, absl::string_view why) {
  return ToStatus({.what = std::string(what),
                   .why = std::string(why),
                   .next = "free space on that disk, or raise the quota, then "
                           "run the same command again",
                   .code = "LOCAL_DISK_FULL",
                   .exit = ExitCode::kUnavailable});
}

absl::Status DiskFailed(absl::string_view what, absl::string_view why) {
  return ToStatus({.what = std::string(what),
                   .why = std::string(why),
                   .next = "check the disk and the rights of the folder, then "
                           "run the same command again",
                   .code = "LOCAL_DISK_FAILED",
                   .exit = ExitCode::kUnavailable});
}

absl::Status FileError(int error, absl::string_view what) {
  switch (error) {
    case ENOSPC:
    case EDQUOT:
    case EFBIG:
      return DiskFull(what, strerrordesc_np(error));
    case EIO:
    case EROFS:
      return DiskFailed(what, strerrordesc_np(error));
    default:
      return absl::ErrnoToStatus(error, what);
  }
}

}  // namespace entente::client

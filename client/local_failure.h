// What this machine's own disk does to a command.
#ifndef ENTENTE_CLIENT_LOCAL_FAILURE_H_
#define ENTENTE_CLIENT_LOCAL_FAILURE_H_

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace entente::client {

// Failures of client/error.h with the exit code 7: the same command goes on
// once the disk does. `what` names the file.

// LOCAL_DISK_FULL: the disk or its quota.
absl::Status DiskFull(absl::string_view what, absl::string_view why);
// LOCAL_DISK_FAILED: it cannot be read or written.
absl::Status DiskFailed(absl::string_view what, absl::string_view why);

// `what`, because of `error`, an errno: one of the above for what a disk does,
// otherwise as absl::ErrnoToStatus.
absl::Status FileError(int error, absl::string_view what);

}  // namespace entente::client

#endif  // ENTENTE_CLIENT_LOCAL_FAILURE_H_

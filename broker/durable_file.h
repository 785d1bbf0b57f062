// Small files that are whole or absent after a crash.
#ifndef ENTENTE_BROKER_DURABLE_FILE_H_
#define ENTENTE_BROKER_DURABLE_FILE_H_

#include <cstddef>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace entente::broker {

// Replaces `path` (0600, of the folder's owner if root runs this) by `content`:
// written beside it, synced, renamed, and the folder synced. The status tells
// what errno told; the old file stands then.
absl::Status WriteDurably(const std::string& path, absl::string_view content);

// Gives an open file to whom its folder belongs, if root runs this: what an
// operator's command writes into the broker's folder, the broker's account must
// be able to read. Nothing for anybody else. FailedPrecondition if it is no
// plain file or has another name too; open it with O_NOFOLLOW. Otherwise what
// errno told.
absl::Status GiveToOwnerOfFolder(int fd, const std::string& path);

// The whole of a file. NotFound if it is missing; InvalidArgument above
// `max_bytes`; otherwise what errno told.
absl::StatusOr<std::string> ReadFile(const std::string& path, size_t max_bytes);

// FailedPrecondition, with the way out, if `path` is a link or anyone but its
// owner has a right to it; NotFound.
absl::Status CheckPrivate(const std::string& path);

}  // namespace entente::broker

#endif  // ENTENTE_BROKER_DURABLE_FILE_H_

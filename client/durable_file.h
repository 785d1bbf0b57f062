// Files that are whole or absent after a crash, and private ones.
#ifndef ENTENTE_CLIENT_DURABLE_FILE_H_
#define ENTENTE_CLIENT_DURABLE_FILE_H_

#include <cstddef>
#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "crypto/secret.h"

namespace entente::client {

// Replaces `path` by `content` with the rights `mode`: written beside it,
// synced, renamed, and the folder synced. The status is FileError's
// (client/local_failure.h); the old file stands then.
absl::Status WriteDurably(const std::string& path, absl::string_view content,
                          unsigned mode);

// Syncs the folder that `path` stands in, after a change of names.
absl::Status SyncFolderOf(const std::string& path);

// A new file (0600), synced with its folder. AlreadyExists if `path` exists:
// a key is never overwritten.
absl::Status CreatePrivate(const std::string& path,
                           absl::Span<const uint8_t> content);

// The whole of a file. NotFound if it is missing; InvalidArgument above
// `max_bytes`; otherwise what errno told.
absl::StatusOr<std::string> ReadFile(const std::string& path, size_t max_bytes);

// The same for a private file of at most 1 KiB, into guarded memory.
// FailedPrecondition as CheckPrivate.
absl::StatusOr<crypto::Secret> ReadPrivate(const std::string& path);

// FailedPrecondition, with the way out, if `path` is a link, or no plain file,
// or anyone but its owner has a right to it; NotFound.
absl::Status CheckPrivate(const std::string& path);

// Makes `path` and its missing parents, 0700. OK if it is there already.
absl::Status MakeFolders(const std::string& path);

bool Exists(const std::string& path);

}  // namespace entente::client

#endif  // ENTENTE_CLIENT_DURABLE_FILE_H_

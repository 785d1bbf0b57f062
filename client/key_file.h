// A 32-byte key of our own in a private file that says which key it is.
#ifndef ENTENTE_CLIENT_KEY_FILE_H_
#define ENTENTE_CLIENT_KEY_FILE_H_

#include <cstddef>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "crypto/secret.h"

namespace entente::client {

inline constexpr size_t kKeyBytes = 32;

// Writes `entente <kind> key v1`, a line feed and the key to a new file, 0600.
// AlreadyExists if there is one; InvalidArgument unless `key` has kKeyBytes.
absl::Status CreateKeyFile(const std::string& path, absl::string_view kind,
                           absl::Span<const uint8_t> key);

// Reads it back. NotFound; FailedPrecondition if others can read it; DataLoss
// if it holds another kind of key, or is damaged.
absl::StatusOr<crypto::Secret> ReadKeyFile(const std::string& path,
                                           absl::string_view kind);

}  // namespace entente::client

#endif  // ENTENTE_CLIENT_KEY_FILE_H_

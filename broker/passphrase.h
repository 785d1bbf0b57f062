// The passphrase of the key file, from where no other user and no list of
// processes shows it.
#ifndef ENTENTE_BROKER_PASSPHRASE_H_
#define ENTENTE_BROKER_PASSPHRASE_H_

#include <cstddef>
#include <string>

#include "absl/status/statusor.h"
#include "crypto/secret.h"

namespace entente::broker {

inline constexpr size_t kMinPassphraseBytes = 12;
inline constexpr size_t kMaxPassphraseBytes = 1024;

// Both read to the end and drop one trailing line feed. InvalidArgument for
// fewer or more bytes than the limits allow.

// FailedPrecondition unless `path` is a plain file that its owner alone may
// read; NotFound.
absl::StatusOr<crypto::Secret> ReadPassphraseFile(const std::string& path);

// An open descriptor, for example a pipe; it stays open. Blocks.
absl::StatusOr<crypto::Secret> ReadPassphraseFrom(int descriptor);

}  // namespace entente::broker

#endif  // ENTENTE_BROKER_PASSPHRASE_H_

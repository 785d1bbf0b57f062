// Tree heads of a log as signed notes: c2sp.org/tlog-checkpoint v1.0.0.
#ifndef ENTENTE_CRYPTO_CHECKPOINT_H_
#define ENTENTE_CRYPTO_CHECKPOINT_H_

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "crypto/note.h"
#include "crypto/sha.h"

namespace entente::crypto {

struct Checkpoint {
  std::string origin;  // not empty; also the name of the log's key
  uint64_t size = 0;   // entries
  Hash root = {};

  friend bool operator==(const Checkpoint&, const Checkpoint&) = default;
};

// The three lines that are signed.
std::string CheckpointText(const Checkpoint& checkpoint);

// Reads what CheckpointText writes and nothing else. InvalidArgument for a size
// with leading zeros or above 2^64-1, a root that is not 32 bytes in strict
// base64, the size 0 with another root than SHA-256(""), and extension lines,
// whose meaning nobody here would know.
absl::StatusOr<Checkpoint> ParseCheckpointText(absl::string_view text);

// The signed note. InvalidArgument if `origin` is no key name.
absl::StatusOr<std::string> SignCheckpoint(const Checkpoint& checkpoint,
                                           const SigningKey& key);

// Reads a signed note and verifies it as the log's whose key is `log`.
// InvalidArgument if note or text is malformed; NotFound or DataLoss as
// VerifyNote; DataLoss if the origin is not the key's name.
absl::StatusOr<Checkpoint> OpenCheckpoint(absl::string_view note,
                                          const NoteKey& log);

}  // namespace entente::crypto

#endif  // ENTENTE_CRYPTO_CHECKPOINT_H_

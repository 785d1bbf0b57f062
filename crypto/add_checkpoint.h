// What a log asks of a witness: c2sp.org/tlog-witness v1.0.0, add-checkpoint.
#ifndef ENTENTE_CRYPTO_ADD_CHECKPOINT_H_
#define ENTENTE_CRYPTO_ADD_CHECKPOINT_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "crypto/note.h"
#include "crypto/sha.h"

namespace entente::crypto {

// Hashes in the longest consistency proof of a request.
inline constexpr size_t kMaxWitnessHashes = 63;
// The longest request that is read: a note and what comes before it.
inline constexpr size_t kMaxAddCheckpointBytes = kMaxNoteBytes + 4096;

struct AddCheckpoint {
  // The size that the witness cosigned last, as the log believes.
  uint64_t old_size = 0;
  // That the tree of the checkpoint begins with that of `old_size`.
  std::vector<Hash> proof;
  // The signed note, verbatim.
  std::string checkpoint;

  friend bool operator==(const AddCheckpoint&, const AddCheckpoint&) = default;
};

// The body of the request.
std::string FormatAddCheckpoint(const AddCheckpoint& request);

// Reads what FormatAddCheckpoint writes. InvalidArgument if it is malformed, is
// longer than kMaxAddCheckpointBytes, has more than kMaxWitnessHashes, or its
// checkpoint is no note. Verifies nothing. Safe on hostile input.
absl::StatusOr<AddCheckpoint> ParseAddCheckpoint(absl::string_view body);

}  // namespace entente::crypto

#endif  // ENTENTE_CRYPTO_ADD_CHECKPOINT_H_

// Receipts that stand alone: c2sp.org/tlog-proof@v1.
#ifndef ENTENTE_CRYPTO_TLOG_PROOF_H_
#define ENTENTE_CRYPTO_TLOG_PROOF_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "crypto/checkpoint.h"
#include "crypto/merkle.h"
#include "crypto/note.h"

namespace entente::crypto {

// The longest proof that is read: a note and what comes before it.
inline constexpr size_t kMaxTlogProofBytes = kMaxNoteBytes + 100'000;

struct TlogProof {
  Bytes extra;               // not authenticated; no line if empty
  uint64_t index = 0;        // of the entry
  std::vector<Hash> hashes;  // inclusion proof, leaf to root
  std::string checkpoint;    // the signed note, verbatim
};

// The text of a proof.
std::string FormatTlogProof(const TlogProof& proof);

// Reads what FormatTlogProof writes. InvalidArgument if it is malformed, has
// more than kMaxInclusionHashes, or its checkpoint is no note. Verifies
// nothing. Safe on hostile input.
absl::StatusOr<TlogProof> ParseTlogProof(absl::string_view text);

// Whether the log whose key is `log` vouches for `entry` at `proof.index`;
// returns the checkpoint that it is under, to be compared with what the caller
// knew of that log. Fails as OpenCheckpoint and VerifyInclusion.
absl::StatusOr<Checkpoint> VerifyTlogProof(const TlogProof& proof,
                                           absl::Span<const uint8_t> entry,
                                           const NoteKey& log);

}  // namespace entente::crypto

#endif  // ENTENTE_CRYPTO_TLOG_PROOF_H_

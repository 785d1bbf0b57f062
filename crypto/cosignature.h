// Timestamped signatures of witnesses: c2sp.org/tlog-cosignature v1.
#ifndef ENTENTE_CRYPTO_COSIGNATURE_H_
#define ENTENTE_CRYPTO_COSIGNATURE_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "crypto/note.h"

namespace entente::crypto {

// That `witness` saw the checkpoint, consistent with all it saw before of that
// log, at `time`.
struct Cosignature {
  std::string witness;
  absl::Time time;  // whole seconds
};

// The signature line of `witness` for the note text `text`. InvalidArgument for
// a bad name, or a time before 1970.
absl::StatusOr<NoteSignature> Cosign(absl::string_view text,
                                     absl::string_view witness,
                                     const SigningKey& key, absl::Time time);

// The cosignatures by keys of type kCosignature among `keys`, in the note's
// order and one for each key; keys of other types are not looked at. Lines of
// unknown keys are ignored. DataLoss if a line of a known key does not verify,
// whatever other lines say, or if a witness has two lines. May be empty: how
// many are enough is the caller's to say.
absl::StatusOr<std::vector<Cosignature>> VerifyCosignatures(
    const Note& note, absl::Span<const NoteKey> keys);

}  // namespace entente::crypto

#endif  // ENTENTE_CRYPTO_COSIGNATURE_H_

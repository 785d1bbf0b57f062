// A proof of one entry in two files, which anybody checks without asking.
#ifndef ENTENTE_CLIENT_ENTRY_PROOF_H_
#define ENTENTE_CLIENT_ENTRY_PROOF_H_

#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "crypto/checkpoint.h"
#include "crypto/note.h"
#include "policy/ledger_entry.h"

namespace entente::client {

// What the names of the two files end in.
inline constexpr char kProofSuffix[] = ".tlog-proof";
inline constexpr char kEntrySuffix[] = ".json";

// Writes `proof` (a tlog-proof) and `line`, byte by byte as the log has it, to
// `name` with the two suffixes. Durable; replaces what was there.
absl::Status WriteEntryProof(const std::string& name, absl::string_view line,
                             absl::string_view proof);

struct CheckedEntry {
  uint64_t index = 0;
  crypto::Checkpoint checkpoint;
  std::string line;
  policy::LedgerEntry entry;
};

// The origin that `proof` claims, for choosing the key to check it under.
// VerificationError (exit 6) if it is no proof.
absl::StatusOr<std::string> ClaimedOrigin(absl::string_view proof);

// Whether `proof` shows that `line` stands in the log of `key`, and what it
// says. VerificationError (exit 6), naming what does not hold. Safe on hostile
// input.
absl::StatusOr<CheckedEntry> CheckEntryProof(absl::string_view proof,
                                             absl::string_view line,
                                             const crypto::NoteKey& key);

}  // namespace entente::client

#endif  // ENTENTE_CLIENT_ENTRY_PROOF_H_

// Checking a mirrored ledger without asking anybody.
#ifndef ENTENTE_CLIENT_AUDIT_VERIFY_H_
#define ENTENTE_CLIENT_AUDIT_VERIFY_H_

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "crypto/checkpoint.h"
#include "crypto/merkle_tree.h"
#include "crypto/note.h"
#include "policy/ledger_entry.h"

namespace entente::client {

struct AuditReport {
  crypto::Checkpoint checkpoint;
  uint64_t files = 0;        // tiles and bundles that were checked
  uint64_t checkpoints = 0;  // kept ones that the tree extends
  std::string first_entry;   // the line; empty if there is none
  crypto::MerkleLog tree;    // of all entries
  // What is odd and no proof of tampering: a time that goes backwards.
  std::vector<std::string> warnings;
  // What this check did not and could not do.
  std::vector<std::string> not_checked;
};

// Verifies everything in `folder` (tlog-tiles): the checkpoint's signature
// under log.vkey, which must be `pinned` if that is given; every entry against
// its hash and as a line of a ledger; every tile of every level, also old
// partial ones, against the tree recomputed; the root; every checkpoint that
// was kept, which must be signed and fit. Files beyond the checkpoint, as an
// interrupted mirroring leaves them, are counted as not checked.
//
// DataLoss (exit 6), naming the first wrong thing by file and index; NotFound
// if there is no mirror. Memory: 64 bytes an entry. `see`, unless it is null,
// is shown every entry in order; what it saw counts only if all is well.
absl::StatusOr<AuditReport> VerifyMirror(
    const std::string& folder, const std::optional<crypto::NoteKey>& pinned,
    const std::function<void(uint64_t, const policy::LedgerEntry&)>& see =
        nullptr);

}  // namespace entente::client

#endif  // ENTENTE_CLIENT_AUDIT_VERIFY_H_

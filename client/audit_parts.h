// Checking a mirrored ledger with all its parts.
#ifndef ENTENTE_CLIENT_AUDIT_PARTS_H_
#define ENTENTE_CLIENT_AUDIT_PARTS_H_

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "client/audit_verify.h"
#include "client/entry_search.h"
#include "crypto/note.h"

namespace entente::client {

struct PartReport {
  std::string folder;
  AuditReport report;
};

// Is shown an entry and where it stands.
using EntryVisitor =
    std::function<void(const Place&, const policy::LedgerEntry&)>;

// Verifies the mirror in `folder` and those of later parts beside it
// (client/mirror_parts.h), each as VerifyMirror, and that the first entry of
// each names what an earlier one holds. `pinned` is the key of the first.
//
// DataLoss (exit 6) as VerifyMirror, naming the folder; if a first entry does
// not fit; and with LEDGER_ENTRIES_LOST if a part holds more than the next one
// vouches for, unless that was accepted when it was mirrored: then it is a
// warning. `see` as VerifyMirror has it.
absl::StatusOr<std::vector<PartReport>> VerifyParts(
    const std::string& folder, const std::optional<crypto::NoteKey>& pinned,
    const EntryVisitor& see = nullptr);

}  // namespace entente::client

#endif  // ENTENTE_CLIENT_AUDIT_PARTS_H_

// A copy of a ledger that anybody's tools can check.
#ifndef ENTENTE_CLIENT_MIRROR_H_
#define ENTENTE_CLIENT_MIRROR_H_

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "client/ledger_source.h"
#include "crypto/note.h"
#include "crypto/sha.h"

namespace entente::client {

struct MirrorResult {
  uint64_t size = 0;   // entries in the mirror now
  uint64_t added = 0;  // by this call
  crypto::Hash root = {};
};

// Brings `folder` (made if missing) up to date with `source`, in the layout of
// tlog-tiles: checkpoint, log.vkey, tile/…; and keeps every checkpoint that it
// saw, as checkpoints/<size>, with all cosignatures that it saw of them; these
// are not verified here. The checkpoint must be signed by `key` and extend what
// the folder holds, and what witnesses cosigned must be the beginning of it;
// every entry is hashed and every tile computed here, and the root must come
// out as signed. Files are written durably, the checkpoint last, so an
// interrupted call goes on where it stopped.
//
// DataLoss (exit 6) if the source's checkpoint, proof or entries do not fit, or
// the folder itself was altered; FailedPrecondition if it mirrors another
// ledger; otherwise as the source and the disk. Memory: 64 bytes an entry.
absl::StatusOr<MirrorResult> MirrorLedger(LedgerSource& source,
                                          const std::string& folder,
                                          const crypto::NoteKey& key);

}  // namespace entente::client

#endif  // ENTENTE_CLIENT_MIRROR_H_

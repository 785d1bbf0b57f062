// Copies of all parts of a ledger, side by side.
#ifndef ENTENTE_CLIENT_MIRROR_PARTS_H_
#define ENTENTE_CLIENT_MIRROR_PARTS_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "client/continuation.h"
#include "client/mirror.h"
#include "crypto/note.h"

namespace entente::client {

// Where part `part` of a ledger mirrored in `folder` lies: `folder` for the
// first, `folder.1`, `folder.2`… beside it. Each is a log of its own for
// anybody's tools.
std::string PartFolder(absl::string_view folder, uint32_t part);

// The numbers of the later parts that lie beside `folder`, in order.
// Unavailable if the folder around it cannot be listed.
absl::StatusOr<std::vector<uint32_t>> MirroredLater(const std::string& folder);

// The digest of the first entry of the part in `folder`, if somebody accepted
// that an earlier one holds more than that vouches for. NotFound if nobody did.
absl::StatusOr<std::string> AcceptedDigest(const std::string& folder);

struct MirroredPart {
  std::string name;  // `isa-1.1`
  std::string folder;
  MirrorResult result;
};

// Brings the mirror in `folder` up to date, as MirrorLedger for each part, from
// the first to `newest`. `key` is that of the first part. A part that is
// closed is finished first, and must end as the next one's first entry says.
//
// A part that holds more than that is left as it is, and the error is that of
// CheckWhole (exit 6), unless `accepted` is the digest of the newest part's
// first entry, which is then kept beside it. Otherwise as FollowParts and
// MirrorLedger.
absl::StatusOr<std::vector<MirroredPart>> MirrorParts(
    LedgerParts& parts, const crypto::NoteKey& key, absl::string_view ledger,
    absl::string_view newest, const std::string& folder,
    const std::string& accepted);

}  // namespace entente::client

#endif  // ENTENTE_CLIENT_MIRROR_PARTS_H_

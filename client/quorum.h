// Which witnesses cosigned a mirrored ledger, and how much of it.
#ifndef ENTENTE_CLIENT_QUORUM_H_
#define ENTENTE_CLIENT_QUORUM_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "client/audit_verify.h"
#include "crypto/note.h"
#include "crypto/tlog_policy.h"
#include "policy/agreement.h"

namespace entente::client {

// The largest checkpoint of a mirror that one witness cosigned.
struct CosignedSize {
  std::string witness;  // as the policy calls it
  uint64_t size = 0;    // entries
  absl::Time time;      // of its cosignature
};

struct QuorumReport {
  std::vector<CosignedSize> cosigned;  // in the policy's order
  std::vector<std::string> missing;    // witnesses that cosigned nothing here
  // The first so many entries are vouched for by a quorum. Whoever cosigns a
  // checkpoint vouches for all that it continues. Empty without a quorum.
  std::optional<uint64_t> size;
};

// The policy by which the log of `log` is held to the witnesses that `document`
// names. InvalidArgument if it names none, or the key of one cannot be read.
absl::StatusOr<crypto::TlogPolicy> PolicyOf(const policy::Agreement& document,
                                            const crypto::NoteKey& log);

// Looks for the cosignatures of the witnesses in `policy` on every checkpoint
// that the mirror in `folder` has, which VerifyMirror found to be `report`.
//
// NotFound if `policy` has no log of this origin; DataLoss (exit 6), naming the
// file, if its key of it is another than log.vkey, or if the line of a witness
// does not verify.
absl::StatusOr<QuorumReport> CheckQuorum(const std::string& folder,
                                         const AuditReport& report,
                                         const crypto::TlogPolicy& policy);

}  // namespace entente::client

#endif  // ENTENTE_CLIENT_QUORUM_H_

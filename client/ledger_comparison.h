// Whether two views of a ledger are of one history.
#ifndef ENTENTE_CLIENT_LEDGER_COMPARISON_H_
#define ENTENTE_CLIENT_LEDGER_COMPARISON_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "client/audit_parts.h"

namespace entente::client {

struct LedgerComparison {
  std::string path;
  uint64_t compared = 0;  // heads of the other view that fit
  // What the other view shows and ours cannot tell.
  std::vector<std::string> not_checked;
};

// Holds the verified mirror in `reports` against what somebody else has, in
// `path`: a mirror of the same ledger, with its parts; a signed checkpoint or a
// tlog-proof of one; or a mirror of the broker's own ledger, which names the
// heads of all. Nothing of it is believed that is not signed by the same key.
//
// DataLoss (exit 6) if they cannot both be true: then the broker has shown two
// histories, or went back, and both are proof of it. Also if `path` is not
// signed by that key, or does not verify. InvalidArgument (exit 2) if it says
// nothing of this ledger; NotFound.
absl::StatusOr<LedgerComparison> CompareLedgers(
    const std::vector<PartReport>& reports, const std::string& path);

}  // namespace entente::client

#endif  // ENTENTE_CLIENT_LEDGER_COMPARISON_H_

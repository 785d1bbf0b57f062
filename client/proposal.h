// Puts documents before their parties.
#ifndef ENTENTE_CLIENT_PROPOSAL_H_
#define ENTENTE_CLIENT_PROPOSAL_H_

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "client/connected.h"
#include "client/ledger_view.h"
#include "client/output.h"
#include "entente/v1/access.pb.h"
#include "policy/agreement.h"
#include "policy/ledger_entry.h"

namespace entente::client {

// The receipt of an act on exactly this version, as VerifyReceipt
// (client/rpc/receipts.h).
absl::StatusOr<VerifiedReceipt> CheckReceiptOf(
    const Profile& profile, const v1::Receipt& receipt, policy::EntryKind kind,
    const std::string& agreement, uint32_t version, const std::string& digest);

// Proposes `agreement`, which is `canonical`, and gives what to print of it:
// {"agreement","version","digest","ledger","entry"}.
absl::StatusOr<Record> ProposeDocument(const Connected& connected,
                                       const policy::Agreement& agreement,
                                       const std::string& canonical,
                                       const std::string& digest);

}  // namespace entente::client

#endif  // ENTENTE_CLIENT_PROPOSAL_H_

// Signatures that stop counting before their version is in force.
#ifndef ENTENTE_BROKER_TAKEN_BACK_H_
#define ENTENTE_BROKER_TAKEN_BACK_H_

#include <set>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "broker/context.h"
#include "policy/ledger_entry.h"

namespace entente::broker {

// For the job that revokes a certificate by the act `revocation`, whose subject
// is the certificate's SHA-256: takes back what it signed for `agency` (empty:
// for any agency) on versions that are not in force. Those lines are open
// again, and can be signed with another certificate. Versions in force keep
// their signatures: they were good when it counted.
//
// Returns an entry certificate_revoked for each line, in its agreement's
// ledger, and adds the agreements to `touched`, for ReloadAgreement after the
// commit. A ledger that was refused at start gets none; the signature goes all
// the same. DataLoss if a stored signature does not read.
absl::StatusOr<std::vector<PendingEntry>> TakeBackSignatures(
    const Context& context, Transaction& transaction,
    const policy::LedgerEntry& revocation, const std::string& agency,
    std::set<std::string>* touched);

}  // namespace entente::broker

#endif  // ENTENTE_BROKER_TAKEN_BACK_H_

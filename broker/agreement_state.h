// Whether an agreement is in force for an agency, when a decision on a flow is
// not what is asked.
#ifndef ENTENTE_BROKER_AGREEMENT_STATE_H_
#define ENTENTE_BROKER_AGREEMENT_STATE_H_

#include <cstdint>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "broker/ledger/ledger_log.h"
#include "broker/rpc/caller.h"
#include "broker/store/sqlite.h"
#include "entente/v1/access.pb.h"
#include "policy/register.h"

namespace entente::broker {

// The version of agreement `id` that `agency` may act under at `now`: the one
// named, or if `version` is 0 the highest of those in force that name it, which
// in a handover may be an earlier one than that of others. Otherwise a refusal:
// NO_AGREEMENT for strangers, TERMINATED, VERSION_UNKNOWN and
// VERSION_SUPERSEDED with the number of the one in force, NOT_FULLY_SIGNED,
// NOT_ACTIVE, NOT_YET_VALID, EXPIRED, REVIEW_OVERDUE, SUSPENDED,
// WITNESSES_MISSING, WITHDRAWN if
// the agency has left it, PARENT_NOT_IN_FORCE if something that it stands under
// does not let the agency act. Thread-safe.
absl::StatusOr<std::shared_ptr<const policy::CompiledAgreement>> InForce(
    const policy::Register& known, absl::string_view id, int64_t version,
    absl::string_view agency, absl::Time now);

// Whom an act under an agreement is about, apart from its caller; both may be
// empty.
struct Route {
  std::string sender, recipient;
};

// What the snapshot `known`, by which `agreement` is in force at `now`, may not
// know yet: that the caller's certificate is revoked, `agreement`, or the
// sending of the sender, suspended or ended, or that the caller, the sender or
// the recipient has withdrawn from it; and the same of all that it stands
// under, as PARENT_NOT_IN_FORCE. A refusal says so.
absl::Status CheckStored(Transaction& transaction,
                         const policy::Register& known, absl::Time now,
                         const Caller& caller,
                         const policy::CompiledAgreement& agreement,
                         const Route& route);

// STALE_VIEW if the caller claims to know more of `ledger` than there is;
// LEDGER_CONTINUED if what it knows is not of the newest part, which it has to
// verify first. Before a job, since its receipt can then not fail for that.
absl::Status CheckKnown(Transaction& transaction, const LedgerLog& ledgers,
                        absl::string_view ledger, const v1::KnownView& known);

// The ledger for acts of `agency` on agreement `id`: the agreement's if the
// agency is a party, else the broker's.
std::string LedgerFor(const policy::Register& known, absl::string_view id,
                      absl::string_view agency);

}  // namespace entente::broker

#endif  // ENTENTE_BROKER_AGREEMENT_STATE_H_

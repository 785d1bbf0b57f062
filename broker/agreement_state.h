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
// named, or the one in force if `version` is 0. Otherwise a refusal:
// NO_AGREEMENT for strangers, TERMINATED, SUSPENDED, VERSION_UNKNOWN,
// NOT_FULLY_SIGNED, NOT_ACTIVE, NOT_YET_VALID, EXPIRED, REVIEW_OVERDUE,
// WITHDRAWN if the agency has left it, VERSION_SUPERSEDED.
// Thread-safe.
absl::StatusOr<std::shared_ptr<const policy::CompiledAgreement>> InForce(
    const policy::Register& known, absl::string_view id, int64_t version,
    absl::string_view agency, absl::Time now);

// What a snapshot of the register may not know yet: that the caller's
// certificate is revoked, the agreement, or the sending of `sender`, suspended
// or ended, or that the caller, `sender` or `recipient` has withdrawn from the
// version in force. The two may be empty. A refusal says so.
absl::Status CheckStored(Transaction& transaction, const Caller& caller,
                         absl::string_view id, absl::string_view sender,
                         absl::string_view recipient);

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

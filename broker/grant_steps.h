// What time, or a stopped agreement, does to break-glass grants.
#ifndef ENTENTE_BROKER_GRANT_STEPS_H_
#define ENTENTE_BROKER_GRANT_STEPS_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "broker/context.h"
#include "broker/grant_state.h"
#include "policy/ledger_entry.h"

namespace entente::broker {

// Says in `entry` which grant it is about, and what that is for.
void DescribeGrant(const policy::Grant& grant, policy::LedgerEntry* entry);

// The entry that follows `row`, which is inserted: its position is kept there.
absl::StatusOr<std::vector<PendingEntry>> InsertStep(Transaction& transaction,
                                                     const GlassRow& row,
                                                     policy::LedgerEntry entry);

// Ends the grants of agreement `id` that are asked for or open, for good: those
// that let `sender` send, or all if that is empty. `cause` goes into their
// entries. In the transaction that stops the agreement.
absl::StatusOr<std::vector<PendingEntry>> EndGrants(
    Transaction& transaction, const Context& context, const std::string& id,
    absl::string_view sender, absl::string_view cause, absl::Time now);

// Brings the board to what the store has, after the commit of whatever changed
// it, and wakes who waits for batches: of the grants of one agreement that are
// on it; of one grant; at start, of all that are not settled.
absl::Status ReloadGrants(const Context& context, const std::string& id);
absl::Status ReloadGrant(const Context& context, const std::string& id,
                         const std::string& grant);
absl::Status LoadGrants(const Context& context);

// What parties and overseers are told of the grants of agreement `id` now.
void FillNotices(
    const Context& context, const std::string& id,
    google::protobuf::RepeatedPtrField<v1::BreakGlassNotice>* notices);

// Writes what is due at the clock's time: that a grant ended or lapsed, and
// that a report is overdue. That nothing goes out any more needs no entry:
// every decision looks at the clock. Blocks, if there is anything to write.
// Cheap if not: meant for every second.
absl::Status NoteGrants(const Context& context);

}  // namespace entente::broker

#endif  // ENTENTE_BROKER_GRANT_STEPS_H_

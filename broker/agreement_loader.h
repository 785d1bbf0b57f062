// From the rows of the store to the agreements in memory.
#ifndef ENTENTE_BROKER_AGREEMENT_LOADER_H_
#define ENTENTE_BROKER_AGREEMENT_LOADER_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "broker/context.h"
#include "broker/store/agreements_table.h"
#include "policy/register.h"

namespace entente::broker {

// Lines of `document` that none of `signatures` fills, as `party: name`, in the
// document's order.
std::vector<std::string> MissingLines(
    const policy::Agreement& document,
    const std::vector<SignatureRow>& signatures);

// The record of one agreement as the store has it. Of a version that is not in
// force the lines of whoever left it are missing. Versions that stand in
// `known` (may be null) with the same digest are not compiled again. NotFound
// if there is no such agreement; DataLoss if a document does not read or is not
// what its digest says. Some 0.2 ms for each version compiled.
absl::StatusOr<policy::AgreementRecord> ReadAgreementRecord(
    Transaction& transaction, absl::string_view id,
    const policy::AgreementRecord* known);

// Wakes who waits for batches under agreement `id`, or under one that stands
// under it.
void WakeReceivers(const Context& context, absl::string_view id);

// Brings the register to what the store has of one agreement; after the commit
// of whatever changed it; WakeReceivers follows. Calls may run concurrently:
// the last state stands. Errors as ReadAgreementRecord.
absl::Status ReloadAgreement(const Context& context, absl::string_view id);

// Fills the register with every agreement, at start, on every core. Errors as
// ReadAgreementRecord: that of the first agreement, by id, which has one.
absl::Status LoadAgreements(const Context& context);

}  // namespace entente::broker

#endif  // ENTENTE_BROKER_AGREEMENT_LOADER_H_

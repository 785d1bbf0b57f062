// Says when too few witnesses have cosigned a ledger for too long, and when
// they have again.
#ifndef ENTENTE_BROKER_QUORUM_NOTES_H_
#define ENTENTE_BROKER_QUORUM_NOTES_H_

#include <string>

#include "absl/status/status.h"
#include "broker/context.h"
#include "broker/quorum_state.h"
#include "policy/compiled_agreement.h"

namespace entente::broker {

// Each writes one entry in the agreement's ledger, unless it is noted so
// already, tells the register, and wakes who waits for batches. Blocks.
// UNAVAILABLE if it cannot be recorded; what is missing is refused all the
// same.
absl::Status NoteQuorumMissing(const Context& context,
                               const policy::CompiledAgreement& agreement,
                               const QuorumState& state);
absl::Status NoteQuorumBack(const Context& context, const std::string& id);

}  // namespace entente::broker

#endif  // ENTENTE_BROKER_QUORUM_NOTES_H_

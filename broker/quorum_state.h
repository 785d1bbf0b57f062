// How an agreement's ledger stands with its witnesses.
#ifndef ENTENTE_BROKER_QUORUM_STATE_H_
#define ENTENTE_BROKER_QUORUM_STATE_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "broker/ledger/ledger_log.h"
#include "broker/store/sqlite.h"
#include "policy/agreement.h"
#include "policy/register.h"

namespace entente::broker {

// Of the newest part, whose first entry names what there was before.
struct QuorumState {
  std::string part;
  uint64_t size = 0;      // signed entries
  uint64_t cosigned = 0;  // of them, those that a quorum vouches for
  // When the first entry that no quorum vouches for was written, or the version
  // came into force if that was later; InfiniteFuture if there is none.
  absl::Time waiting_since = absl::InfiniteFuture();
  // Witnesses that have not cosigned all entries, by their names.
  std::vector<std::string> behind;
};

// The version of `record` whose witnesses are asked at `now`: the one in force,
// if it names any, is not over and the agreement has not ended; else null.
const policy::Agreement* WitnessedVersion(const policy::AgreementRecord& record,
                                          absl::Time now);

// `document` names witnesses. As LedgerLog, and as the store.
absl::StatusOr<QuorumState> QuorumStateOf(Transaction& transaction,
                                          const LedgerLog& ledgers,
                                          const policy::Agreement& document);

// Whether the quorum is missing for longer than `document` states.
bool IsMissing(const QuorumState& state, const policy::Agreement& document,
               absl::Time now);

}  // namespace entente::broker

#endif  // ENTENTE_BROKER_QUORUM_STATE_H_

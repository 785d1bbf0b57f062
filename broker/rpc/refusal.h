// What a refused caller sees: a stable reason, the clause, the remedy.
#ifndef ENTENTE_BROKER_RPC_REFUSAL_H_
#define ENTENTE_BROKER_RPC_REFUSAL_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "policy/decision.h"
#include "policy/reason.h"

namespace entente::broker {

// One failed condition, as it goes to the caller and into the ledger.
struct Condition {
  std::string reason;  // stable code, UPPER_SNAKE_CASE
  std::string clause;  // path into the agreement; may be empty
  std::string detail;  // what was found
  std::string remedy;  // what would make it right, and who can do that
};

// An error that carries `conditions` (at least one) to the caller. Its message
// is the first one's detail; its reason is the first one's.
absl::Status Refuse(absl::StatusCode code, std::vector<Condition> conditions);

// A single condition; status code and remedy are those of the table of reasons.
// `clause` is a path into the agreement, or empty.
absl::Status Refuse(policy::Reason reason, absl::string_view detail,
                    absl::string_view clause = "");

// Every failed condition of a decision to deny.
absl::Status Refuse(const policy::Decision& denied);

// Adds where the refusal stands in a ledger. `refusal` must come from Refuse.
absl::Status RecordedAt(absl::Status refusal, absl::string_view ledger,
                        uint64_t index);

// The conditions that Refuse packed; empty for any other status.
std::vector<Condition> ConditionsOf(const absl::Status& status);

// The serialised `google.rpc.Status` for the `grpc-status-details-bin` trailer:
// one ErrorInfo, and a Refusal. Statuses that did not come from Refuse get the
// reason INTERNAL, and their message is replaced: internals stay inside.
std::string StatusDetails(const absl::Status& status);

// What the caller is told in place of an error that the services pass on: that
// its ledger was refused at start is LEDGER_REFUSED. Any other comes back as it
// is.
absl::Status ForTheWire(const absl::Status& status);

// What the caller may read as the status's message.
std::string PublicMessage(const absl::Status& status);

}  // namespace entente::broker

#endif  // ENTENTE_BROKER_RPC_REFUSAL_H_

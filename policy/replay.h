// Past decisions, asked again of another version.
#ifndef ENTENTE_POLICY_REPLAY_H_
#define ENTENTE_POLICY_REPLAY_H_

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "policy/compiled_agreement.h"
#include "policy/decision.h"
#include "policy/flows_under.h"
#include "policy/ledger_entry.h"
#include "policy/register.h"

namespace entente::policy {

// What an act of the past would be under the draft.
enum class ReplayOutcome {
  kNotReplayed,  // see ReplayedAct::why
  kSameAllowed,
  kSameRefused,
  kNewlyAllowed,
  kNewlyRefused,
};

struct ReplayedAct {
  ReplayOutcome outcome = ReplayOutcome::kNotReplayed;
  // Not replayed: why not, the same words for the same cause.
  std::string why;
  // Refused by the draft: every reason.
  std::vector<Failure> failures;
  // Of an act that is allowed then and now: fields that went and would not, and
  // such as did not and would. In order of names.
  std::vector<std::string> lost;
  std::vector<std::string> gained;
};

// Asks a draft what it would have said of acts of the past, as if it, and what
// it stands under, had been in force all the time. Senders are taken to prepare
// what they send from the draft: a batch has all fields that the draft
// releases, and one that was refused must get all those it named. Quotas of the
// draft count, by UTC day and year, from the first act that is replayed.
//
// Not replayed: what was refused for the time, the state of the agreement, keys
// or a fault (policy/request_reasons.h); acts under break-glass; forms of
// fields, which no ledger has. How a field is treated changes no decision. Not
// thread-safe.
class Replay {
 public:
  // `above` are the overarching agreements of `draft`, nearest first.
  Replay(std::shared_ptr<const CompiledAgreement> draft,
         std::vector<std::shared_ptr<const CompiledAgreement>> above);

  // An entry of a batch that `caller`, an agency, sent. In their order.
  ReplayedAct See(const LedgerEntry& entry, absl::string_view caller);

 private:
  // Of one flow, route and limit, in a period that begins on a day.
  using QuotaKey = std::pair<std::string, absl::CivilDay>;

  // The flow of the draft on the route of `entry`; `flows_.flows.size()` if
  // there is none.
  size_t FlowOf(const LedgerEntry& entry) const;
  Request Ask(const LedgerEntry& entry, absl::string_view caller,
              const std::vector<std::string>& names) const;
  // Takes what `entry` uses up. The failures if a quota does not hold it.
  std::vector<Failure> TakeQuotas(const LedgerEntry& entry, size_t flow);

  const std::shared_ptr<const CompiledAgreement> draft_;
  std::shared_ptr<const Register> known_;
  absl::Time at_;
  PlacedFlows flows_;
  std::map<QuotaKey, int64_t> used_;
};

}  // namespace entente::policy

#endif  // ENTENTE_POLICY_REPLAY_H_

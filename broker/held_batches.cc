#include "broker/held_batches.h"

#include <vector>

#include "absl/strings/str_cat.h"
#include "broker/agreement_state.h"
#include "broker/batch_check.h"
#include "broker/rpc/refusal.h"
#include "policy/held.h"

namespace entente::broker {
namespace {

constexpr int kHeadersAtATime = 128;

std::string InWords(absl::string_view code, absl::string_view detail) {
  return detail.empty() ? std::string(code) : absl::StrCat(code, ": ", detail);
}

}  // namespace

std::optional<policy::Failure> WhyHeld(const policy::Register& known,
                                       const BatchRow& row, absl::Time now) {
  const auto header = ParseHeader(row.header);
  if (!header.ok()) {
    return policy::Failure{policy::Reason::kInternal, "", "",
                           std::string(header.status().message())};
  }
  const policy::Request batch = RequestOf(row.recipient, *header);
  return row.grant.empty() ? policy::WhyHeld(known, now, batch)
                           : policy::WhyStateHolds(known, now, batch);
}

absl::StatusOr<HeldBatches> HeldFor(Transaction& transaction,
                                    const policy::Register& known,
                                    const std::string& id,
                                    const std::string& agency, absl::Time now) {
  HeldBatches held;
  MailboxTable mailbox(transaction);
  const absl::Status in_force = InForce(known, id, 0, agency, now).status();
  int64_t after = 0;
  while (true) {
    const auto rows = mailbox.Waiting(agency, id, after, kHeadersAtATime);
    if (!rows.ok()) return rows.status();
    if (rows->empty()) return held;
    for (const BatchRow& row : *rows) {
      after = row.sequence;
      if (now >= row.not_after) continue;
      if (!in_force.ok()) {
        const std::vector<Condition> why = ConditionsOf(in_force);
        if (why.empty()) return in_force;
        held.because.insert(InWords(why.front().reason, why.front().detail));
        ++held.count;
        continue;
      }
      const auto why = WhyHeld(known, row, now);
      if (!why.has_value()) continue;
      held.because.insert(InWords(why->Code(), why->detail));
      ++held.count;
    }
  }
}

}  // namespace entente::broker

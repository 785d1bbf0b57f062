// Which batches that wait are kept and not delivered.
#ifndef ENTENTE_BROKER_HELD_BATCHES_H_
#define ENTENTE_BROKER_HELD_BATCHES_H_

#include <cstdint>
#include <optional>
#include <set>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "broker/store/mailbox_table.h"
#include "policy/decision.h"
#include "policy/register.h"

namespace entente::broker {

// Why the agreements keep `row` from its recipient at `now` (policy/held.h);
// nothing if they do not. Its own last instant, and whether a break-glass grant
// that it names is open, are not looked at. A header that
// cannot be read, which was checked when it came, is kInternal.
std::optional<policy::Failure> WhyHeld(const policy::Register& known,
                                       const BatchRow& row, absl::Time now);

struct HeldBatches {
  uint64_t count = 0;
  // `SUSPENDED_BY_SENDER: north-police`; each reason once.
  std::set<std::string> because;
};

// Of the batches that wait for `agency` under agreement `id`, those that are
// kept while they might still be delivered. Reads every header that waits.
absl::StatusOr<HeldBatches> HeldFor(Transaction& transaction,
                                    const policy::Register& known,
                                    const std::string& id,
                                    const std::string& agency, absl::Time now);

}  // namespace entente::broker

#endif  // ENTENTE_BROKER_HELD_BATCHES_H_

// Whether one value obeys one row rule of an agreement.
#ifndef ENTENTE_POLICY_ROW_RULE_H_
#define ENTENTE_POLICY_ROW_RULE_H_

#include <string>
#include <vector>

#include "absl/time/time.h"
#include "policy/agreement.h"
#include "policy/typed_cell.h"

namespace entente::policy {

// What of `rule` the value does not obey at `now`, one line for each test, such
// as `is older than 730 days`; empty if it obeys all. Null obeys none. Days are
// those of UTC. Shows the rule, never the value.
std::vector<std::string> BrokenTests(const RowRule& rule, const TypedCell& cell,
                                     absl::Time now);

}  // namespace entente::policy

#endif  // ENTENTE_POLICY_ROW_RULE_H_

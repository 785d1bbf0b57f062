#include "policy/enrolment_quota.h"

#include <algorithm>

namespace entente::policy {

std::optional<int64_t> EnrolmentsPerDay(const Agreement& agreement,
                                        absl::string_view agency) {
  std::optional<int64_t> most;
  for (const Flow& flow : agreement.flows) {
    const auto& limit = flow.limits.enrolments_per_day;
    if (!limit.has_value()) continue;
    const bool is_named =
        std::find(flow.from.begin(), flow.from.end(), agency) !=
            flow.from.end() ||
        std::find(flow.to.begin(), flow.to.end(), agency) != flow.to.end();
    if (is_named) most = std::max(most.value_or(0), *limit);
  }
  return most;
}

}  // namespace entente::policy

#include "broker/grant_board.h"

#include <algorithm>

namespace entente::broker {

void GrantBoard::Put(GrantState state) {
  const absl::MutexLock lock(&mu_);
  GrantState& held = grants_[{state.grant.agreement, state.grant.id}];
  if (held.steps <= state.steps) held = std::move(state);
}

bool GrantBoard::IsOpen(absl::string_view agreement, absl::string_view grant,
                        absl::Time now) const {
  const absl::MutexLock lock(&mu_);
  const auto found = grants_.find({std::string(agreement), std::string(grant)});
  return found != grants_.end() && !found->second.grant.drill &&
         policy::IsOpen(found->second.grant, now);
}

std::vector<GrantState> GrantBoard::ToTell(absl::string_view agreement,
                                           absl::Time now) const {
  std::vector<GrantState> told;
  {
    const absl::MutexLock lock(&mu_);
    for (auto it = grants_.lower_bound({std::string(agreement), ""});
         it != grants_.end() && it->first.first == agreement; ++it) {
      const GrantPhase phase = it->second.At(now);
      if (phase == GrantPhase::kAsked || phase == GrantPhase::kOpen ||
          phase == GrantPhase::kReportDue ||
          phase == GrantPhase::kReportOverdue) {
        told.push_back(it->second);
      }
    }
  }
  std::stable_sort(told.begin(), told.end(),
                   [](const GrantState& a, const GrantState& b) {
                     return a.life.asked < b.life.asked;
                   });
  return told;
}

std::vector<GrantState> GrantBoard::All() const {
  const absl::MutexLock lock(&mu_);
  std::vector<GrantState> all;
  for (const auto& [name, state] : grants_) all.push_back(state);
  return all;
}

}  // namespace entente::broker

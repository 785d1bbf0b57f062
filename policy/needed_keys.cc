#include "policy/needed_keys.h"

#include <set>

namespace entente::policy {

NeededKeys NeededKeysOf(const Agreement& agreement) {
  std::set<std::string> agencies;
  std::set<std::pair<std::string, DomainRole>> domains;
  std::set<std::pair<std::string, std::string>> edges;
  for (const Flow& flow : agreement.flows) {
    for (const std::string& sender : flow.from) {
      for (const std::string& recipient : flow.to) {
        if (sender == recipient) continue;
        agencies.insert({sender, recipient});
        domains.emplace(sender, DomainRole::kMatching);
        domains.emplace(recipient, flow.recipient_domain);
        edges.emplace(sender, recipient);
      }
    }
  }
  return {{agencies.begin(), agencies.end()},
          {domains.begin(), domains.end()},
          {edges.begin(), edges.end()}};
}

}  // namespace entente::policy

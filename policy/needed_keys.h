// Which keys must be published before an agreement can be used.
#ifndef ENTENTE_POLICY_NEEDED_KEYS_H_
#define ENTENTE_POLICY_NEEDED_KEYS_H_

#include <string>
#include <utility>
#include <vector>

#include "policy/agreement.h"

namespace entente::policy {

// Every list is in order and without repeats.
struct NeededKeys {
  // Agencies that send or receive; each needs a key bundle.
  std::vector<std::string> agencies;
  // By agency, then role, MATCHING first.
  std::vector<std::pair<std::string, DomainRole>> domains;
  // Sender and recipient.
  std::vector<std::pair<std::string, std::string>> edges;
};

// A sender needs its MATCHING domain, a recipient the one of the flow's
// `recipient_domain`; each way from a sender to a recipient has an edge. Nobody
// sends to itself. Pure; linear in the ways.
NeededKeys NeededKeysOf(const Agreement& agreement);

}  // namespace entente::policy

#endif  // ENTENTE_POLICY_NEEDED_KEYS_H_

// What an agreement stands under.
#ifndef ENTENTE_POLICY_OVERARCHING_H_
#define ENTENTE_POLICY_OVERARCHING_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "policy/register.h"

namespace entente::policy {

// At most so many overarching agreements above one another.
inline constexpr int kMaxTiers = 4;

// Whom an overarching agreement must let act. An empty sender or recipient is
// nobody.
struct Actors {
  std::string caller, sender, recipient;
};

struct Overarching {
  // The versions in force, nearest first, up to the one at fault.
  std::vector<std::shared_ptr<const CompiledAgreement>> in_force;
  // Why what stands next above is not in force for the actors:
  // `isa-tier: it is suspended`. Empty if all are.
  std::string fault;
};

// All that `document` stands under at `now`. Each is in force for the actors if
// its newest version has begun and is not expired, overdue, ended or suspended,
// the caller is a party, the sender has not suspended its sending under it, and
// neither sender nor recipient has left it. Pure.
Overarching OverarchingOf(const Register& known, absl::Time now,
                          const Agreement& document, const Actors& actors);

// Whether a version of `id` names `above` as what it stands under, or something
// else that does.
bool StandsUnder(const Register& known, absl::string_view id,
                 absl::string_view above);

}  // namespace entente::policy

#endif  // ENTENTE_POLICY_OVERARCHING_H_

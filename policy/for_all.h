// Property tests of random worlds, with shrinking by rapidcheck.
#ifndef ENTENTE_POLICY_FOR_ALL_H_
#define ENTENTE_POLICY_FOR_ALL_H_

#include <functional>

#include "policy/random_world.h"

namespace entente::policy {

// Calls `body` with `rounds` dice. After the first that fails an expectation,
// looks for the fewest and smallest throws that still fail one and reports that
// failure, once. The dice are the same in every run, unless RC_PARAMS says
// otherwise (`RC_PARAMS="seed=7"`).
void ForAll(int rounds, const std::function<void(Dice*)>& body);

}  // namespace entente::policy

#endif  // ENTENTE_POLICY_FOR_ALL_H_

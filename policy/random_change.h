// Changes of a document at random, for tests of what compares two.
#ifndef ENTENTE_POLICY_RANDOM_CHANGE_H_
#define ENTENTE_POLICY_RANDOM_CHANGE_H_

#include "policy/agreement.h"
#include "policy/random_world.h"

namespace entente::policy {

// Changes `document`, as RandomDocument makes it, in one way of many, or not at
// all if the change would put two flows on one route, or leave none. Every flow
// still has a way and releases `offence`.
void ChangeAtRandom(Dice* dice, Agreement* document);

// Two versions of `isa-one`, 1 and 2: mostly a few changes apart, sometimes
// strangers to each other.
struct TwoVersions {
  Agreement before;
  Agreement after;
};
TwoVersions RandomVersions(Dice* dice);

}  // namespace entente::policy

#endif  // ENTENTE_POLICY_RANDOM_CHANGE_H_

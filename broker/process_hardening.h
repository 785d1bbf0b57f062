// What a process with keys in memory does first.
#ifndef ENTENTE_BROKER_PROCESS_HARDENING_H_
#define ENTENTE_BROKER_PROCESS_HARDENING_H_

#include "absl/status/status.h"

namespace entente::broker {

// Forbids core dumps and attaching of other processes of the same user, and
// raises the limit of locked memory as far as the system allows. Called once,
// before any secret is read and before any thread starts.
//
// Internal if core dumps cannot be forbidden. FailedPrecondition if no memory
// can be locked: secrets could reach the swap.
absl::Status HardenProcess();

}  // namespace entente::broker

#endif  // ENTENTE_BROKER_PROCESS_HARDENING_H_

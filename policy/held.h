// Whether a batch that was accepted may still be handed to its recipient.
#ifndef ENTENTE_POLICY_HELD_H_
#define ENTENTE_POLICY_HELD_H_

#include <optional>

#include "absl/time/time.h"
#include "policy/decision.h"
#include "policy/register.h"

namespace entente::policy {

// Why `batch`, which its version allowed when it was sent, is kept at `now`;
// nothing if it is delivered. `caller`, `carried` and `records` are not looked
// at: what had to accompany a batch, and how much it may hold, is settled when
// it is accepted.
//
// What governs is the batch's own version, or once that is superseded the one
// in force. The batch is kept while
// - the agreement has ended, or what governs is suspended, expired, overdue or
//   without the witnesses that it requires;
// - the sender has suspended its sending, or sender or recipient has left;
// - its version is superseded and the one in force no longer lets it pass: it
//   has no flow on the way, or not by this method, or does not release a field
//   as_is or just as the batch's version does, or seals the recipient's domain;
// - an overarching agreement is not in force for both, or does not let it pass.
// So whoever narrows an agreement narrows what still waits, and whoever widens
// it stops nothing. Pure; linear in the batch's fields.
std::optional<Failure> WhyHeld(const Register& known, absl::Time now,
                               const Request& batch);

// The same for a batch under a break-glass grant, which releases what no flow
// does and is over within the hour: only the states count.
std::optional<Failure> WhyStateHolds(const Register& known, absl::Time now,
                                     const Request& batch);

}  // namespace entente::policy

#endif  // ENTENTE_POLICY_HELD_H_

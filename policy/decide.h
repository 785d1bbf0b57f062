// Decides on the compiled form, on every call.
#ifndef ENTENTE_POLICY_DECIDE_H_
#define ENTENTE_POLICY_DECIDE_H_

#include "absl/time/time.h"
#include "policy/decision.h"
#include "policy/register.h"

namespace entente::policy {

// Exactly NaiveDecide (policy/naive_decide.h), which has the rules, but for an
// allowed request in about constant time: 0.2 us, and the wait for memory where
// there are thousands of agreements. A refusal, and an agreement under an
// overarching one, takes NaiveDecide's time, some 5 us.
//
// Total and pure. Thread-safe. Quotas are a second step, and so is whatever the
// caller must do to make an entry of the answer. `now` is the broker's clock;
// a request's own time has no say.
Decision Decide(const Register& known, absl::Time now, const Request& request);

}  // namespace entente::policy

#endif  // ENTENTE_POLICY_DECIDE_H_

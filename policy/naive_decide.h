// The definition of a decision: the rules in the order in which people read
// them, over the documents themselves.
#ifndef ENTENTE_POLICY_NAIVE_DECIDE_H_
#define ENTENTE_POLICY_NAIVE_DECIDE_H_

#include "absl/time/time.h"
#include "policy/decision.h"
#include "policy/register.h"

namespace entente::policy {

// At most so many names in one failure's detail.
inline constexpr size_t kMaxNamesShown = 50;

// Decides `request` at `now`. Total and pure: no clock, no failure, the same
// answer for the same arguments, whatever the order of anything in `known`.
//
// Allowed if and only if
// - the agreement and the version exist, and the caller is a party to it; if
//   not, the one reason is kNoAgreement;
// - every line of the version is signed and its activation written;
// - from <= now < until, no later version has superseded it, and no review
//   that it promises is overdue (policy/review.h);
// - the agreement is not terminated, the version not suspended by a party of
//   it, nor the sender's own sending, and neither sender nor recipient has
//   withdrawn from the version;
// - the caller acts for itself: as sender of a batch, as recipient of a query;
// - sender and recipient are parties and not the same, and exactly one flow has
//   both, the purpose and the data set (and is the flow named, if one is);
// - that flow allows the method, everything it requires is carried, and the
//   records are not too many;
// - a batch names every released field once, in its form (value, or pseudonym
//   under its scheme), and no other; a query names at least one released field;
// - if there is an overarching agreement, it is in force and has one flow on
// the
//   same route that allows the method, whose requirements are carried, and that
//   releases the fields as_is or just as this agreement does. Of a query,
//   fields that it does not release so are not answered.
//
// What hangs on the flow is judged only if the flow is known: by its id, or by
// its route. Time is linear in the document and the request.
Decision NaiveDecide(const Register& known, absl::Time now,
                     const Request& request);

}  // namespace entente::policy

#endif  // ENTENTE_POLICY_NAIVE_DECIDE_H_

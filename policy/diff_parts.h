// The parts of Diff (policy/diff.h).
#ifndef ENTENTE_POLICY_DIFF_PARTS_H_
#define ENTENTE_POLICY_DIFF_PARTS_H_

#include <string>
#include <vector>

#include "policy/breadth.h"
#include "policy/diff.h"
#include "policy/flows_under.h"

namespace entente::policy {

// The kind of a term that was there and still is. Not of kSame.
ChangeKind KindOf(Breadth breadth);

// What `after` says about a way on which `before` had the say: everything but
// the way itself.
std::vector<Change> DiffTerms(const Flow& before, const Flow& after);

// A way that is new, or one that went, with what moves on it.
Change RouteChange(ChangeKind kind, const Flow& flow);

// The ways of `before` and `after`, and their terms. Of the flows of each no
// two have a way in common.
std::vector<FlowChanges> DiffFlows(PlacedFlows before, PlacedFlows after);

// Puts the kinds in their order.
void SortByKind(std::vector<Change>* changes);

// Everything outside the flows, and limits on enrolment, which hold for an
// agency and not for a flow.
std::vector<Change> DiffWhole(const Agreement& before, const Agreement& after);

// The people's part of DiffWhole: wording, law, promises, who signs.
void DiffWording(const Agreement& before, const Agreement& after,
                 std::vector<Change>* changes);

}  // namespace entente::policy

#endif  // ENTENTE_POLICY_DIFF_PARTS_H_

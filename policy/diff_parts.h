// The parts of Diff (policy/diff.h).
#ifndef ENTENTE_POLICY_DIFF_PARTS_H_
#define ENTENTE_POLICY_DIFF_PARTS_H_

#include <string>
#include <vector>

#include "policy/breadth.h"
#include "policy/diff.h"

namespace entente::policy {

// The kind of a term that was there and still is. Not of kSame.
ChangeKind KindOf(Breadth breadth);

// What `after` says about a way on which `before` had the say: everything but
// the way itself.
std::vector<Change> DiffTerms(const Flow& before, const Flow& after);

// A way that is new, or one that went, with what moves on it.
Change RouteChange(ChangeKind kind, const Flow& flow);

// An agreement that is new, or is gone: its ways alone.
AgreementDiff DiffPresence(const Agreement& agreement, bool is_new);

// Everything outside the flows, and limits on enrolment, which hold for an
// agency and not for a flow.
std::vector<Change> DiffWhole(const Agreement& before, const Agreement& after);

// The people's part of DiffWhole: wording, law, promises, who signs.
void DiffWording(const Agreement& before, const Agreement& after,
                 std::vector<Change>* changes);

}  // namespace entente::policy

#endif  // ENTENTE_POLICY_DIFF_PARTS_H_

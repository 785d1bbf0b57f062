// Why a request is, or would be, allowed or refused, in words.
#ifndef ENTENTE_POLICY_EXPLAIN_H_
#define ENTENTE_POLICY_EXPLAIN_H_

#include <string>

#include "policy/compiled_agreement.h"
#include "policy/decision.h"

namespace entente::policy {

// `request`, of which a person named only what interests them, made whole under
// `agreement`, so that the answer is about that and nothing else: the caller;
// without a version, the agreement's; what the flow requires, if nothing is
// carried; all other fields that the flow releases; and every field in the form
// that the flow has. Nothing is added that no flow answers for, and no name is
// changed.
Request CompleteRequest(const CompiledAgreement& agreement, Request request);

// `decision`, which is Decide's on `request`, as text of lines of at most 80
// columns. Allowed: the clause, each field and how it leaves, what must hold
// for each record, what must accompany, limits, retention, onward rule,
// marking, and until when the answer is good. Refused: every reason with its
// clause, what to do, who can grant it, and its code; and that a refusal does
// not settle a duty to share. The text is made from the decision's own record,
// never decided anew.
std::string Explain(const Request& request, const Decision& decision);

}  // namespace entente::policy

#endif  // ENTENTE_POLICY_EXPLAIN_H_

// Which refusals are for what was asked.
#ifndef ENTENTE_POLICY_REQUEST_REASONS_H_
#define ENTENTE_POLICY_REQUEST_REASONS_H_

#include "policy/reason.h"

namespace entente::policy {

// Whether the names in a request and the agreement's text made it refused, so
// that another question, or another text, would have had another answer; rather
// than the time, the state of an agreement, keys, quotas or a fault. Pure.
bool IsAboutRequest(Reason reason);

}  // namespace entente::policy

#endif  // ENTENTE_POLICY_REQUEST_REASONS_H_

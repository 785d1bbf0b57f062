// What changes from one answer to another.
#ifndef ENTENTE_POLICY_ANSWER_CHANGES_H_
#define ENTENTE_POLICY_ANSWER_CHANGES_H_

#include <string>
#include <vector>

#include "policy/decision.h"

namespace entente::policy {

// The differences between two decisions on one question, as whole sentences:
// whether it is allowed; of two refusals, which reasons come and go; of two
// permissions, how each field leaves, what else the flows say, which
// overarching agreements hold, and until when the answer is good. Empty if
// nothing differs but the number of the version. Pure.
std::vector<std::string> AnswerChanges(const Decision& before,
                                       const Decision& after);

}  // namespace entente::policy

#endif  // ENTENTE_POLICY_ANSWER_CHANGES_H_

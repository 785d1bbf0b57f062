// The answer of `agreement explain` as data.
#ifndef ENTENTE_CLIENT_EXPLAIN_ANSWER_H_
#define ENTENTE_CLIENT_EXPLAIN_ANSWER_H_

#include <string>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "client/output.h"
#include "policy/decision.h"

namespace entente::client {

// Whether it is allowed, every reason with its clause and remedy, each field,
// the text for people, when it was asked for, the flow, and until when it is
// good.
Record DescribeAnswer(const policy::Request& request,
                      const policy::Decision& decision, absl::Time at);

// What a command ends with for a refusal: exit 3, the code and the remedy of
// the first reason. `what` is refused, as a sentence.
absl::Status NotAllowed(
    const policy::Decision& decision,
    const std::string& what = "the agreement does not allow this");

}  // namespace entente::client

#endif  // ENTENTE_CLIENT_EXPLAIN_ANSWER_H_

// Commands whose exit code is an answer: 0 or 1, and above an error.
#ifndef ENTENTE_CLIENT_ANSWER_CODE_H_
#define ENTENTE_CLIENT_ANSWER_CODE_H_

#include "absl/status/status.h"
#include "client/error.h"

namespace entente::client {

// `status` with an exit code that nobody takes for the answer 1: what would end
// with that ends with 2. OK stays OK.
inline absl::Status AsTrouble(const absl::Status& status) {
  if (status.ok()) return status;
  Failure failure = FromStatus(status);
  if (failure.exit == ExitCode::kFailed) failure.exit = ExitCode::kUsage;
  return ToStatus(failure);
}

}  // namespace entente::client

#endif  // ENTENTE_CLIENT_ANSWER_CODE_H_

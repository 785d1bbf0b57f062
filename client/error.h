// What a person or a script learns when a command does not succeed.
#ifndef ENTENTE_CLIENT_ERROR_H_
#define ENTENTE_CLIENT_ERROR_H_

#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace entente::client {

// How the program ends. Scripts rely on the numbers: never change one.
enum class ExitCode {
  kOk = 0,
  kFailed = 1,
  kUsage = 2,
  kRefused = 3,  // by the agreement
  kNotAuthenticated = 4,
  kConflict = 5,            // done already, and differently
  kVerificationFailed = 6,  // somebody altered something
  kUnavailable = 7,         // worth trying again
  kPartial = 8,             // the good part was done
};

// The parts of one error. Texts are for people, without a final stop; `code`
// is stable. None of them holds a secret, an identifier or a value.
struct Failure {
  std::string what = {};        // what happened; never empty
  std::string why = {};         // or empty
  std::string next = {};        // what to do, or empty
  std::string code = {};        // `FIELD_NOT_RELEASED`; never empty
  std::string request_id = {};  // or empty
  std::string ledger = {};      // that holds the entry of a refusal, or empty
  uint64_t entry = 0;           // its index there
  ExitCode exit = ExitCode::kFailed;

  bool operator==(const Failure&) const = default;
};

// A status that carries all of `failure`: its message is `what` and its code
// follows from `exit`. So commands and what they call return absl::Status.
// A failure whose exit is kOk becomes one of kFailed.
absl::Status ToStatus(const Failure& failure);

// The failure in `status`, which is not OK: what ToStatus put there, or else
// the message as `what`, the name of the status code as `code`, and the exit
// code that fits it. Total.
Failure FromStatus(const absl::Status& status);

// `status` told from further out: an error becomes `<what>`, because of what
// was said before; code, advice and exit stay. OK stays OK.
absl::Status Annotate(const absl::Status& status, absl::string_view what);

// Shorthands for what commands find themselves.
absl::Status UsageError(absl::string_view what, absl::string_view next);
absl::Status VerificationError(absl::string_view what, absl::string_view why);

// As people see it: up to four lines, each with its line feed, control and
// bidirectional characters made visible.
std::string FailureText(const Failure& failure);
// As scripts see it: one line, {"schema":1,"error":{…}}.
std::string FailureJson(const Failure& failure);

}  // namespace entente::client

#endif  // ENTENTE_CLIENT_ERROR_H_

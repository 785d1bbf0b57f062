// The hypothetical request that `agreement explain` is given on the command
// line.
#ifndef ENTENTE_CLIENT_EXPLAIN_QUESTION_H_
#define ENTENTE_CLIENT_EXPLAIN_QUESTION_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "client/cli.h"
#include "policy/decision.h"

namespace entente::client {

struct ExplainQuestion {
  std::string from;
  std::string to;
  std::string purpose;
  std::string dataset;
  std::string flow;
  std::string method = "push";
  std::vector<std::string> fields;   // each a name, or several parted by ','
  std::vector<std::string> carried;  // each `name` or `name=value`
  std::string case_reference;
  uint64_t records = 1;
};

// Declares the options that ask `question`, which must live as long as they do.
void DeclareQuestion(Command& command, ExplainQuestion* question);

// The request that `question` means, of no agreement and no version yet. What
// a value says does not decide anything, so only its presence is kept. A usage
// error for a method or a requirement that there is not, for one that is given
// twice, for an empty value, and for an empty name of a field.
absl::StatusOr<policy::Request> RequestOf(const ExplainQuestion& question);

// `2026-03-31` (its first instant, UTC) or RFC 3339; `now` if `text` is empty.
// A usage error for anything else.
absl::StatusOr<absl::Time> InstantOf(absl::string_view text, absl::Time now);

}  // namespace entente::client

#endif  // ENTENTE_CLIENT_EXPLAIN_QUESTION_H_

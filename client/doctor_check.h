// The twelve questions of `entente doctor`, and the form of an answer.
#ifndef ENTENTE_CLIENT_DOCTOR_CHECK_H_
#define ENTENTE_CLIENT_DOCTOR_CHECK_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "client/error.h"
#include "client/output.h"

namespace entente::client {

// In the order in which they are asked: what needs no network first, since a
// broker that hangs up does not say why.
enum class CheckId {
  kFiles,       // `files`
  kKey,         // `key`
  kChain,       // `chain`
  kDates,       // `dates`
  kUsage,       // `usage`
  kIdentity,    // `identity`
  kNetwork,     // `network`
  kTls,         // `tls`
  kBroker,      // `broker`
  kRegistered,  // `registered`
  kClock,       // `clock`
  kAgreements,  // `agreements`
};
inline constexpr int kChecks = 12;

// The stable name of a check, as above, and the same in words.
absl::string_view IdText(CheckId id);
absl::string_view NameText(CheckId id);

enum class CheckState { kOk, kNotOk, kNotChecked };

// `ok`, `not_ok`, `not_checked`: stable.
absl::string_view StateText(CheckState state);

// One answer. `fix` is what to do, one step a line, and empty if there is
// nothing to do; an `ok` has one when something will soon run out. No secret.
struct Check {
  CheckId id = CheckId::kFiles;
  CheckState state = CheckState::kNotChecked;
  std::string code;  // stable, UPPER_SNAKE_CASE; OK, or NOT_CHECKED
  std::string why;
  std::string fix;
  ExitCode exit = ExitCode::kOk;
};

Check Passed(CheckId id, absl::string_view why);
Check Failed(CheckId id, ExitCode exit, absl::string_view code,
             absl::string_view why, absl::string_view fix);
// `because` names the earlier check that failed.
Check NotChecked(CheckId id, CheckId because);

// {"id","name","state","code","why","fix"}.
Record ToRecord(const Check& check);
// All of them, for a person on a terminal.
std::string ChecksText(const std::vector<Check>& checks);
// OK if none failed; otherwise the first that did, with its exit code.
absl::Status Verdict(const std::vector<Check>& checks);

}  // namespace entente::client

#endif  // ENTENTE_CLIENT_DOCTOR_CHECK_H_

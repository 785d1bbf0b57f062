#ifndef ENTENTE_POLICY_CHECK_H_
#define ENTENTE_POLICY_CHECK_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "policy/agreement.h"
#include "policy/diagnostic.h"

namespace entente::policy {

// What became of an author's file.
struct CheckResult {
  // Set if nothing is wrong; warnings are allowed.
  std::optional<Agreement> agreement;
  // Of the agreement, or empty: what is signed, stored and read by everyone
  // else, and its SHA-256 in lower-case hex (see policy/canonical.h).
  std::string canonical;
  std::string digest;
  // Everything there is to say, in the order of the file.
  std::vector<Diagnostic> diagnostics;
  // The same as text, a line each: `file:line:column: field: what is wrong
  // (what is allowed)`.
  std::string report;

  bool ok() const { return agreement.has_value(); }
};

// Reads and checks a sharing agreement in YAML (policy/yaml.h says which part
// of it). `file_name` is only for the report. Pure: no file is opened, no clock
// read. Safe on hostile input; about 10 ms for a document of 12 KB.
CheckResult Check(absl::string_view file_name, absl::string_view text);

}  // namespace entente::policy

#endif  // ENTENTE_POLICY_CHECK_H_

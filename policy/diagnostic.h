#ifndef ENTENTE_POLICY_DIAGNOSTIC_H_
#define ENTENTE_POLICY_DIAGNOSTIC_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/types/span.h"

namespace entente::policy {

// One thing that is wrong with a document, or that its author should know.
struct Diagnostic {
  // An error refuses the document, a warning does not.
  enum class Severity { kError, kWarning };

  Severity severity = Severity::kError;
  // Where, counted from 1, columns in characters; 0 if the document has no
  // lines of its own (canonical bytes).
  int line = 0;
  int column = 0;
  std::string path;     // such as `flows[0].release.address`; may be empty
  std::string message;  // what is wrong
  std::string allowed;  // what would be right; may be empty
  bool operator==(const Diagnostic&) const = default;
};

// `file:line:column: path: message (allowed)`, with "warning: " before the path
// of a warning. Position and path are left out where there is none.
std::string Format(absl::string_view file, const Diagnostic& diagnostic);

// One line for each, every one ended by '\n'.
std::string Format(absl::string_view file,
                   absl::Span<const Diagnostic> diagnostics);

bool HasErrors(absl::Span<const Diagnostic> diagnostics);

// Orders by line, column, path, message, and drops repeats.
void Sort(std::vector<Diagnostic>* diagnostics);

// The candidate that `word` was most likely meant to be: fewest edits, at most
// two and fewer than half its letters; "" if there is none. Looks at the first
// 64 bytes of each.
std::string Nearest(absl::string_view word,
                    absl::Span<const std::string> candidates);

}  // namespace entente::policy

#endif  // ENTENTE_POLICY_DIAGNOSTIC_H_

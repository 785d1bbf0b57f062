#include "policy/reporter.h"

#include <algorithm>
#include <utility>

namespace entente::policy {

void Reporter::Add(Diagnostic diagnostic) {
  if (!frozen_ && diagnostic.severity == Diagnostic::Severity::kError) {
    const absl::string_view path = diagnostic.path;
    sections_.emplace(path.substr(0, path.find_first_of(".[")));
  }
  diagnostics_.push_back(std::move(diagnostic));
}

void Reporter::Error(absl::string_view path, absl::string_view message,
                     absl::string_view allowed) {
  const Position at = Locate(root_, path);
  Add({Diagnostic::Severity::kError, at.line, at.column, std::string(path),
       std::string(message), std::string(allowed)});
}

void Reporter::Warn(absl::string_view path, absl::string_view message,
                    absl::string_view allowed) {
  const Position at = Locate(root_, path);
  Add({Diagnostic::Severity::kWarning, at.line, at.column, std::string(path),
       std::string(message), std::string(allowed)});
}

void Reporter::ErrorAtKey(const Entry& entry, absl::string_view path,
                          absl::string_view message,
                          absl::string_view allowed) {
  Add({Diagnostic::Severity::kError, entry.line, entry.column,
       std::string(path), std::string(message), std::string(allowed)});
}

bool Reporter::Clean(absl::Span<const absl::string_view> sections) const {
  return std::none_of(
      sections.begin(), sections.end(),
      [this](absl::string_view s) { return sections_.contains(s); });
}

}  // namespace entente::policy

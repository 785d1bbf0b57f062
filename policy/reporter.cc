#include "policy/reporter.h"

#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace entente::policy {

namespace {

using Paths = std::set<std::string, std::less<>>;

// Whether one of `paths` is `path` or below it.
bool HoldsBelow(const Paths& paths, absl::string_view path) {
  for (auto at = paths.lower_bound(path);
       at != paths.end() && absl::StartsWith(*at, path); ++at) {
    if (at->size() == path.size()) return true;
    const char next = (*at)[path.size()];
    if (next == '.' || next == '[') return true;
  }
  return false;
}

// Whether one of `paths` is above `path`.
bool HoldsAbove(const Paths& paths, absl::string_view path) {
  for (size_t end = 0; end < path.size(); ++end) {
    const bool part = path[end] == '.' || path[end] == '[';
    if (part && paths.count(path.substr(0, end)) > 0) return true;
  }
  return false;
}

}  // namespace

void Reporter::Error(absl::string_view path, absl::string_view message,
                     absl::string_view allowed) {
  const Position at = Locate(root_, path);
  if (!frozen_) wrong_.emplace(path);
  diagnostics_.push_back({Diagnostic::Severity::kError, at.line, at.column,
                          std::string(path), std::string(message),
                          std::string(allowed)});
}

void Reporter::Warn(absl::string_view path, absl::string_view message,
                    absl::string_view allowed) {
  const Position at = Locate(root_, path);
  diagnostics_.push_back({Diagnostic::Severity::kWarning, at.line, at.column,
                          std::string(path), std::string(message),
                          std::string(allowed)});
}

void Reporter::ErrorAtKey(const Entry& entry, const Path& path,
                          absl::string_view message,
                          absl::string_view allowed) {
  std::string place = path.Text();
  if (!frozen_) wrong_keys_.insert(place);
  diagnostics_.push_back({Diagnostic::Severity::kError, entry.line,
                          entry.column, std::move(place), std::string(message),
                          std::string(allowed)});
}

bool Reporter::Clean(absl::string_view path) const {
  if (wrong_.empty() && wrong_keys_.empty()) return true;
  return !HoldsBelow(wrong_, path) && !HoldsBelow(wrong_keys_, path) &&
         !HoldsAbove(wrong_, path);
}

bool Reporter::CleanOption(absl::string_view map, absl::string_view key) const {
  if (wrong_.empty() && wrong_keys_.empty()) return true;
  return wrong_keys_.count(map) == 0 &&
         Clean(map.empty() ? std::string(key) : absl::StrCat(map, ".", key));
}

}  // namespace entente::policy

#include "policy/diagnostic.h"

#include <algorithm>
#include <numeric>
#include <tuple>

#include "absl/strings/str_cat.h"

namespace entente::policy {
namespace {

constexpr size_t kMaxCompared = 64;

size_t EditDistance(absl::string_view a, absl::string_view b) {
  a = a.substr(0, kMaxCompared);
  b = b.substr(0, kMaxCompared);
  std::vector<size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), size_t{0});
  for (size_t i = 1; i <= a.size(); ++i) {
    size_t diagonal = row[0];
    row[0] = i;
    for (size_t j = 1; j <= b.size(); ++j) {
      const size_t replaced = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({row[j] + 1, row[j - 1] + 1, replaced});
    }
  }
  return row[b.size()];
}

auto Order(const Diagnostic& d) {
  return std::tie(d.line, d.column, d.path, d.message, d.allowed, d.severity);
}

}  // namespace

std::string Format(absl::string_view file, const Diagnostic& diagnostic) {
  std::string out(file);
  if (diagnostic.line > 0) {
    absl::StrAppend(&out, ":", diagnostic.line, ":", diagnostic.column);
  }
  absl::StrAppend(&out, out.empty() ? "" : ": ");
  if (diagnostic.severity == Diagnostic::Severity::kWarning) {
    absl::StrAppend(&out, "warning: ");
  }
  if (!diagnostic.path.empty()) absl::StrAppend(&out, diagnostic.path, ": ");
  absl::StrAppend(&out, diagnostic.message);
  if (!diagnostic.allowed.empty()) {
    absl::StrAppend(&out, " (", diagnostic.allowed, ")");
  }
  return out;
}

std::string Format(absl::string_view file,
                   absl::Span<const Diagnostic> diagnostics) {
  std::string out;
  for (const Diagnostic& d : diagnostics) {
    absl::StrAppend(&out, Format(file, d), "\n");
  }
  return out;
}

bool HasErrors(absl::Span<const Diagnostic> diagnostics) {
  return std::any_of(diagnostics.begin(), diagnostics.end(),
                     [](const Diagnostic& d) {
                       return d.severity == Diagnostic::Severity::kError;
                     });
}

void Sort(std::vector<Diagnostic>* diagnostics) {
  std::sort(diagnostics->begin(), diagnostics->end(),
            [](const Diagnostic& a, const Diagnostic& b) {
              return Order(a) < Order(b);
            });
  diagnostics->erase(std::unique(diagnostics->begin(), diagnostics->end()),
                     diagnostics->end());
}

std::string Nearest(absl::string_view word,
                    absl::Span<const std::string> candidates) {
  std::string best;
  size_t fewest = 3;
  for (const std::string& candidate : candidates) {
    const size_t distance = EditDistance(word, candidate);
    if (distance < fewest && distance * 2 < word.size()) {
      fewest = distance;
      best = candidate;
    }
  }
  return best;
}

}  // namespace entente::policy

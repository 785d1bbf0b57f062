#ifndef ENTENTE_POLICY_REPORTER_H_
#define ENTENTE_POLICY_REPORTER_H_

#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "policy/diagnostic.h"
#include "policy/node.h"

namespace entente::policy {

// Collects what is wrong with one document. Borrows its tree.
class Reporter {
 public:
  explicit Reporter(const Node& root) : root_(root) {}

  // An error, or a warning, about the thing at `path`; placed by Locate.
  void Error(absl::string_view path, absl::string_view message,
             absl::string_view allowed = "");
  void Warn(absl::string_view path, absl::string_view message,
            absl::string_view allowed = "");
  // An error about a key, at the key itself.
  void ErrorAtKey(const Entry& entry, absl::string_view path,
                  absl::string_view message, absl::string_view allowed);

  // Ends the errors that Clean counts: those of reading, not of comparing.
  void Freeze() { frozen_ = true; }

  // Whether none of these top-level keys had an error before Freeze: only then
  // does a comparison between them say something.
  bool Clean(absl::Span<const absl::string_view> sections) const;

  std::vector<Diagnostic> Take() { return std::move(diagnostics_); }

 private:
  void Add(Diagnostic diagnostic);

  const Node& root_;
  std::vector<Diagnostic> diagnostics_;
  absl::flat_hash_set<std::string> sections_;  // with errors
  bool frozen_ = false;
};

}  // namespace entente::policy

#endif  // ENTENTE_POLICY_REPORTER_H_

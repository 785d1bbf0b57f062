#ifndef ENTENTE_POLICY_REPORTER_H_
#define ENTENTE_POLICY_REPORTER_H_

#include <functional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"
#include "policy/diagnostic.h"
#include "policy/node.h"
#include "policy/path.h"

namespace entente::policy {

// Collects what is wrong with one document. Borrows its tree.
class Reporter {
 public:
  explicit Reporter(const Node& root) : root_(root) {}

  // An error, or a warning, about the thing at `path`; placed by Locate.
  void Error(absl::string_view path, absl::string_view message,
             absl::string_view allowed = "");
  void Error(const Path& path, absl::string_view message,
             absl::string_view allowed = "") {
    Error(path.Text(), message, allowed);
  }
  void Warn(absl::string_view path, absl::string_view message,
            absl::string_view allowed = "");
  void Warn(const Path& path, absl::string_view message,
            absl::string_view allowed = "") {
    Warn(path.Text(), message, allowed);
  }
  // An error about a key, at the key itself.
  void ErrorAtKey(const Entry& entry, const Path& path,
                  absl::string_view message, absl::string_view allowed);

  // Ends the errors that Clean counts: those of reading, not of comparing.
  void Freeze() { frozen_ = true; }

  // Whether what stands at `path` was read, with all below it, and had no error
  // before Freeze: only then does a comparison with it say something. A key
  // that is not known spoils the map it is in, and none of the other keys.
  bool Clean(absl::string_view path) const;
  // The same of the optional `key` of the map at `map` ("" is the document): a
  // key that is not known may be this one, misspelt.
  bool CleanOption(absl::string_view map, absl::string_view key) const;

  std::vector<Diagnostic> Take() { return std::move(diagnostics_); }

 private:
  const Node& root_;
  std::vector<Diagnostic> diagnostics_;
  // Paths of errors before Freeze; of those at a key, paths of the map.
  std::set<std::string, std::less<>> wrong_;
  std::set<std::string, std::less<>> wrong_keys_;
  bool frozen_ = false;
};

}  // namespace entente::policy

#endif  // ENTENTE_POLICY_REPORTER_H_

#ifndef ENTENTE_POLICY_YAML_SOURCE_H_
#define ENTENTE_POLICY_YAML_SOURCE_H_

#include <cstddef>
#include <vector>

#include "absl/strings/string_view.h"
#include "policy/diagnostic.h"
#include "policy/node.h"

namespace entente::policy {

// The lines of a YAML text, for what is seen before and below its syntax.
// Borrows the text.
class YamlSource {
 public:
  explicit YamlSource(absl::string_view text);

  // Appends an error for every line that holds refused characters, a tab in
  // its indentation, or a directive.
  void CheckLines(std::vector<Diagnostic>* diagnostics) const;

  // The place of a byte: `line` and `byte_column` counted from 0, as yaml-cpp
  // does. Clamped to the text.
  Position PositionOf(int line, int byte_column) const;

  // The character at that byte, or '\0' past the end of its line.
  char At(int line, int byte_column) const;

 private:
  std::vector<absl::string_view> lines_;  // without their ends
};

}  // namespace entente::policy

#endif  // ENTENTE_POLICY_YAML_SOURCE_H_

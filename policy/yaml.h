#ifndef ENTENTE_POLICY_YAML_H_
#define ENTENTE_POLICY_YAML_H_

#include <cstddef>
#include <optional>
#include <vector>

#include "absl/strings/string_view.h"
#include "policy/diagnostic.h"
#include "policy/node.h"

namespace entente::policy {

// The most that a document may measure.
inline constexpr size_t kMaxDocumentBytes = 256 * 1024;
inline constexpr int kMaxDocumentLevels = 12;

// Reads the part of YAML in which nothing can be misread: one document of maps,
// lists and scalars in block or flow style, with comments. Refused, each with
// its place: anchors, aliases, tags, directives, merge keys, duplicate keys,
// keys that are not scalars, a key without a value, `null` and `~` that are not
// quoted, tabs in indentation, a second document, more than kMaxDocumentBytes
// or kMaxDocumentLevels, and text that FindFault (policy/text.h) refuses,
// comments included. A line may end in CR LF. No scalar has a type.
//
// Appends every error to `diagnostics`; after a syntax error nothing more is
// read and nothing returned. Otherwise returns the tree, in which the first of
// two equal keys stands, so that the rest can be checked too. Safe on hostile
// input.
std::optional<Node> ReadYaml(absl::string_view text,
                             std::vector<Diagnostic>* diagnostics);

}  // namespace entente::policy

#endif  // ENTENTE_POLICY_YAML_H_

// A signed version as YAML, for a person to make the next one from.
#ifndef ENTENTE_POLICY_YAML_WRITER_H_
#define ENTENTE_POLICY_YAML_WRITER_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "policy/node.h"

namespace entente::policy {

// `canonical` as a document that Check reads back to the same bytes, which is
// tried before it is returned: keys in the order of the schema, lists and maps
// on one line where they fit, quotes where YAML or another reader of it would
// see more than text, long lines folded. There are no comments, since nobody
// signed any.
//
// InvalidArgument if `canonical` is not the canonical form of an agreement
// (policy/canonical.h). ResourceExhausted if its YAML is longer than
// kMaxDocumentBytes (policy/yaml.h). Pure; some 20 ms for 12 KB.
absl::StatusOr<std::string> YamlOfSigned(absl::string_view canonical);

// The same as the next version, to be edited: its number is one more, and
// `previous` is the digest of `canonical`. Lines at the top say what it is and
// what comes after editing. Errors as YamlOfSigned, and InvalidArgument if
// there can be no higher version.
absl::StatusOr<std::string> YamlOfNext(absl::string_view canonical);

// A tree of text of one line each (policy/text.h), whose root is a map, as such
// YAML. Empty maps and lists are `{}` and `[]`.
std::string WriteYaml(const Node& root);

}  // namespace entente::policy

#endif  // ENTENTE_POLICY_YAML_WRITER_H_

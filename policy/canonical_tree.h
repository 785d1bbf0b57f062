// The tree of canonical bytes, which the schema then reads like that of YAML.
#ifndef ENTENTE_POLICY_CANONICAL_TREE_H_
#define ENTENTE_POLICY_CANONICAL_TREE_H_

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "policy/node.h"

namespace entente::policy {

// Reads RFC 8785 JSON of at most kMaxDocumentLevels levels, and notes in each
// scalar what it is there, in `written`. InvalidArgument if it is no canonical
// JSON or too deep. Safe on hostile input.
absl::Status ReadCanonicalTree(absl::string_view bytes, Node* root);

// Whether every scalar is written as what the schema read it as.
bool IsWrittenAsRead(const Node& node);

}  // namespace entente::policy

#endif  // ENTENTE_POLICY_CANONICAL_TREE_H_

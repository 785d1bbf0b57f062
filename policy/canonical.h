#ifndef ENTENTE_POLICY_CANONICAL_H_
#define ENTENTE_POLICY_CANONICAL_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "policy/agreement.h"
#include "policy/node.h"

// The canonical form of an agreement: the parsed document as RFC 8785 JSON of
// objects, arrays, strings, whole numbers and booleans. It is what is signed,
// so what the author left out is not in it, and layout and comments are not.
namespace entente::policy {

// The canonical bytes of a tree that ReadAgreement has read without an error.
std::string CanonicalBytes(const Node& root);

// SHA-256 of `canonical` in lower-case hex: the digest of a version.
std::string Digest(absl::string_view canonical);

// Reads canonical bytes, by the same schema and the same checks as Check.
// InvalidArgument, with the first errors, if they break either, or are not
// byte for byte the canonical form of what they say. Safe on hostile input.
absl::StatusOr<Agreement> ParseCanonical(absl::string_view bytes);

// ParseCanonical, which also leaves the tree that was read in `root`: scalars
// with their kind, and the entries of each map that the schema has in its
// order.
absl::StatusOr<Agreement> ReadCanonical(absl::string_view bytes, Node* root);

}  // namespace entente::policy

#endif  // ENTENTE_POLICY_CANONICAL_H_

#include "policy/canonical.h"

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "crypto/hex.h"
#include "crypto/json.h"
#include "crypto/sha.h"
#include "policy/canonical_tree.h"
#include "policy/cross_check.h"
#include "policy/diagnostic.h"
#include "policy/reader.h"
#include "policy/reporter.h"
#include "policy/text.h"
#include "policy/yaml.h"

namespace entente::policy {
namespace {

// Quotes and keys make the canonical form of a document longer than its YAML.
constexpr size_t kMaxCanonicalBytes = 2 * kMaxDocumentBytes;
constexpr size_t kErrorsShown = 5;

crypto::Json ToJson(const Node& node) {
  switch (node.kind) {
    case Node::Kind::kMap: {
      crypto::Json out = crypto::Json::object();
      for (const Entry& entry : node.entries) {
        out[entry.key] = ToJson(entry.value);
      }
      return out;
    }
    case Node::Kind::kSequence: {
      crypto::Json out = crypto::Json::array();
      for (const Node& item : node.items) out.push_back(ToJson(item));
      return out;
    }
    case Node::Kind::kScalar:
    case Node::Kind::kNothing:
      break;
  }
  switch (node.scalar) {
    case Node::Scalar::kInteger:
      return ParseInteger(node.text).value_or(0);
    case Node::Scalar::kBoolean:
      return ParseBoolean(node.text).value_or(false);
    case Node::Scalar::kText:
      break;
  }
  return node.text;
}

absl::Status Refuse(const std::vector<Diagnostic>& diagnostics) {
  std::string text;
  size_t errors = 0;
  for (const Diagnostic& d : diagnostics) {
    if (d.severity != Diagnostic::Severity::kError) continue;
    if (++errors <= kErrorsShown) absl::StrAppend(&text, "; ", Format("", d));
  }
  return absl::InvalidArgumentError(
      absl::StrCat("not a valid agreement: ", errors, " errors", text));
}

}  // namespace

std::string CanonicalBytes(const Node& root) {
  // Text that was read is UTF-8 and numbers are whole, so this cannot fail.
  return crypto::CanonicalJson(ToJson(root)).value_or("");
}

std::string Digest(absl::string_view canonical) {
  return crypto::ToHex(crypto::Sha256(canonical));
}

absl::StatusOr<Agreement> ReadCanonical(absl::string_view bytes, Node* root) {
  if (bytes.size() > kMaxCanonicalBytes) {
    return absl::InvalidArgumentError(absl::StrCat(
        "not a valid agreement: more than ", kMaxCanonicalBytes, " bytes"));
  }
  if (const absl::Status tree = ReadCanonicalTree(bytes, root); !tree.ok()) {
    return absl::InvalidArgumentError(
        absl::StrCat("not a valid agreement: ", tree.message()));
  }
  Reporter reporter(*root);
  Agreement agreement = ReadAgreement(root, &reporter);
  if (root->kind == Node::Kind::kMap) CheckAcross(agreement, &reporter);
  std::vector<Diagnostic> diagnostics = reporter.Take();
  Sort(&diagnostics);
  if (HasErrors(diagnostics)) return Refuse(diagnostics);
  // A number where the schema says text, or text where it says a number, reads
  // alike and is not what was signed.
  if (!IsWrittenAsRead(*root)) {
    return absl::InvalidArgumentError(
        "not a valid agreement: a number or true is text, or text is one");
  }
  return agreement;
}

absl::StatusOr<Agreement> ParseCanonical(absl::string_view bytes) {
  Node root;
  return ReadCanonical(bytes, &root);
}

}  // namespace entente::policy

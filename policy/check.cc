#include "policy/check.h"

#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "policy/canonical.h"
#include "policy/cross_check.h"
#include "policy/node.h"
#include "policy/reader.h"
#include "policy/reporter.h"
#include "policy/yaml.h"

namespace entente::policy {
namespace {

// The layout and the schema both miss a value that is not there; only the
// schema knows what it is called.
void DropUnnamed(std::vector<Diagnostic>* diagnostics) {
  std::set<std::pair<int, int>> named;
  for (const Diagnostic& one : *diagnostics) {
    if (!one.path.empty()) named.emplace(one.line, one.column);
  }
  std::erase_if(*diagnostics, [&named](const Diagnostic& one) {
    return one.path.empty() && one.message == kNoValue &&
           named.count({one.line, one.column}) > 0;
  });
}

}  // namespace

CheckResult Check(absl::string_view file_name, absl::string_view text) {
  CheckResult result;
  std::optional<Node> root = ReadYaml(text, &result.diagnostics);
  if (root.has_value()) {
    Reporter reporter(*root);
    Agreement agreement = ReadAgreement(&*root, &reporter);
    if (root->kind == Node::Kind::kMap) CheckAcross(agreement, &reporter);
    for (Diagnostic& d : reporter.Take()) {
      result.diagnostics.push_back(std::move(d));
    }
    if (!HasErrors(result.diagnostics)) {
      result.canonical = CanonicalBytes(*root);
      result.digest = Digest(result.canonical);
      result.agreement = std::move(agreement);
    }
  }
  DropUnnamed(&result.diagnostics);
  Sort(&result.diagnostics);
  result.report = Format(file_name, result.diagnostics);
  return result;
}

}  // namespace entente::policy

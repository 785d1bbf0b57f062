#include "policy/matrix.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "policy/clause_words.h"
#include "policy/route_boxes.h"

namespace entente::policy {
namespace {

// Senders and recipients of the flow, without ways to itself.
std::vector<RouteBox> EndsOf(const Flow& flow) {
  std::vector<Way> ways;
  for (const std::string& from : flow.from) {
    for (const std::string& to : flow.to) {
      if (from != to) ways.push_back({from, to, ""});
    }
  }
  return BoxesOf(ways);
}

void AddFlow(const Flow& flow, size_t index, std::vector<MatrixRow>* rows) {
  std::vector<std::string> only_if;
  for (const RowRule& rule : flow.rows) {
    for (std::string& line : RuleInWords(rule)) {
      only_if.push_back(std::move(line));
    }
  }
  for (const RouteBox& box : EndsOf(flow)) {
    for (const auto& [field, treatment] : flow.release) {
      if (treatment.transform == Transform::kWithhold) continue;
      rows->push_back(
          {box.to, box.from, flow.dataset, field, treatment, flow.purposes,
           flow.methods,
           absl::StrCat("flows[", index, "] ", flow.id, ".release.", field),
           only_if});
    }
  }
}

}  // namespace

std::vector<MatrixRow> MatrixOf(const Agreement& agreement) {
  std::vector<MatrixRow> rows;
  for (size_t i = 0; i < agreement.flows.size(); ++i) {
    AddFlow(agreement.flows[i], i, &rows);
  }
  return rows;
}

}  // namespace entente::policy

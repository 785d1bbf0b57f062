#include "policy/release.h"

#include <algorithm>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "policy/row_rule.h"

namespace entente::policy {
namespace {

std::string RowsClause(const CompiledAgreement& agreement, const Flow& flow,
                       absl::string_view prefix) {
  const std::vector<Flow>& flows = agreement.document().flows;
  return absl::StrCat(prefix, "flows[", &flow - flows.data(), "] ", flow.id,
                      ".rows[");
}

}  // namespace

absl::StatusOr<RowPlan> RowPlan::Create(const Decision& decision) {
  if (!decision.allowed() || decision.flow == nullptr) {
    return absl::FailedPreconditionError(
        "a plan needs an allowed decision about a batch");
  }
  RowPlan plan;
  plan.now_ = decision.now;
  const Agreement& document = decision.agreement->document();
  std::set<std::string> inputs;
  for (const FieldAnswer& answer : decision.fields) {
    if (answer.treatment == nullptr) {
      return absl::FailedPreconditionError(
          "a plan needs an allowed decision about a batch");
    }
    if (answer.treatment->transform != Transform::kPseudonym) {
      inputs.insert(answer.name);
    }
  }
  for (const RowRule& rule : decision.flow->rows) inputs.insert(rule.field);
  for (const Decision::Parent& parent : decision.parents) {
    for (const RowRule& rule : parent.flow->rows) inputs.insert(rule.field);
  }
  plan.inputs_.assign(inputs.begin(), inputs.end());
  if (const absl::Status status =
          plan.ReadTypes(document, decision.flow->dataset);
      !status.ok()) {
    return status;
  }
  if (const absl::Status status = plan.AddFields(decision); !status.ok()) {
    return status;
  }
  plan.AddRules(*decision.agreement, *decision.flow, "");
  for (const Decision::Parent& parent : decision.parents) {
    const Agreement& above = parent.agreement->document();
    plan.AddRules(*parent.agreement, *parent.flow,
                  absl::StrCat(above.id, "/", above.version, " "));
  }
  return plan;
}

absl::Status RowPlan::ReadTypes(const Agreement& document,
                                const std::string& dataset) {
  for (const std::string& name : inputs_) {
    const auto& fields = document.datasets.at(dataset).fields;
    const auto field = fields.find(name);
    if (field == fields.end()) {
      // Only an overarching agreement can have a rule about it.
      return absl::FailedPreconditionError(absl::StrCat(
          "a row rule needs ", name, ", which ", dataset, " does not have"));
    }
    Input input{field->second, nullptr};
    const auto list = document.lists.find(input.field.list);
    if (list != document.lists.end()) {
      input.vocabulary = std::make_shared<const Vocabulary>(
          list->second.values.begin(), list->second.values.end());
    }
    types_.push_back(std::move(input));
  }
  return absl::OkStatus();
}

absl::Status RowPlan::AddFields(const Decision& decision) {
  const Agreement& document = decision.agreement->document();
  const Dataset& dataset = document.datasets.at(decision.flow->dataset);
  for (const FieldAnswer& answer : decision.fields) {
    if (answer.treatment->transform == Transform::kPseudonym) {
      pseudonyms_.push_back({answer.name, dataset.identifiers.at(answer.name)});
      continue;
    }
    absl::StatusOr<ReleasedField> field =
        DescribeReleased(document, *decision.flow, answer.name);
    if (!field.ok()) return field.status();
    field_inputs_.push_back(InputOf(field->name));
    fields_.push_back(*std::move(field));
  }
  return absl::OkStatus();
}

void RowPlan::AddRules(const CompiledAgreement& agreement, const Flow& flow,
                       absl::string_view prefix) {
  const std::string clause = RowsClause(agreement, flow, prefix);
  for (size_t i = 0; i < flow.rows.size(); ++i) {
    rules_.push_back({InputOf(flow.rows[i].field), flow.rows[i],
                      absl::StrCat(clause, i, "]")});
  }
}

size_t RowPlan::InputOf(const std::string& field) const {
  return size_t(std::lower_bound(inputs_.begin(), inputs_.end(), field) -
                inputs_.begin());
}

RowResult RowPlan::Release(
    absl::Span<const std::optional<absl::string_view>> cells) const {
  RowResult result;
  if (cells.size() != inputs_.size()) {
    result.faults.push_back(
        {RowFault::Kind::kBadValue, "", "has not one cell for each input", ""});
    return result;
  }
  std::vector<TypedCell> typed(cells.size());
  std::vector<bool> good(cells.size(), true);
  for (size_t i = 0; i < cells.size(); ++i) {
    absl::StatusOr<TypedCell> cell =
        ReadCell(types_[i].field, types_[i].vocabulary.get(),
                 cells[i].value_or(absl::string_view()));
    if (cell.ok()) {
      typed[i] = *std::move(cell);
    } else {
      good[i] = false;
      result.faults.push_back({RowFault::Kind::kBadValue, inputs_[i],
                               std::string(cell.status().message()), ""});
    }
  }
  for (const Rule& rule : rules_) {
    if (!good[rule.input]) continue;
    for (std::string& what : BrokenTests(rule.rule, typed[rule.input], now_)) {
      result.faults.push_back({RowFault::Kind::kRule, inputs_[rule.input],
                               std::move(what), rule.clause});
    }
  }
  for (size_t i = 0; i < fields_.size(); ++i) {
    if (!good[field_inputs_[i]]) continue;
    absl::StatusOr<crypto::Value> value =
        Treat(fields_[i], typed[field_inputs_[i]]);
    if (value.ok()) {
      result.values.push_back(*std::move(value));
    } else {
      result.faults.push_back({RowFault::Kind::kBadValue, fields_[i].name,
                               std::string(value.status().message()), ""});
    }
  }
  if (!result.released()) result.values.clear();
  return result;
}

}  // namespace entente::policy

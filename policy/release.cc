#include "policy/release.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "policy/row_rule.h"
#include "policy/treat.h"

namespace entente::policy {
namespace {

std::string RowsClause(const CompiledAgreement& agreement, const Flow& flow,
                       absl::string_view prefix) {
  const std::vector<Flow>& flows = agreement.document().flows;
  return absl::StrCat(prefix, "flows[", &flow - flows.data(), "] ", flow.id,
                      ".rows[");
}

absl::Status NotAllowed() {
  return absl::FailedPreconditionError(
      "a plan needs an allowed decision about a batch");
}

}  // namespace

absl::StatusOr<RowPlan> RowPlan::Create(const Decision& decision,
                                        std::shared_ptr<const DayShift> shift) {
  if (!decision.allowed() || decision.flow == nullptr) return NotAllowed();
  RowPlan plan;
  plan.now_ = decision.now;
  plan.shift_ = std::move(shift);
  const Agreement& document = decision.agreement->document();
  plan.agreement_ = document.id;
  const Dataset& dataset = document.datasets.at(decision.flow->dataset);
  std::set<std::string> marks;
  absl::Status ok = plan.CollectInputs(decision, &marks);
  if (ok.ok()) ok = plan.ReadTypes(document, dataset, marks);
  if (ok.ok()) ok = plan.AddFields(decision);
  if (!ok.ok()) return ok;
  plan.AddRules(*decision.agreement, *decision.flow, "");
  for (const Decision::Parent& parent : decision.parents) {
    const Agreement& above = parent.agreement->document();
    plan.AddRules(*parent.agreement, *parent.flow,
                  absl::StrCat(above.id, "/", above.version, " "));
  }
  return plan;
}

absl::Status RowPlan::CollectInputs(const Decision& decision,
                                    std::set<std::string>* marks) {
  const Dataset& dataset =
      decision.agreement->document().datasets.at(decision.flow->dataset);
  std::set<std::string> inputs;
  std::set<std::string> subjects;
  for (const FieldAnswer& answer : decision.fields) {
    if (answer.treatment == nullptr) return NotAllowed();
    const Treatment& treatment = *answer.treatment;
    if (treatment.transform == Transform::kPseudonym) continue;
    inputs.insert(answer.name);
    if (treatment.transform == Transform::kReviewedText) {
      inputs.insert(ReviewMark(answer.name));
      marks->insert(ReviewMark(answer.name));
    }
    if (treatment.transform == Transform::kShiftDays) {
      const bool known = dataset.identifiers.count(treatment.per) != 0;
      (known ? subjects : inputs).insert(treatment.per);
    }
  }
  for (const RowRule& rule : decision.flow->rows) inputs.insert(rule.field);
  for (const Decision::Parent& parent : decision.parents) {
    for (const RowRule& rule : parent.flow->rows) inputs.insert(rule.field);
  }
  inputs_.assign(inputs.begin(), inputs.end());
  for (const std::string& name : subjects) {
    subjects_.push_back({name, dataset.identifiers.at(name)});
  }
  return absl::OkStatus();
}

absl::Status RowPlan::ReadTypes(const Agreement& document,
                                const Dataset& dataset,
                                const std::set<std::string>& marks) {
  for (const std::string& name : inputs_) {
    const auto field = dataset.fields.find(name);
    if (field == dataset.fields.end()) {
      // The mark of a reviewed text need not be declared, and is text.
      if (marks.count(name) != 0) {
        types_.push_back({Field(), nullptr});
        continue;
      }
      // Only an overarching agreement can have a rule about it.
      return absl::FailedPreconditionError(absl::StrCat(
          "a row rule needs ", name, ", which the data set does not have"));
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
  const Dataset& dataset =
      decision.agreement->document().datasets.at(decision.flow->dataset);
  for (const FieldAnswer& answer : decision.fields) {
    if (answer.treatment->transform == Transform::kPseudonym) {
      pseudonyms_.push_back({answer.name, dataset.identifiers.at(answer.name)});
      continue;
    }
    if (absl::Status ok = AddField(decision, answer.name); !ok.ok()) return ok;
  }
  return absl::OkStatus();
}

absl::Status RowPlan::AddField(const Decision& decision,
                               const std::string& name) {
  absl::StatusOr<ReleasedField> field =
      DescribeReleased(decision.agreement->document(), *decision.flow, name);
  if (!field.ok()) return field.status();
  Source source;
  source.input = InputOf(name);
  if (field->treatment.transform == Transform::kReviewedText) {
    source.mark = InputOf(ReviewMark(name));
  }
  if (field->treatment.transform == Transform::kShiftDays) {
    if (shift_ == nullptr) {
      return absl::FailedPreconditionError(absl::StrCat(
          "the days of ", name, " cannot be shifted without a key"));
    }
    const std::string& per = field->treatment.per;
    for (size_t i = 0; i < subjects_.size(); ++i) {
      if (subjects_[i].name == per) source.subject = i;
    }
    if (!source.subject.has_value()) source.person = InputOf(per);
  }
  sources_.push_back(source);
  fields_.push_back(*std::move(field));
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

absl::StatusOr<std::optional<int64_t>> RowPlan::ShiftOf(
    size_t index, absl::Span<const TypedCell> cells,
    absl::Span<const std::optional<std::string>> subjects) const {
  const Source& source = sources_[index];
  const Treatment& treatment = fields_[index].treatment;
  absl::string_view subject_register;
  std::string subject;
  std::string field_register;
  if (source.subject.has_value()) {
    if (!subjects[*source.subject].has_value()) return std::nullopt;
    subject_register = subjects_[*source.subject].scheme;
    subject = *subjects[*source.subject];
  } else if (source.person.has_value()) {
    const TypedCell& cell = cells[*source.person];
    if (cell.null()) return std::nullopt;
    field_register = absl::StrCat("field:", treatment.per);
    subject_register = field_register;
    subject = cell.value.type == crypto::ValueType::kInteger
                  ? absl::StrCat(cell.value.integer)
                  : cell.value.text;
  } else {
    return std::nullopt;
  }
  const absl::StatusOr<int64_t> days =
      shift_->Days(agreement_, subject_register, subject, treatment.within);
  if (!days.ok()) return days.status();
  return *days;
}

absl::StatusOr<crypto::Value> RowPlan::TreatField(
    size_t index, absl::Span<const TypedCell> cells,
    absl::Span<const std::optional<std::string>> subjects) const {
  const Source& source = sources_[index];
  Circumstances circumstances;
  circumstances.today = absl::ToCivilDay(now_, absl::UTCTimeZone());
  if (source.mark.has_value()) {
    circumstances.reviewed_by = cells[*source.mark].value.text;
  }
  const absl::StatusOr<std::optional<int64_t>> shift =
      ShiftOf(index, cells, subjects);
  if (!shift.ok()) return shift.status();
  circumstances.shift = *shift;
  return Treat(fields_[index], cells[source.input], circumstances);
}

RowResult RowPlan::Release(
    absl::Span<const std::optional<absl::string_view>> cells,
    absl::Span<const std::optional<std::string>> subjects) const {
  RowResult result;
  if (cells.size() != inputs_.size() || subjects.size() != subjects_.size()) {
    result.faults.push_back({RowFault::Kind::kBadValue, "",
                             "has not one cell for each input and subject",
                             ""});
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
    if (!good[sources_[i].input]) continue;
    absl::StatusOr<crypto::Value> value = TreatField(i, typed, subjects);
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

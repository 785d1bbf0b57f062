#include "policy/answer_changes.h"

#include <map>
#include <set>

#include "absl/strings/str_cat.h"
#include "policy/clause_words.h"
#include "policy/diff_parts.h"

namespace entente::policy {
namespace {

std::string ReasonText(const Failure& failure) {
  std::string text = failure.Code();
  if (!failure.detail.empty()) absl::StrAppend(&text, ": ", failure.detail);
  return text;
}

std::set<std::string> Reasons(const Decision& decision) {
  std::set<std::string> reasons;
  for (const Failure& failure : decision.failures) {
    reasons.insert(ReasonText(failure));
  }
  return reasons;
}

void CompareReasons(const Decision& before, const Decision& after,
                    std::vector<std::string>* changes) {
  const std::set<std::string> then = Reasons(before);
  const std::set<std::string> now = Reasons(after);
  for (const std::string& reason : now) {
    if (then.count(reason) > 0) continue;
    changes->push_back(absl::StrCat("A reason against it is new: ", reason));
  }
  for (const std::string& reason : then) {
    if (now.count(reason) > 0) continue;
    changes->push_back(absl::StrCat("A reason against it goes: ", reason));
  }
}

std::map<std::string, std::string> Given(const Decision& decision) {
  std::map<std::string, std::string> given;
  for (const FieldAnswer& field : decision.fields) {
    given[field.name] = field.treatment == nullptr
                            ? "not given"
                            : TreatmentInWords(*field.treatment);
  }
  return given;
}

void CompareFields(const Decision& before, const Decision& after,
                   std::vector<std::string>* changes) {
  const std::map<std::string, std::string> then = Given(before);
  const std::map<std::string, std::string> now = Given(after);
  for (const auto& [name, words] : now) {
    const auto found = then.find(name);
    const std::string was = found == then.end() ? "not given" : found->second;
    if (was == words) continue;
    changes->push_back(
        absl::StrCat("The field ", name, ": ", words, "; today: ", was));
  }
  for (const auto& [name, words] : then) {
    if (now.count(name) > 0 || words == "not given") continue;
    changes->push_back(
        absl::StrCat("The field ", name, ": not given; today: ", words));
  }
}

// The terms that are not about fields, which CompareFields has.
void CompareTerms(const Flow& before, const Flow& after,
                  absl::string_view prefix, bool with_fields,
                  std::vector<std::string>* changes) {
  for (const Change& change : DiffTerms(before, after)) {
    if (change.clause == Clause::kField && !with_fields) continue;
    changes->push_back(absl::StrCat(prefix, change.sentence));
  }
}

void CompareParents(const Decision& before, const Decision& after,
                    std::vector<std::string>* changes) {
  std::map<std::string, const Flow*> then;
  for (const Decision::Parent& parent : before.parents) {
    then[parent.agreement->document().id] = parent.flow;
  }
  std::set<std::string> now;
  for (const Decision::Parent& parent : after.parents) {
    const std::string& id = parent.agreement->document().id;
    now.insert(id);
    const auto found = then.find(id);
    if (found == then.end()) {
      changes->push_back(absl::StrCat("It is then also held to ", id));
    } else {
      CompareTerms(*found->second, *parent.flow, absl::StrCat("In ", id, ": "),
                   true, changes);
    }
  }
  for (const auto& [id, flow] : then) {
    if (now.count(id) > 0) continue;
    changes->push_back(absl::StrCat("It is then no longer held to ", id));
  }
}

}  // namespace

std::vector<std::string> AnswerChanges(const Decision& before,
                                       const Decision& after) {
  std::vector<std::string> changes;
  if (before.allowed() != after.allowed()) {
    changes.push_back(after.allowed()
                          ? "It is refused today, and would be allowed."
                          : "It is allowed today, and would be refused.");
  }
  if (!before.allowed() || !after.allowed()) {
    if (!after.allowed()) CompareReasons(before, after, &changes);
    return changes;
  }
  CompareFields(before, after, &changes);
  CompareTerms(*before.flow, *after.flow, "", false, &changes);
  CompareParents(before, after, &changes);
  if (before.good_until != after.good_until) {
    changes.push_back(absl::StrCat(
        "The answer would be good until ", InstantInWords(after.good_until),
        "; today: until ", InstantInWords(before.good_until)));
  }
  return changes;
}

}  // namespace entente::policy

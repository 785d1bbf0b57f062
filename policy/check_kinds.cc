#include <algorithm>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "policy/cross_check.h"

namespace entente::policy {
namespace {

constexpr int64_t kAdultAge = 18;

// Whether records of `dataset` are about people.
bool IsPersonal(const Dataset& dataset) {
  return dataset.criminal_offence || dataset.special_category ||
         dataset.children != Children::kNone || !dataset.identifiers.empty();
}

bool HasAdultRule(const Flow& flow) {
  return std::any_of(
      flow.rows.begin(), flow.rows.end(), [](const RowRule& rule) {
        const bool age =
            rule.field == "age" || absl::EndsWith(rule.field, "_age");
        return age && rule.at_least.value_or(0) >= kAdultAge;
      });
}

// The recipients that are no law enforcement bodies.
std::vector<std::string> PrivateRecipients(const Agreement& agreement,
                                           const Flow& flow) {
  std::vector<std::string> partners;
  for (const std::string& to : flow.to) {
    if (agreement.parties.at(to).regime == Regime::kGeneral) {
      partners.push_back(to);
    }
  }
  return partners;
}

// A promise about each record is kept by a rule. Counts of nobody's personal
// data need none.
void CheckAges(const Dataset& dataset, const Flow& flow, bool to_private,
               const std::string& path, Reporter* reporter) {
  constexpr char kRemedy[] =
      "rows: a field age or ..._age with at_least: 18 or more";
  if (HasAdultRule(flow)) return;
  if (dataset.children != Children::kNone) {
    if (!to_private) return;
    reporter->Error(path,
                    "children may be in the data set, and no rule keeps them "
                    "from a private partner",
                    kRemedy);
  } else if (dataset.criminal_offence || dataset.special_category) {
    reporter->Error(path, "the data set has no children, but no rule says so",
                    kRemedy);
  }
}

void CheckPrivate(const Agreement& agreement, Reporter* reporter) {
  for (size_t i = 0; i < agreement.flows.size(); ++i) {
    const Flow& flow = agreement.flows[i];
    const std::string path = absl::StrCat("flows[", i, "]");
    const std::vector<std::string> partners =
        PrivateRecipients(agreement, flow);
    if (!partners.empty() && flow.recipients.empty()) {
      reporter->Error(
          path + ".to",
          absl::StrCat("nobody is named who may see it at ",
                       absl::StrJoin(partners, ", ")),
          "recipients: the posts or bodies there, such as [Duty manager]");
    }
    CheckAges(agreement.datasets.at(flow.dataset), flow, !partners.empty(),
              path, reporter);
  }
  if (agreement.onward.rule != OnwardRule::kAskSender) return;
  reporter->Error("onward.rule",
                  "a private partner could pass on to whom nobody listed",
                  "none, or listed with everyone who may have it");
}

// Whether `treatment` tells how many, unless something hides small numbers.
bool TellsHowMany(const Dataset& dataset, const std::string& field,
                  const Treatment& treatment) {
  if (treatment.transform == Transform::kCount) return true;
  const auto declared = dataset.fields.find(field);
  return treatment.transform == Transform::kAsIs &&
         declared != dataset.fields.end() &&
         declared->second.type == FieldType::kInteger;
}

bool IsFreeText(const Dataset& dataset, const std::string& field,
                const Treatment& treatment) {
  const auto declared = dataset.fields.find(field);
  return treatment.transform == Transform::kAsIs && IsPersonal(dataset) &&
         declared != dataset.fields.end() &&
         declared->second.type == FieldType::kText;
}

void CheckResearch(const Agreement& agreement, Reporter* reporter) {
  for (size_t i = 0; i < agreement.flows.size(); ++i) {
    const Flow& flow = agreement.flows[i];
    const Dataset& dataset = agreement.datasets.at(flow.dataset);
    const std::string path = absl::StrCat("flows[", i, "]");
    bool pseudonyms = false;
    for (const auto& [field, treatment] : flow.release) {
      const std::string at = absl::StrCat(path, ".release.", field);
      pseudonyms |= treatment.transform == Transform::kPseudonym;
      if (IsFreeText(dataset, field, treatment)) {
        reporter->Error(at, "free text about people as it is, in a study",
                        "withhold, reviewed_text, category, or type: code in "
                        "the data set's fields");
      }
      if (agreement.handling.minimum_cell == 0 &&
          TellsHowMany(dataset, field, treatment)) {
        reporter->Error(at, "a count that may stand for one person, in a study",
                        "{ transform: small_count, below: 10 }, or "
                        "handling.minimum_cell");
      }
    }
    if (pseudonyms && flow.recipient_domain != DomainRole::kSealed) {
      reporter->Error(path + ".recipient_domain",
                      "the recipient of a study could test who is in it",
                      "sealed");
    }
  }
}

}  // namespace

void CheckKinds(const Agreement& agreement, Reporter* reporter) {
  if (!reporter->Clean(
          {"flows", "parties", "datasets", "kind", "onward", "handling"}))
    return;
  switch (agreement.kind) {
    case AgreementKind::kPolicePrivate:
      return CheckPrivate(agreement, reporter);
    case AgreementKind::kAcademicResearch:
      return CheckResearch(agreement, reporter);
    case AgreementKind::kInterForce:
    case AgreementKind::kSafeguardingHub:
      return;
  }
}

}  // namespace entente::policy

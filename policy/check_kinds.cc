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
// The most records of a request that is about one case.
constexpr int64_t kCaseRecords = 100;

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

// Whether `party` is declared, and under the UK GDPR.
bool IsUnderGeneral(const Agreement& agreement, const std::string& party,
                    const Reporter& reporter) {
  const auto found = agreement.parties.find(party);
  return found != agreement.parties.end() &&
         found->second.regime == Regime::kGeneral &&
         reporter.Clean(absl::StrCat("parties.", party, ".regime"));
}

// The recipients that are no law enforcement bodies.
std::vector<std::string> PrivateRecipients(const Agreement& agreement,
                                           const Flow& flow,
                                           const Reporter& reporter) {
  std::vector<std::string> partners;
  for (const std::string& to : flow.to) {
    if (IsUnderGeneral(agreement, to, reporter)) partners.push_back(to);
  }
  return partners;
}

// The data set of `flow`, or null if it is not known what it is about.
const Dataset* DatasetOf(const Agreement& agreement, const Flow& flow,
                         const Reporter& reporter) {
  const auto found = agreement.datasets.find(flow.dataset);
  if (found == agreement.datasets.end()) return nullptr;
  const std::string path = absl::StrCat("datasets.", flow.dataset);
  for (const char* key :
       {".criminal_offence", ".special_category", ".children"}) {
    if (!reporter.Clean(path + key)) return nullptr;
  }
  return reporter.CleanOption(path, "identifiers") ? &found->second : nullptr;
}

void CheckForces(const Agreement& agreement, Reporter* reporter) {
  const auto check = [&](const std::vector<std::string>& names,
                         const std::string& path) {
    for (size_t i = 0; i < names.size(); ++i) {
      if (!IsUnderGeneral(agreement, names[i], *reporter)) continue;
      reporter->Error(
          absl::StrCat(path, "[", i, "]"),
          absl::StrCat(names[i],
                       " is no law enforcement body, and the "
                       "agreement is between forces"),
          "a party under the regime law_enforcement, or another kind");
    }
  };
  for (size_t i = 0; i < agreement.flows.size(); ++i) {
    const std::string path = absl::StrCat("flows[", i, "]");
    check(agreement.flows[i].from, path + ".from");
    check(agreement.flows[i].to, path + ".to");
  }
}

template <typename Word>
bool IsAmong(const std::vector<Word>& words, Word word) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

// A hub looks at one person's case at a time.
void CheckHub(const Agreement& agreement, Reporter* reporter) {
  for (size_t i = 0; i < agreement.flows.size(); ++i) {
    const Flow& flow = agreement.flows[i];
    const Dataset* dataset = DatasetOf(agreement, flow, *reporter);
    if (dataset == nullptr || !IsPersonal(*dataset)) continue;
    const std::string path = absl::StrCat("flows[", i, "]");
    if (reporter->Clean(path + ".require") &&
        !IsAmong(flow.require, Requirement::kCaseReference) &&
        !IsAmong(flow.require, Requirement::kJustification)) {
      reporter->Error(path + ".require",
                      "nothing ties a request to a case or a reason, in a hub",
                      "case_reference, justification");
    }
    if (reporter->Clean(path + ".limits") &&
        flow.limits.records_per_request.value_or(kCaseRecords + 1) >
            kCaseRecords) {
      reporter->Error(
          path + ".limits",
          "a request could be for far more than a case, in a hub",
          absl::StrCat("records_per_request: ", kCaseRecords, " or less"));
    }
    if (reporter->Clean(path + ".methods") &&
        IsAmong(flow.methods, Method::kExtract)) {
      reporter->Error(path + ".methods", "an extract is of no case, in a hub",
                      "query, push, subscribe");
    }
  }
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
        PrivateRecipients(agreement, flow, *reporter);
    if (!partners.empty() && flow.recipients.empty() &&
        reporter->CleanOption(path, "recipients")) {
      reporter->Error(
          path + ".to",
          absl::StrCat("nobody is named who may see it at ",
                       absl::StrJoin(partners, ", ")),
          "recipients: the posts or bodies there, such as [Duty manager]");
    }
    const Dataset* dataset = DatasetOf(agreement, flow, *reporter);
    if (dataset != nullptr && reporter->CleanOption(path, "rows")) {
      CheckAges(*dataset, flow, !partners.empty(), path, reporter);
    }
  }
  if (agreement.onward.rule != OnwardRule::kAskSender ||
      !reporter->Clean("onward.rule")) {
    return;
  }
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

// What no treatment of a study may tell.
void CheckStudied(const Dataset& dataset, const std::string& field,
                  const Treatment& treatment, bool no_smallest_cell,
                  const std::string& path, Reporter* reporter) {
  if (IsFreeText(dataset, field, treatment)) {
    reporter->Error(path, "free text about people as it is, in a study",
                    "withhold, reviewed_text, category, or type: code in "
                    "the data set's fields");
  }
  if (no_smallest_cell && TellsHowMany(dataset, field, treatment)) {
    reporter->Error(path, "a count that may stand for one person, in a study",
                    "{ transform: small_count, below: 10 }, or "
                    "handling.minimum_cell");
  }
}

void CheckResearch(const Agreement& agreement, Reporter* reporter) {
  const bool no_smallest_cell =
      agreement.handling.minimum_cell == 0 &&
      reporter->CleanOption("handling", "minimum_cell");
  if (agreement.break_glass.has_value()) {
    reporter->Error("break_glass",
                    "an emergency would show people as they are, in a study",
                    "no break_glass");
  }
  for (size_t i = 0; i < agreement.flows.size(); ++i) {
    const Flow& flow = agreement.flows[i];
    const Dataset* dataset = DatasetOf(agreement, flow, *reporter);
    const std::string path = absl::StrCat("flows[", i, "]");
    bool pseudonyms = false;
    for (const auto& [field, treatment] : flow.release) {
      pseudonyms |= treatment.transform == Transform::kPseudonym;
      const std::string type =
          absl::StrCat("datasets.", flow.dataset, ".fields.", field);
      if (dataset == nullptr || !reporter->Clean(type)) continue;
      CheckStudied(*dataset, field, treatment, no_smallest_cell,
                   absl::StrCat(path, ".release.", field), reporter);
    }
    if (pseudonyms && flow.recipient_domain != DomainRole::kSealed &&
        reporter->CleanOption(path, "recipient_domain")) {
      reporter->Error(path + ".recipient_domain",
                      "the recipient of a study could test who is in it",
                      "sealed");
    }
  }
}

}  // namespace

void CheckKinds(const Agreement& agreement, Reporter* reporter) {
  if (!reporter->Clean("kind")) return;
  switch (agreement.kind) {
    case AgreementKind::kInterForce:
      return CheckForces(agreement, reporter);
    case AgreementKind::kSafeguardingHub:
      return CheckHub(agreement, reporter);
    case AgreementKind::kPolicePrivate:
      return CheckPrivate(agreement, reporter);
    case AgreementKind::kAcademicResearch:
      return CheckResearch(agreement, reporter);
  }
}

}  // namespace entente::policy

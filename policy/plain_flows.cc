#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "policy/clause_words.h"
#include "policy/plain_words.h"

namespace entente::policy {
namespace {

std::string PartyName(const Agreement& agreement, const std::string& id) {
  const auto party = agreement.parties.find(id);
  if (party == agreement.parties.end()) return id;
  return absl::StrCat(party->second.name, " (", id, ")");
}

std::string OrList(const Agreement& agreement,
                   const std::vector<std::string>& ids) {
  return absl::StrJoin(ids, ", or ",
                       [&](std::string* out, const std::string& id) {
                         absl::StrAppend(out, PartyName(agreement, id));
                       });
}

std::string TypeInWords(const Field& field) {
  std::string words(WordOf(field.type));
  if (field.type == FieldType::kCode && field.list.empty()) {
    words += ", any";
  }
  if (!field.list.empty()) absl::StrAppend(&words, " of the list ", field.list);
  if (field.many) words += ", several";
  return words;
}

void PrintRelease(const Agreement& agreement, const Flow& flow,
                  TextPage* page) {
  page->Line(1, "What is given of each record:");
  const auto dataset = agreement.datasets.find(flow.dataset);
  for (const auto& [name, treatment] : flow.release) {
    std::string line = absl::StrCat(name, ": ", TreatmentInWords(treatment));
    if (treatment.transform == Transform::kPseudonym &&
        dataset != agreement.datasets.end()) {
      const auto scheme = dataset->second.identifiers.find(name);
      if (scheme != dataset->second.identifiers.end()) {
        absl::StrAppend(&line, " (", scheme->second, ")");
      }
    }
    page->Item(2, line);
  }
  page->Line(2, "Any other field is never given.");
  if (flow.rows.empty()) {
    page->Line(1, "Every record of the data set may be given.");
    return;
  }
  page->Line(1, "A record is given only if all of this holds:");
  for (const RowRule& rule : flow.rows) {
    for (const std::string& line : RuleInWords(rule)) page->Item(2, line);
  }
}

void PrintConditions(const Flow& flow, TextPage* page) {
  std::vector<std::string> carried;
  for (const Requirement requirement : flow.require) {
    carried.push_back(RequirementInWords(requirement));
  }
  page->Line(1, carried.empty()
                    ? "Nothing need accompany a request."
                    : absl::StrCat("Each request must carry, and the ledger "
                                   "keeps: ",
                                   AndList(carried), "."));
  const std::vector<std::string> limits = LimitsInWords(flow.limits);
  page->Line(1, limits.empty()
                    ? "There is no limit on how much."
                    : absl::StrCat("Limits: ", AndList(limits), "."));
  if (flow.answer_records) {
    page->Line(1, absl::StrCat("An answer holds at most ", *flow.answer_records,
                               " records."));
  }
  if (flow.min_answer_ms) {
    page->Line(1, absl::StrCat("An answer takes at least ", *flow.min_answer_ms,
                               " milliseconds."));
  }
  page->Line(1, absl::StrCat("The recipient keeps it ",
                             RetentionInWords(flow.retention), "."));
  page->Line(1, flow.proof == Proof::kAlways
                    ? "The broker proves that it converts pseudonyms "
                      "honestly, every time."
                    : "The broker does NOT prove that it converts pseudonyms "
                      "honestly; the signatories accept that it does.");
  page->Line(1, flow.recipient_domain == DomainRole::kMatching
                    ? "The recipient may match the pseudonyms with people "
                      "whom it knows."
                    : "The recipient may join records by their pseudonyms, "
                      "and can match them with nobody.");
}

}  // namespace

void PrintFlows(const Agreement& agreement, TextPage* page) {
  page->Heading("Who gives what to whom");
  for (size_t i = 0; i < agreement.flows.size(); ++i) {
    const Flow& flow = agreement.flows[i];
    page->Item(0, absl::StrCat("Flow ", i + 1, ", ", flow.id));
    page->Line(1, absl::StrCat("From: ", OrList(agreement, flow.from), "."));
    page->Line(1, absl::StrCat("To: ", OrList(agreement, flow.to),
                               "; never to itself."));
    if (!flow.recipients.empty()) {
      page->Line(1, absl::StrCat(
                        "Seen there only by: ", AndList(flow.recipients), "."));
    }
    const auto dataset = agreement.datasets.find(flow.dataset);
    page->Line(
        1, absl::StrCat(
               "Data: ",
               dataset == agreement.datasets.end() ? "" : dataset->second.title,
               " (", flow.dataset, ")."));
    page->Line(1, absl::StrCat("For: ", AndList(flow.purposes), "."));
    std::vector<std::string> methods;
    for (const Method method : flow.methods) {
      methods.push_back(MethodInWords(method));
    }
    page->Line(1, absl::StrCat("How: ", AndList(methods), "."));
    PrintRelease(agreement, flow, page);
    PrintConditions(flow, page);
  }
}

void PrintDatasets(const Agreement& agreement, TextPage* page) {
  page->Heading("The data");
  for (const auto& [id, dataset] : agreement.datasets) {
    page->Item(0, absl::StrCat(id, ": ", dataset.title, ", as defined in ",
                               dataset.definition));
    page->Line(1, dataset.criminal_offence
                      ? "It holds criminal offence data."
                      : "It holds no criminal offence data.");
    page->Line(1, dataset.special_category
                      ? "It holds special category data."
                      : "It holds no special category data.");
    page->Line(1, dataset.children == Children::kKnown ? "It is about children."
                  : dataset.children == Children::kPossible
                      ? "It may be about children."
                      : "It is not about children.");
    for (const auto& [name, field] : dataset.fields) {
      page->Item(1, absl::StrCat("field ", name, ": ", TypeInWords(field)));
    }
    for (const auto& [name, scheme] : dataset.identifiers) {
      page->Item(1, absl::StrCat("identifier ", name, ": ", scheme));
    }
  }
  if (agreement.lists.empty()) return;
  page->Heading("The lists");
  for (const auto& [id, list] : agreement.lists) {
    if (list.groups.empty()) {
      page->Item(0, absl::StrCat(id, ": ", absl::StrJoin(list.values, "; ")));
      continue;
    }
    page->Item(0, absl::StrCat(id, ":"));
    for (const auto& [group, values] : list.groups) {
      page->Item(1, absl::StrCat(group, ": ", absl::StrJoin(values, "; ")));
    }
  }
}

}  // namespace entente::policy

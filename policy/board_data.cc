#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "policy/board_page.h"
#include "policy/clause_words.h"

namespace entente::policy {
namespace {

std::string TypeText(const Field& field) {
  std::string text(WordOf(field.type));
  if (!field.list.empty()) absl::StrAppend(&text, " of the list ", field.list);
  if (field.many) text += ", several";
  return text;
}

void AddDataset(const std::string& id, const Dataset& dataset, HtmlPage* page) {
  page->Subheading(absl::StrCat(dataset.title, " (", id, ")"));
  page->Facts({{"Definition", dataset.definition},
               {"Children", dataset.children == Children::kKnown
                                ? "It is about children."
                            : dataset.children == Children::kPossible
                                ? "It may be about children."
                                : "It is not about children."}});
  std::vector<HtmlPage::Row> rows;
  for (const auto& [name, field] : dataset.fields) {
    rows.push_back({name, TypeText(field)});
  }
  for (const auto& [name, scheme] : dataset.identifiers) {
    rows.push_back({name, absl::StrCat("identifier, ", scheme)});
  }
  page->Table(absl::StrCat("Fields of ", id), {"Field", "Type"}, rows);
}

std::vector<std::string> Conditions(const Flow& flow) {
  std::vector<std::string> lines;
  for (const RowRule& rule : flow.rows) {
    lines.push_back(absl::StrCat("Only records of which ",
                                 AndList(RuleInWords(rule)), "."));
  }
  for (const Requirement need : flow.require) {
    lines.push_back(
        absl::StrCat("A request carries ", RequirementInWords(need), "."));
  }
  for (const std::string& limit : LimitsInWords(flow.limits)) {
    lines.push_back(absl::StrCat("Limit: ", limit, "."));
  }
  if (flow.answer_records) {
    lines.push_back(absl::StrCat("An answer holds at most ",
                                 *flow.answer_records, " records."));
  }
  if (flow.min_answer_ms) {
    lines.push_back(absl::StrCat("An answer takes at least ",
                                 *flow.min_answer_ms, " milliseconds."));
  }
  lines.push_back(absl::StrCat("The recipient keeps it ",
                               RetentionInWords(flow.retention), "."));
  lines.push_back(flow.proof == Proof::kAlways
                      ? "The broker proves that it converts pseudonyms "
                        "honestly."
                      : "The broker does not prove that it converts "
                        "pseudonyms honestly.");
  lines.push_back(flow.recipient_domain == DomainRole::kMatching
                      ? "The recipient may match pseudonyms with people whom "
                        "it knows."
                      : "The recipient can join records by their pseudonyms, "
                        "and match them with nobody.");
  return lines;
}

void AddFlow(const Flow& flow, HtmlPage* page) {
  std::vector<std::string> methods;
  for (const Method method : flow.methods) {
    methods.push_back(MethodInWords(method));
  }
  page->Subheading(absl::StrCat("Flow ", flow.id));
  page->Facts({{"From", absl::StrJoin(flow.from, ", or ")},
               {"To", absl::StrCat(absl::StrJoin(flow.to, ", or "),
                                   "; never to itself")},
               {"Seen there by", AndList(flow.recipients)},
               {"Data", flow.dataset},
               {"For", AndList(flow.purposes)},
               {"How", AndList(methods)}});
  std::vector<HtmlPage::Row> rows;
  for (const auto& [name, treatment] : flow.release) {
    rows.push_back({name, TreatmentInWords(treatment)});
  }
  page->Table(absl::StrCat("What ", flow.id,
                           " gives of each record; any other field is never "
                           "given"),
              {"Field", "How it is given"}, rows);
  page->List(Conditions(flow));
}

}  // namespace

void AddBoardData(const Agreement& agreement, HtmlPage* page) {
  for (const Flow& flow : agreement.flows) AddFlow(flow, page);
  for (const auto& [id, dataset] : agreement.datasets) {
    AddDataset(id, dataset, page);
  }
  std::vector<HtmlPage::Row> lists;
  for (const auto& [id, list] : agreement.lists) {
    if (list.groups.empty()) {
      lists.push_back({id, "", absl::StrJoin(list.values, "; ")});
    }
    for (const auto& [group, values] : list.groups) {
      lists.push_back({id, group, absl::StrJoin(values, "; ")});
    }
  }
  page->Table("Lists: a value that a list lacks refuses its record",
              {"List", "Group", "Values"}, lists);
}

}  // namespace entente::policy

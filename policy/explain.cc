#include "policy/explain.h"

#include <algorithm>
#include <set>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "policy/clause_words.h"
#include "policy/text_page.h"

namespace entente::policy {
namespace {

const Flow* FlowOf(const CompiledAgreement& agreement, const Request& request) {
  if (request.flow.empty()) {
    const DecisionTable::FlowRow* found = agreement.table().view().FindRoute(
        request.sender, request.recipient, request.purpose, request.dataset);
    return found == nullptr ? nullptr : found->flow;
  }
  for (const Flow& flow : agreement.document().flows) {
    if (flow.id == request.flow) return &flow;
  }
  return nullptr;
}

void PrintQuestion(const Request& request, TextPage* page) {
  page->Line(
      0, absl::StrCat("May ", request.sender, " give ", request.recipient, " ",
                      request.dataset, " for ", request.purpose, ", ",
                      MethodInWords(request.method), ", under ",
                      request.agreement, " version ", request.version, "?"));
}

void PrintFields(const Decision& decision, TextPage* page) {
  page->Line(0, "Of each record it gives:");
  for (const FieldAnswer& field : decision.fields) {
    std::string how = field.withheld ? "withheld" : "not listed, so never";
    if (field.treatment != nullptr) how = TreatmentInWords(*field.treatment);
    page->Item(0, absl::StrCat(field.name, ": ", how));
  }
}

void PrintFlow(const CompiledAgreement& agreement, const Flow& flow,
               TextPage* page) {
  const Agreement& document = agreement.document();
  page->Line(
      0, absl::StrCat("Under ", document.id, " version ", document.version,
                      ", flows[", &flow - document.flows.data(), "] ", flow.id,
                      ":"));
  for (const RowRule& rule : flow.rows) {
    for (const std::string& line : RuleInWords(rule)) {
      page->Item(0, absl::StrCat("only records of which ", line));
    }
  }
  for (const Requirement requirement : flow.require) {
    page->Item(
        0, absl::StrCat("it must carry ", RequirementInWords(requirement), " (",
                        WordOf(requirement), ")"));
  }
  for (const std::string& line : LimitsInWords(flow.limits)) {
    page->Item(0, line);
  }
  page->Item(0, absl::StrCat("the recipient keeps it ",
                             RetentionInWords(flow.retention)));
  page->Item(0, absl::StrCat("passing it on: ", WordOf(document.onward.rule)));
  page->Item(0, absl::StrCat("marking: ", document.handling.marking));
}

void PrintFailure(const Failure& failure, TextPage* page) {
  const ReasonInfo& info = InfoOf(failure.reason);
  std::string what(info.meaning);
  if (!failure.item.empty()) absl::StrAppend(&what, ": ", failure.item);
  if (!failure.detail.empty()) absl::StrAppend(&what, ": ", failure.detail);
  page->Item(0, what);
  if (!failure.clause.empty()) {
    page->Line(1, absl::StrCat("clause: ", failure.clause));
  }
  page->Line(1, absl::StrCat("next: ", info.remedy));
  page->Line(1, absl::StrCat("who can grant it: ", info.who));
  page->Line(1, absl::StrCat("code: ", failure.Code()));
}

}  // namespace

Request CompleteRequest(const CompiledAgreement& agreement, Request request) {
  const Agreement& document = agreement.document();
  const bool query = request.method == Method::kQuery;
  request.caller = query ? request.recipient : request.sender;
  if (request.version == 0) request.version = document.version;
  const Flow* flow = FlowOf(agreement, request);
  if (flow == nullptr) return request;
  if (request.carried.empty()) request.carried = flow->require;
  std::set<std::string> names(request.fields.begin(), request.fields.end());
  for (const PseudonymName& field : request.pseudonyms) {
    names.insert(field.name);
  }
  for (const auto& [name, treatment] : flow->release) {
    const bool wanted = !query || request.fields.empty();
    if (wanted && treatment.transform != Transform::kWithhold) {
      names.insert(name);
    }
  }
  request.fields.clear();
  request.pseudonyms.clear();
  for (const std::string& name : names) {
    const auto release = flow->release.find(name);
    if (!query && release != flow->release.end() &&
        release->second.transform == Transform::kPseudonym) {
      request.pseudonyms.push_back(
          {name, std::string(SchemeOf(document, *flow, name))});
    } else {
      request.fields.push_back(name);
    }
  }
  return request;
}

std::string Explain(const Request& request, const Decision& decision) {
  TextPage page;
  PrintQuestion(request, &page);
  if (decision.allowed()) {
    page.Line(0, "Yes.");
    PrintFields(decision, &page);
    PrintFlow(*decision.agreement, *decision.flow, &page);
    for (const Decision::Parent& parent : decision.parents) {
      PrintFlow(*parent.agreement, *parent.flow, &page);
    }
    page.Line(0, absl::StrCat("Decided for ", InstantInWords(decision.now),
                              "; good until ",
                              InstantInWords(decision.good_until), "."));
    return page.text();
  }
  page.Line(
      0, decision.failures.size() == 1
             ? "No, for one reason:"
             : absl::StrCat("No, for ", decision.failures.size(), " reasons:"));
  for (const Failure& failure : decision.failures) {
    PrintFailure(failure, &page);
  }
  page.Line(0,
            "This says only what the agreement allows. It does not settle "
            "whether you have a duty to share. Emergencies are outside the "
            "agreement: if a life or a child is at risk, use the emergency "
            "procedure of your agency now.");
  return page.text();
}

}  // namespace entente::policy

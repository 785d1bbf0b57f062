#include "policy/diff_words.h"

#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "policy/clause_words.h"
#include "policy/text_page.h"

namespace entente::policy {
namespace {

constexpr size_t kKinds = 5;

void Count(const std::vector<Change>& changes,
           std::array<size_t, kKinds>* counts) {
  for (const Change& change : changes) ++(*counts)[size_t(change.kind)];
}

void PrintChanges(const std::vector<Change>& changes, TextPage* page) {
  for (const Change& change : changes) {
    page->Item(0,
               absl::StrCat(KindInWords(change.kind), ": ", change.sentence));
    for (const std::string& detail : change.details) page->Item(1, detail);
  }
}

std::string HeadingOf(const FlowChanges& flow) {
  const std::string before(FlowIdOf(flow.before));
  const std::string after(FlowIdOf(flow.after));
  if (before.empty()) return absl::StrCat("Flow ", after, " (new ways)");
  if (after.empty()) return absl::StrCat("Flow ", before, " (ways that end)");
  return before == after ? absl::StrCat("Flow ", after)
                         : absl::StrCat("Flow ", after, ", before ", before);
}

std::string NameOf(const Agreement& agreement) {
  return absl::StrCat(agreement.id, " version ", agreement.version);
}

void PrintDiff(const AgreementDiff& diff, TextPage* page) {
  for (const FlowChanges& flow : diff.flows) {
    page->Heading(HeadingOf(flow));
    for (const RouteBox& box : flow.boxes) {
      page->Line(0, absl::StrCat(BoxInWords(flow.dataset, box), ":"));
    }
    PrintChanges(flow.changes, page);
  }
  if (diff.whole.empty()) return;
  page->Heading("The agreement as a whole");
  PrintChanges(diff.whole, page);
}

}  // namespace

absl::string_view KindInWords(ChangeKind kind) {
  constexpr absl::string_view kWords[kKinds] = {
      "NEWLY ALLOWED", "NEWLY REFUSED", "WIDER", "NARROWER", "CHANGED"};
  return kWords[size_t(kind)];
}

std::array<size_t, kKinds> CountKinds(const AgreementDiff& diff) {
  std::array<size_t, kKinds> counts{};
  for (const FlowChanges& flow : diff.flows) Count(flow.changes, &counts);
  Count(diff.whole, &counts);
  return counts;
}

std::string KindsInWords(const AgreementDiff& diff) {
  const std::array<size_t, kKinds> counts = CountKinds(diff);
  std::vector<std::string> parts;
  for (size_t i = 0; i < kKinds; ++i) {
    if (counts[i] == 0) continue;
    parts.push_back(absl::StrCat(
        counts[i], " ", absl::AsciiStrToLower(KindInWords(ChangeKind(i)))));
  }
  return parts.empty() ? "no change in effect" : absl::StrJoin(parts, ", ");
}

std::string BoxInWords(const std::string& dataset, const RouteBox& box) {
  return absl::StrCat(dataset, " from ", absl::StrJoin(box.from, ", or "),
                      " to ", absl::StrJoin(box.to, ", or "), ", for ",
                      AndList(box.purposes));
}

std::string DiffInWords(const Agreement& before, const Agreement& after,
                        const AgreementDiff& diff) {
  TextPage page;
  page.Line(0, absl::StrCat("From ", NameOf(before), " to ", NameOf(after),
                            ": ", KindsInWords(diff), "."));
  PrintDiff(diff, &page);
  return page.text();
}

crypto::Hash DiffDigest(const Agreement& before, const Agreement& after) {
  return crypto::Sha256(DiffInWords(before, after, Diff(before, after)));
}

std::string PresenceInWords(const Agreement& agreement,
                            const AgreementDiff& diff) {
  const bool is_new = !diff.flows.empty() && diff.flows[0].before.empty();
  TextPage page;
  page.Line(0, absl::StrCat(NameOf(agreement), is_new ? " is new: " : " ends: ",
                            KindsInWords(diff), "."));
  PrintDiff(diff, &page);
  return page.text();
}

}  // namespace entente::policy

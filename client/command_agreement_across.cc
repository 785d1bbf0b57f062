#include "client/command_agreement_across.h"

#include <memory>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "client/document_files.h"
#include "policy/clause_words.h"
#include "policy/overlaps.h"
#include "policy/reciprocity.h"
#include "policy/text_page.h"

namespace entente::client {
namespace {

std::vector<const policy::Agreement*> Pointers(
    const std::vector<Document>& documents) {
  std::vector<const policy::Agreement*> pointers;
  for (const Document& one : documents) pointers.push_back(&one.agreement);
  return pointers;
}

Record Describe(const policy::Overlap& overlap) {
  std::vector<Value> ends;
  for (const auto& [from, to] : overlap.ends) {
    ends.emplace_back(Record{{"from", from}, {"to", to}});
  }
  std::vector<Value> differences;
  for (const policy::Change& change : overlap.differences) {
    differences.emplace_back(Record{{"clause", WordOf(change.clause)},
                                    {"subject", change.subject},
                                    {"first", change.before},
                                    {"second", change.after}});
  }
  return {{"first", overlap.first->id},
          {"first_flow", overlap.first_flow->id},
          {"second", overlap.second->id},
          {"second_flow", overlap.second_flow->id},
          {"definition", overlap.definition},
          {"ends", std::move(ends)},
          {"shared_purposes", ListOf(overlap.shared_purposes)},
          {"first_purposes", ListOf(overlap.first_flow->purposes)},
          {"second_purposes", ListOf(overlap.second_flow->purposes)},
          {"from", absl::FormatCivilTime(overlap.from)},
          {"until", absl::FormatCivilTime(overlap.until)},
          {"differences", std::move(differences)}};
}

std::string PurposesInWords(const policy::Overlap& overlap) {
  if (!overlap.shared_purposes.empty()) {
    return absl::StrCat("Both for ", policy::AndList(overlap.shared_purposes),
                        ".");
  }
  return absl::StrCat(
      "For different purposes: ", policy::AndList(overlap.first_flow->purposes),
      "; ", policy::AndList(overlap.second_flow->purposes), ".");
}

void PrintOverlap(const policy::Overlap& overlap, policy::TextPage* page) {
  const std::string& first = overlap.first->id;
  const std::string& second = overlap.second->id;
  page->Heading(absl::StrCat(first, " (", overlap.first_flow->id, ") and ",
                             second, " (", overlap.second_flow->id, ")"));
  for (const auto& [from, to] : overlap.ends) {
    page->Line(
        0, absl::StrCat(overlap.definition, " from ", from, " to ", to, "."));
  }
  page->Line(0, PurposesInWords(overlap));
  page->Line(0, absl::StrCat("Both in force from ",
                             policy::DayInWords(overlap.from), " until before ",
                             policy::DayInWords(overlap.until), "."));
  if (overlap.differences.empty()) page->Line(0, "Nothing else differs.");
  const auto said = [](const std::string& text) {
    return text.empty() ? std::string("nothing") : text;
  };
  for (const policy::Change& change : overlap.differences) {
    page->Item(0,
               absl::StrCat(WordOf(change.clause),
                            change.subject.empty() ? "" : " ", change.subject,
                            ": under ", first, ", ", said(change.before),
                            "; under ", second, ", ", said(change.after)));
  }
}

absl::Status PrintOverlaps(Session& session,
                           const std::vector<std::string>& files) {
  const auto documents = ReadDocuments(session, files);
  if (!documents.ok()) return documents.status();
  const auto overlaps = policy::OverlapsOf(Pointers(*documents));
  if (session.out().for_people()) {
    policy::TextPage page;
    page.Line(0, absl::StrCat("Overlaps: ", overlaps.size(),
                              "; agreements: ", documents->size(),
                              ". A request names one agreement, and the terms "
                              "of that one hold."));
    for (const policy::Overlap& one : overlaps) PrintOverlap(one, &page);
    session.out().PrintText(page.text());
    return absl::OkStatus();
  }
  std::vector<Record> rows;
  for (const policy::Overlap& one : overlaps) rows.push_back(Describe(one));
  session.out().PrintList(
      "overlaps",
      {"first", "first_flow", "second", "second_flow", "definition", "ends",
       "shared_purposes", "first_purposes", "second_purposes", "from", "until",
       "differences"},
      rows);
  return absl::OkStatus();
}

Value DescribeGifts(const std::vector<policy::Gift>& gifts, bool for_people) {
  std::vector<Value> all;
  for (const policy::Gift& gift : gifts) {
    if (for_people) {
      all.emplace_back(
          absl::StrCat(gift.dataset, ": ", absl::StrJoin(gift.fields, " ")));
    } else {
      all.emplace_back(Record{{"agreement", gift.agreement},
                              {"flow", gift.flow},
                              {"dataset", gift.dataset},
                              {"fields", ListOf(gift.fields)},
                              {"purposes", ListOf(gift.purposes)}});
    }
  }
  return all;
}

Record Describe(const policy::Exchange& pair, bool forward, bool for_people) {
  const auto& gives = forward ? pair.first_gives : pair.second_gives;
  const auto& gets = forward ? pair.second_gives : pair.first_gives;
  return {{"from", forward ? pair.first : pair.second},
          {"to", forward ? pair.second : pair.first},
          {"fields", uint64_t{policy::FieldsIn(gives)}},
          {"returned", uint64_t{policy::FieldsIn(gets)}},
          {"one_way", pair.one_way()},
          {"gives", DescribeGifts(gives, for_people)}};
}

absl::Status PrintReciprocity(Session& session,
                              const std::vector<std::string>& files) {
  const auto documents = ReadDocuments(session, files);
  if (!documents.ok()) return documents.status();
  const bool for_people = session.out().for_people();
  std::vector<Record> rows;
  for (const policy::Exchange& pair :
       policy::ReciprocityOf(Pointers(*documents))) {
    rows.push_back(Describe(pair, true, for_people));
    rows.push_back(Describe(pair, false, for_people));
  }
  session.out().PrintList(
      "reciprocity", {"from", "to", "fields", "returned", "one_way", "gives"},
      rows);
  return absl::OkStatus();
}

}  // namespace

void RegisterAgreementOverlaps(Command& agreement) {
  auto files = std::make_shared<std::vector<std::string>>();
  agreement
      .Sub(
          "overlaps",
          "The same data, the same way, under two agreements, and what differs",
          "entente agreement overlaps agreements/")
      .Positionals("FILE-OR-ID", kDocumentsHelp, files.get())
      .Does(Effect::kReads, Prints::kList, [files](Session& session) {
        return PrintOverlaps(session, *files);
      });
}

void RegisterAgreementReciprocity(Command& agreement) {
  auto files = std::make_shared<std::vector<std::string>>();
  agreement
      .Sub("reciprocity",
           "Who gives how many fields to whom, who gives nothing back",
           "entente agreement reciprocity agreements/")
      .Positionals("FILE-OR-ID", kDocumentsHelp, files.get())
      .Does(Effect::kReads, Prints::kList, [files](Session& session) {
        return PrintReciprocity(session, *files);
      });
}

}  // namespace entente::client

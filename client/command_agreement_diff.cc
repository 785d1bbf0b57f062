#include "client/command_agreement_diff.h"

#include <array>
#include <filesystem>
#include <memory>
#include <system_error>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "client/answer_code.h"
#include "client/document_files.h"
#include "policy/diff_registers.h"
#include "policy/diff_words.h"

namespace entente::client {
namespace {

using Compiled = std::shared_ptr<const policy::CompiledAgreement>;

// One side of the comparison.
struct Side {
  std::vector<Document> documents;
  std::vector<Compiled> compiled;

  const Document* Of(const policy::Agreement* agreement) const {
    for (size_t i = 0; i < compiled.size(); ++i) {
      if (&compiled[i]->document() == agreement) return &documents[i];
    }
    return nullptr;
  }
};

bool IsFolder(const std::string& name) {
  std::error_code ignored;
  return name != "-" && std::filesystem::is_directory(name, ignored);
}

absl::StatusOr<Side> ReadSide(Session& session, const std::string& name) {
  Side side;
  if (IsFolder(name)) {
    auto documents = ReadDocuments(session, {name});
    if (!documents.ok()) return documents.status();
    side.documents = *std::move(documents);
  } else {
    absl::StatusOr<Document> document = ReadOrFetchDocument(session, name);
    if (!document.ok()) return document.status();
    side.documents.push_back(*std::move(document));
  }
  for (const Document& one : side.documents) {
    auto compiled = CompiledOf(one);
    if (!compiled.ok()) return compiled.status();
    side.compiled.push_back(*std::move(compiled));
  }
  return side;
}

std::vector<const policy::CompiledAgreement*> Pointers(const Side& side) {
  std::vector<const policy::CompiledAgreement*> pointers;
  for (const Compiled& one : side.compiled) pointers.push_back(one.get());
  return pointers;
}

// Two documents are compared whatever their ids; two folders by id.
std::vector<policy::AgreementChange> Compare(const Side& before,
                                             const Side& after, bool folders) {
  if (folders) {
    return policy::DiffRegisters(Pointers(before), Pointers(after));
  }
  const policy::Agreement& then = before.compiled[0]->document();
  const policy::Agreement& now = after.compiled[0]->document();
  return {{now.id, &then, &now, policy::Diff(then, now)}};
}

Record Describe(const policy::Change& change) {
  return {{"kind", policy::WordOf(change.kind)},
          {"clause", policy::WordOf(change.clause)},
          {"subject", change.subject},
          {"before", change.before},
          {"after", change.after},
          {"sentence", change.sentence},
          {"details", ListOf(change.details)}};
}

std::vector<Value> DescribeWays(const policy::FlowChanges& flow) {
  std::vector<Value> ways;
  for (const policy::RouteBox& box : flow.boxes) {
    ways.emplace_back(Record{{"from", ListOf(box.from)},
                             {"to", ListOf(box.to)},
                             {"purposes", ListOf(box.purposes)}});
  }
  return ways;
}

// A row for each change, for lists; those of the whole agreement have no flow.
std::vector<Record> RowsOf(const policy::AgreementChange& changed) {
  std::vector<Record> rows;
  const auto add = [&](const policy::Change& change,
                       const policy::FlowChanges* flow) {
    Record row = {{"agreement", changed.id}};
    row.emplace_back("flow_before",
                     flow == nullptr ? "" : policy::FlowIdOf(flow->before));
    row.emplace_back("flow_after",
                     flow == nullptr ? "" : policy::FlowIdOf(flow->after));
    row.emplace_back("dataset", flow == nullptr ? "" : flow->dataset);
    row.emplace_back(
        "ways", flow == nullptr ? std::vector<Value>() : DescribeWays(*flow));
    for (auto& [name, value] : Describe(change)) {
      row.emplace_back(std::move(name), std::move(value));
    }
    rows.push_back(std::move(row));
  };
  for (const policy::FlowChanges& flow : changed.diff.flows) {
    for (const policy::Change& change : flow.changes) add(change, &flow);
  }
  for (const policy::Change& change : changed.diff.whole) add(change, nullptr);
  return rows;
}

const std::vector<std::string>& RowColumns() {
  static const auto& columns = *new std::vector<std::string>{
      "agreement", "flow_before", "flow_after", "dataset",
      "ways",      "kind",        "clause",     "subject",
      "before",    "after",       "sentence",   "details"};
  return columns;
}

Record CountsOf(const std::vector<policy::AgreementChange>& changes) {
  std::array<size_t, 5> sums{};
  for (const policy::AgreementChange& one : changes) {
    const std::array<size_t, 5> counts = policy::CountKinds(one.diff);
    for (size_t i = 0; i < sums.size(); ++i) sums[i] += counts[i];
  }
  Record counts;
  for (size_t i = 0; i < sums.size(); ++i) {
    counts.emplace_back(std::string(WordOf(policy::ChangeKind(i))),
                        uint64_t{sums[i]});
  }
  return counts;
}

// Adds `document` under `name`, if there is one.
void AddDocument(const char* name, const Document* document, Record* record) {
  if (document == nullptr) return;
  record->emplace_back(name, Record{{"agreement", document->agreement.id},
                                    {"version", document->agreement.version},
                                    {"digest", document->digest},
                                    {"source", document->source}});
}

std::string InWords(const policy::AgreementChange& changed) {
  if (changed.before != nullptr && changed.after != nullptr) {
    return policy::DiffInWords(*changed.before, *changed.after, changed.diff);
  }
  return policy::PresenceInWords(
      changed.before == nullptr ? *changed.after : *changed.before,
      changed.diff);
}

void PrintJson(Output& out, const Side& before, const Side& after, bool same,
               const std::vector<policy::AgreementChange>& changes) {
  std::vector<Value> agreements;
  for (const policy::AgreementChange& one : changes) {
    const std::vector<Record> rows = RowsOf(one);
    Record record = {{"agreement", one.id}};
    AddDocument("before", before.Of(one.before), &record);
    AddDocument("after", after.Of(one.after), &record);
    record.emplace_back("counts", CountsOf({one}));
    record.emplace_back("changes",
                        std::vector<Value>(rows.begin(), rows.end()));
    record.emplace_back("text", InWords(one));
    agreements.emplace_back(std::move(record));
  }
  out.Print({{"same", same},
             {"counts", CountsOf(changes)},
             {"agreements", std::move(agreements)}});
}

void Answer(Output& out, const Side& before, const Side& after, bool same,
            const std::vector<policy::AgreementChange>& changes) {
  if (out.for_people()) {
    std::vector<std::string> texts;
    for (const policy::AgreementChange& one : changes) {
      texts.push_back(InWords(one));
    }
    out.PrintText(texts.empty() ? "No change in effect.\n"
                                : absl::StrJoin(texts, "\n\n"));
    return;
  }
  if (out.format() == Format::kJson) {
    PrintJson(out, before, after, same, changes);
    return;
  }
  std::vector<Record> rows;
  for (const policy::AgreementChange& one : changes) {
    for (Record& row : RowsOf(one)) rows.push_back(std::move(row));
  }
  out.PrintList("changes", RowColumns(), rows);
}

absl::Status DiffSides(Session& session, const std::string& old_name,
                       const std::string& new_name) {
  const bool folders = IsFolder(old_name);
  if (folders != IsFolder(new_name)) {
    return UsageError("a folder is compared with a folder",
                      "name two documents, or two folders");
  }
  const absl::StatusOr<Side> before = ReadSide(session, old_name);
  if (!before.ok()) return AsTrouble(before.status());
  const absl::StatusOr<Side> after = ReadSide(session, new_name);
  if (!after.ok()) return AsTrouble(after.status());
  const auto changes = Compare(*before, *after, folders);
  bool same = true;
  for (const policy::AgreementChange& one : changes) {
    same = same && one.diff.empty();
  }
  Answer(session.out(), *before, *after, same, changes);
  session.AnswerWith(same ? ExitCode::kOk : ExitCode::kFailed);
  return absl::OkStatus();
}

}  // namespace

void RegisterAgreementDiff(Command& agreement) {
  struct Options {
    std::string before;
    std::string after;
  };
  auto options = std::make_shared<Options>();
  agreement
      .Sub("diff",
           "What a newer version allows, refuses, widens and narrows; exit "
           "code 0: the same in effect, 1: not, above: an error",
           "entente agreement diff isa-burglary-2026/1 version-2.yaml")
      .Positional("OLD-FILE",
                  "A document, ID or ID/VERSION of one at the broker, or a "
                  "folder of documents",
                  &options->before)
      .Positional("NEW-FILE", "What it is compared with, likewise",
                  &options->after)
      .Does(Effect::kReads, Prints::kEither, [options](Session& session) {
        return DiffSides(session, options->before, options->after);
      });
}

}  // namespace entente::client

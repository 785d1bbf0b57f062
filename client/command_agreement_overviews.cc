#include "client/command_agreement_overviews.h"

#include <algorithm>
#include <memory>
#include <utility>

#include "absl/strings/str_cat.h"
#include "client/document_files.h"
#include "client/explain_question.h"
#include "policy/calendar.h"
#include "policy/clause_words.h"
#include "policy/clauses.h"
#include "policy/matrix.h"

namespace entente::client {
namespace {

struct MatrixOptions {
  std::vector<std::string> files;
  std::string to;
  std::string from;
  std::string dataset;
  std::string field;
};

bool Wanted(const std::string& name, const std::vector<std::string>& names) {
  return name.empty() ||
         std::find(names.begin(), names.end(), name) != names.end();
}

bool Wanted(const MatrixOptions& options, const policy::MatrixRow& row) {
  // One agency alone in both lists would give to itself.
  const bool itself = !options.to.empty() && options.to == options.from;
  return !itself && Wanted(options.to, row.recipients) &&
         Wanted(options.from, row.senders) &&
         Wanted(options.dataset, {row.dataset}) &&
         Wanted(options.field, {row.field});
}

Record Describe(const policy::Agreement& agreement,
                const policy::MatrixRow& row) {
  std::vector<Value> methods;
  for (const policy::Method method : row.methods) {
    methods.emplace_back(WordOf(method));
  }
  return {{"agreement", agreement.id},
          {"version", agreement.version},
          {"to", ListOf(row.recipients)},
          {"from", ListOf(row.senders)},
          {"dataset", row.dataset},
          {"field", row.field},
          {"treatment", WordOf(row.treatment.transform)},
          {"given", policy::TreatmentInWords(row.treatment)},
          {"purposes", ListOf(row.purposes)},
          {"methods", std::move(methods)},
          {"only_if", ListOf(row.only_if)},
          {"clause", row.clause}};
}

absl::Status PrintMatrix(Session& session, const MatrixOptions& options) {
  const auto documents = ReadDocuments(session, options.files);
  if (!documents.ok()) return documents.status();
  std::vector<Record> rows;
  for (const Document& document : *documents) {
    for (const policy::MatrixRow& row : policy::MatrixOf(document.agreement)) {
      if (Wanted(options, row)) {
        rows.push_back(Describe(document.agreement, row));
      }
    }
  }
  session.out().PrintList(
      "matrix",
      {"agreement", "version", "to", "from", "dataset", "field", "treatment",
       "given", "purposes", "methods", "only_if", "clause"},
      rows);
  return absl::OkStatus();
}

struct ClausesOptions {
  std::vector<std::string> files;
  std::string hold;
};

bool IsHold(const std::string& word) {
  return word == WordOf(policy::Hold::kEnforced) ||
         word == WordOf(policy::Hold::kEvidenced) ||
         word == WordOf(policy::Hold::kTrusted);
}

absl::Status PrintClauses(Session& session, const ClausesOptions& options) {
  if (!options.hold.empty() && !IsHold(options.hold)) {
    return UsageError(absl::StrCat("--only: no kind \"", options.hold, "\""),
                      "enforced, evidenced or trusted");
  }
  const auto documents = ReadDocuments(session, options.files);
  if (!documents.ok()) return documents.status();
  std::vector<Record> rows;
  for (const Document& document : *documents) {
    for (const policy::HeldClause& clause :
         policy::ClausesOf(document.agreement)) {
      const std::string hold(WordOf(clause.hold));
      if (!options.hold.empty() && options.hold != hold) continue;
      rows.push_back({{"agreement", document.agreement.id},
                      {"version", document.agreement.version},
                      {"hold", hold},
                      {"clause", clause.clause},
                      {"words", clause.words},
                      {"by", clause.by},
                      {"how", clause.how},
                      {"code", clause.code}});
    }
  }
  session.out().PrintList(
      "clauses",
      {"agreement", "version", "hold", "clause", "words", "by", "how", "code"},
      rows);
  return absl::OkStatus();
}

struct CalendarOptions {
  std::vector<std::string> files;
  std::string at;
};

absl::Status PrintCalendar(Session& session, const CalendarOptions& options) {
  const absl::StatusOr<absl::Time> at = InstantOf(options.at, session.Now());
  if (!at.ok()) return at.status();
  const absl::CivilDay today = absl::ToCivilDay(*at, absl::UTCTimeZone());
  const auto documents = ReadDocuments(session, options.files);
  if (!documents.ok()) return documents.status();
  std::vector<const policy::Agreement*> agreements;
  for (const Document& one : *documents) agreements.push_back(&one.agreement);
  std::vector<Record> rows;
  for (const policy::Event& event : policy::CalendarOf(agreements)) {
    rows.push_back({{"day", absl::FormatCivilTime(event.day)},
                    {"when", policy::FromDayInWords(event.day, today)},
                    {"days", int64_t{event.day - today}},
                    {"event", WordOf(event.kind)},
                    {"agreement", event.agreement},
                    {"version", event.version},
                    {"words", event.words},
                    {"clause", event.clause}});
  }
  session.out().PrintList("calendar",
                          {"day", "when", "days", "event", "agreement",
                           "version", "words", "clause"},
                          rows);
  return absl::OkStatus();
}

// A command on documents, told what it is asked by options of its own.
template <typename Options>
Command Overview(Command& agreement, absl::string_view name,
                 absl::string_view about, absl::string_view example,
                 absl::Status (*print)(Session&, const Options&),
                 Options** options) {
  auto owned = std::make_shared<Options>();
  *options = owned.get();
  return agreement.Sub(name, about, example)
      .Positionals("FILE-OR-ID", kDocumentsHelp, &owned->files)
      .Does(Effect::kReads, Prints::kList, [owned, print](Session& session) {
        return print(session, *owned);
      });
}

}  // namespace

void RegisterAgreementMatrix(Command& agreement) {
  MatrixOptions* o = nullptr;
  Overview(agreement, "matrix",
           "Who may see which field of whom, how it is treated, for what",
           "entente agreement matrix isa-burglary-2026 --to westvale",
           PrintMatrix, &o)
      .Option("--to", "AGENCY", "Only what this agency may see", &o->to)
      .Option("--from", "AGENCY", "Only what this agency gives", &o->from)
      .Option("--dataset", "ID", "Only of this data set", &o->dataset)
      .Option("--field", "NAME", "Only this field", &o->field);
}

void RegisterAgreementClauses(Command& agreement) {
  ClausesOptions* o = nullptr;
  Overview(agreement, "clauses",
           "Each clause as enforced, evidenced or trusted, by whom and how",
           "entente agreement clauses isa-burglary-2026 --only trusted",
           PrintClauses, &o)
      .Option("--only", "KIND", "enforced, evidenced or trusted", &o->hold);
}

void RegisterAgreementCalendar(Command& agreement) {
  CalendarOptions* o = nullptr;
  Overview(agreement, "calendar",
           "When agreements start, are reviewed and end, and the last day to "
           "destroy",
           "entente agreement calendar --at 2027-04-01", PrintCalendar, &o)
      .Option("--at", "TIME", "From when days are counted; now if not said",
              &o->at);
}

}  // namespace entente::client

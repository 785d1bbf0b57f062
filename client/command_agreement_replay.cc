#include "client/command_agreement_replay.h"

#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "client/answer_code.h"
#include "client/document_files.h"
#include "client/entry_row.h"
#include "client/filter_options.h"
#include "client/opened_ledger.h"
#include "client/replay_sums.h"
#include "policy/coverage.h"
#include "policy/ledger_part.h"
#include "policy/text_page.h"

namespace entente::client {
namespace {

constexpr uint64_t kMaxDays = 36'500;

constexpr absl::string_view kEvidence =
    "A replay is evidence on the traffic that there was. What the draft allows "
    "or refuses and nobody asked for, it does not show: entente agreement diff "
    "is the answer on power.";

struct ReplayOptions {
  std::string draft;
  std::vector<std::string> above;
  FilterOptions ledger;
};

struct CoverageOptions {
  std::string document;
  FilterOptions ledger;
  uint64_t days = 90;
};

// The ledger of `agreement`: in the mirror that is named, or at the broker.
absl::StatusOr<OpenedLedger> LedgerOf(Session& session, FilterOptions options,
                                      const std::string& agreement) {
  if (options.folder.empty()) options.agreement = agreement;
  absl::StatusOr<OpenedLedger> ledger = OpenLedgerOf(session, options);
  if (!ledger.ok()) return ledger;
  const std::string& origin = ledger->parts.back().log->checkpoint().origin;
  const auto part = policy::ParsePartName(origin.substr(origin.rfind('/') + 1));
  if (part.ok() && part->ledger == agreement) return ledger;
  return UsageError(
      absl::StrCat(options.folder, " is not the ledger of ", agreement),
      absl::StrCat("it is ", origin, "; name the mirror of the agreement's"));
}

// The overarching agreements that are named, nearest first as the document
// says.
absl::StatusOr<std::vector<std::shared_ptr<const policy::CompiledAgreement>>>
ReadAbove(Session& session, const std::vector<std::string>& names,
          const policy::Agreement& draft) {
  std::vector<std::shared_ptr<const policy::CompiledAgreement>> above;
  std::vector<Document> documents;
  if (!names.empty()) {
    auto read = ReadDocuments(session, names);
    if (!read.ok()) return read.status();
    documents = *std::move(read);
  }
  for (std::string under = draft.under; !under.empty();) {
    const auto found = std::find_if(
        documents.begin(), documents.end(),
        [&](const Document& one) { return one.agreement.id == under; });
    if (found == documents.end()) {
      return UsageError(
          absl::StrCat("the draft stands under ", under, ", which is not here"),
          absl::StrCat("--above FILE, or --above ", under,
                       " for the one at the broker"));
    }
    auto compiled = CompiledOf(*found);
    if (!compiled.ok()) return compiled.status();
    above.push_back(*std::move(compiled));
    under = found->agreement.under;
    // A document twice would be a circle.
    documents.erase(found);
  }
  return above;
}

absl::Status RunReplay(Session& session, const ReplayOptions& options) {
  const absl::StatusOr<EntryChoice> choice =
      ChoiceOf(options.ledger, session.Now());
  if (!choice.ok()) return choice.status();
  const absl::StatusOr<Document> draft = ReadDocument(session, options.draft);
  if (!draft.ok()) return draft.status();
  const auto compiled = CompiledOf(*draft);
  if (!compiled.ok()) return compiled.status();
  auto above = ReadAbove(session, options.above, draft->agreement);
  if (!above.ok()) return above.status();
  absl::StatusOr<OpenedLedger> ledger =
      LedgerOf(session, options.ledger, draft->agreement.id);
  if (!ledger.ok()) return ledger.status();
  EntryFilter filter = choice->filter;
  filter.facets.emplace_back("kind",
                             policy::EntryKindName(policy::EntryKind::kBatch));
  policy::Replay replay(*compiled, *std::move(above));
  ReplaySums sums;
  const absl::Status seen =
      ForEachEntry(ledger->parts, filter, [&](const FoundEntry& found) {
        sums.Add(found,
                 replay.See(found.entry, AgencyOfUri(found.entry.actor)));
        return absl::OkStatus();
      });
  if (!seen.ok()) return seen;
  session.AnswerWith(sums.flips() ? ExitCode::kFailed : ExitCode::kOk);
  const auto& last = ledger->parts.back().log->checkpoint();
  if (session.out().for_people()) {
    policy::TextPage page;
    page.Line(0, absl::StrCat("Version ", draft->agreement.version, " of ",
                              draft->agreement.id, " (", draft->source,
                              "), asked about ", sums.acts(), " acts in ",
                              last.origin, "."));
    policy::TextPage note;
    note.Heading("What this shows");
    note.Line(0, kEvidence);
    session.out().PrintText(
        absl::StrCat(page.text(), sums.InWords(), note.text()));
    return absl::OkStatus();
  }
  Record report = {{"agreement", draft->agreement.id},
                   {"version", draft->agreement.version},
                   {"digest", draft->digest},
                   {"origin", last.origin},
                   {"size", last.size},
                   {"flips", sums.flips()}};
  for (auto& [name, value] : sums.ToRecord()) {
    report.emplace_back(std::move(name), std::move(value));
  }
  report.emplace_back("note", kEvidence);
  session.out().Print(report);
  return absl::OkStatus();
}

// A clause that nobody used while it could be.
bool IsCandidate(const policy::ClauseUse& use, bool judged) {
  return judged && use.acts == 0;
}

Value InstantOrNull(const std::optional<absl::Time>& time) {
  return time.has_value() ? Value(UtcTime(*time)) : Value();
}

// How long the clauses can be judged by: a version that is younger than the
// days asked about says nothing by being unused.
struct Judged {
  absl::Time since;
  std::optional<absl::Time> activated;
  bool whole = false;  // the version was in force from `since` on
};

std::string CoverageInWords(const std::vector<policy::ClauseUse>& clauses,
                            const std::vector<policy::LimitUse>& limits,
                            const Judged& judged) {
  policy::TextPage page;
  page.Heading(absl::StrCat("Unused since ", UtcTime(judged.since)));
  bool any = false;
  for (const policy::ClauseUse& use : clauses) {
    if (use.acts > 0) continue;
    any = true;
    page.Item(0, absl::StrCat(use.clause, ": ", use.what, ", ",
                              use.last.has_value()
                                  ? absl::StrCat("last ", UtcTime(*use.last))
                                  : "never"));
  }
  if (!any) page.Line(0, "Nothing.");
  if (judged.whole) {
    page.Line(0,
              "These are candidates for removal: what nobody needs nobody "
              "should be allowed.");
  } else if (judged.activated.has_value()) {
    page.Line(0, absl::StrCat("This version is in force only since ",
                              UtcTime(*judged.activated),
                              ": that is too short to call any of it a "
                              "candidate for removal."));
  } else {
    page.Line(0,
              "The ledger does not say that this version was activated, so "
              "none of it is called a candidate for removal.");
  }
  page.Heading("Used");
  for (const policy::ClauseUse& use : clauses) {
    if (use.acts == 0) continue;
    page.Item(0, absl::StrCat(use.clause, ": ", use.what, ", ", use.acts,
                              " acts, ", use.records, " records"));
  }
  page.Heading("Limits, and the most that was used of them");
  for (const policy::LimitUse& use : limits) {
    page.Item(0, absl::StrCat(use.clause, ": ", use.most, " of ", use.limit));
  }
  page.Line(0,
            "Which fields were filled, and which records a rule kept back, "
            "no ledger shows: both are sealed, or never left the sender.");
  return page.text();
}

Record CoverageRecord(const std::vector<policy::ClauseUse>& clauses,
                      const std::vector<policy::LimitUse>& limits,
                      const Judged& judged) {
  std::vector<Value> rows;
  for (const policy::ClauseUse& use : clauses) {
    rows.emplace_back(Record{{"clause", use.clause},
                             {"what", use.what},
                             {"acts", use.acts},
                             {"records", use.records},
                             {"last", InstantOrNull(use.last)},
                             {"candidate", IsCandidate(use, judged.whole)}});
  }
  std::vector<Value> limit_rows;
  for (const policy::LimitUse& use : limits) {
    limit_rows.emplace_back(Record{
        {"clause", use.clause}, {"limit", use.limit}, {"most", use.most}});
  }
  return {{"since", UtcTime(judged.since)},
          {"activated", InstantOrNull(judged.activated)},
          {"judged", judged.whole},
          {"clauses", std::move(rows)},
          {"limits", std::move(limit_rows)}};
}

absl::Status RunCoverage(Session& session, const CoverageOptions& options) {
  const absl::StatusOr<Document> document =
      ReadOrFetchDocument(session, options.document);
  if (!document.ok()) return document.status();
  absl::StatusOr<OpenedLedger> ledger =
      LedgerOf(session, options.ledger, document->agreement.id);
  if (!ledger.ok()) return ledger.status();
  Judged judged;
  judged.since =
      session.Now() - absl::Hours(24) * static_cast<int64_t>(options.days);
  policy::Coverage coverage(&document->agreement, document->digest,
                            judged.since);
  const absl::Status seen =
      ForEachEntry(ledger->parts, {}, [&](const FoundEntry& found) {
        coverage.See(found.entry, AgencyOfUri(found.entry.actor));
        return absl::OkStatus();
      });
  if (!seen.ok()) return seen;
  judged.activated = coverage.activated();
  judged.whole =
      judged.activated.has_value() && *judged.activated <= judged.since;
  const auto clauses = coverage.Clauses();
  const auto limits = coverage.Limits();
  const auto& last = ledger->parts.back().log->checkpoint();
  if (session.out().for_people()) {
    session.out().PrintText(absl::StrCat(
        document->agreement.id, ", version ", document->agreement.version,
        ", held against ", last.origin, "\n",
        CoverageInWords(clauses, limits, judged)));
    return absl::OkStatus();
  }
  Record report = {{"agreement", document->agreement.id},
                   {"version", document->agreement.version},
                   {"digest", document->digest},
                   {"origin", last.origin},
                   {"size", last.size}};
  for (auto& [name, value] : CoverageRecord(clauses, limits, judged)) {
    report.emplace_back(std::move(name), std::move(value));
  }
  session.out().Print(report);
  return absl::OkStatus();
}

}  // namespace

void RegisterAgreementReplay(Command& agreement) {
  auto options = std::make_shared<ReplayOptions>();
  Command replay = agreement.Sub(
      "replay",
      "What a draft would have said of past acts; exit code 0: the same, 1: "
      "not, above: an error",
      "entente agreement replay version-2.yaml --since 90d");
  replay
      .Positional("DRAFT", "A document, with the id of the agreement",
                  &options->draft)
      .Option("--mirror", "DIR",
              "What `audit mirror` made of its ledger, instead of the broker",
              &options->ledger.folder)
      .Repeated("--above", "FILE-OR-ID",
                "An overarching agreement that the draft stands under",
                &options->above);
  TakesTime(replay, &options->ledger)
      .Does(Effect::kReads, Prints::kOne, [options](Session& session) {
        return AsTrouble(RunReplay(session, *options));
      });
}

void RegisterAgreementCoverage(Command& agreement) {
  auto options = std::make_shared<CoverageOptions>();
  agreement
      .Sub("coverage",
           "Which clauses nobody used for some time: candidates for removal",
           "entente agreement coverage isa-burglary-2026 --days 180")
      .Positional("FILE-OR-ID", "A document, or ID or ID/VERSION at the broker",
                  &options->document)
      .Option("--mirror", "DIR",
              "What `audit mirror` made of its ledger, instead of the broker",
              &options->ledger.folder)
      .Number("--days", "N", "For how long", &options->days, 1, kMaxDays)
      .Does(Effect::kReads, Prints::kOne, [options](Session& session) {
        return RunCoverage(session, *options);
      });
}

}  // namespace entente::client

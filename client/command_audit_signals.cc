#include "client/command_audit_signals.h"

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "client/answer_code.h"
#include "client/document_files.h"
#include "client/entry_row.h"
#include "client/filter_options.h"
#include "client/misuse_signals.h"
#include "client/opened_ledger.h"
#include "client/place_list.h"
#include "policy/text_page.h"

namespace entente::client {
namespace {

constexpr uint64_t kMaxRule = 1'000'000'000;

struct SignalOptions {
  FilterOptions ledger;
  std::vector<std::string> documents;
  std::string hours = "07:00-19:00";
  std::string days = "mon-fri";
  SignalRules rules;
};

absl::Status KnowGiven(Session& session, const SignalOptions& options,
                       DocumentsByDigest* known) {
  for (const std::string& file : options.documents) {
    absl::StatusOr<Document> document = ReadDocument(session, file);
    if (!document.ok()) return document.status();
    known->emplace(document->digest, std::move(document->agreement));
  }
  return absl::OkStatus();
}

// The versions that people were enrolled under, from the broker; each counts
// only by the digest that the ledger names. One that it does not give is among
// what is not told.
absl::Status KnowAtBroker(Session& session, const SignalOptions& options,
                          const std::map<std::string, uint32_t>& versions,
                          DocumentsByDigest* known) {
  for (const auto& [digest, version] : versions) {
    if (known->count(digest) > 0) continue;
    absl::StatusOr<Document> document =
        FetchNamedDocument(session, {options.ledger.agreement, version});
    if (absl::IsDataLoss(document.status())) return document.status();
    if (!document.ok()) {
      session.out().Say(FromStatus(document.status()).what);
      continue;
    }
    known->emplace(document->digest, std::move(document->agreement));
  }
  return absl::OkStatus();
}

Record Describe(const Signal& signal, absl::TimeZone zone) {
  return {{"signal", WordOf(signal.kind)},
          {"who", signal.who},
          {"reason", signal.reason},
          {"first", UtcTime(signal.first)},
          {"last", UtcTime(signal.last)},
          {"last_local", LocalTime(signal.last, zone)},
          {"entries", PlaceValues(signal.entries)}};
}

Record Thresholds(const SignalRules& rules) {
  return {{"times_median", rules.times},
          {"least_records", rules.least},
          {"fewest_days", uint64_t{kFewestDays}},
          {"fewest_peers", uint64_t{kFewestPeers}},
          {"hours", HoursText(rules.hours)},
          {"zone", rules.zone.name()},
          {"records_per_case", rules.per_case},
          {"settled_after_days", int64_t{kSettledAfter / absl::Hours(24)}},
          {"probes", rules.probes},
          {"small_change", uint64_t{kSmallChange}},
          {"probe_gap_hours", int64_t{kProbeGap / absl::Hours(1)}},
          {"near_quota_percent", rules.quota_percent}};
}

std::string ReportInWords(const SignalReport& report, uint64_t entries,
                          const std::string& origin) {
  policy::TextPage page;
  page.Line(0, absl::StrCat(report.signals.size(), " signals in ", entries,
                            " entries of ", origin));
  for (const Signal& signal : report.signals) {
    page.Heading(absl::StrCat(WordOf(signal.kind), ": ", signal.who));
    page.Line(0, signal.reason);
    page.Line(0, absl::StrCat("from ", UtcTime(signal.first), " to ",
                              UtcTime(signal.last)));
    page.Line(0, PlacesInWords(signal.entries));
  }
  page.Heading("What the ledger cannot tell");
  for (const std::string& line : report.not_told) page.Item(0, line);
  page.Line(0, "A signal proves nothing: it is a reason to ask.");
  return page.text();
}

absl::Status Look(Session& session, const SignalOptions& options) {
  const absl::StatusOr<EntryChoice> choice =
      ChoiceOf(options.ledger, session.Now());
  if (!choice.ok()) return choice.status();
  SignalRules rules = options.rules;
  const auto hours = ParseWorkingHours(options.hours, options.days);
  if (!hours.ok()) return hours.status();
  rules.hours = *hours;
  rules.zone = choice->zone;
  rules.since = choice->filter.since;
  DocumentsByDigest known;
  if (absl::Status read = KnowGiven(session, options, &known); !read.ok()) {
    return read;
  }
  absl::StatusOr<OpenedLedger> ledger = OpenLedgerOf(session, options.ledger);
  if (!ledger.ok()) return ledger.status();
  MisuseSignals signals(rules);
  // What came before --since is what the rest is compared with.
  EntryFilter all;
  all.until = choice->filter.until;
  const absl::Status seen =
      ForEachEntry(ledger->parts, all, [&](const FoundEntry& found) {
        signals.See(found);
        return absl::OkStatus();
      });
  if (!seen.ok()) return seen;
  if (!options.ledger.agreement.empty()) {
    const absl::Status fetched =
        KnowAtBroker(session, options, signals.versions(), &known);
    if (!fetched.ok()) return fetched;
  }
  signals.Know(std::move(known));
  const SignalReport report = signals.Report();
  const auto& last = ledger->parts.back().log->checkpoint();
  session.AnswerWith(report.signals.empty() ? ExitCode::kOk
                                            : ExitCode::kFailed);
  if (session.out().for_people()) {
    session.out().PrintText(
        ReportInWords(report, signals.entries(), last.origin));
    return absl::OkStatus();
  }
  std::vector<Value> rows;
  for (const Signal& signal : report.signals) {
    rows.emplace_back(Describe(signal, rules.zone));
  }
  session.out().Print({{"origin", last.origin},
                       {"size", last.size},
                       {"entries", signals.entries()},
                       {"signals", std::move(rows)},
                       {"thresholds", Thresholds(rules)},
                       {"not_told", ListOf(report.not_told)}});
  return absl::OkStatus();
}

}  // namespace

void RegisterAuditSignals(Command& audit) {
  auto options = std::make_shared<SignalOptions>();
  SignalOptions* o = options.get();
  Command signals = audit.Sub(
      "signals",
      "What may be misuse, each with its reason and its entries; exit code 0: "
      "nothing, 1: signals, above: an error",
      "entente audit signals ledger/ --since 30d --zone Europe/London");
  TakesLedger(signals, &o->ledger)
      .Repeated("--document", "FILE",
                "An agreement's document, for its quota of enrolments; with "
                "--agreement it is fetched",
                &o->documents)
      .Option("--hours", "FROM-TO", "When people work, in --zone", &o->hours)
      .Option("--days", "DAYS", "On which days", &o->days)
      .Number("--times", "N", "Far above is so many times the median",
              &o->rules.times, 2, kMaxRule)
      .Number("--least", "RECORDS", "And so many records at least",
              &o->rules.least, 1, kMaxRule)
      .Number("--per-case", "RECORDS", "Many under one case reference",
              &o->rules.per_case, 1, kMaxRule)
      .Number("--probes", "N",
              "Different refused questions, each a small change of another",
              &o->rules.probes, 2, kMaxRule)
      .Number("--near-quota", "PERCENT", "Of a day's quota of enrolments",
              &o->rules.quota_percent, 1, 100)
      .Does(Effect::kReads, Prints::kOne, [options](Session& session) {
        return AsTrouble(Look(session, *options));
      });
}

}  // namespace entente::client

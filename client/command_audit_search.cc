#include "client/command_audit_search.h"

#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "client/cancellation.h"
#include "client/entry_export.h"
#include "client/entry_row.h"
#include "client/error.h"
#include "client/filter_options.h"
#include "client/ledger_tail.h"
#include "client/line_file.h"
#include "client/open_intents.h"
#include "client/opened_ledger.h"
#include "client/stop_signal.h"

namespace entente::client {
namespace {

constexpr uint64_t kMaxPage = 100'000;
constexpr uint64_t kMaxTailed = 10'000;
constexpr uint64_t kMaxPollSeconds = 3600;

struct SearchOptions {
  FilterOptions filter;
  uint64_t limit = 100;
  std::string page;
  bool oldest_first = false;
  bool open = false;
};

struct TailOptions {
  FilterOptions filter;
  uint64_t limit = 10;
  bool follow = false;
  uint64_t every = 5;
};

struct ExportOptions {
  FilterOptions filter;
  std::string as = "ndjson";
  std::string out;
};

// The rows of a page, as the format has them.
absl::Status PrintPage(Session& session, const SearchPage& page,
                       absl::TimeZone zone) {
  Output& out = session.out();
  const std::string next =
      page.next.has_value() ? PlaceText(*page.next) : std::string();
  std::vector<Record> rows;
  for (const FoundEntry& found : page.found) {
    if (out.format() == Format::kTable) {
      rows.push_back(ShortRow(found));
    } else if (out.format() == Format::kCsv) {
      rows.push_back(FullRow(found, zone));
    } else {
      absl::StatusOr<Record> record = EntryRecord(found, zone);
      if (!record.ok()) return record.status();
      rows.push_back(*std::move(record));
    }
  }
  if (out.format() == Format::kJson) {
    std::vector<Value> entries(rows.begin(), rows.end());
    out.Print({{"entries", std::move(entries)},
               {"next", next.empty() ? Value() : Value(next)}});
  } else {
    out.PrintList("entries", out.for_people() ? ShortColumns() : FullColumns(),
                  rows);
  }
  if (!next.empty()) {
    out.Say(absl::StrCat("there are more: the next page is --page ", next));
  }
  return absl::OkStatus();
}

absl::Status Search(Session& session, const SearchOptions& options) {
  SearchPlan plan;
  const absl::StatusOr<EntryChoice> choice =
      ChoiceOf(options.filter, session.Now());
  if (!choice.ok()) return choice.status();
  plan.filter = choice->filter;
  plan.order = options.oldest_first ? Order::kOldestFirst : Order::kNewestFirst;
  plan.limit = options.limit;
  plan.say = [&session](const std::string& line) { session.out().Say(line); };
  if (!options.page.empty()) {
    const absl::StatusOr<Place> from = ParsePlace(options.page);
    if (!from.ok()) {
      return UsageError(absl::StrCat("--page: ", from.status().message()),
                        "as the page before said, like 0:1234");
    }
    plan.from = *from;
  }
  absl::StatusOr<OpenedLedger> ledger = OpenLedgerOf(session, options.filter);
  if (!ledger.ok()) return ledger.status();
  const std::optional<absl::Time> now =
      ledger->at == nullptr ? std::nullopt : std::optional(session.Now());
  const absl::StatusOr<SearchPage> page =
      options.open ? SearchOpen(ledger->parts, plan, now)
                   : SearchParts(ledger->parts, plan);
  if (!page.ok()) return page.status();
  return PrintPage(session, *page, choice->zone);
}

absl::Status StreamEntry(Session& session, const FoundEntry& found,
                         absl::TimeZone zone) {
  if (session.out().format() == Format::kCsv) {
    session.out().StreamRow(FullRow(found, zone));
  } else if (session.out().for_people()) {
    session.out().StreamRow(ShortRow(found));
  } else {
    const absl::StatusOr<Record> record = EntryRecord(found, zone);
    if (!record.ok()) return record.status();
    session.out().StreamRow(*record);
  }
  return session.out().Flush();
}

absl::Status Tail(Session& session, const TailOptions& options) {
  const absl::StatusOr<EntryChoice> choice =
      ChoiceOf(options.filter, session.Now());
  if (!choice.ok()) return choice.status();
  LedgerTail tail(choice->filter, options.limit, [&](const FoundEntry& found) {
    return StreamEntry(session, found, choice->zone);
  });
  const Cancellation stopped;
  const StopSignal stop(&stopped);
  while (true) {
    // Opened anew each time: a profile may be renewed, a ledger may go on in a
    // new part.
    absl::StatusOr<OpenedLedger> ledger = OpenLedgerOf(session, options.filter);
    const absl::Status read =
        ledger.ok() ? tail.Read(ledger->parts) : ledger.status();
    if (!read.ok() && !(options.follow && absl::IsUnavailable(read))) {
      return read;
    }
    if (!read.ok()) session.out().Say(FromStatus(read).what);
    if (!options.follow || StopSignal::Asked()) return absl::OkStatus();
    if (WaitUnlessCancelled(
            stopped, absl::Seconds(static_cast<int64_t>(options.every)))) {
      return absl::OkStatus();
    }
  }
}

absl::Status Export(Session& session, const ExportOptions& options) {
  const absl::StatusOr<EntryChoice> choice =
      ChoiceOf(options.filter, session.Now());
  if (!choice.ok()) return choice.status();
  const absl::StatusOr<ExportFormat> format = ParseExportFormat(options.as);
  if (!format.ok()) return format.status();
  absl::StatusOr<OpenedLedger> ledger = OpenLedgerOf(session, options.filter);
  if (!ledger.ok()) return ledger.status();
  LineFile file(options.out);
  const auto write = [&](absl::string_view text) {
    if (!options.out.empty()) return file.Append(text);
    session.out().PrintRaw(text);
    return absl::OkStatus();
  };
  const StopSignal stop;
  const absl::StatusOr<uint64_t> written = ExportEntries(
      ledger->parts, choice->filter, *format, choice->zone, write);
  if (!written.ok()) return written.status();
  if (!options.out.empty()) {
    if (absl::Status kept = file.Keep(); !kept.ok()) return kept;
    session.out().Print(
        {{"file", options.out},
         {"as", options.as},
         {"entries", *written},
         {"origin", ledger->parts.back().log->checkpoint().origin},
         {"size", ledger->parts.back().log->size()}});
  } else {
    session.out().Say(absl::StrCat(*written, " entries"));
  }
  return session.out().Flush();
}

}  // namespace

void RegisterAuditSearch(Command& audit) {
  auto search = std::make_shared<SearchOptions>();
  Command searching = audit.Sub(
      "search", "The entries that fit, each proved; a page at a time",
      "entente audit search ledger/ --purpose investigate-series --since 7d");
  TakesFilter(searching, &search->filter)
      .Number("--limit", "N", "Entries on a page", &search->limit, 1, kMaxPage)
      .Option("--page", "PLACE", "Where the page begins, as the last one said",
              &search->page)
      .Flag("--oldest-first", "The oldest first instead of the newest",
            &search->oldest_first)
      .Flag("--open",
            "Only what was begun and whose outcome is due and is not there",
            &search->open)
      .Does(Effect::kReads, Prints::kList,
            [search](Session& session) { return Search(session, *search); });
  auto tail = std::make_shared<TailOptions>();
  Command tailing =
      audit.Sub("tail", "The last entries, and with --follow those that come",
                "entente audit tail --agreement ID --follow");
  TakesFilter(tailing, &tail->filter)
      .Number("--limit", "N", "How many of the last", &tail->limit, 0,
              kMaxTailed)
      .Flag("--follow", "Goes on until Ctrl-C", &tail->follow)
      .Number("--every", "SECONDS", "How often to look", &tail->every, 1,
              kMaxPollSeconds)
      .Does(Effect::kReads, Prints::kList,
            [tail](Session& session) { return Tail(session, *tail); });
  auto exported = std::make_shared<ExportOptions>();
  Command exporting =
      audit.Sub("export", "All entries that fit, for other programs",
                "entente audit export ledger/ --as csv --out ledger.csv");
  TakesFilter(exporting, &exported->filter)
      .Option("--as", "ndjson|csv|ocsf",
              "One JSON object a line, RFC 4180, or OCSF API Activity",
              &exported->as)
      .Option("--out", "FILE", "Into this file (0600), not to the output",
              &exported->out)
      .Does(Effect::kReads, Prints::kOne, [exported](Session& session) {
        return Export(session, *exported);
      });
}

}  // namespace entente::client

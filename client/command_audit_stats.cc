#include "client/command_audit_stats.h"

#include <algorithm>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "client/filter_options.h"
#include "client/ledger_stats.h"
#include "client/opened_ledger.h"

namespace entente::client {
namespace {

constexpr uint64_t kMaxLeast = 1'000'000;
constexpr size_t kBarWidth = 40;

struct StatsOptions {
  FilterOptions filter;
  std::string by = "month";
  bool is_public = false;
  uint64_t least = 10;
};

// The counts of a row, unless they are too few for the public.
class Publisher {
 public:
  explicit Publisher(const StatsOptions& options)
      : least_(options.is_public ? options.least : 0) {}

  // Whether a row of so many acts may be named.
  bool MayName(uint64_t acts) {
    if (acts >= least_) return true;
    ++withheld_;
    return false;
  }
  // A count, or null.
  Value Shown(uint64_t count) {
    if (count == 0 || count >= least_) return count;
    ++withheld_;
    return {};
  }
  uint64_t withheld() const { return withheld_; }

 private:
  const uint64_t least_;
  uint64_t withheld_ = 0;
};

void AddCounts(const BatchCounts& counts, Publisher& publisher, Record* row) {
  row->emplace_back("allowed", publisher.Shown(counts.allowed));
  row->emplace_back("refused", publisher.Shown(counts.refused));
  row->emplace_back("records", publisher.Shown(counts.records));
}

std::vector<Value> PeriodRows(const LedgerStats& stats, Publisher& publisher) {
  std::vector<Value> rows;
  for (const auto& [period, counts] : stats.periods()) {
    Record row = {{"from", period}};
    AddCounts(counts, publisher, &row);
    rows.emplace_back(std::move(row));
  }
  return rows;
}

std::vector<Value> DirectionRows(const LedgerStats& stats,
                                 Publisher& publisher) {
  std::vector<Value> rows;
  for (const auto& [direction, counts] : stats.directions()) {
    if (!publisher.MayName(counts.acts())) continue;
    Record row = {{"sender", direction.sender},
                  {"recipient", direction.recipient},
                  {"flow", direction.flow}};
    AddCounts(counts, publisher, &row);
    rows.emplace_back(std::move(row));
  }
  return rows;
}

std::vector<Value> PurposeRows(const LedgerStats& stats, Publisher& publisher) {
  std::vector<Value> rows;
  for (const auto& [purpose, counts] : stats.purposes()) {
    if (!publisher.MayName(counts.acts())) continue;
    Record row = {{"purpose", purpose}};
    AddCounts(counts, publisher, &row);
    rows.emplace_back(std::move(row));
  }
  return rows;
}

std::vector<Value> ReasonRows(const LedgerStats& stats, Publisher& publisher) {
  std::vector<Value> rows;
  for (const auto& [code, count] : stats.reasons()) {
    if (!publisher.MayName(count)) continue;
    rows.emplace_back(Record{{"reason", code}, {"count", count}});
  }
  return rows;
}

Value Seconds(const std::optional<absl::Duration>& duration) {
  if (!duration.has_value()) return {};
  return absl::ToInt64Milliseconds(*duration) / 1000;
}

// `############      312`, as long as it is beside the largest.
std::string Bar(uint64_t count, uint64_t largest) {
  const size_t filled =
      largest == 0
          ? 0
          : static_cast<size_t>((count * kBarWidth + largest - 1) / largest);
  return absl::StrCat(std::string(filled, '#'),
                      std::string(kBarWidth - filled, ' '), "  ", count);
}

// A chart of one line a row; values that were withheld are drawn as such.
void AddChart(absl::string_view title, absl::string_view name,
              absl::string_view count, const std::vector<Value>& rows,
              std::string* text) {
  if (rows.empty()) return;
  const auto find = [](const Record& row, absl::string_view key) {
    for (const auto& [member, value] : row) {
      if (member == key) return value;
    }
    return Value();
  };
  uint64_t largest = 0;
  size_t width = 0;
  for (const Value& row : rows) {
    const auto& record = std::get<Record>(row.of);
    width =
        std::max(width, std::get<std::string>(find(record, name).of).size());
    const Value value = find(record, count);
    if (const auto* number = std::get_if<int64_t>(&value.of)) {
      largest = std::max(largest, static_cast<uint64_t>(*number));
    }
  }
  absl::StrAppend(text, title, "\n");
  for (const Value& row : rows) {
    const auto& record = std::get<Record>(row.of);
    std::string label = std::get<std::string>(find(record, name).of);
    label.resize(width, ' ');
    const Value value = find(record, count);
    const auto* number = std::get_if<int64_t>(&value.of);
    absl::StrAppend(text, "  ", label, "  ",
                    number == nullptr
                        ? "(too few to show)"
                        : Bar(static_cast<uint64_t>(*number), largest),
                    "\n");
  }
  absl::StrAppend(text, "\n");
}

void PrintCharts(Session& session, const Record& report) {
  std::string text;
  for (const auto& [name, value] : report) {
    const auto* rows = std::get_if<std::vector<Value>>(&value.of);
    if (rows == nullptr) {
      absl::StrAppend(&text, name, ": ", ToJson(value), "\n");
    }
  }
  absl::StrAppend(&text, "\n");
  for (const auto& [name, value] : report) {
    const auto* rows = std::get_if<std::vector<Value>>(&value.of);
    if (rows == nullptr) continue;
    if (name == "periods") {
      AddChart("batches allowed, by period", "from", "allowed", *rows, &text);
      AddChart("batches refused, by period", "from", "refused", *rows, &text);
    } else if (name == "directions") {
      std::vector<Value> named;
      for (const Value& row : *rows) {
        Record record = std::get<Record>(row.of);
        record.emplace(
            record.begin(), "who",
            absl::StrCat(std::get<std::string>(record[0].second.of), " > ",
                         std::get<std::string>(record[1].second.of), ", ",
                         std::get<std::string>(record[2].second.of)));
        named.emplace_back(std::move(record));
      }
      AddChart("records, by who gave to whom", "who", "records", named, &text);
    } else if (name == "purposes") {
      AddChart("records, by purpose", "purpose", "records", *rows, &text);
    } else {
      AddChart("refusals, by reason", "reason", "count", *rows, &text);
    }
  }
  session.out().PrintText(text);
}

absl::Status Stats(Session& session, const StatsOptions& options) {
  const absl::StatusOr<EntryChoice> choice =
      ChoiceOf(options.filter, session.Now());
  if (!choice.ok()) return choice.status();
  const absl::StatusOr<Period> period = ParsePeriod(options.by);
  if (!period.ok()) return period.status();
  absl::StatusOr<OpenedLedger> ledger = OpenLedgerOf(session, options.filter);
  if (!ledger.ok()) return ledger.status();
  LedgerStats stats(*period, choice->zone);
  const absl::Status counted =
      ForEachEntry(ledger->parts, choice->filter, [&](const FoundEntry& found) {
        stats.Add(found.entry);
        return absl::OkStatus();
      });
  if (!counted.ok()) return counted;
  Publisher publisher(options);
  const auto& last = ledger->parts.back().log->checkpoint();
  Record report = {{"origin", last.origin},
                   {"size", last.size},
                   {"entries", publisher.Shown(stats.entries())},
                   {"by", options.by},
                   {"periods", PeriodRows(stats, publisher)},
                   {"directions", DirectionRows(stats, publisher)},
                   {"purposes", PurposeRows(stats, publisher)},
                   {"reasons", ReasonRows(stats, publisher)},
                   {"undelivered", publisher.Shown(stats.undelivered())},
                   {"median_seconds", Seconds(stats.TimeToDelivery(50))},
                   {"p99_seconds", Seconds(stats.TimeToDelivery(99))}};
  if (options.is_public) {
    report.emplace_back("least", options.least);
    report.emplace_back("withheld", publisher.withheld());
  }
  if (session.out().for_people()) {
    PrintCharts(session, report);
  } else {
    session.out().Print(report);
  }
  return absl::OkStatus();
}

}  // namespace

void RegisterAuditStats(Command& audit) {
  auto options = std::make_shared<StatsOptions>();
  Command stats = audit.Sub(
      "stats",
      "Sums: who gave what to whom, what was refused, how long it took",
      "entente audit stats ledger/ --by month");
  TakesFilter(stats, &options->filter)
      .Option("--by", "day|week|month", "The periods that are counted",
              &options->by)
      .Flag("--public",
            "Fit for publication: no row and no count below --least",
            &options->is_public)
      .Number("--least", "N", "The smallest count that --public shows",
              &options->least, 2, kMaxLeast)
      .Does(Effect::kReads, Prints::kOne,
            [options](Session& session) { return Stats(session, *options); });
}

}  // namespace entente::client

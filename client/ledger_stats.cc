#include "client/ledger_stats.h"

#include <algorithm>
#include <cstddef>

#include "absl/strings/str_cat.h"
#include "absl/time/civil_time.h"
#include "client/error.h"

namespace entente::client {

absl::StatusOr<Period> ParsePeriod(absl::string_view name) {
  if (name == "day") return Period::kDay;
  if (name == "week") return Period::kWeek;
  if (name == "month") return Period::kMonth;
  return UsageError(absl::StrCat("--by: there is no period \"", name, "\""),
                    "choose day, week or month");
}

std::string PeriodOf(absl::Time time, Period period, absl::TimeZone zone) {
  absl::CivilDay day = absl::ToCivilDay(time, zone);
  if (period == Period::kMonth) {
    day = absl::CivilDay(absl::CivilMonth(day));
  } else if (period == Period::kWeek) {
    day = absl::PrevWeekday(day + 1, absl::Weekday::monday);
  }
  return absl::FormatCivilTime(day);
}

void LedgerStats::Add(const policy::LedgerEntry& entry) {
  const bool allowed = entry.outcome == policy::Outcome::kAllow;
  ++entries_;
  ++kinds_[std::string(policy::EntryKindName(entry.kind))];
  if (!allowed) {
    for (const policy::EntryReason& reason : entry.reasons) {
      ++reasons_[reason.code];
    }
  }
  const std::string batch = absl::StrCat(entry.sender, " ", entry.batch);
  if (entry.kind == policy::EntryKind::kDelivery && allowed) {
    const auto sent = waiting_.find(batch);
    if (sent == waiting_.end()) return;
    delivered_.push_back(entry.time - sent->second);
    waiting_.erase(sent);
    return;
  }
  if (entry.kind != policy::EntryKind::kBatch) return;
  if (allowed) waiting_[batch] = entry.time;
  for (BatchCounts* counts :
       {&periods_[PeriodOf(entry.time, period_, zone_)],
        &directions_[{entry.sender, entry.recipient, entry.flow}],
        &purposes_[entry.purpose]}) {
    ++(allowed ? counts->allowed : counts->refused);
    if (allowed) counts->records += entry.records;
  }
}

std::optional<absl::Duration> LedgerStats::TimeToDelivery(int percent) const {
  if (delivered_.empty()) return std::nullopt;
  std::vector<absl::Duration> sorted = delivered_;
  std::sort(sorted.begin(), sorted.end());
  // The smallest that so many of a hundred do not exceed.
  const size_t rank = (sorted.size() * static_cast<size_t>(percent) + 99) / 100;
  return sorted[std::max<size_t>(rank, 1) - 1];
}

}  // namespace entente::client

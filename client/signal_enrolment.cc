#include "client/signal_enrolment.h"

#include <algorithm>
#include <optional>
#include <set>

#include "absl/strings/str_cat.h"
#include "client/entry_filter.h"
#include "policy/enrolment_quota.h"
#include "policy/reason.h"

namespace entente::client {
namespace {

bool IsForQuota(const policy::LedgerEntry& entry) {
  return std::any_of(entry.reasons.begin(), entry.reasons.end(),
                     [](const policy::EntryReason& reason) {
                       return reason.code ==
                              policy::CodeOf(policy::Reason::kQuotaExceeded);
                     });
}

}  // namespace

void EnrolmentSignals::See(const FoundEntry& found) {
  const policy::LedgerEntry& entry = found.entry;
  if (entry.kind != policy::EntryKind::kEnrolment) return;
  const bool allowed = entry.outcome == policy::Outcome::kAllow;
  if (!allowed && !IsForQuota(entry)) return;
  Day& day = days_[{AgencyOfUri(entry.actor),
                    absl::ToCivilDay(entry.time, absl::UTCTimeZone())}];
  day.evidence.Add(found, allowed ? entry.records : 0);
  if (!allowed) ++day.refused;
  if (entry.digest.empty()) return;
  day.digest = entry.digest;
  if (entry.time >= rules_.since) versions_[entry.digest] = entry.version;
}

void EnrolmentSignals::Report(SignalReport* report) const {
  std::set<std::string> unknown;
  for (const auto& [key, day] : days_) {
    if (day.evidence.last < rules_.since) continue;
    const auto document = documents_.find(day.digest);
    std::optional<int64_t> quota;
    if (document != documents_.end()) {
      quota = policy::EnrolmentsPerDay(document->second, key.first);
    } else if (!day.digest.empty()) {
      unknown.insert(day.digest);
    }
    std::string reason = absl::StrCat(day.evidence.records, " enrolled on ",
                                      absl::FormatCivilTime(key.second));
    if (quota.has_value()) {
      absl::StrAppend(&reason, " of ", *quota, " a day; near is ",
                      rules_.quota_percent, "%");
    }
    if (day.refused > 0) {
      absl::StrAppend(&reason, "; ", day.refused,
                      " more calls were refused for the quota");
    }
    const bool near = quota.has_value() &&
                      day.evidence.records * 100 >=
                          rules_.quota_percent * static_cast<uint64_t>(*quota);
    if (!near && day.refused == 0) continue;
    report->signals.push_back({SignalKind::kNearQuota, key.first,
                               std::move(reason), day.evidence.first,
                               day.evidence.last, day.evidence.entries});
  }
  for (const std::string& digest : unknown) {
    const auto version = versions_.find(digest);
    report->not_told.push_back(
        absl::StrCat("how near enrolments came to the quota of version ",
                     version == versions_.end() ? 0 : version->second, " (",
                     digest, "): its document is not here"));
  }
}

}  // namespace entente::client

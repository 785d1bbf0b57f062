#include "client/signal_volume.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "client/entry_filter.h"

namespace entente::client {
namespace {

Signal SignalOf(SignalKind kind, std::string who, std::string reason,
                const Evidence& evidence) {
  return {kind,           std::move(who), std::move(reason),
          evidence.first, evidence.last,  evidence.entries};
}

// The middle one of `sorted`, without the element at `left_out`.
uint64_t MedianWithout(const std::vector<uint64_t>& sorted, size_t left_out) {
  const size_t middle = (sorted.size() - 1) / 2;
  return sorted[middle < left_out ? middle : middle + 1];
}

}  // namespace

void VolumeSignals::See(const FoundEntry& found) {
  const policy::LedgerEntry& entry = found.entry;
  if (!IsUse(entry)) return;
  const LedgerActor actor = ActorOf(entry);
  const uint64_t records = RecordsOf(entry);
  days_[actor][absl::ToCivilDay(entry.time, rules_.zone)].Add(found, records);
  if (const std::string reference = CaseOf(entry); !reference.empty()) {
    cases_[reference].Add(found, records);
  } else {
    ++without_case_;
  }
  ++acts_;
  if (!actor.is_person) ++without_person_;
  if (entry.time >= rules_.since) sums_[actor].Add(found, records);
}

void VolumeSignals::ReportPast(SignalReport* report) const {
  for (const auto& [actor, days] : days_) {
    std::vector<uint64_t> past;  // sorted
    for (const auto& [day, evidence] : days) {
      const uint64_t records = evidence.records;
      if (past.size() >= kFewestDays) {
        const uint64_t median = past[past.size() / 2];
        if (IsFarAbove(records, median)) {
          report->signals.push_back(SignalOf(
              SignalKind::kAboveOwnPast, InWords(actor),
              absl::StrCat(records, " records on ", absl::FormatCivilTime(day),
                           ", more than ", rules_.times, " times ", median,
                           ", the median of the ", past.size(),
                           " earlier days with acts"),
              evidence));
        }
      }
      past.insert(std::upper_bound(past.begin(), past.end(), records), records);
    }
  }
}

void VolumeSignals::ReportPeers(bool people, SignalReport* report) const {
  std::vector<uint64_t> sorted;
  for (const auto& [actor, sum] : sums_) {
    if (actor.is_person == people) sorted.push_back(sum.records);
  }
  if (sorted.empty()) return;
  if (sorted.size() <= kFewestPeers) {
    report->not_told.push_back(absl::StrCat(
        "whether one of ", sorted.size(), people ? " people" : " certificates",
        " acted far more than the others: it takes ", kFewestPeers + 1));
    return;
  }
  std::sort(sorted.begin(), sorted.end());
  for (const auto& [actor, sum] : sums_) {
    if (actor.is_person != people) continue;
    const auto own =
        std::lower_bound(sorted.begin(), sorted.end(), sum.records);
    const uint64_t median =
        MedianWithout(sorted, static_cast<size_t>(own - sorted.begin()));
    if (!IsFarAbove(sum.records, median)) continue;
    report->signals.push_back(SignalOf(
        SignalKind::kAbovePeers, InWords(actor),
        absl::StrCat(sum.records, " records, more than ", rules_.times,
                     " times ", median, ", the median of ", sorted.size() - 1,
                     people ? " other people" : " other certificates"),
        sum));
  }
}

void VolumeSignals::ReportCases(SignalReport* report) const {
  for (const auto& [reference, evidence] : cases_) {
    if (evidence.records <= rules_.per_case) continue;
    report->signals.push_back(
        SignalOf(SignalKind::kManyUnderCase, reference,
                 absl::StrCat(evidence.records,
                              " records under this case reference, "
                              "more than ",
                              rules_.per_case),
                 evidence));
  }
}

void VolumeSignals::Report(SignalReport* report) const {
  ReportPast(report);
  ReportPeers(/*people=*/true, report);
  ReportPeers(/*people=*/false, report);
  ReportCases(report);
  if (acts_ == 0) return;
  report->not_told.emplace_back(
      "how many people records stand for: entries count records, and somebody "
      "may be in several");
  if (without_person_ > 0) {
    report->not_told.push_back(absl::StrCat(
        "who stood behind ", without_person_, " of ", acts_,
        " acts: they name no acting person, and count for their certificate"));
  }
  if (without_case_ > 0) {
    report->not_told.push_back(absl::StrCat("for which case ", without_case_,
                                            " of ", acts_,
                                            " acts were: they name none"));
  }
}

}  // namespace entente::client

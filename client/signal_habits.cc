#include "client/signal_habits.h"

#include "absl/strings/str_cat.h"
#include "client/entry_filter.h"

namespace entente::client {
namespace {

// What somebody does, rather than what follows from it.
bool IsAct(const policy::LedgerEntry& entry) {
  return entry.kind == policy::EntryKind::kBatch ||
         entry.kind == policy::EntryKind::kQuery ||
         entry.kind == policy::EntryKind::kEnrolment;
}

}  // namespace

void HabitSignals::See(const FoundEntry& found) {
  const policy::LedgerEntry& entry = found.entry;
  if (IsUse(entry)) SeePurpose(found);
  if (!IsAct(entry) || entry.time < rules_.since) return;
  Hours& hours = hours_[ActorOf(entry)];
  ++hours.acts;
  if (!IsWithin(rules_.hours, entry.time, rules_.zone)) {
    hours.outside.Add(found, 0);
  }
}

void HabitSignals::SeePurpose(const FoundEntry& found) {
  const policy::LedgerEntry& entry = found.entry;
  const std::string agency = AgencyOfUri(entry.actor);
  const auto [habit, is_first] =
      purposes_.try_emplace(agency, Purposes{entry.time, {}});
  Purposes& purposes = habit->second;
  if (!purposes.used.insert(entry.purpose).second || is_first) return;
  const absl::Duration since = entry.time - purposes.began;
  if (since < kSettledAfter) return;
  new_purposes_.push_back(
      {SignalKind::kFirstPurpose,
       agency,
       absl::StrCat("purpose ", entry.purpose, " for the first time, ",
                    since / absl::Hours(24),
                    " days after the first act of this agency; new is what "
                    "comes after ",
                    kSettledAfter / absl::Hours(24)),
       entry.time,
       entry.time,
       {found.place}});
}

void HabitSignals::Report(SignalReport* report) const {
  report->signals.insert(report->signals.end(), new_purposes_.begin(),
                         new_purposes_.end());
  for (const auto& [actor, hours] : hours_) {
    if (hours.outside.entries.empty()) continue;
    report->signals.push_back(
        {SignalKind::kOutsideHours, InWords(actor),
         absl::StrCat(hours.outside.entries.size(), " of ", hours.acts,
                      " acts outside ", HoursText(rules_.hours), ", ",
                      rules_.zone.name()),
         hours.outside.first, hours.outside.last, hours.outside.entries});
  }
  if (hours_.empty()) return;
  report->not_told.emplace_back(
      "whether a person or a program acted outside hours, and which days are "
      "holidays");
}

}  // namespace entente::client

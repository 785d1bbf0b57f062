// What in a ledger may be misuse, and from when on it counts.
#ifndef ENTENTE_CLIENT_MISUSE_SIGNAL_H_
#define ENTENTE_CLIENT_MISUSE_SIGNAL_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "client/entry_search.h"

namespace entente::client {

// So many times the median is far above it.
inline constexpr uint64_t kTimesMedian = 10;
// And so many records at least: ten times two is nothing.
inline constexpr uint64_t kLeastRecords = 50;
// A past has so many days with acts at least, or nothing is compared with it.
inline constexpr size_t kFewestDays = 10;
// Others of one kind, likewise.
inline constexpr size_t kFewestPeers = 3;
// Records under one case reference.
inline constexpr uint64_t kRecordsPerCase = 500;
// How long an agency has used an agreement before its purposes are its habit.
inline constexpr absl::Duration kSettledAfter = absl::Hours(24 * 30);
// Refused questions that are each a small change of another, none twice.
inline constexpr uint64_t kProbes = 5;
// How much of a question may change at once, of the names that it consists of.
inline constexpr size_t kSmallChange = 2;
// Between one such question and the next.
inline constexpr absl::Duration kProbeGap = absl::Hours(24);
// Of a day's quota of enrolments.
inline constexpr uint64_t kNearQuotaPercent = 80;

enum class SignalKind {
  kAboveOwnPast,
  kAbovePeers,
  kOutsideHours,
  kManyUnderCase,
  kFirstPurpose,
  kProbing,
  kNearQuota,
};

// `above_own_past` and the like. Stable.
absl::string_view WordOf(SignalKind kind);

// One reason to ask somebody a question. It proves nothing.
struct Signal {
  SignalKind kind = SignalKind::kAboveOwnPast;
  std::string who;     // the actor, agency or case that it is about
  std::string reason;  // one sentence, with the numbers and the threshold
  absl::Time first;
  absl::Time last;
  std::vector<Place> entries;  // all that it rests on, in their order
};

// When people work, by the clock of a time zone.
struct WorkingHours {
  int from = 7 * 60;  // minutes of the day; before `to`, or else over midnight
  int to = 19 * 60;   // no longer
  std::array<bool, 7> days = {true, true,  true, true,
                              true, false, false};  // Monday first
};

// Reads `07:00-19:00` and `mon-fri` (or one day). A usage error naming the
// option: --hours or --days.
absl::StatusOr<WorkingHours> ParseWorkingHours(absl::string_view hours,
                                               absl::string_view days);

// Whether `time` is among `hours` in `zone`. Knows of no holidays.
bool IsWithin(const WorkingHours& hours, absl::Time time, absl::TimeZone zone);

// `07:00-19:00 on mon,tue,wed,thu,fri`.
std::string HoursText(const WorkingHours& hours);

struct SignalRules {
  absl::TimeZone zone = absl::UTCTimeZone();  // of days and hours
  // Signals whose last entry is older are left out, and sums begin here; the
  // past before is still what acts are compared with.
  absl::Time since = absl::InfinitePast();
  WorkingHours hours = {};
  uint64_t times = kTimesMedian;
  uint64_t least = kLeastRecords;
  uint64_t per_case = kRecordsPerCase;
  uint64_t probes = kProbes;
  uint64_t quota_percent = kNearQuotaPercent;
};

struct SignalReport {
  std::vector<Signal> signals;        // by their last entry, the newest first
  std::vector<std::string> not_told;  // what the entries cannot tell
};

// Looks for one thing in entries that it is given in their order. Not
// thread-safe.
class SignalDetector {
 public:
  virtual ~SignalDetector() = default;

  virtual void See(const FoundEntry& found) = 0;
  // Adds what was found up to now.
  virtual void Report(SignalReport* report) const = 0;
};

}  // namespace entente::client

#endif  // ENTENTE_CLIENT_MISUSE_SIGNAL_H_

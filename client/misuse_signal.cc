#include "client/misuse_signal.h"

#include <algorithm>
#include <optional>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_split.h"
#include "absl/time/civil_time.h"
#include "client/error.h"

namespace entente::client {
namespace {

constexpr int kMinutesADay = 24 * 60;

constexpr std::array<absl::string_view, 7> kDayNames = {
    "mon", "tue", "wed", "thu", "fri", "sat", "sun"};

// `07:30` as minutes of the day.
std::optional<int> MinutesOf(absl::string_view text) {
  int hour = 0;
  int minute = 0;
  if (text.size() != 5 || text[2] != ':' ||
      !absl::SimpleAtoi(text.substr(0, 2), &hour) ||
      !absl::SimpleAtoi(text.substr(3), &minute) || hour < 0 || minute < 0 ||
      minute > 59) {
    return std::nullopt;
  }
  const int minutes = 60 * hour + minute;
  return minutes <= kMinutesADay ? std::optional<int>(minutes) : std::nullopt;
}

std::optional<size_t> DayOf(absl::string_view text) {
  const auto* const found = std::find(kDayNames.begin(), kDayNames.end(), text);
  if (found == kDayNames.end()) return std::nullopt;
  return static_cast<size_t>(found - kDayNames.begin());
}

std::string ClockText(int minutes) {
  return absl::StrFormat("%02d:%02d", minutes / 60, minutes % 60);
}

}  // namespace

absl::string_view WordOf(SignalKind kind) {
  switch (kind) {
    case SignalKind::kAboveOwnPast:
      return "above_own_past";
    case SignalKind::kAbovePeers:
      return "above_peers";
    case SignalKind::kOutsideHours:
      return "outside_hours";
    case SignalKind::kManyUnderCase:
      return "many_under_case";
    case SignalKind::kFirstPurpose:
      return "first_purpose";
    case SignalKind::kProbing:
      return "probing";
    case SignalKind::kNearQuota:
      break;
  }
  return "near_quota";
}

absl::StatusOr<WorkingHours> ParseWorkingHours(absl::string_view hours,
                                               absl::string_view days) {
  WorkingHours parsed;
  const std::vector<absl::string_view> ends = absl::StrSplit(hours, '-');
  const auto from = MinutesOf(ends[0]);
  const auto to = MinutesOf(ends.back());
  if (ends.size() != 2 || !from.has_value() || !to.has_value() ||
      *from == *to) {
    return UsageError(
        absl::StrCat("--hours: \"", hours, "\" is no time of day"),
        "07:00-19:00, or 22:00-06:00 over midnight");
  }
  const std::vector<absl::string_view> week = absl::StrSplit(days, '-');
  const auto first = DayOf(week[0]);
  const auto last = DayOf(week.back());
  if (week.size() > 2 || !first.has_value() || !last.has_value()) {
    return UsageError(absl::StrCat("--days: \"", days, "\" are no days"),
                      "mon-fri, sat-sun, or one of mon, tue, wed, thu, fri, "
                      "sat, sun");
  }
  parsed.from = *from;
  parsed.to = *to;
  parsed.days.fill(false);
  for (size_t day = *first;; day = (day + 1) % parsed.days.size()) {
    parsed.days[day] = true;
    if (day == *last) return parsed;
  }
}

bool IsWithin(const WorkingHours& hours, absl::Time time, absl::TimeZone zone) {
  const absl::CivilMinute at = absl::ToCivilMinute(time, zone);
  if (!hours.days[static_cast<size_t>(absl::GetWeekday(at))]) return false;
  const int minutes = 60 * at.hour() + at.minute();
  if (hours.from < hours.to) {
    return minutes >= hours.from && minutes < hours.to;
  }
  return minutes >= hours.from || minutes < hours.to;
}

std::string HoursText(const WorkingHours& hours) {
  std::string days;
  for (size_t day = 0; day < hours.days.size(); ++day) {
    if (hours.days[day]) {
      absl::StrAppend(&days, days.empty() ? "" : ",", kDayNames[day]);
    }
  }
  return absl::StrCat(ClockText(hours.from), "-", ClockText(hours.to), " on ",
                      days);
}

}  // namespace entente::client

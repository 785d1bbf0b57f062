#include "client/expiry.h"

#include <algorithm>

#include "absl/strings/str_cat.h"

namespace entente::client {
namespace {

std::string Days(int64_t days) {
  return days == 1 ? "1 day" : absl::StrCat(days, " days");
}

std::string Words(const Term& term, const Warning& warning) {
  const std::string on = absl::StrCat(" (", InstantText(term.end), ")");
  if (warning.within == 0) {
    return absl::StrCat(
        term.what, " ", term.ended,
        warning.days < -1
            ? absl::StrCat(" ", Days(-1 - warning.days), " ago", on)
            : on);
  }
  if (warning.within == 1) {
    return absl::StrCat(term.what, " ", term.ends, " within a day", on,
                        ": act now, ", term.after);
  }
  return absl::StrCat(term.what, " ", term.ends,
                      warning.within == 7 ? " this week, in " : " in ",
                      Days(warning.days), on);
}

}  // namespace

std::string InstantText(absl::Time time) {
  return absl::FormatTime("%Y-%m-%dT%H:%M:%SZ", time, absl::UTCTimeZone());
}

int64_t DaysLeft(absl::Time end, absl::Time now) {
  return absl::ToInt64Seconds(absl::Floor(end - now, absl::Hours(24))) / 86400;
}

absl::optional<Warning> WarningOf(const Term& term, absl::Time now) {
  if (term.end - now > absl::Hours(24) * term.warn_days[0]) {
    return absl::nullopt;
  }
  Warning warning;
  warning.code = term.code;
  warning.days = DaysLeft(term.end, now);
  for (const int days : term.warn_days) {
    if (term.end - now <= absl::Hours(24) * days) warning.within = days;
  }
  if (term.end <= now) warning.within = 0;
  warning.what = Words(term, warning);
  warning.next = term.next;
  return warning;
}

std::vector<Warning> WarningsOf(const std::vector<Term>& terms,
                                absl::Time now) {
  std::vector<Warning> warnings;
  for (const Term& term : terms) {
    absl::optional<Warning> warning = WarningOf(term, now);
    if (warning.has_value()) warnings.push_back(*std::move(warning));
  }
  std::stable_sort(
      warnings.begin(), warnings.end(),
      [](const Warning& a, const Warning& b) { return a.days < b.days; });
  return warnings;
}

Record ToRecord(const Warning& warning) {
  return {{"code", warning.code},
          {"what", warning.what},
          {"days", warning.days},
          {"within", warning.within},
          {"next", warning.next}};
}

}  // namespace entente::client

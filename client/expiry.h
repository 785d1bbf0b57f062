// What soon runs out, told early enough to do something about it.
#ifndef ENTENTE_CLIENT_EXPIRY_H_
#define ENTENTE_CLIENT_EXPIRY_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "absl/types/optional.h"
#include "absl/types/span.h"
#include "client/output.h"

namespace entente::client {

// How many days before the end people are warned, each time in other words.
inline constexpr int kWarnDays[] = {30, 7, 1};
// The same for a review, which takes people's time.
inline constexpr int kReviewWarnDays[] = {90, 30, 7, 1};

// Something that ends.
struct Term {
  std::string code;  // of its warning, stable: `CERTIFICATE_EXPIRES`
  std::string what;  // `the certificate`
  absl::Time end;    // from here on it is of no use
  std::string next;  // what to do, as a command where there is one
  absl::Span<const int> warn_days = kWarnDays;  // from the most on
  // `has ended`, and what ends: of a review, `is overdue` and `is overdue`.
  absl::string_view ended = "has ended";
  absl::string_view ends = "ends";
  std::string after = "nothing works after that";
};

// What `status` and `doctor` say of a term.
struct Warning {
  std::string code;  // the term's
  std::string what;  // with days and date
  int64_t days = 0;  // whole days left, rounded down; negative once it is over
  int within = 0;    // of warn_days; 0 once it is over
  std::string next;
};

// None while more than the most of its warn_days are left at `now`.
absl::optional<Warning> WarningOf(const Term& term, absl::Time now);

// Those of `terms`, the most urgent first.
std::vector<Warning> WarningsOf(const std::vector<Term>& terms, absl::Time now);

// {"code","what","days","within","next"}.
Record ToRecord(const Warning& warning);

// `2026-03-31T12:00:00Z`, and the whole days from `now` to `end`, rounded down.
std::string InstantText(absl::Time time);
int64_t DaysLeft(absl::Time end, absl::Time now);

}  // namespace entente::client

#endif  // ENTENTE_CLIENT_EXPIRY_H_

#include "policy/age.h"

namespace entente::policy {

std::optional<int64_t> AgeOn(absl::CivilDay born, absl::CivilDay day) {
  if (born > day) return std::nullopt;
  const bool before_anniversary =
      day.month() < born.month() ||
      (day.month() == born.month() && day.day() < born.day());
  const int64_t age = day.year() - born.year() - (before_anniversary ? 1 : 0);
  if (age > kMaxAge) return std::nullopt;
  return age;
}

}  // namespace entente::policy

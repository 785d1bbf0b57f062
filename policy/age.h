// Ages, as the law counts them.
#ifndef ENTENTE_POLICY_AGE_H_
#define ENTENTE_POLICY_AGE_H_

#include <cstdint>
#include <optional>

#include "absl/time/civil_time.h"

namespace entente::policy {

// Above it, a birth date or an age is a slip of the pen.
inline constexpr int64_t kMaxAge = 130;

// Whole years on `day` of a person born on `born`: one more from the beginning
// of each anniversary (Family Law Reform Act 1969 s.9). Who was born on 29
// February is a year older on 1 March where there is no such day. Nothing if
// `born` is after `day`, or more than kMaxAge years before.
std::optional<int64_t> AgeOn(absl::CivilDay born, absl::CivilDay day);

}  // namespace entente::policy

#endif  // ENTENTE_POLICY_AGE_H_

// The reviews that an agreement promises, and what happens without them.
#ifndef ENTENTE_POLICY_REVIEW_H_
#define ENTENTE_POLICY_REVIEW_H_

#include <string>
#include <vector>

#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "policy/agreement.h"

namespace entente::policy {

// A review with a last day. Once that day is over the agreement is suspended,
// by what its signatories signed and without anybody's doing, until a version
// with a later day takes its place.
struct Review {
  std::string clause;  // `valid.review_by`
  std::string what;    // `the review of the impact assessment DPIA-1`
  absl::CivilDay due;  // its last day

  // The first instant at which it is overdue: 00:00 UTC of the day after.
  absl::Time Overdue() const;
  bool operator==(const Review&) const = default;
};

// That of the agreement itself, and those of its assessments that name a day,
// the earliest first.
std::vector<Review> ReviewsOf(const Agreement& agreement);

// Those of them that are overdue at `now`.
std::vector<Review> OverdueReviews(const Agreement& agreement, absl::Time now);

}  // namespace entente::policy

#endif  // ENTENTE_POLICY_REVIEW_H_

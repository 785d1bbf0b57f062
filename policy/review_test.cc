#include "policy/review.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "policy/test_route.h"

namespace entente::policy {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

Agreement Reviewed() {
  Agreement document = Document();
  document.valid.review_by = absl::CivilDay(2027, 10, 31);
  document.governance.dpia = {"DPIA-1", absl::CivilDay(2026, 9, 14),
                              absl::CivilDay(2027, 9, 14)};
  document.governance.ethics = {"E-1", absl::CivilDay(2026, 9, 1),
                                absl::CivilDay(2027, 9, 1)};
  return document;
}

std::vector<std::string> Clauses(const std::vector<Review>& reviews) {
  std::vector<std::string> clauses;
  for (const Review& review : reviews) clauses.push_back(review.clause);
  return clauses;
}

TEST(Review, ListsTheEarliestFirst) {
  const std::vector<Review> reviews = ReviewsOf(Reviewed());
  EXPECT_THAT(Clauses(reviews),
              ElementsAre("governance.ethics.review_by",
                          "governance.dpia.review_by", "valid.review_by"));
  EXPECT_EQ(reviews[1].what, "the review of the impact assessment DPIA-1");
}

TEST(Review, AnAssessmentWithoutADayHasNone) {
  Agreement document = Reviewed();
  document.governance.dpia.review_by.reset();
  document.governance.ethics.reset();
  EXPECT_THAT(Clauses(ReviewsOf(document)), ElementsAre("valid.review_by"));
}

TEST(Review, ItsLastDayBelongsToIt) {
  const Agreement document = Reviewed();
  const absl::Time overdue =
      absl::FromCivil(absl::CivilDay(2027, 9, 2), absl::UTCTimeZone());
  EXPECT_THAT(OverdueReviews(document, overdue - absl::Nanoseconds(1)),
              IsEmpty());
  EXPECT_THAT(Clauses(OverdueReviews(document, overdue)),
              ElementsAre("governance.ethics.review_by"));
  EXPECT_EQ(ReviewsOf(document).front().Overdue(), overdue);
  EXPECT_EQ(OverdueReviews(document, absl::InfiniteFuture()).size(), 3u);
}

}  // namespace
}  // namespace entente::policy

#include "policy/review.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"

namespace entente::policy {
namespace {

void AddReviewOf(const Assessment& assessment, absl::string_view path,
                 absl::string_view what, std::vector<Review>* reviews) {
  if (!assessment.review_by.has_value()) return;
  reviews->push_back(
      {absl::StrCat(path, ".review_by"),
       absl::StrCat("the review of the ", what, " ", assessment.ref),
       *assessment.review_by});
}

}  // namespace

absl::Time Review::Overdue() const {
  return absl::FromCivil(due + 1, absl::UTCTimeZone());
}

std::vector<Review> ReviewsOf(const Agreement& agreement) {
  std::vector<Review> reviews = {
      {"valid.review_by", "its review", agreement.valid.review_by}};
  const Governance& governance = agreement.governance;
  AddReviewOf(governance.dpia, "governance.dpia", "impact assessment",
              &reviews);
  if (governance.ethics.has_value()) {
    AddReviewOf(*governance.ethics, "governance.ethics", "ethics approval",
                &reviews);
  }
  std::stable_sort(
      reviews.begin(), reviews.end(),
      [](const Review& a, const Review& b) { return a.due < b.due; });
  return reviews;
}

std::vector<Review> OverdueReviews(const Agreement& agreement, absl::Time now) {
  std::vector<Review> reviews = ReviewsOf(agreement);
  reviews.erase(std::remove_if(reviews.begin(), reviews.end(),
                               [&](const Review& review) {
                                 return now < review.Overdue();
                               }),
                reviews.end());
  return reviews;
}

}  // namespace entente::policy

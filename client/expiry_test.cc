#include "client/expiry.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <tuple>

namespace entente::client {
namespace {

using testing::HasSubstr;

constexpr absl::Duration kOneDay = absl::Hours(24);

Term Ending(absl::Time end) {
  return {"CERTIFICATE_EXPIRES", "the certificate", end, "renew it"};
}

struct WarningCase {
  absl::Duration left;
  int64_t days;
  int within;  // -1: no warning
  std::string words;
};

TEST(Expiry, WarnsAtThirtySevenAndOneDaysAndOnceItIsOver) {
  const absl::Time now = absl::FromUnixSeconds(1795000000);
  const absl::Duration second = absl::Seconds(1);
  const WarningCase cases[] = {
      {31 * kOneDay, 31, -1, ""},
      {30 * kOneDay + second, 30, -1, ""},
      {30 * kOneDay, 30, 30, "ends in 30 days"},
      {29 * kOneDay + 23 * absl::Hours(1), 29, 30, "ends in 29 days"},
      {7 * kOneDay + second, 7, 30, "ends in 7 days"},
      {7 * kOneDay, 7, 7, "ends this week, in 7 days"},
      {kOneDay + second, 1, 7, "ends this week, in 1 day "},
      {kOneDay, 1, 1, "ends within a day"},
      {second, 0, 1, "ends within a day"},
      {absl::ZeroDuration(), 0, 0, "has ended ("},
      {-second, -1, 0, "has ended ("},
      {-kOneDay - second, -2, 0, "has ended 1 day ago"},
      {-3 * kOneDay - second, -4, 0, "has ended 3 days ago"},
  };
  for (const WarningCase& one : cases) {
    SCOPED_TRACE(absl::FormatDuration(one.left));
    const auto warning = WarningOf(Ending(now + one.left), now);
    EXPECT_EQ(DaysLeft(now + one.left, now), one.days);
    ASSERT_EQ(warning.has_value(), one.within >= 0);
    if (!warning.has_value()) continue;
    EXPECT_EQ(warning->days, one.days);
    EXPECT_EQ(warning->within, one.within);
    EXPECT_EQ(warning->code, "CERTIFICATE_EXPIRES");
    EXPECT_EQ(warning->next, "renew it");
    EXPECT_THAT(warning->what, HasSubstr("the certificate " + one.words));
    EXPECT_THAT(warning->what, HasSubstr(InstantText(now + one.left)));
  }
}

TEST(Expiry, ThatWhichLastsForEverIsNeverWarnedOf) {
  EXPECT_FALSE(WarningOf(Ending(absl::InfiniteFuture()),
                         absl::FromUnixSeconds(1795000000))
                   .has_value());
}

TEST(Expiry, PutsTheMostUrgentFirst) {
  const absl::Time now = absl::FromUnixSeconds(1795000000);
  const std::vector<Warning> warnings =
      WarningsOf({Ending(now + 20 * kOneDay), Ending(now + 90 * kOneDay),
                  Ending(now - kOneDay), Ending(now + 5 * kOneDay)},
                 now);
  ASSERT_EQ(warnings.size(), 3u);
  EXPECT_EQ(warnings[0].days, -1);
  EXPECT_EQ(warnings[1].days, 5);
  EXPECT_EQ(warnings[2].days, 20);
  EXPECT_EQ(ToJson(ToRecord(warnings[1])),
            "{\"code\":\"CERTIFICATE_EXPIRES\",\"what\":\"the certificate ends "
            "this week, in 5 days (" +
                InstantText(now + 5 * kOneDay) +
                ")\",\"days\":5,\"within\":7,\"next\":\"renew it\"}");
}

TEST(Expiry, WarnsOfReviewsFromNinetyDaysOn) {
  const absl::Time now = absl::FromUnixSeconds(1795000000);
  Term review = {"REVIEW_DUE", "isa-small: its review", now, "carry it out"};
  review.warn_days = kReviewWarnDays;
  review.ended = "is overdue, which suspends the agreement";
  review.ends = "is overdue";
  const std::tuple<int, int, std::string> cases[] = {
      {91, -1, ""},
      {90, 90, "its review is overdue in 90 days"},
      {31, 90, "is overdue in 31 days"},
      {30, 30, "is overdue in 30 days"},
      {7, 7, "is overdue this week, in 7 days"},
      {1, 1, "is overdue within a day"},
      {0, 0, "its review is overdue, which suspends the agreement"},
  };
  for (const auto& [days, within, words] : cases) {
    SCOPED_TRACE(days);
    review.end = now + days * kOneDay;
    const auto warning = WarningOf(review, now);
    ASSERT_EQ(warning.has_value(), within >= 0);
    if (!warning.has_value()) continue;
    EXPECT_EQ(warning->within, within);
    EXPECT_THAT(warning->what, HasSubstr(words));
  }
}

}  // namespace
}  // namespace entente::client

#include "client/ledger_stats.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "client/error.h"

namespace entente::client {
namespace {

using testing::ElementsAre;
using testing::Pair;

absl::Time Day(int month, int day, int hour = 12) {
  return absl::FromCivil(absl::CivilHour(2027, month, day, hour),
                         absl::UTCTimeZone());
}

policy::LedgerEntry Act(policy::EntryKind kind, absl::Time time,
                        const std::string& batch, uint64_t records = 0) {
  policy::LedgerEntry entry;
  entry.kind = kind;
  entry.time = time;
  entry.outcome = policy::Outcome::kAllow;
  entry.sender = "north";
  entry.recipient = "west";
  entry.flow = "persons";
  entry.purpose = "series";
  entry.batch = batch;
  entry.records = records;
  return entry;
}

policy::LedgerEntry Refused(absl::Time time, std::vector<std::string> codes) {
  policy::LedgerEntry entry = Act(policy::EntryKind::kBatch, time, "r", 50);
  entry.outcome = policy::Outcome::kDeny;
  for (const std::string& code : codes) entry.reasons.push_back({code, ""});
  return entry;
}

class LedgerStatsTest : public testing::Test {
 protected:
  LedgerStats stats_{Period::kDay, absl::UTCTimeZone()};
};

TEST_F(LedgerStatsTest, CountsBatchesByPeriodDirectionAndPurpose) {
  using policy::EntryKind;
  stats_.Add(Act(EntryKind::kBatch, Day(3, 1), "a", 10));
  stats_.Add(Act(EntryKind::kBatch, Day(3, 2), "b", 5));
  stats_.Add(Refused(Day(3, 2), {"QUOTA_USED"}));
  policy::LedgerEntry back = Act(EntryKind::kBatch, Day(3, 2), "c", 2);
  std::swap(back.sender, back.recipient);
  back.purpose = "tasking";
  stats_.Add(back);
  ASSERT_EQ(stats_.periods().size(), 2u);
  const BatchCounts& second = stats_.periods().at("2027-03-02");
  EXPECT_EQ(second.allowed, 2u);
  EXPECT_EQ(second.refused, 1u);
  EXPECT_EQ(second.records, 7u) << "what was refused was not given";
  const BatchCounts& there =
      stats_.directions().at({"north", "west", "persons"});
  EXPECT_EQ(there.records, 15u);
  EXPECT_EQ(stats_.directions().at({"west", "north", "persons"}).records, 2u);
  EXPECT_EQ(stats_.purposes().at("tasking").allowed, 1u);
  EXPECT_EQ(stats_.entries(), 4u);
}

TEST_F(LedgerStatsTest, CountsEveryReasonOfEveryRefusal) {
  stats_.Add(Refused(Day(3, 1), {"QUOTA_USED", "TOO_MANY"}));
  stats_.Add(Refused(Day(3, 1), {"QUOTA_USED"}));
  policy::LedgerEntry call;
  call.kind = policy::EntryKind::kRefusedCall;
  call.reasons = {{"ROLE_NOT_ALLOWED", ""}};
  stats_.Add(call);
  EXPECT_THAT(stats_.reasons(),
              ElementsAre(Pair("QUOTA_USED", 2), Pair("ROLE_NOT_ALLOWED", 1),
                          Pair("TOO_MANY", 1)));
  EXPECT_THAT(stats_.kinds(),
              ElementsAre(Pair("batch", 2), Pair("refused_call", 1)));
}

TEST_F(LedgerStatsTest, MeasuresFromTheBatchToItsDelivery) {
  EXPECT_FALSE(stats_.TimeToDelivery(50).has_value());
  for (int i = 1; i <= 100; ++i) {
    const std::string batch = absl::StrCat("b", i);
    stats_.Add(Act(policy::EntryKind::kBatch, Day(3, 1), batch));
    if (i == 100) continue;
    stats_.Add(
        Act(policy::EntryKind::kDelivery, Day(3, 1) + absl::Seconds(i), batch));
  }
  EXPECT_EQ(stats_.undelivered(), 1u);
  EXPECT_EQ(*stats_.TimeToDelivery(50), absl::Seconds(50));
  EXPECT_EQ(*stats_.TimeToDelivery(99), absl::Seconds(99));
  EXPECT_EQ(*stats_.TimeToDelivery(0), absl::Seconds(1));
  // A delivery whose batch is not among the entries says nothing.
  stats_.Add(Act(policy::EntryKind::kDelivery, Day(3, 9), "elsewhere"));
  EXPECT_EQ(*stats_.TimeToDelivery(99), absl::Seconds(99));
}

TEST(PeriodTest, BeginsWhereItDoesInTheZone) {
  const absl::TimeZone utc = absl::UTCTimeZone();
  const absl::Time night = Day(3, 1, 23);  // a Monday
  EXPECT_EQ(PeriodOf(night, Period::kDay, utc), "2027-03-01");
  EXPECT_EQ(PeriodOf(night, Period::kDay, absl::FixedTimeZone(7200)),
            "2027-03-02");
  EXPECT_EQ(PeriodOf(night, Period::kWeek, utc), "2027-03-01");
  EXPECT_EQ(PeriodOf(Day(3, 7), Period::kWeek, utc), "2027-03-01");
  EXPECT_EQ(PeriodOf(Day(3, 8), Period::kWeek, utc), "2027-03-08");
  EXPECT_EQ(PeriodOf(Day(3, 31), Period::kMonth, utc), "2027-03-01");
}

TEST(PeriodTest, IsReadByItsName) {
  EXPECT_EQ(*ParsePeriod("week"), Period::kWeek);
  EXPECT_EQ(FromStatus(ParsePeriod("year").status()).exit, ExitCode::kUsage);
}

}  // namespace
}  // namespace entente::client

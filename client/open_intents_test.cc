#include "client/open_intents.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "client/test_acts.h"
#include "policy/break_glass.h"

namespace entente::client {
namespace {

using policy::EntryKind;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

const std::string kGrant(64, 'c');

class OpenIntentsTest : public testing::Test {
 protected:
  void See(policy::LedgerEntry entry) { intents_.See({0, next_++}, entry); }
  void Glass(EntryKind kind, absl::Time time,
             std::map<std::string, std::string> detail = {}) {
    policy::LedgerEntry entry;
    entry.kind = kind;
    entry.time = time;
    entry.outcome = policy::Outcome::kAllow;
    entry.detail = std::move(detail);
    entry.detail["break_glass"] = kGrant;
    See(entry);
  }
  void Own(EntryKind kind, absl::Time time) {
    policy::LedgerEntry entry;
    entry.kind = kind;
    entry.time = time;
    entry.outcome = policy::Outcome::kAllow;
    See(entry);
  }
  void Delivered(absl::Time time, const std::string& batch) {
    policy::LedgerEntry entry = SentBatch(time);
    entry.kind = EntryKind::kDelivery;
    entry.batch = batch;
    See(entry);
  }
  void Sent(absl::Time time, const std::string& batch) {
    policy::LedgerEntry entry = SentBatch(time);
    entry.batch = batch;
    See(entry);
  }

  OpenIntents intents_;
  uint64_t next_ = 0;
};

TEST_F(OpenIntentsTest, ABatchThatWasNeverDeliveredIsOpenAfterItsLastInstant) {
  Sent(kMonday, std::string(32, '1'));
  Sent(kMonday, std::string(32, '2'));
  Delivered(DaysOn(1), std::string(32, '1'));
  EXPECT_THAT(intents_.Overdue(DaysOn(7)), IsEmpty());
  const auto open = intents_.Overdue(DaysOn(7) + absl::Milliseconds(1));
  ASSERT_THAT(open, SizeIs(1));
  EXPECT_EQ(open[0].place, (Place{0, 1}));
  EXPECT_EQ(open[0].kind, EntryKind::kBatch);
  EXPECT_EQ(open[0].sentence,
            "batch 22222222 of north to west was accepted on "
            "2027-03-01T12:00:00.000Z and nothing says that it was delivered");
}

TEST_F(OpenIntentsTest, ARefusedDeliveryDeliversNothing) {
  Sent(kMonday, "1");
  policy::LedgerEntry refused = RefusedBatch(DaysOn(1), "BAD_SIGNATURE");
  refused.kind = EntryKind::kDelivery;
  refused.batch = "1";
  See(refused);
  EXPECT_THAT(intents_.Overdue(DaysOn(8)), SizeIs(1));
}

TEST_F(OpenIntentsTest, ARefusedBatchWaitsForNothing) {
  See(RefusedBatch(kMonday, "NO_FLOW"));
  EXPECT_THAT(intents_.Overdue(DaysOn(800)), IsEmpty());
}

TEST_F(OpenIntentsTest, AskedForAndNeitherApprovedNorEndedIsOpen) {
  Glass(EntryKind::kBreakGlassAsked, kMonday);
  const absl::Time due = kMonday + policy::kMaxApprovalWait + kEndSlack;
  EXPECT_THAT(intents_.Overdue(due), IsEmpty());
  ASSERT_THAT(intents_.Overdue(due + absl::Seconds(1)), SizeIs(1));
  Glass(EntryKind::kBreakGlassEnded, due, {{"cause", "not_approved"}});
  EXPECT_THAT(intents_.Overdue(absl::InfiniteFuture()), IsEmpty());
}

TEST_F(OpenIntentsTest, ApprovedAndNeverEndedIsOpen) {
  Glass(EntryKind::kBreakGlassAsked, kMonday);
  Glass(EntryKind::kBreakGlassApproved, kMonday,
        {{"until", "2027-03-01T12:30:00.000Z"}});
  const absl::Time due = kMonday + absl::Minutes(30) + kEndSlack;
  EXPECT_THAT(intents_.Overdue(due), IsEmpty());
  const auto open = intents_.Overdue(due + absl::Seconds(1));
  ASSERT_THAT(open, SizeIs(1));
  EXPECT_EQ(open[0].sentence,
            "break-glass cccccccc was approved until 2027-03-01T12:30:00.000Z "
            "and never ended");
}

TEST_F(OpenIntentsTest, AnApprovalThatDoesNotSayUntilWhenLastsAtMostAnHour) {
  Glass(EntryKind::kBreakGlassApproved, kMonday);
  EXPECT_THAT(intents_.Overdue(kMonday + absl::Hours(1)), IsEmpty());
  EXPECT_THAT(intents_.Overdue(kMonday + absl::Hours(2)), SizeIs(1));
}

TEST_F(OpenIntentsTest, EndedAndNotReportedIsOpenUntilTheReport) {
  Glass(EntryKind::kBreakGlassApproved, kMonday);
  Glass(EntryKind::kBreakGlassEnded, kMonday + absl::Minutes(30),
        {{"report_due", "2027-03-03T12:30:00.000Z"}});
  EXPECT_THAT(intents_.Overdue(DaysOn(2)), IsEmpty());
  const auto open = intents_.Overdue(DaysOn(3));
  ASSERT_THAT(open, SizeIs(1));
  EXPECT_EQ(open[0].place, (Place{0, 1}));
  EXPECT_THAT(open[0].sentence, HasSubstr("was not filed"));
  // That it is overdue is on record, and ends nothing.
  Glass(EntryKind::kBreakGlassOverdue, DaysOn(3));
  EXPECT_THAT(intents_.Overdue(DaysOn(3)), SizeIs(1));
  Glass(EntryKind::kBreakGlassReported, DaysOn(4));
  EXPECT_THAT(intents_.Overdue(DaysOn(5)), IsEmpty());
}

TEST_F(OpenIntentsTest, AStartThatFollowsAStartTellsOfACrash) {
  Own(EntryKind::kBrokerStarted, kMonday);
  EXPECT_THAT(intents_.Overdue(DaysOn(9)), IsEmpty()) << "it runs";
  Own(EntryKind::kBrokerStopped, DaysOn(1));
  Own(EntryKind::kBrokerStarted, DaysOn(2));
  Own(EntryKind::kBrokerStarted, DaysOn(3));
  const auto open = intents_.Overdue(DaysOn(9));
  ASSERT_THAT(open, SizeIs(1));
  EXPECT_EQ(open[0].place, (Place{0, 2}));
  EXPECT_THAT(open[0].sentence, HasSubstr("2027-03-03"));
}

TEST_F(OpenIntentsTest, QueriesAreCountedAndNotPaired) {
  policy::LedgerEntry query = SentBatch(kMonday);
  query.kind = EntryKind::kQuery;
  See(query);
  EXPECT_EQ(intents_.unpaired(), 1u);
  EXPECT_THAT(intents_.Overdue(DaysOn(900)), IsEmpty());
}

TEST_F(OpenIntentsTest, KnowsUpToWhenItCanTell) {
  EXPECT_EQ(intents_.latest(), absl::InfinitePast());
  Sent(DaysOn(2), "1");
  Sent(DaysOn(1), "2");
  EXPECT_EQ(intents_.latest(), DaysOn(2));
}

}  // namespace
}  // namespace entente::client

#include "client/signal_enrolment.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "client/test_acts.h"

namespace entente::client {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Pair;
using testing::SizeIs;

const std::string kDigest(64, 'a');

class EnrolmentSignalsTest : public testing::Test {
 protected:
  EnrolmentSignalsTest() {
    policy::Agreement agreement;
    agreement.flows.resize(1);
    agreement.flows[0].from = {"north"};
    agreement.flows[0].limits.enrolments_per_day = 1000;
    signals_.Know({{kDigest, agreement}});
  }

  EnrolmentSignals signals_{SignalRules()};
  ShownEntries shown_{&signals_};
};

TEST_F(EnrolmentSignalsTest, FourFifthsOfTheQuotaAreASignal) {
  shown_.Show(EnrolledPeople(kMonday, 500, kDigest));
  shown_.Show(EnrolledPeople(DaysOn(0, 1), 300, kDigest));
  const auto signals = shown_.Signals();
  ASSERT_THAT(signals, SizeIs(1));
  EXPECT_EQ(signals[0].kind, SignalKind::kNearQuota);
  EXPECT_EQ(signals[0].who, "north");
  EXPECT_EQ(signals[0].reason,
            "800 enrolled on 2027-03-01 of 1000 a day; near is 80%");
  EXPECT_THAT(signals[0].entries, SizeIs(2));
}

TEST_F(EnrolmentSignalsTest, LessIsNoSignalNorAreTwoDays) {
  shown_.Show(EnrolledPeople(kMonday, 799, kDigest));
  // Quotas count by UTC day.
  shown_.Show(EnrolledPeople(DaysOn(0, 12), 799, kDigest));
  EXPECT_THAT(shown_.Signals(), IsEmpty());
  EXPECT_THAT(shown_.Report().not_told, IsEmpty());
}

TEST_F(EnrolmentSignalsTest, ARefusalForTheQuotaIsASignalWithoutADocument) {
  policy::LedgerEntry refused = EnrolledPeople(kMonday, 900, "");
  refused.outcome = policy::Outcome::kDeny;
  refused.reasons = {{"QUOTA_EXCEEDED", ""}};
  shown_.Show(refused);
  const auto signals = shown_.Signals();
  ASSERT_THAT(signals, SizeIs(1));
  EXPECT_EQ(signals[0].reason,
            "0 enrolled on 2027-03-01; 1 more calls were refused for the "
            "quota");
}

TEST_F(EnrolmentSignalsTest, OtherRefusalsEnrolNobody) {
  policy::LedgerEntry refused = EnrolledPeople(kMonday, 900, "");
  refused.outcome = policy::Outcome::kDeny;
  refused.reasons = {{"SCHEME_NOT_IN_AGREEMENT", ""}};
  shown_.Show(refused);
  EXPECT_THAT(shown_.Signals(), IsEmpty());
}

TEST_F(EnrolmentSignalsTest, AVersionWhoseDocumentIsNotHereIsNamed) {
  const std::string other(64, 'b');
  shown_.Show(EnrolledPeople(kMonday, 900, other));
  const SignalReport report = shown_.Report();
  EXPECT_THAT(report.signals, IsEmpty());
  ASSERT_THAT(report.not_told, SizeIs(1));
  EXPECT_THAT(report.not_told[0], HasSubstr("version 1 (" + other + ")"));
  EXPECT_THAT(signals_.versions(), ElementsAre(Pair(other, 1u)));
}

TEST_F(EnrolmentSignalsTest, AnAgreementWithoutAQuotaHasNoneToComeNear) {
  signals_.Know({{kDigest, policy::Agreement()}});
  shown_.Show(EnrolledPeople(kMonday, 1'000'000, kDigest));
  EXPECT_THAT(shown_.Signals(), IsEmpty());
  EXPECT_THAT(shown_.Report().not_told, IsEmpty());
}

}  // namespace
}  // namespace entente::client

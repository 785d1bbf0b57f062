#include "policy/enrolment_quota.h"

#include "gtest/gtest.h"

namespace entente::policy {
namespace {

TEST(EnrolmentQuota, IsTheLargestOfTheFlowsThatNameTheAgency) {
  Agreement agreement;
  EXPECT_EQ(EnrolmentsPerDay(agreement, "north"), std::nullopt);
  agreement.flows.resize(3);
  agreement.flows[0].from = {"north"};
  agreement.flows[0].to = {"west"};
  EXPECT_EQ(EnrolmentsPerDay(agreement, "north"), std::nullopt)
      << "a flow without a limit sets none";
  agreement.flows[0].limits.enrolments_per_day = 100;
  agreement.flows[1].from = {"west"};
  agreement.flows[1].to = {"north"};
  agreement.flows[1].limits.enrolments_per_day = 300;
  agreement.flows[2].from = {"west"};
  agreement.flows[2].to = {"east"};
  agreement.flows[2].limits.enrolments_per_day = 500;
  EXPECT_EQ(EnrolmentsPerDay(agreement, "north"), 300);
  EXPECT_EQ(EnrolmentsPerDay(agreement, "west"), 500);
  EXPECT_EQ(EnrolmentsPerDay(agreement, "east"), 500);
  EXPECT_EQ(EnrolmentsPerDay(agreement, "south"), std::nullopt);
}

}  // namespace
}  // namespace entente::policy

#include "policy/flows_under.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "policy/test_route.h"

namespace entente::policy {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

// What is left of the document's one flow under `tier`.
std::vector<Flow> Left(const Agreement& tier,
                       const Agreement& document = Document()) {
  return FlowsUnder(document, {&tier}).flows;
}

TEST(FlowsUnder, UnderNothingTheFlowsStandAsTheyAre) {
  const Agreement document = Document();
  const PlacedFlows left = FlowsUnder(document, {});
  EXPECT_EQ(left.flows, document.flows);
  EXPECT_THAT(left.places, ElementsAre("flows[0] crimes-for-analysis"));
}

TEST(FlowsUnder, UnderOneThatAllowsAsMuchNothingIsLost) {
  const std::vector<Flow> left = Left(Tier());
  ASSERT_THAT(left, SizeIs(1));
  EXPECT_EQ(left[0].methods, Document().flows[0].methods);
  EXPECT_EQ(left[0].release, Document().flows[0].release);
  EXPECT_EQ(left[0].id, "crimes-for-analysis");
}

TEST(FlowsUnder, AWayThatTheTierLacksIsGone) {
  Agreement tier = Tier();
  tier.flows[0].to = {"east"};
  EXPECT_THAT(Left(tier), IsEmpty());
  tier.flows[0].to = {"west"};
  tier.flows[0].dataset = "persons";
  EXPECT_THAT(Left(tier), IsEmpty());
  tier.flows[0].dataset = "crimes";
  tier.flows[0].purposes = {"investigation"};
  EXPECT_THAT(Left(tier), IsEmpty());
}

TEST(FlowsUnder, OnlyMethodsAndFieldsOfBothAreLeft) {
  Agreement tier = Tier();
  tier.flows[0].methods = {Method::kQuery, Method::kExtract};
  tier.flows[0].release["offence"].transform = Transform::kYear;
  const std::vector<Flow> left = Left(tier);
  ASSERT_THAT(left, SizeIs(1));
  EXPECT_THAT(left[0].methods, ElementsAre(Method::kQuery));
  EXPECT_EQ(left[0].release.count("offence"), 0u);
  EXPECT_EQ(left[0].release.count("person"), 1u);
  // What is withheld stays decided.
  EXPECT_EQ(left[0].release.count("victim"), 1u);
  tier.flows[0].methods = {Method::kExtract};
  EXPECT_THAT(Left(tier), IsEmpty());
}

TEST(FlowsUnder, AsItIsAboveAllowsAnyTreatmentBelow) {
  Agreement document = Document();
  document.flows[0].release["offence"].transform = Transform::kYear;
  const std::vector<Flow> left = Left(Tier(), document);
  ASSERT_THAT(left, SizeIs(1));
  EXPECT_EQ(left[0].release.at("offence").transform, Transform::kYear);
}

TEST(FlowsUnder, WithoutAFieldNothingIsLeft) {
  Agreement tier = Tier();
  tier.flows[0].release = {{"victim", {}}};
  EXPECT_THAT(Left(tier), IsEmpty());
}

TEST(FlowsUnder, RequirementsAndRulesAddUpAndTheSmallestLimitCounts) {
  Agreement tier = Tier();
  tier.flows[0].require = {Requirement::kCaseReference, Requirement::kApprover};
  RowRule rule;
  rule.field = "age";
  rule.at_least = 18;
  tier.flows[0].rows = {rule};
  tier.flows[0].limits.records_per_request = 10;
  tier.flows[0].limits.requests_per_day = 3;
  std::vector<Flow> left = Left(tier);
  ASSERT_THAT(left, SizeIs(1));
  EXPECT_THAT(left[0].require,
              ElementsAre(Requirement::kCaseReference, Requirement::kApprover));
  EXPECT_THAT(left[0].rows, ElementsAre(rule));
  EXPECT_EQ(left[0].limits.records_per_request, 10);
  EXPECT_EQ(left[0].limits.requests_per_day, 3);
  tier.flows[0].limits.records_per_request = 1000;
  left = Left(tier);
  EXPECT_EQ(left[0].limits.records_per_request, 100);
}

TEST(FlowsUnder, AFlowIsCutWhereFlowsAboveDiffer) {
  Agreement tier = Tier();
  tier.flows.push_back(tier.flows[0]);
  tier.flows[0].from = {"north"};
  tier.flows[1].from = {"east"};
  tier.flows[1].methods = {Method::kPush};
  Agreement document = Document();
  document.flows[0].from = {"east", "north"};
  const PlacedFlows left = FlowsUnder(document, {&tier});
  ASSERT_THAT(left.flows, SizeIs(2));
  EXPECT_THAT(left.flows[0].from, ElementsAre("north"));
  EXPECT_THAT(left.flows[0].methods, SizeIs(2));
  EXPECT_THAT(left.flows[1].from, ElementsAre("east"));
  EXPECT_THAT(left.flows[1].methods, ElementsAre(Method::kPush));
  EXPECT_THAT(left.places, ElementsAre("flows[0] crimes-for-analysis",
                                       "flows[0] crimes-for-analysis"));
}

TEST(FlowsUnder, EveryTierNarrows) {
  Agreement first = Tier();
  first.flows[0].methods = {Method::kPush};
  Agreement second = Tier();
  second.flows[0].methods = {Method::kQuery};
  EXPECT_THAT(FlowsUnder(Document(), {&first, &second}).flows, IsEmpty());
}

}  // namespace
}  // namespace entente::policy

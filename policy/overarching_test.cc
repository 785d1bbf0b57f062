#include "policy/overarching.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "policy/test_route.h"

namespace entente::policy {
namespace {

using testing::IsEmpty;
using testing::SizeIs;

const Actors kActors = {"north", "north", "west"};

Overarching Above(std::vector<AgreementRecord> records,
                  const Actors& actors = kActors) {
  return OverarchingOf(*Register::Create(std::move(records)), kNow, Under(),
                       actors);
}

TEST(Overarching, GivesTheVersionsInForceNearestFirst) {
  Agreement tier = Tier();
  tier.under = "isa-top";
  Agreement top = Tier();
  top.id = "isa-top";
  const Overarching above = Above({Record(tier), Record(top)});
  EXPECT_EQ(above.fault, "");
  ASSERT_THAT(above.in_force, SizeIs(2));
  EXPECT_EQ(above.in_force[0]->document().id, "isa-tier");
  EXPECT_EQ(above.in_force[1]->document().id, "isa-top");
  EXPECT_THAT(
      OverarchingOf(*Register::Create({}), kNow, Document(), kActors).in_force,
      IsEmpty());
}

TEST(Overarching, SaysWhatIsAtFault) {
  EXPECT_EQ(Above({}).fault, "isa-tier: it is not known here");
  Agreement tier = Tier();
  tier.under = "isa-top";
  const Overarching above = Above({Record(tier)});
  EXPECT_EQ(above.fault, "isa-top: it is not known here");
  EXPECT_THAT(above.in_force, SizeIs(1));
  tier.under = tier.id;
  EXPECT_EQ(Above({Record(tier)}).fault, "isa-tier: too many tiers");
}

TEST(Overarching, NobodyIsNotJudged) {
  AgreementRecord tier = Record(Tier());
  tier.sending_suspended_by = {"north"};
  tier.withdrawn = {{"east", 1}};
  EXPECT_EQ(Above({tier}, {"west", "", "west"}).fault, "");
  EXPECT_EQ(Above({tier}, {"north", "", "north"}).fault, "")
      << "it receives still";
  EXPECT_EQ(Above({tier}, {"east", "", "east"}).fault,
            "isa-tier: the sender or the recipient has withdrawn from it");
  EXPECT_EQ(Above({tier}, {"other", "", ""}).fault,
            "isa-tier: the caller is not a party to it");
}

TEST(Overarching, ASuspensionByAFormerPartyHoldsNobody) {
  AgreementRecord tier = Record(Tier());
  tier.suspended_by = {"stranger"};
  EXPECT_EQ(Above({tier}).fault, "");
  tier.suspended_by = {"east"};
  EXPECT_EQ(Above({tier}).fault, "isa-tier: it is suspended");
}

TEST(StandsUnder, ByAnyVersionAndThroughOthers) {
  AgreementRecord child = Record(Document());
  Agreement next = Under();
  next.version = 2;
  child.versions[2] = Signed(next);
  Agreement tier = Tier();
  tier.under = "isa-top";
  const auto known = Register::Create({child, Record(tier)});
  EXPECT_TRUE(StandsUnder(*known, "isa-north-west", "isa-tier"));
  EXPECT_TRUE(StandsUnder(*known, "isa-north-west", "isa-top"));
  EXPECT_TRUE(StandsUnder(*known, "isa-tier", "isa-top"));
  EXPECT_FALSE(StandsUnder(*known, "isa-tier", "isa-north-west"));
  EXPECT_FALSE(StandsUnder(*known, "isa-north-west", "isa-north-west"));
  EXPECT_FALSE(StandsUnder(*known, "isa-none", "isa-tier"));
}

TEST(StandsUnder, ACircleEnds) {
  Agreement one = Tier();
  one.under = "isa-north-west";
  const auto known = Register::Create({Record(Under()), Record(one)});
  EXPECT_TRUE(StandsUnder(*known, "isa-tier", "isa-north-west"));
  EXPECT_FALSE(StandsUnder(*known, "isa-tier", "isa-elsewhere"));
}

}  // namespace
}  // namespace entente::policy

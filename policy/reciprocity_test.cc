#include "policy/reciprocity.h"

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "policy/check.h"
#include "policy/for_all.h"
#include "policy/test_decision.h"
#include "policy/test_document.h"
#include "policy/test_route.h"

namespace entente::policy {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

std::vector<Exchange> Of(const std::vector<Agreement>& agreements) {
  std::vector<const Agreement*> pointers;
  for (const Agreement& one : agreements) pointers.push_back(&one);
  return ReciprocityOf(pointers);
}

TEST(Reciprocity, SaysWhoGivesWhatAndMarksWhatIsOneWay) {
  Agreement first = Document();
  first.id = "isa-b";
  Agreement second = Document();
  second.id = "isa-a";
  second.flows[0].from = {"west"};
  second.flows[0].to = {"east", "north"};
  second.flows[0].id = "back";
  const std::vector<Exchange> pairs = Of({first, second});
  ASSERT_THAT(pairs, SizeIs(2));
  EXPECT_EQ(pairs[0].first, "east");
  EXPECT_EQ(pairs[0].second, "west");
  EXPECT_TRUE(pairs[0].one_way());
  EXPECT_THAT(pairs[0].first_gives, IsEmpty());
  ASSERT_THAT(pairs[0].second_gives, SizeIs(1));
  EXPECT_EQ(pairs[1].first, "north");
  EXPECT_EQ(pairs[1].second, "west");
  EXPECT_FALSE(pairs[1].one_way());
  ASSERT_THAT(pairs[1].first_gives, SizeIs(1));
  const Gift& gift = pairs[1].first_gives[0];
  EXPECT_EQ(gift.agreement, "isa-b");
  EXPECT_EQ(gift.flow, "crimes-for-analysis");
  EXPECT_EQ(gift.dataset, "crimes");
  EXPECT_THAT(gift.fields, ElementsAre("offence", "person"));
  EXPECT_THAT(gift.purposes, ElementsAre("analysis"));
  EXPECT_EQ(FieldsIn(pairs[1].first_gives), 2u);
  EXPECT_EQ(pairs[1].second_gives.at(0).agreement, "isa-a");
}

TEST(Reciprocity, ShowsWhoGivesNothingBackInTheHub) {
  const Agreement hub =
      *Check("hub", ReadTemplate("safeguarding-hub.yaml")).agreement;
  const std::vector<Exchange> pairs = Of({hub});
  int one_way = 0;
  for (const Exchange& pair : pairs) {
    EXPECT_LT(pair.first, pair.second);
    one_way += pair.one_way();
  }
  EXPECT_GT(one_way, 0);
  EXPECT_LT(one_way, int(pairs.size()));
}

TEST(Reciprocity, HasEveryWayOfEveryFlowOnce) {
  ForAll(kRounds / 3, [](Dice* dice) {
    std::vector<Agreement> agreements;
    size_t ways = 0;
    for (size_t i = dice->Roll(4); i > 0; --i) {
      agreements.push_back(RandomDocument(dice, absl::StrCat("isa-", i), 1));
      for (const Flow& flow : agreements.back().flows) {
        for (const std::string& from : flow.from) {
          for (const std::string& to : flow.to) ways += from != to;
        }
      }
    }
    size_t gifts = 0;
    for (const Exchange& pair : Of(agreements)) {
      gifts += pair.first_gives.size() + pair.second_gives.size();
      EXPECT_FALSE(pair.first_gives.empty() && pair.second_gives.empty());
    }
    EXPECT_EQ(gifts, ways);
  });
}

}  // namespace
}  // namespace entente::policy

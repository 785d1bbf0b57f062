#include "policy/route_boxes.h"

#include <algorithm>
#include <set>
#include <tuple>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "policy/for_all.h"
#include "policy/test_decision.h"

namespace entente::policy {
namespace {

using Names = std::vector<std::string>;
using testing::ElementsAre;

TEST(RouteBoxes, PutTogetherWhatIsAlike) {
  EXPECT_THAT(BoxesOf({}), testing::IsEmpty());
  EXPECT_THAT(BoxesOf({{"a", "b", "p"}}),
              ElementsAre(RouteBox{{"a"}, {"b"}, {"p"}}));
  EXPECT_THAT(
      BoxesOf(
          {{"a", "b", "q"}, {"a", "b", "p"}, {"a", "c", "p"}, {"a", "c", "q"}}),
      ElementsAre(RouteBox{{"a"}, {"b", "c"}, {"p", "q"}}));
  EXPECT_THAT(BoxesOf({{"b", "x", "p"}, {"a", "x", "p"}}),
              ElementsAre(RouteBox{{"a"}, {"x"}, {"p"}},
                          RouteBox{{"b"}, {"x"}, {"p"}}));
}

TEST(RouteBoxes, AgenciesThatAllGiveToEachOtherAreOneBox) {
  EXPECT_THAT(BoxesOf({{"a", "b", "p"},
                       {"b", "a", "p"},
                       {"a", "c", "p"},
                       {"c", "a", "p"},
                       {"b", "c", "p"},
                       {"c", "b", "p"}}),
              ElementsAre(RouteBox{{"a", "b", "c"}, {"a", "b", "c"}, {"p"}}));
}

using Key = std::tuple<std::string, std::string, std::string>;

TEST(RouteBoxes, HoldExactlyTheWays) {
  const Names names = {"a", "b", "c", "d"};
  const Names purposes = {"p", "q", "r"};
  ForAll(kRounds, [&](Dice* dice) {
    std::vector<Way> ways;
    std::set<Key> wanted;
    for (const std::string& from : names) {
      for (const std::string& to : names) {
        for (const std::string& purpose : purposes) {
          if (from == to || !dice->Once(2)) continue;
          ways.push_back({from, to, purpose});
          wanted.insert({from, to, purpose});
        }
      }
    }
    const std::vector<RouteBox> boxes = BoxesOf(ways);
    std::set<Key> held;
    size_t count = 0;
    for (const RouteBox& box : boxes) {
      EXPECT_FALSE(box.from.empty() || box.to.empty() || box.purposes.empty());
      for (const std::string& from : box.from) {
        for (const std::string& to : box.to) {
          for (const std::string& purpose : box.purposes) {
            if (from == to) continue;
            held.insert({from, to, purpose});
            ++count;
          }
        }
      }
    }
    EXPECT_EQ(held, wanted);
    EXPECT_EQ(count, wanted.size());  // none twice
    dice->Shuffle(&ways);
    EXPECT_EQ(BoxesOf(ways), boxes);
  });
}

}  // namespace
}  // namespace entente::policy

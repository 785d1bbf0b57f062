#include "policy/for_all.h"

#include "gmock/gmock.h"
#include "gtest/gtest-spi.h"
#include "gtest/gtest.h"

namespace entente::policy {
namespace {

TEST(ForAll, TriesAsOftenAsItSays) {
  int rounds = 0;
  ForAll(50, [&](Dice*) { ++rounds; });
  EXPECT_EQ(rounds, 50);
}

TEST(ForAll, ReportsTheSmallestThrowsThatFail) {
  EXPECT_NONFATAL_FAILURE(ForAll(50,
                                 [](Dice* dice) {
                                   const size_t first = dice->Roll(100);
                                   EXPECT_LT(first, 10u);
                                 }),
                          "(first) < (10u), actual: 10 vs 10");
}

TEST(ForAll, ShowsTheSameDiceInEveryRun) {
  std::vector<size_t> shown[2];
  for (auto& run : shown) {
    ForAll(20, [&](Dice* dice) { run.push_back(dice->Roll(1000)); });
  }
  EXPECT_EQ(shown[0], shown[1]);
}

TEST(Dice, ShowsTheGivenThrowsFirst) {
  Dice dice({7, 12});
  EXPECT_EQ(dice.Roll(10), 7u);
  EXPECT_EQ(dice.Roll(10), 2u);
  EXPECT_LT(dice.Roll(10), 10u);
}

}  // namespace
}  // namespace entente::policy

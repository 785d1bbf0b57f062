#include "policy/age.h"

#include "gtest/gtest.h"

namespace entente::policy {
namespace {

using Day = absl::CivilDay;

TEST(Age, GoesUpWithTheBeginningOfEachBirthday) {
  const struct {
    Day born, day;
    int64_t want;
  } kCases[] = {
      {Day(2009, 3, 31), Day(2027, 3, 30), 17},
      {Day(2009, 3, 31), Day(2027, 3, 31), 18},
      {Day(2009, 3, 31), Day(2027, 4, 1), 18},
      {Day(2009, 12, 31), Day(2027, 1, 1), 17},
      {Day(2009, 1, 1), Day(2027, 12, 31), 18},
      {Day(2027, 3, 31), Day(2027, 3, 31), 0},
      {Day(2026, 4, 1), Day(2027, 3, 31), 0},
      // Born on a leap day: 1 March, unless there is a 29 February.
      {Day(2008, 2, 29), Day(2026, 2, 28), 17},
      {Day(2008, 2, 29), Day(2026, 3, 1), 18},
      {Day(2008, 2, 29), Day(2028, 2, 28), 19},
      {Day(2008, 2, 29), Day(2028, 2, 29), 20},
      // 1900 had none, 2000 had one, 2100 will have none.
      {Day(1896, 2, 29), Day(1900, 2, 28), 3},
      {Day(1896, 2, 29), Day(1900, 3, 1), 4},
      {Day(2000, 2, 29), Day(2100, 2, 28), 99},
      {Day(2000, 2, 29), Day(2100, 3, 1), 100},
      // Born the day after: no leap day matters.
      {Day(2007, 3, 1), Day(2028, 2, 29), 20},
      {Day(2007, 3, 1), Day(2028, 3, 1), 21},
      {Day(1897, 4, 1), Day(2028, 3, 31), 130},
  };
  for (const auto& c : kCases) {
    const auto age = AgeOn(c.born, c.day);
    ASSERT_TRUE(age.has_value()) << c.born << " " << c.day;
    EXPECT_EQ(*age, c.want) << c.born << " " << c.day;
  }
}

TEST(Age, NobodyIsBornTomorrowOrTooLongAgo) {
  EXPECT_FALSE(AgeOn(Day(2027, 4, 1), Day(2027, 3, 31)).has_value());
  EXPECT_FALSE(AgeOn(Day(1897, 3, 31), Day(2028, 3, 31)).has_value());
  EXPECT_FALSE(AgeOn(Day(1, 1, 1), Day(2028, 3, 31)).has_value());
}

TEST(Age, EveryDayIsOneStepOrNone) {
  for (const Day born :
       {Day(2008, 2, 29), Day(2008, 3, 1), Day(1999, 12, 31)}) {
    int64_t before = 0;
    for (Day day = born; day < born + 9000; ++day) {
      const int64_t age = AgeOn(born, day).value_or(-1);
      EXPECT_TRUE(age == before || age == before + 1) << day;
      before = age;
    }
    EXPECT_EQ(before, 24);
  }
}

}  // namespace
}  // namespace entente::policy

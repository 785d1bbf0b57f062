#include "policy/bands.h"

#include <limits>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace entente::policy {
namespace {

using testing::ElementsAre;

TEST(Bands, HaveNamesThatPeopleRead) {
  EXPECT_THAT(BandNames({18}, Between::kWhole),
              ElementsAre("under 18", "18 or over"));
  EXPECT_THAT(BandNames({16, 18, 25}, Between::kWhole),
              ElementsAre("under 16", "16 to 17", "18 to 24", "25 or over"));
  EXPECT_THAT(BandNames({0, 1, 3}, Between::kWhole),
              ElementsAre("under 0", "0", "1 to 2", "3 or over"));
  EXPECT_THAT(BandNames({50, 75}, Between::kFractions),
              ElementsAre("under 50", "50 to under 75", "75 or over"));
}

TEST(Bands, AnEdgeBeginsItsBand) {
  const std::vector<int64_t> edges = {10, 18, 25};
  const std::pair<int64_t, size_t> kCases[] = {
      {std::numeric_limits<int64_t>::min(), 0},
      {-1, 0},
      {9, 0},
      {10, 1},
      {17, 1},
      {18, 2},
      {24, 2},
      {25, 3},
      {std::numeric_limits<int64_t>::max(), 3}};
  for (const auto& [value, band] : kCases) {
    EXPECT_EQ(BandOf(edges, value), band) << value;
  }
}

TEST(Bands, FloorIsExactForDecimalsOfAnyLength) {
  const std::pair<std::string, int64_t> kCases[] = {
      {"0", 0},
      {"-0", 0},
      {"0.00", 0},
      {"-0.00", 0},
      {"-0.01", -1},
      {"74.99999999999999999999999999", 74},
      {"75.0", 75},
      {"75", 75},
      {"-74.5", -75},
      {"-74.0", -74},
      {"123456789012345678.9", 123456789012345678},
      {std::string(400, '9'), 1'000'000'000'000'000'000},
      {"-" + std::string(400, '9') + ".5", -1'000'000'000'000'000'000},
      // Not decimals; no harm.
      {"", 0},
      {"-", 0},
      {"x", 0},
      {".", 0}};
  for (const auto& [text, want] : kCases) EXPECT_EQ(Floor(text), want) << text;
}

TEST(Bands, ACellBeginsAtItsLowerEdge) {
  const int64_t kCases[][3] = {
      {0, 100, 0},   {99, 100, 0},           {100, 100, 100},   {199, 100, 100},
      {249, 250, 0}, {651409, 1000, 651000}, {5000, 5000, 5000}};
  for (const auto& [value, step, want] : kCases) {
    EXPECT_EQ(CellOf(value, step), want) << value;
  }
}

}  // namespace
}  // namespace entente::policy

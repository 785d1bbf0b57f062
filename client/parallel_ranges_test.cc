#include "client/parallel_ranges.h"

#include <gtest/gtest.h>

#include <atomic>
#include <vector>

namespace entente::client {
namespace {

TEST(InParallelTest, CoversEveryIndexOnce) {
  for (const size_t count : {0u, 1u, 2u, 7u, 1000u}) {
    std::vector<std::atomic<int>> seen(count);
    EXPECT_TRUE(InParallel(count, [&](size_t begin, size_t end) {
                  for (size_t i = begin; i < end; ++i) ++seen[i];
                  return absl::OkStatus();
                }).ok());
    for (const auto& times : seen) EXPECT_EQ(times, 1);
  }
}

TEST(InParallelTest, GivesTheErrorOfAnyRange) {
  for (const size_t bad : {0u, 99u}) {
    EXPECT_TRUE(absl::IsDataLoss(InParallel(100, [&](size_t begin, size_t end) {
      return begin <= bad && bad < end ? absl::DataLossError("")
                                       : absl::OkStatus();
    })));
  }
}

}  // namespace
}  // namespace entente::client

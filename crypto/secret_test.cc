#include "crypto/secret.h"

#include <gtest/gtest.h>

#include <cstring>
#include <limits>
#include <new>
#include <type_traits>
#include <utility>
#include <vector>

namespace entente::crypto {
namespace {

TEST(SecretTest, TakesTheBytesAndWipesTheSource) {
  std::vector<uint8_t> source = {1, 2, 3};
  const absl::StatusOr<Secret> secret =
      Secret::TakeFrom(absl::MakeSpan(source));
  ASSERT_TRUE(secret.ok());
  EXPECT_EQ(secret->Expose(), absl::Span<const uint8_t>({1, 2, 3}));
  EXPECT_EQ(source, std::vector<uint8_t>({0, 0, 0}));
}

TEST(SecretTest, RandomSecretsHaveTheSizeAskedForAndDiffer) {
  const absl::StatusOr<Secret> a = Secret::Random(32), b = Secret::Random(32);
  ASSERT_TRUE(a.ok() && b.ok());
  EXPECT_EQ(a->size(), 32);
  EXPECT_NE(a->Expose(), b->Expose());
}

TEST(SecretTest, MovesAndNeverCopies) {
  static_assert(!std::is_copy_constructible_v<Secret>);
  static_assert(!std::is_copy_assignable_v<Secret>);
  absl::StatusOr<Secret> from = Secret::Random(16);
  ASSERT_TRUE(from.ok());
  const Secret to = *std::move(from);
  EXPECT_EQ(to.size(), 16);
  EXPECT_EQ(from->size(), 0);  // NOLINT(bugprone-use-after-move)
  EXPECT_TRUE(from->Expose().empty());
}

TEST(SecretTest, SaysWhenMemoryRunsOut) {
  EXPECT_EQ(Secret::Random(std::numeric_limits<size_t>::max()).status().code(),
            absl::StatusCode::kResourceExhausted);
}

TEST(WipedArrayTest, StartsAtZeroAndIsWipedOnDestruction) {
  using Array = WipedArray<32>;
  alignas(Array) unsigned char memory[sizeof(Array)];
  std::memset(memory, 0x55, sizeof(memory));
  auto* array = new (memory) Array;
  for (const uint8_t byte : *array) EXPECT_EQ(byte, 0);
  std::memset(array->data(), 0xaa, Array::size());
  const Array copy = *array;
  array->~Array();
  EXPECT_EQ(sodium_is_zero(memory, sizeof(memory)), 1);
  EXPECT_EQ(copy.data()[31], 0xaa);
}

}  // namespace
}  // namespace entente::crypto

#include "broker/store/quota_table.h"

#include <limits>

#include "absl/strings/match.h"
#include "broker/store/test_store.h"
#include "gtest/gtest.h"

namespace entente::broker {
namespace {

const absl::Time kEvening = absl::FromUnixSeconds(1'767'311'999);  // 23:59:59
const absl::Time kMorning = kEvening + absl::Seconds(1);
const QuotaKey kKey = {"a", "crimes", "north", "records"};

void WithTable(absl::FunctionRef<void(QuotaTable&)> work) {
  TestStore store;
  EXPECT_TRUE(store
                  .In([&](Transaction& transaction) {
                    QuotaTable table(transaction);
                    work(table);
                    return absl::OkStatus();
                  })
                  .ok());
}

TEST(QuotaTable, CountsUpToItsLimitWholeOrNotAtAll) {
  WithTable([](QuotaTable& table) {
    EXPECT_EQ(*table.Take(kKey, kEvening, 60, 100), 60u);
    const absl::Status refused = table.Take(kKey, kEvening, 41, 100).status();
    EXPECT_EQ(refused.code(), absl::StatusCode::kResourceExhausted);
    EXPECT_TRUE(absl::StrContains(refused.message(), "40 left"));
    EXPECT_EQ(*table.Used(kKey, kEvening), 60u);
    EXPECT_EQ(*table.Take(kKey, kEvening, 40, 100), 100u);
    EXPECT_FALSE(table.Take(kKey, kEvening, 1, 100).ok());
    EXPECT_EQ(*table.Take(kKey, kEvening, 0, 100), 100u);
  });
}

TEST(QuotaTable, DoesNotOverflow) {
  WithTable([](QuotaTable& table) {
    constexpr uint64_t kMost = std::numeric_limits<uint64_t>::max();
    EXPECT_EQ(*table.Take(kKey, kEvening, 2, 2), 2u);
    EXPECT_FALSE(table.Take(kKey, kEvening, kMost, 10).ok());
    // The limit was lowered below what is used.
    EXPECT_FALSE(table.Take(kKey, kEvening, 1, 1).ok());
    EXPECT_FALSE(table.Take(kKey, kEvening, kMost, 1).ok());
  });
}

TEST(QuotaTable, StartsAgainAtMidnightUtc) {
  WithTable([](QuotaTable& table) {
    EXPECT_TRUE(table.Take(kKey, kEvening, 100, 100).ok());
    EXPECT_EQ(*table.Used(kKey, kMorning), 0u);
    EXPECT_TRUE(table.Take(kKey, kMorning, 100, 100).ok());
    EXPECT_TRUE(table.Forget(kMorning).ok());
    EXPECT_EQ(*table.Used(kKey, kEvening), 0u);
    EXPECT_EQ(*table.Used(kKey, kMorning), 100u);
  });
}

TEST(QuotaTable, CountsEachKeyForItself) {
  WithTable([](QuotaTable& table) {
    EXPECT_TRUE(table.Take(kKey, kEvening, 100, 100).ok());
    for (const QuotaKey& other : {QuotaKey{"b", "crimes", "north", "records"},
                                  QuotaKey{"a", "", "north", "records"},
                                  QuotaKey{"a", "crimes", "south", "records"},
                                  QuotaKey{"a", "crimes", "north", "people"}}) {
      EXPECT_EQ(*table.Used(other, kEvening), 0u);
    }
  });
}

}  // namespace
}  // namespace entente::broker

#include "broker/store/glass_table.h"

#include "broker/store/test_store.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace entente::broker {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

std::vector<uint8_t> GlassName(uint8_t fill) {
  return std::vector<uint8_t>(32, fill);
}

GlassRow TestStep(uint8_t grant, GlassStep step,
                  const std::string& id = "isa-one") {
  GlassRow row;
  row.agreement = id;
  row.grant = GlassName(grant);
  row.step = step;
  row.at = absl::FromUnixMillis(1795000000123);
  if (step == GlassStep::kEnded || step == GlassStep::kOverdue) return row;
  row.digest = GlassName(static_cast<uint8_t>(grant + uint8_t(step)));
  row.agency = "north-police";
  row.actor = "spiffe://test.example/agency/north-police/signatory/chief";
  row.envelope = {1, 2, 3};
  return row;
}

std::vector<uint8_t> FirstBytes(const std::vector<GlassTable::Name>& names) {
  std::vector<uint8_t> bytes;
  for (const auto& [id, grant] : names) bytes.push_back(grant.at(0));
  return bytes;
}

class GlassTableTest : public testing::Test {
 protected:
  void WithTable(absl::FunctionRef<void(GlassTable&)> work) {
    EXPECT_TRUE(store_
                    .In([&](Transaction& transaction) {
                      GlassTable table(transaction);
                      work(table);
                      return absl::OkStatus();
                    })
                    .ok());
  }
  TestStore store_;
};

TEST_F(GlassTableTest, KeepsEveryStepOfAGrantOnce) {
  WithTable([](GlassTable& table) {
    EXPECT_THAT(*table.OfGrant("isa-one", GlassName(1)), IsEmpty());
    for (const GlassStep step : {GlassStep::kApproved, GlassStep::kAsked,
                                 GlassStep::kEnded, GlassStep::kOverdue}) {
      ASSERT_TRUE(table.Insert(TestStep(1, step)).ok());
      EXPECT_TRUE(absl::IsAlreadyExists(table.Insert(TestStep(1, step))));
    }
    ASSERT_TRUE(
        table.SetEntry("isa-one", GlassName(1), GlassStep::kApproved, 7).ok());
    const auto rows = *table.OfGrant("isa-one", GlassName(1));
    ASSERT_EQ(rows.size(), 4u);
    EXPECT_EQ(rows[0].step, GlassStep::kAsked);
    EXPECT_EQ(rows[0].digest, GlassName(2));
    EXPECT_EQ(rows[0].agency, "north-police");
    EXPECT_EQ(rows[0].envelope, (std::vector<uint8_t>{1, 2, 3}));
    EXPECT_EQ(rows[0].at, absl::FromUnixMillis(1795000000123));
    EXPECT_FALSE(rows[0].entry.has_value());
    EXPECT_EQ(rows[1].entry, 7u);
    EXPECT_EQ(rows[2].step, GlassStep::kEnded);
    EXPECT_THAT(rows[2].digest, IsEmpty());
    EXPECT_THAT(rows[2].envelope, IsEmpty());
    EXPECT_THAT(*table.OfGrant("isa-two", GlassName(1)), IsEmpty());
  });
}

TEST_F(GlassTableTest, KnowsWhatIsNotSettled) {
  WithTable([](GlassTable& table) {
    const std::vector<std::vector<GlassStep>> kLives = {
        {GlassStep::kAsked},
        {GlassStep::kAsked, GlassStep::kClosed},
        {GlassStep::kAsked, GlassStep::kEnded},
        {GlassStep::kAsked, GlassStep::kApproved},
        {GlassStep::kAsked, GlassStep::kApproved, GlassStep::kClosed},
        {GlassStep::kAsked, GlassStep::kApproved, GlassStep::kEnded,
         GlassStep::kOverdue},
        {GlassStep::kAsked, GlassStep::kApproved, GlassStep::kEnded,
         GlassStep::kReported},
    };
    for (uint8_t i = 0; i < kLives.size(); ++i) {
      for (const GlassStep step : kLives[i]) {
        ASSERT_TRUE(table.Insert(TestStep(i, step)).ok());
      }
    }
    ASSERT_TRUE(table.Insert(TestStep(9, GlassStep::kAsked, "isa-two")).ok());
    EXPECT_THAT(FirstBytes(*table.Unsettled("isa-one")),
                ElementsAre(0, 3, 4, 5));
    EXPECT_THAT(FirstBytes(*table.Unsettled("isa-two")), ElementsAre(9));
    EXPECT_THAT(FirstBytes(*table.Unsettled("")), ElementsAre(0, 3, 4, 5, 9));
  });
}

TEST_F(GlassTableTest, ListsTheNewestFirst) {
  WithTable([](GlassTable& table) {
    for (uint8_t i = 1; i <= 5; ++i) {
      ASSERT_TRUE(table.Insert(TestStep(i, GlassStep::kAsked)).ok());
      ASSERT_TRUE(table.Insert(TestStep(i, GlassStep::kApproved)).ok());
    }
    const auto first = *table.Asked("isa-one", INT64_MAX, 2);
    ASSERT_EQ(first.size(), 2u);
    EXPECT_EQ(first[0].grant, GlassName(5));
    EXPECT_EQ(first[1].grant, GlassName(4));
    const auto rest = *table.Asked("isa-one", first[1].sequence, 10);
    ASSERT_EQ(rest.size(), 3u);
    EXPECT_EQ(rest[0].grant, GlassName(3));
    EXPECT_THAT(*table.Asked("isa-two", INT64_MAX, 2), IsEmpty());
  });
}

TEST_F(GlassTableTest, RefusesNamesOfAnotherLength) {
  WithTable([](GlassTable& table) {
    GlassRow row = TestStep(1, GlassStep::kAsked);
    row.grant.pop_back();
    EXPECT_FALSE(table.Insert(row).ok());
  });
}

}  // namespace
}  // namespace entente::broker

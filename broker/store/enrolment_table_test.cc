#include "broker/store/enrolment_table.h"

#include "broker/store/test_store.h"
#include "gtest/gtest.h"

namespace entente::broker {
namespace {

EnrolmentRow Answer() {
  return {"north",
          {1, 2},
          std::vector<uint8_t>(16, 3),
          std::vector<uint8_t>(32, 4),
          std::vector<uint8_t>(64, 5),
          std::vector<uint8_t>(64, 6),
          "a",
          absl::nullopt,
          kNow};
}

void WithTable(absl::FunctionRef<void(EnrolmentTable&)> work) {
  TestStore store;
  EXPECT_TRUE(store
                  .In([&](Transaction& transaction) {
                    EnrolmentTable table(transaction);
                    work(table);
                    return absl::OkStatus();
                  })
                  .ok());
}

TEST(EnrolmentTable, GivesARetryTheStoredAnswer) {
  WithTable([](EnrolmentTable& table) {
    const EnrolmentRow row = Answer();
    const auto find = [&] {
      return table.Find(row.agency, row.domain, row.request_id,
                        row.blinded_digest);
    };
    EXPECT_FALSE(find()->has_value());
    ASSERT_TRUE(table.Insert(row).ok());
    EXPECT_FALSE((*find())->entry.has_value());
    ASSERT_TRUE(table.SetEntry(row, 8).ok());
    const auto found = find();
    ASSERT_TRUE(found.ok() && found->has_value());
    EXPECT_EQ((*found)->evaluated, row.evaluated);
    EXPECT_EQ((*found)->proof, row.proof);
    EXPECT_EQ((*found)->ledger, "a");
    EXPECT_EQ(*(*found)->entry, 8u);
    EXPECT_EQ((*found)->created, kNow);
    EXPECT_EQ(table.Insert(row).code(), absl::StatusCode::kAlreadyExists);
  });
}

TEST(EnrolmentTable, RefusesOtherElementsUnderTheSameId) {
  WithTable([](EnrolmentTable& table) {
    const EnrolmentRow row = Answer();
    ASSERT_TRUE(table.Insert(row).ok());
    EXPECT_EQ(table
                  .Find(row.agency, row.domain, row.request_id,
                        std::vector<uint8_t>(32, 9))
                  .status()
                  .code(),
              absl::StatusCode::kAlreadyExists);
    EXPECT_FALSE(
        table.Find("south", row.domain, row.request_id, row.blinded_digest)
            ->has_value());
    EXPECT_FALSE(table
                     .Find(row.agency, std::vector<uint8_t>{9}, row.request_id,
                           row.blinded_digest)
                     ->has_value());
  });
}

TEST(EnrolmentTable, ForgetsOldAnswers) {
  WithTable([](EnrolmentTable& table) {
    const EnrolmentRow row = Answer();
    ASSERT_TRUE(table.Insert(row).ok());
    ASSERT_TRUE(table.Forget(kNow).ok());
    EXPECT_EQ(table.Insert(row).code(), absl::StatusCode::kAlreadyExists);
    ASSERT_TRUE(table.Forget(kNow + absl::Milliseconds(1)).ok());
    EXPECT_TRUE(table.Insert(row).ok());
  });
}

}  // namespace
}  // namespace entente::broker

#include "broker/store/pepper_table.h"

#include "broker/store/test_store.h"
#include "gtest/gtest.h"

namespace entente::broker {
namespace {

const std::vector<uint8_t> kOne(32, 1);
const std::vector<uint8_t> kTwo(32, 2);

PepperMessageRow Message(const std::string& sender,
                         const std::string& recipient, uint8_t fill) {
  return {"a",
          1,
          sender,
          recipient,
          {fill},
          {fill, fill},
          std::vector<uint8_t>(64, fill)};
}

void WithTable(absl::FunctionRef<void(PepperTable&)> work) {
  TestStore store;
  EXPECT_TRUE(store
                  .In([&](Transaction& transaction) {
                    PepperTable table(transaction);
                    work(table);
                    return absl::OkStatus();
                  })
                  .ok());
}

TEST(PepperTable, TheFirstCommitmentOfAGenerationWins) {
  WithTable([](PepperTable& table) {
    EXPECT_EQ(table.Latest("a").status().code(), absl::StatusCode::kNotFound);
    EXPECT_TRUE(*table.FixCommitment("a", 1, kOne));
    EXPECT_FALSE(*table.FixCommitment("a", 1, kOne));
    EXPECT_EQ(table.FixCommitment("a", 1, kTwo).status().code(),
              absl::StatusCode::kAlreadyExists);
    EXPECT_FALSE(table.Latest("a")->entry.has_value());
    ASSERT_TRUE(table.SetCommitmentEntry("a", 1, 4).ok());
    EXPECT_EQ(*table.Latest("a")->entry, 4u);
    EXPECT_TRUE(*table.FixCommitment("a", 2, kTwo));
    EXPECT_EQ(table.Latest("a")->generation, 2u);
    EXPECT_EQ(table.Latest("a")->commitment, kTwo);
    EXPECT_FALSE(table.Latest("b").ok());
  });
}

TEST(PepperTable, KeepsTheLastMessageOfEachSender) {
  WithTable([](PepperTable& table) {
    EXPECT_EQ(table.Put(Message("north", "south", 1)).code(),
              absl::StatusCode::kFailedPrecondition);
    ASSERT_TRUE(table.FixCommitment("a", 1, kOne).ok());
    ASSERT_TRUE(table.Put(Message("north", "south", 1)).ok());
    ASSERT_TRUE(table.Put(Message("north", "south", 2)).ok());
    ASSERT_TRUE(table.Put(Message("east", "south", 3)).ok());
    ASSERT_TRUE(table.Put(Message("north", "east", 4)).ok());
    const auto messages = table.MessagesTo("a", 1, "south");
    ASSERT_EQ(messages->size(), 2u);
    EXPECT_EQ((*messages)[0].sender, "east");
    EXPECT_EQ((*messages)[1].message, std::vector<uint8_t>{2});
    EXPECT_EQ((*messages)[1].ciphertext, (std::vector<uint8_t>{2, 2}));
    EXPECT_EQ((*messages)[1].signature, std::vector<uint8_t>(64, 2));
    EXPECT_TRUE(table.MessagesTo("a", 2, "south")->empty());
    EXPECT_EQ(*table.Recipients("a", 1),
              (std::vector<std::string>{"east", "south"}));
  });
}

}  // namespace
}  // namespace entente::broker

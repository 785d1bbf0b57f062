#include "broker/ledger/ledger_restore.h"

#include <filesystem>

#include "broker/test_broker.h"
#include "gtest/gtest.h"

namespace entente::broker {
namespace {

namespace fs = std::filesystem;

// A broker whose database is put back to before the last 300 entries, and a
// mirror that has them all.
class LedgerRestoreTest : public testing::Test {
 protected:
  void SetUp() override {
    ASSERT_TRUE(broker_.OpenLedger("l").ok());
    ASSERT_TRUE(broker_.Append("l", 200).ok());
    broker_.Stop();
    fs::copy_file(broker_.folder / "entente.db", broker_.folder / "old");
    ASSERT_TRUE(broker_.Start().ok());
    ASSERT_TRUE(broker_.Append("l", 300).ok());
    ASSERT_TRUE(broker_.OpenLedger("later").ok());
    ASSERT_TRUE(broker_.Append("later", 2).ok());
    missing_ = Entries("l", 200, 500);
    missing_later_ = Entries("later", 0, 2);
    broker_.Stop();
    fs::copy_file(broker_.folder / "old", broker_.folder / "entente.db",
                  fs::copy_options::overwrite_existing);
    ASSERT_TRUE(broker_.Start().ok());
    ASSERT_EQ(broker_.ledgers->refused().size(), 2u);
  }

  std::vector<std::string> Entries(const std::string& id, uint64_t begin,
                                   uint64_t end) {
    std::vector<std::string> entries;
    EXPECT_TRUE(broker_.store
                    ->Read([&](Transaction& transaction) {
                      for (uint64_t i = begin; i < end; ++i) {
                        const auto entry =
                            broker_.ledgers->Entry(transaction, id, i);
                        if (!entry.ok()) return entry.status();
                        entries.push_back(*entry);
                      }
                      return absl::OkStatus();
                    })
                    .ok());
    return entries;
  }

  absl::Status Restore(const std::string& id,
                       const std::vector<std::string>& entries) {
    std::vector<uint8_t> seed(32, 7);
    // Nothing is refused by this one: it is not serving.
    const LedgerLog ledgers(
        "broker.test", *crypto::SigningKey::TakeSeed(absl::MakeSpan(seed)));
    const Anchor anchor = *broker_.anchors->Find("broker.test/ledgers/" + id);
    return broker_.store->Write(
        [&](Transaction& transaction) {
          return RestoreEntries(transaction, ledgers, id, anchor, entries);
        },
        [] { return absl::OkStatus(); });
  }

  TestBroker broker_;
  std::vector<std::string> missing_;
  std::vector<std::string> missing_later_;
};

TEST_F(LedgerRestoreTest, TakesBackWhatIsMissingAndGoesOn) {
  ASSERT_TRUE(Restore("l", missing_).ok());
  ASSERT_TRUE(Restore("later", missing_later_).ok());
  ASSERT_TRUE(broker_.Restart().ok());
  EXPECT_TRUE(broker_.ledgers->refused().empty());
  EXPECT_EQ((*broker_.Append("l", 1))[0].index, 500u);
  EXPECT_EQ((*broker_.Append("later", 1))[0].index, 2u);
}

TEST_F(LedgerRestoreTest, TakesNothingElse) {
  std::vector<std::string> other = missing_;
  other[150] = "{}";
  EXPECT_EQ(Restore("l", other).code(), absl::StatusCode::kDataLoss);
  std::swap(other[150] = missing_[150], other[151]);
  EXPECT_EQ(Restore("l", other).code(), absl::StatusCode::kDataLoss);
  other.pop_back();
  EXPECT_EQ(Restore("l", other).code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(Restore("l", {}).code(), absl::StatusCode::kInvalidArgument);
  // What was refused left nothing behind.
  EXPECT_TRUE(Restore("l", missing_).ok());
  EXPECT_EQ(Restore("l", missing_).code(),
            absl::StatusCode::kFailedPrecondition);
}

}  // namespace
}  // namespace entente::broker

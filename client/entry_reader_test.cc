#include "client/entry_reader.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>

#include "client/error.h"
#include "client/fake_ledger.h"
#include "client/json_value.h"

namespace entente::client {
namespace {

using ::testing::HasSubstr;

// A keeper that proves entries, and may be told to lie.
class FakeEntries final : public EntrySource {
 public:
  explicit FakeEntries(FakeLedger* ledger) : ledger_(*ledger) {}

  absl::StatusOr<Head> Latest(uint64_t known_size,
                              const crypto::Hash& root) override {
    return ledger_.Latest(known_size, root);
  }
  absl::StatusOr<crypto::Bytes> Entries(uint64_t number,
                                        uint32_t width) override {
    return ledger_.Entries(number, width);
  }
  absl::StatusOr<Proved> Entry(uint64_t index, uint64_t known_size) override {
    const uint64_t size = ledger_.tree().size();
    Proved proved = {
        index, ledger_.entry(index), ledger_.Receipt(index, size), {}};
    if (known_size > 0 && known_size <= size) {
      proved.consistency = ledger_.Latest(known_size, {})->consistency;
    }
    lie(proved);
    return proved;
  }
  absl::StatusOr<crypto::Bytes> Tile(const crypto::TileId& tile) override {
    return ledger_.Tile(tile);
  }

  std::function<void(Proved&)> lie = [](Proved&) {};

 private:
  FakeLedger& ledger_;
};

class EntryReaderTest : public ::testing::Test {
 protected:
  EntryReaderTest() { ledger_.Grow(5); }

  EntryReader Reader(FakeLedger& ledger, KeptCheckpoint known = {}) {
    return EntryReader(&entries_, ledger.key(), std::move(known));
  }

  FakeLedger ledger_{"broker.example/ledgers/isa-one"};
  FakeEntries entries_{&ledger_};
};

TEST_F(EntryReaderTest, EveryEntryIsProved) {
  EntryReader reader = Reader(ledger_);
  ASSERT_EQ(*reader.Size(), 5);
  for (uint64_t i = 0; i < 5; ++i) {
    const auto read = reader.Read(i);
    ASSERT_TRUE(read.ok()) << read.status();
    EXPECT_EQ(read->index, i);
    EXPECT_EQ(read->line, ledger_.entry(i));
    EXPECT_EQ(read->entry.kind, policy::EntryKind::kBatch);
  }
  EXPECT_EQ(reader.seen().size, 5);
}

TEST_F(EntryReaderTest, AGrowingLedgerIsFollowed) {
  EntryReader reader = Reader(ledger_);
  ASSERT_TRUE(reader.Read(0).ok());
  ledger_.Grow(300);
  ASSERT_TRUE(reader.Read(299).ok());
  ledger_.Grow(301);
  EXPECT_EQ(*reader.Size(), 301);
}

TEST_F(EntryReaderTest, WhatIsNotProvedIsRefused) {
  const std::function<void(EntrySource::Proved&)> lies[] = {
      [](auto& p) { p.entry[p.entry.size() / 2] ^= 1; },
      [](auto& p) { p.index = 2; },
      [this](auto& p) { p.proof = ledger_.Receipt(2, 5); },
      [](auto& p) { p.proof = "nothing"; },
      [](auto& p) { p.proof[p.proof.size() - 10] ^= 1; },
      [](auto& p) { p.consistency.push_back({}); },
  };
  for (const auto& lie : lies) {
    entries_.lie = lie;
    EntryReader reader =
        Reader(ledger_, {3, *ledger_.tree().RootAt(3), "a note"});
    const auto read = reader.Read(1);
    EXPECT_TRUE(absl::IsDataLoss(read.status())) << read.status();
    EXPECT_EQ(FromStatus(read.status()).exit, ExitCode::kVerificationFailed);
    // What was seen before still counts.
    EXPECT_EQ(reader.seen().size, 3);
  }
}

TEST_F(EntryReaderTest, AnotherHistoryAndAShorterOneAreRefused) {
  crypto::Hash other = *ledger_.tree().RootAt(3);
  other[0] ^= 1;
  EXPECT_TRUE(
      absl::IsDataLoss(Reader(ledger_, {3, other, ""}).Size().status()));
  const auto cut = Reader(ledger_, {9, other, ""}).Size();
  EXPECT_TRUE(absl::IsDataLoss(cut.status()));
  EXPECT_THAT(std::string(cut.status().message()), HasSubstr("cut back"));
}

TEST_F(EntryReaderTest, AnotherKeyIsRefused) {
  FakeLedger stranger("broker.example/ledgers/isa-one");
  EXPECT_TRUE(absl::IsDataLoss(Reader(stranger).Size().status()));
  EXPECT_TRUE(absl::IsDataLoss(Reader(stranger).Read(0).status()));
}

TEST(JsonValueTest, EntriesComeBackAsTheyStand) {
  const std::string line =
      R"({"z":1,"a":[true,null,"x"],"m":{"deep":-9007199254740992}})";
  const auto value = ReadJson(line);
  ASSERT_TRUE(value.ok()) << value.status();
  EXPECT_EQ(ToJson(*value), line);
}

TEST(JsonValueTest, WhatIsNoJsonIsRefused) {
  const std::string deep = std::string(40, '[') + std::string(40, ']');
  for (const std::string& text :
       {std::string("{"), std::string(""), std::string("1.5"), deep}) {
    EXPECT_TRUE(absl::IsInvalidArgument(ReadJson(text).status())) << text;
  }
}

}  // namespace
}  // namespace entente::client

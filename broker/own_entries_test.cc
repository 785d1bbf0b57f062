#include "broker/own_entries.h"

#include "absl/strings/numbers.h"
#include "broker/test_partnership.h"
#include "crypto/hex.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace entente::broker {
namespace {

using policy::EntryKind;
using testing::ElementsAre;

class OwnEntriesTest : public testing::Test {
 protected:
  void SetUp() override { all.Activate(); }

  SignedHead Head(const std::string& part) {
    SignedHead found;
    EXPECT_TRUE(all.parts.store
                    ->Read([&](Transaction& transaction) -> absl::Status {
                      auto head = all.parts.ledgers->Head(transaction, part);
                      if (!head.ok()) return head.status();
                      found = *std::move(head);
                      return absl::OkStatus();
                    })
                    .ok());
    return found;
  }
  // What the broker's own ledger got since `begin`, or all.
  std::vector<policy::LedgerEntry> Since(uint64_t begin) {
    std::vector<policy::LedgerEntry> entries;
    for (uint64_t i = begin; i < Head("broker").size; ++i) {
      EXPECT_TRUE(all.parts.store
                      ->Read([&](Transaction& transaction) -> absl::Status {
                        const auto line =
                            all.parts.ledgers->Entry(transaction, "broker", i);
                        if (!line.ok()) return line.status();
                        entries.push_back(*policy::ParseEntry(*line));
                        return absl::OkStatus();
                      })
                      .ok());
    }
    return entries;
  }
  static std::vector<std::string> Kinds(
      const std::vector<policy::LedgerEntry>& entries) {
    std::vector<std::string> kinds;
    for (const policy::LedgerEntry& entry : entries) {
      kinds.emplace_back(policy::EntryKindName(entry.kind));
    }
    return kinds;
  }
  void ExpectHead(const policy::LedgerEntry& entry, const SignedHead& head,
                  const std::string& part) {
    EXPECT_EQ(entry.kind, EntryKind::kLedgerRecorded);
    EXPECT_EQ(entry.agreement, "isa-small");
    EXPECT_EQ(entry.subject, crypto::ToHex(head.root));
    EXPECT_EQ(entry.detail.at("origin"), "broker.test/ledgers/" + part);
    EXPECT_EQ(entry.detail.at("size"), absl::StrCat(head.size));
  }

  TestPartnership all;
  OwnEntries own{&all.context};
};

TEST_F(OwnEntriesTest, AStartNamesVersionSettingsAndEveryLedgersHead) {
  const SignedHead head = Head("isa-small");
  const uint64_t before = Head("broker").size;
  Config config;
  config.name = "broker.test";
  ASSERT_TRUE(own.Started(config, "0.1.0").ok());
  const auto entries = Since(before);
  ASSERT_THAT(Kinds(entries), ElementsAre("broker_started", "ledger_recorded"));
  EXPECT_EQ(entries[0].detail.at("version"), "0.1.0");
  EXPECT_EQ(entries[0].subject, ConfigDigest(config));
  ExpectHead(entries[1], head, "isa-small");
}

TEST_F(OwnEntriesTest, HeadsAreRecordedEveryHourAndAtTheStop) {
  ASSERT_TRUE(own.Started({}, "1").ok());
  const uint64_t before = Head("broker").size;
  ASSERT_TRUE(own.Tick().ok());
  all.clock.Advance(kHeadsEvery - absl::Milliseconds(1));
  ASSERT_TRUE(own.Tick().ok());
  EXPECT_THAT(Since(before), testing::IsEmpty());
  all.clock.Advance(absl::Milliseconds(1));
  ASSERT_TRUE(own.Tick().ok());
  ASSERT_TRUE(own.Tick().ok());
  EXPECT_THAT(Kinds(Since(before)), ElementsAre("ledger_recorded"));
  ASSERT_TRUE(all.Publish(all.west).ok());
  const SignedHead head = Head("isa-small");
  const uint64_t stop = Head("broker").size;
  ASSERT_TRUE(own.Stopped().ok());
  const auto entries = Since(stop);
  ASSERT_THAT(Kinds(entries), ElementsAre("ledger_recorded", "broker_stopped"));
  ExpectHead(entries[0], head, "isa-small");
}

TEST_F(OwnEntriesTest, TheNewestPartOfALedgerCounts) {
  ASSERT_TRUE(all.parts.Continue("isa-small").ok());
  const uint64_t before = Head("broker").size;
  ASSERT_TRUE(own.Tick().ok());
  const auto entries = Since(before);
  ASSERT_THAT(Kinds(entries), ElementsAre("ledger_recorded"));
  ExpectHead(entries[0], Head("isa-small.1"), "isa-small.1");
}

TEST_F(OwnEntriesTest, ALedgerThatWasRefusedIsNotVouchedFor) {
  all.parts.ledgers->Refuse("isa-small", "it is an old copy");
  const uint64_t before = Head("broker").size;
  ASSERT_TRUE(own.Tick().ok());
  EXPECT_THAT(Since(before), testing::IsEmpty());
}

TEST_F(OwnEntriesTest, EachSettingChangesTheDigest) {
  std::set<std::string> digests = {ConfigDigest({})};
  for (const Setting& setting : Settings()) {
    Config config;
    const std::string name(setting.name);
    const bool set = Set(&config, name, "7").ok() ||
                     Set(&config, name, "127.0.0.1:7").ok() ||
                     Set(&config, name, "debug").ok();
    ASSERT_TRUE(set) << name;
    EXPECT_TRUE(digests.insert(ConfigDigest(config)).second) << name;
  }
}

}  // namespace
}  // namespace entente::broker

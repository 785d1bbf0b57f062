#include "broker/recorder.h"

#include <set>
#include <string>
#include <vector>

#include "broker/test_partnership.h"
#include "crypto/merkle.h"
#include "gtest/gtest.h"

namespace entente::broker {
namespace {

// A ledger as its readers see it: the lines, and the hash of each.
struct ReadLedger {
  std::vector<std::string> lines;
  std::set<crypto::Hash> leaves;
};

ReadLedger Read(const TestPartnership& all, const std::string& ledger) {
  ReadLedger found;
  const absl::Status read =
      all.parts.store->Read([&](Transaction& transaction) -> absl::Status {
        const auto size = all.parts.ledgers->Size(transaction, ledger);
        if (!size.ok()) return size.status();
        for (uint64_t i = 0; i < *size; ++i) {
          const auto line = all.parts.ledgers->Entry(transaction, ledger, i);
          if (!line.ok()) return line.status();
          found.lines.push_back(*line);
          found.leaves.insert(crypto::LeafHash(crypto::AsBytes(*line)));
        }
        return absl::OkStatus();
      });
  EXPECT_TRUE(read.ok()) << read;
  return found;
}

crypto::Hash LeafOf(const policy::LedgerEntry& entry) {
  const auto line = policy::SerialiseEntry(entry);
  EXPECT_TRUE(line.ok()) << line.status();
  return crypto::LeafHash(crypto::AsBytes(*line));
}

TEST(Recorder, WhoKnowsAllOfAnEntryButItsSaltDoesNotFindItsHash) {
  TestPartnership all;
  all.Activate();
  std::set<std::array<uint8_t, 16>> salts = {{}};
  size_t count = 1;
  for (const char* ledger : {"broker", "isa-small"}) {
    const ReadLedger read = Read(all, ledger);
    EXPECT_GE(read.lines.size(), 3u);
    for (const std::string& line : read.lines) {
      const auto known = policy::ParseEntry(line);
      ASSERT_TRUE(known.ok()) << known.status();
      EXPECT_EQ(read.leaves.count(LeafOf(*known)), 1u)
          << "with its salt the contents are found";
      // Every bit of every other member is right, and one of the salt's is not.
      for (size_t byte = 0; byte < known->salt.size(); ++byte) {
        for (int bit = 0; bit < 8; ++bit) {
          policy::LedgerEntry guess = *known;
          guess.salt[byte] ^= static_cast<uint8_t>(1 << bit);
          EXPECT_EQ(read.leaves.count(LeafOf(guess)), 0u);
        }
      }
      policy::LedgerEntry unsalted = *known;
      unsalted.salt = {};
      EXPECT_EQ(read.leaves.count(LeafOf(unsalted)), 0u);
      salts.insert(known->salt);
      ++count;
    }
  }
  EXPECT_EQ(salts.size(), count)
      << "no two entries share a salt, none has none";
}

TEST(Recorder, TwoLinesFromOneEntryHaveSaltsOfTheirOwn) {
  TestPartnership all;
  const policy::LedgerEntry entry =
      all.recorder->OwnAct(policy::EntryKind::kBrokerStarted);
  std::set<std::array<uint8_t, 16>> salts = {entry.salt};
  for (int i = 0; i < 100; ++i) {
    const auto pending = Recorder::Pending("broker", entry);
    ASSERT_TRUE(pending.ok()) << pending.status();
    salts.insert(policy::ParseEntry(pending->entry)->salt);
  }
  EXPECT_EQ(salts.size(), 101u);
}

}  // namespace
}  // namespace entente::broker

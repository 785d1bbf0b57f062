#include "broker/ledger/ledger_tree.h"

#include <bit>

#include "broker/ledger/tree_hash.h"
#include "broker/test_broker.h"
#include "crypto/hex.h"
#include "gtest/gtest.h"

namespace entente::broker {
namespace {

using crypto::Hash;
using Hashes = std::vector<Hash>;

// RFC 6962 section 2.1 as it is written, over leaf hashes.
Hash Mth(absl::Span<const Hash> leaves) {
  if (leaves.empty()) return EmptyRoot();
  if (leaves.size() == 1) return leaves[0];
  const size_t k = std::bit_floor(leaves.size() - 1);
  return NodeHash(Mth(leaves.first(k)), Mth(leaves.subspan(k)));
}

Hashes Path(size_t m, absl::Span<const Hash> leaves) {
  if (leaves.size() <= 1) return {};
  const size_t k = std::bit_floor(leaves.size() - 1);
  Hashes path =
      m < k ? Path(m, leaves.first(k)) : Path(m - k, leaves.subspan(k));
  path.push_back(Mth(m < k ? leaves.subspan(k) : leaves.first(k)));
  return path;
}

Hashes Subproof(size_t m, absl::Span<const Hash> leaves, bool whole) {
  if (m == leaves.size()) return whole ? Hashes() : Hashes{Mth(leaves)};
  const size_t k = std::bit_floor(leaves.size() - 1);
  Hashes proof = m <= k ? Subproof(m, leaves.first(k), whole)
                        : Subproof(m - k, leaves.subspan(k), false);
  proof.push_back(Mth(m <= k ? leaves.subspan(k) : leaves.first(k)));
  return proof;
}

class LedgerTreeTest : public testing::Test {
 protected:
  // Fills the ledger `l` with `entries` and signs.
  void Fill(const std::vector<std::string>& entries) {
    const absl::Status filled = broker_.store->Write(
        [&](Transaction& transaction) {
          absl::Status made = broker_.ledgers->Create(transaction, "l");
          if (!made.ok()) return made;
          LedgerTable table(transaction);
          for (size_t i = 0; i < entries.size(); ++i) {
            made = table.InsertEntry("l", i, entries[i]);
            if (!made.ok()) return made;
            leaves_.push_back(LeafHash(entries[i]));
          }
          made = table.SetSize("l", entries.size());
          if (!made.ok()) return made;
          return broker_.ledgers->Sign(transaction, "l").status();
        },
        [] { return absl::OkStatus(); });
    ASSERT_TRUE(filled.ok()) << filled;
  }

  template <typename Work>
  void WithTree(Work work) {
    ASSERT_TRUE(broker_.store
                    ->Read([&](Transaction& transaction) {
                      LedgerTable table(transaction);
                      LedgerTree tree(&table, "l");
                      work(tree);
                      return absl::OkStatus();
                    })
                    .ok());
  }

  absl::Span<const Hash> First(size_t count) const {
    return absl::MakeConstSpan(leaves_).first(count);
  }

  TestBroker broker_;
  Hashes leaves_;
};

// The eight leaves of the classic vectors; transparency-log.md section 1.1.
TEST_F(LedgerTreeTest, MatchesThePublishedTree) {
  std::vector<std::string> entries;
  for (const char* hex :
       {"", "00", "10", "2021", "3031", "40414243", "5051525354555657",
        "606162636465666768696a6b6c6d6e6f"}) {
    entries.emplace_back(crypto::AsText(*crypto::FromHex(hex)));
  }
  Fill(entries);
  WithTree([](LedgerTree& tree) {
    EXPECT_EQ(
        crypto::ToHex(*tree.Root(8)),
        "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328");
    EXPECT_EQ(
        crypto::ToHex(*tree.Root(3)),
        "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77");
    EXPECT_EQ(
        crypto::ToHex(*tree.Root(0)),
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    EXPECT_EQ(
        crypto::ToHex(tree.Inclusion(0, 8)->back()),
        "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4");
    EXPECT_EQ(
        crypto::ToHex(tree.Consistency(4, 7)->front()),
        "837dbb152e9b079010717e84e865da4ebc0fa198a806d59d31bf15accef22d0e");
  });
}

TEST_F(LedgerTreeTest, EqualsTheDefinitionForEverySmallTree) {
  std::vector<std::string> entries;
  for (int i = 0; i < 40; ++i) entries.push_back(std::to_string(i));
  Fill(entries);
  WithTree([this](LedgerTree& tree) {
    for (size_t size = 0; size <= leaves_.size(); ++size) {
      EXPECT_EQ(*tree.Root(size), Mth(First(size)));
      for (size_t i = 0; i < size; ++i) {
        EXPECT_EQ(*tree.Inclusion(i, size), Path(i, First(size)));
        EXPECT_EQ(*tree.Consistency(i + 1, size),
                  Subproof(i + 1, First(size), true));
      }
    }
  });
}

TEST_F(LedgerTreeTest, EqualsTheDefinitionAcrossTiles) {
  std::vector<std::string> entries;
  for (int i = 0; i < 1030; ++i) entries.push_back(std::to_string(i));
  Fill(entries);
  WithTree([this](LedgerTree& tree) {
    for (const size_t size : {255, 256, 257, 511, 512, 513, 1024, 1030}) {
      EXPECT_EQ(*tree.Root(size), Mth(First(size)));
      for (const size_t at : {1, 2, 200, 255}) {
        EXPECT_EQ(*tree.Inclusion(at - 1, size), Path(at - 1, First(size)));
        EXPECT_EQ(*tree.Inclusion(size - at, size),
                  Path(size - at, First(size)));
        EXPECT_EQ(*tree.Consistency(at, size), Subproof(at, First(size), true));
        EXPECT_EQ(*tree.Consistency(size - at + 1, size),
                  Subproof(size - at + 1, First(size), true));
      }
    }
  });
}

TEST_F(LedgerTreeTest, RefusesWhatIsNotInTheTree) {
  Fill({"a", "b", "c"});
  WithTree([](LedgerTree& tree) {
    EXPECT_EQ(tree.Inclusion(3, 3).status().code(),
              absl::StatusCode::kOutOfRange);
    EXPECT_EQ(tree.Consistency(4, 3).status().code(),
              absl::StatusCode::kOutOfRange);
    EXPECT_TRUE(tree.Consistency(0, 3)->empty());
    EXPECT_TRUE(tree.Consistency(3, 3)->empty());
    EXPECT_EQ(tree.Root(4).status().code(), absl::StatusCode::kDataLoss);
    EXPECT_EQ(tree.Inclusion(0, 300).status().code(),
              absl::StatusCode::kDataLoss);
    EXPECT_EQ(tree.Consistency(2, 300).status().code(),
              absl::StatusCode::kDataLoss);
  });
}

}  // namespace
}  // namespace entente::broker

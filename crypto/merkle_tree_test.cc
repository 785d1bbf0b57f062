#include "crypto/merkle_tree.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <bit>
#include <string>
#include <vector>

#include "crypto/hex.h"

namespace entente::crypto {
namespace {

using absl::StatusCode;

// The leaves that tests of RFC 6962 have used since its first implementation.
const char* const kLeaves[] = {"",
                               "00",
                               "10",
                               "2021",
                               "3031",
                               "40414243",
                               "5051525354555657",
                               "606162636465666768696a6b6c6d6e6f"};
const char* const kRoots[] = {
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"};

MerkleLog EightLeaves() {
  MerkleLog log;
  for (const char* leaf : kLeaves) log.Append(*FromHex(leaf));
  return log;
}

// The first four bytes of each hash.
std::string Starts(const absl::StatusOr<std::vector<Hash>>& proof) {
  std::string starts;
  for (const Hash& hash : *proof) {
    starts += ToHex(absl::MakeConstSpan(hash).first(4)) + " ";
  }
  return starts;
}

TEST(MerkleTree, HasThePublishedRoots) {
  const MerkleLog log = EightLeaves();
  CompactRange range;
  EXPECT_EQ(range.Root(), EmptyRoot());
  EXPECT_EQ(*log.RootAt(0), EmptyRoot());
  for (uint64_t i = 0; i < 8; ++i) {
    EXPECT_EQ(ToHex(*log.RootAt(i + 1)), kRoots[i]);
    range.Append(LeafHash(*FromHex(kLeaves[i])));
    EXPECT_EQ(ToHex(range.Root()), kRoots[i]);
    EXPECT_EQ(range.size(), i + 1);
  }
}

TEST(MerkleTree, HasThePublishedProofs) {
  const MerkleLog log = EightLeaves();
  EXPECT_EQ(Starts(log.ProveInclusion(0, 8)), "96a296d2 5f083f0a 6b47aaf2 ");
  EXPECT_EQ(Starts(log.ProveInclusion(5, 8)), "bc1a0643 ca854ea1 d37ee418 ");
  EXPECT_EQ(Starts(log.ProveInclusion(2, 3)), "fac54203 ");
  EXPECT_EQ(Starts(log.ProveInclusion(6, 7)), "0ebc5d34 d37ee418 ");
  EXPECT_EQ(Starts(log.ProveConsistency(1, 8)), "96a296d2 5f083f0a 6b47aaf2 ");
  EXPECT_EQ(Starts(log.ProveConsistency(6, 8)), "0ebc5d34 ca854ea1 d37ee418 ");
  EXPECT_EQ(Starts(log.ProveConsistency(2, 5)), "5f083f0a bc1a0643 ");
  EXPECT_EQ(Starts(log.ProveConsistency(4, 7)), "837dbb15 ");
  EXPECT_EQ(Starts(log.ProveConsistency(3, 7)),
            "0298d122 07506a85 fac54203 837dbb15 ");
}

TEST(MerkleTree, EveryProofVerifiesAndHasTheKnownLength) {
  MerkleLog log;
  for (uint64_t i = 0; i < 70; ++i) log.Append({static_cast<uint8_t>(i)});
  for (uint64_t size = 1; size <= 70; ++size) {
    const Hash root = *log.RootAt(size);
    for (uint64_t i = 0; i < size; ++i) {
      const std::vector<Hash> proof = *log.ProveInclusion(i, size);
      const int k = std::bit_width(i ^ (size - 1));
      EXPECT_EQ(proof.size(), k + std::popcount(i >> k));
      EXPECT_TRUE(VerifyInclusion(*log.Node(0, i), i, size, proof, root).ok());
    }
    for (uint64_t old_size = 0; old_size <= size; ++old_size) {
      EXPECT_TRUE(VerifyConsistency(old_size, *log.RootAt(old_size), size, root,
                                    *log.ProveConsistency(old_size, size))
                      .ok());
    }
  }
}

TEST(MerkleTree, RefusesWhatTheTreeDoesNotHave) {
  MerkleLog log = EightLeaves();
  EXPECT_EQ(log.RootAt(9).status().code(), StatusCode::kOutOfRange);
  EXPECT_EQ(log.Node(0, 8).status().code(), StatusCode::kOutOfRange);
  EXPECT_EQ(log.Node(4, 0).status().code(), StatusCode::kOutOfRange);
  EXPECT_EQ(log.ProveInclusion(8, 8).status().code(), StatusCode::kOutOfRange);
  EXPECT_EQ(log.ProveInclusion(0, 9).status().code(), StatusCode::kOutOfRange);
  EXPECT_EQ(log.ProveConsistency(8, 7).status().code(),
            StatusCode::kOutOfRange);
  EXPECT_EQ(log.ProveConsistency(8, 9).status().code(),
            StatusCode::kOutOfRange);
  EXPECT_EQ(log.ProveConsistency(0, 9).status().code(),
            StatusCode::kOutOfRange);
}

TEST(CompactRange, ContinuesFromAnyEdge) {
  MerkleLog log;
  for (uint8_t i = 0; i < 40; ++i) log.Append({i});
  for (uint64_t size = 0; size <= 40; ++size) {
    const CompactRange read = *CompactRange::Read(log, size);
    CompactRange range =
        *CompactRange::FromEdge(size, {read.edge().begin(), read.edge().end()});
    EXPECT_EQ(range.Root(), *log.RootAt(size));
    for (uint64_t i = size; i < 40; ++i) range.Append(*log.Node(0, i));
    EXPECT_EQ(range.Root(), *log.RootAt(40));
  }
}

TEST(CompactRange, RefusesAnEdgeOfAnotherSize) {
  EXPECT_EQ(CompactRange::FromEdge(5, {EmptyRoot()}).status().code(),
            StatusCode::kInvalidArgument);
  EXPECT_EQ(CompactRange::FromEdge(0, {EmptyRoot()}).status().code(),
            StatusCode::kInvalidArgument);
  MerkleLog log = EightLeaves();
  EXPECT_EQ(CompactRange::Read(log, 9).status().code(),
            StatusCode::kOutOfRange);
}

}  // namespace
}  // namespace entente::crypto

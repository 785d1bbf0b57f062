#include "crypto/merkle.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "crypto/hex.h"
#include "crypto/merkle_tree.h"

namespace entente::crypto {
namespace {

using absl::StatusCode;

MerkleLog LogOf(uint64_t size) {
  MerkleLog log;
  for (uint64_t i = 0; i < size; ++i) {
    log.Append({static_cast<uint8_t>(i), static_cast<uint8_t>(i >> 8)});
  }
  return log;
}

// Some vectors give a hash of another length, which no Hash can hold. It gets a
// stand-in, equal where it was equal; `well_formed` is cleared.
Hash VectorHash(const nlohmann::json& base64, bool* well_formed) {
  const std::string text = base64.get<std::string>();
  const Bytes bytes = FromBase64(text).value_or(Bytes());
  Hash hash = Sha256(absl::StrCat("stand-in for ", text));
  if (bytes.size() == hash.size()) {
    std::copy(bytes.begin(), bytes.end(), hash.begin());
  } else {
    *well_formed = false;
  }
  return hash;
}

std::vector<Hash> VectorProof(const nlohmann::json& test, bool* well_formed) {
  std::vector<Hash> proof;
  // A missing proof is written as null.
  for (const auto& hash : test["proof"]) {
    proof.push_back(VectorHash(hash, well_formed));
  }
  return proof;
}

std::vector<nlohmann::json> Vectors(const std::string& kind) {
  std::vector<nlohmann::json> tests;
  for (const auto& file : std::filesystem::recursive_directory_iterator(
           ENTENTE_VECTORS "/rfc6962-merkle/" + kind)) {
    if (!file.is_regular_file()) continue;
    std::ifstream stream(file.path());
    tests.push_back(nlohmann::json::parse(stream));
    tests.back()["file"] = file.path().string();
  }
  return tests;
}

TEST(Merkle, InclusionMatchesPublishedVectors) {
  const std::vector<nlohmann::json> tests = Vectors("inclusion");
  for (const nlohmann::json& test : tests) {
    bool well_formed = true;
    const absl::Status status = VerifyInclusion(
        VectorHash(test["leafHash"], &well_formed),
        test["leafIdx"].get<uint64_t>(), test["treeSize"].get<uint64_t>(),
        VectorProof(test, &well_formed),
        VectorHash(test["root"], &well_formed));
    EXPECT_EQ(well_formed && status.ok(), !test["wantErr"].get<bool>())
        << test["file"] << status;
  }
  EXPECT_EQ(tests.size() + Vectors("consistency").size(), 196);
}

TEST(Merkle, ConsistencyMatchesPublishedVectors) {
  int from_nothing = 0;
  for (const nlohmann::json& test : Vectors("consistency")) {
    bool well_formed = true;
    const absl::Status status = VerifyConsistency(
        test["size1"].get<uint64_t>(), VectorHash(test["root1"], &well_formed),
        test["size2"].get<uint64_t>(), VectorHash(test["root2"], &well_formed),
        VectorProof(test, &well_formed));
    if (test["desc"] == "size1 is zero and size2 is not zero") {
      // Refused there as meaningless. Here every tree extends the empty one;
      // what is left to refuse in it is that its root is no hash.
      EXPECT_TRUE(status.ok() && !well_formed);
      ++from_nothing;
      continue;
    }
    EXPECT_EQ(status.ok(), !test["wantErr"].get<bool>())
        << test["file"] << status;
  }
  EXPECT_EQ(from_nothing, 1);
}

TEST(Merkle, HashesEmptyTreeAndEmptyLeafApart) {
  EXPECT_EQ(ToHex(EmptyRoot()),
            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(ToHex(LeafHash("")),
            "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d");
  EXPECT_EQ(LeafHash("ab"), Sha256(absl::string_view("\0ab", 3)));
}

TEST(Merkle, RefusesEveryChangeOfAnInclusionProof) {
  const MerkleLog log = LogOf(21);
  for (uint64_t size : {1, 2, 3, 8, 13, 21}) {
    const Hash root = *log.RootAt(size);
    for (uint64_t index = 0; index < size; ++index) {
      const Hash leaf = *MerkleLog(log).Node(0, index);
      std::vector<Hash> proof = *log.ProveInclusion(index, size);
      ASSERT_TRUE(VerifyInclusion(leaf, index, size, proof, root).ok());
      for (Hash& hash : proof) {
        hash[31] ^= 1;
        EXPECT_EQ(VerifyInclusion(leaf, index, size, proof, root).code(),
                  StatusCode::kDataLoss);
        hash[31] ^= 1;
      }
      EXPECT_EQ(VerifyInclusion(root, index, size, proof, leaf).ok(),
                size == 1);
      proof.push_back(root);
      EXPECT_EQ(VerifyInclusion(leaf, index, size, proof, root).code(),
                StatusCode::kInvalidArgument);
      proof.pop_back();
      if (proof.empty()) continue;
      proof.pop_back();
      EXPECT_EQ(VerifyInclusion(leaf, index, size, proof, root).code(),
                StatusCode::kInvalidArgument);
    }
    EXPECT_EQ(VerifyInclusion(root, size, size, {}, root).code(),
              StatusCode::kInvalidArgument);
  }
}

TEST(Merkle, RefusesEveryChangeOfAConsistencyProof) {
  const MerkleLog log = LogOf(21);
  for (uint64_t from = 1; from < 21; ++from) {
    const Hash old_root = *log.RootAt(from);
    const Hash root = *log.RootAt(21);
    std::vector<Hash> proof = *log.ProveConsistency(from, 21);
    ASSERT_TRUE(VerifyConsistency(from, old_root, 21, root, proof).ok());
    for (Hash& hash : proof) {
      hash[0] ^= 0x80;
      EXPECT_EQ(VerifyConsistency(from, old_root, 21, root, proof).code(),
                StatusCode::kDataLoss);
      hash[0] ^= 0x80;
    }
    EXPECT_FALSE(VerifyConsistency(from, root, 21, root, proof).ok());
    EXPECT_FALSE(VerifyConsistency(from, old_root, 21, old_root, proof).ok());
    proof.push_back(root);
    EXPECT_EQ(VerifyConsistency(from, old_root, 21, root, proof).code(),
              StatusCode::kInvalidArgument);
    proof.resize(proof.size() - 2);
    EXPECT_EQ(VerifyConsistency(from, old_root, 21, root, proof).code(),
              StatusCode::kInvalidArgument);
  }
}

TEST(Merkle, ConsistencyOfEqualAndEmptyTreesNeedsNoProof) {
  const MerkleLog log = LogOf(5);
  const Hash root = *log.RootAt(5);
  EXPECT_TRUE(VerifyConsistency(5, root, 5, root, {}).ok());
  EXPECT_TRUE(VerifyConsistency(0, EmptyRoot(), 5, root, {}).ok());
  EXPECT_TRUE(VerifyConsistency(0, EmptyRoot(), 0, EmptyRoot(), {}).ok());
  EXPECT_EQ(VerifyConsistency(5, root, 5, EmptyRoot(), {}).code(),
            StatusCode::kDataLoss);
  EXPECT_EQ(VerifyConsistency(0, root, 5, root, {}).code(),
            StatusCode::kDataLoss);
  EXPECT_EQ(VerifyConsistency(0, EmptyRoot(), 5, root, {&root, 1}).code(),
            StatusCode::kInvalidArgument);
  EXPECT_EQ(VerifyConsistency(5, root, 4, *log.RootAt(4), {}).code(),
            StatusCode::kInvalidArgument);
}

}  // namespace
}  // namespace entente::crypto

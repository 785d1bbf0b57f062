#include "crypto/tlog_proof.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "crypto/merkle_tree.h"
#include "crypto/worked_log.h"

namespace entente::crypto {
namespace {

using absl::StatusCode;

constexpr int kProven[] = {0, 7, 255, 256, 500, 999};

std::string WorkedProof(int index) {
  return ReadLogFile(absl::StrCat("proofs/", index, ".tlog-proof"));
}

StatusCode ParsingProof(absl::string_view text) {
  return ParseTlogProof(text).status().code();
}

TEST(TlogProof, VerifiesTheWorkedOnes) {
  for (const int index : kProven) {
    const std::string text = WorkedProof(index);
    const TlogProof proof = *ParseTlogProof(text);
    EXPECT_EQ(proof.index, index);
    EXPECT_EQ(FormatTlogProof(proof), text);
    const Bytes entry = ReadLogBytes(absl::StrCat("proofs/", index, ".entry"));
    const auto checkpoint = VerifyTlogProof(proof, entry, LogKey());
    ASSERT_TRUE(checkpoint.ok()) << checkpoint.status();
    EXPECT_EQ(checkpoint->size, 1000);
  }
}

TEST(TlogProof, IsMadeToTheByte) {
  MerkleLog log;
  for (const Bytes& entry : LogEntries()) log.Append(entry);
  for (const int index : kProven) {
    const TlogProof proof = {{},
                             static_cast<uint64_t>(index),
                             *log.ProveInclusion(index, 1000),
                             ReadLogFile("log/checkpoint")};
    EXPECT_EQ(FormatTlogProof(proof), WorkedProof(index));
  }
}

TEST(TlogProof, RefusesAnotherEntryPlaceOrKey) {
  const TlogProof proof = *ParseTlogProof(WorkedProof(500));
  Bytes entry = ReadLogBytes("proofs/500.entry");
  EXPECT_EQ(VerifyTlogProof(proof, entry, WitnessKeys()[0]).status().code(),
            StatusCode::kNotFound);
  TlogProof moved = proof;
  moved.index = 501;
  EXPECT_EQ(VerifyTlogProof(moved, entry, LogKey()).status().code(),
            StatusCode::kDataLoss);
  moved.index = 1000;
  EXPECT_EQ(VerifyTlogProof(moved, entry, LogKey()).status().code(),
            StatusCode::kInvalidArgument);
  TlogProof shorter = proof;
  shorter.hashes.pop_back();
  EXPECT_EQ(VerifyTlogProof(shorter, entry, LogKey()).status().code(),
            StatusCode::kInvalidArgument);
  TlogProof older = proof;
  older.checkpoint = ReadLogFile("history/checkpoint.999");
  EXPECT_FALSE(VerifyTlogProof(older, entry, LogKey()).ok());
  entry[3] ^= 4;
  EXPECT_EQ(VerifyTlogProof(proof, entry, LogKey()).status().code(),
            StatusCode::kDataLoss);
}

TEST(TlogProof, EveryBitBeforeTheCosignaturesCounts) {
  const std::string good = WorkedProof(999);
  const Bytes entry = ReadLogBytes("proofs/999.entry");
  const NoteKey log = LogKey();
  const size_t end = good.find("— witness");
  for (size_t bit = 0; bit < end * 8; ++bit) {
    std::string flipped = good;
    flipped[bit / 8] = static_cast<char>(flipped[bit / 8] ^ (1 << (bit % 8)));
    const absl::StatusOr<TlogProof> proof = ParseTlogProof(flipped);
    EXPECT_FALSE(proof.ok() && VerifyTlogProof(*proof, entry, log).ok()) << bit;
  }
}

TEST(TlogProof, CarriesUnauthenticatedExtra) {
  TlogProof proof = *ParseTlogProof(WorkedProof(0));
  proof.extra = {0, 1, 0xFF};
  const std::string text = FormatTlogProof(proof);
  EXPECT_NE(text.find("@v1\nextra AAH/\nindex 0\n"), std::string::npos);
  EXPECT_EQ(ParseTlogProof(text)->extra, proof.extra);
  EXPECT_TRUE(VerifyTlogProof(*ParseTlogProof(text),
                              ReadLogBytes("proofs/0.entry"), LogKey())
                  .ok());
  for (const char* bad : {"extra AAH\n", "extra \n", "extra AAH/ \n",
                          "extra AAH/\nextra AAH/\n", "extra\n"}) {
    EXPECT_EQ(ParsingProof(absl::StrReplaceAll(text, {{"extra AAH/\n", bad}})),
              StatusCode::kInvalidArgument)
        << bad;
  }
}

TEST(TlogProof, RefusesMalformedText) {
  const std::string good = WorkedProof(0);
  const std::string hash = good.substr(31, 45);
  ASSERT_EQ(good.substr(23, 8), "index 0\n");
  const std::vector<std::pair<std::string, std::string>> changes = {
      {"@v1\n", "@v2\n"},
      {"@v1\n", "@v1\r\n"},
      {"@v1\n", "@v1\n\n"},
      {"index 0\n", ""},
      {"index 0\n", "index 00\n"},
      {"index 0\n", "index -0\n"},
      {"index 0\n", "index  0\n"},
      {"index 0\n", "index 18446744073709551616\n"},
      {hash, hash.substr(1)},
      {hash, hash.substr(0, 43) + "\n"},
      {hash, "x" + hash},
      {hash, "AA==\n"},
      {hash, hash + "\n"}};
  for (const auto& [from, to] : changes) {
    EXPECT_EQ(ParsingProof(absl::StrReplaceAll(good, {{from, to}})),
              from == hash && to == hash + "\n" ? StatusCode::kOk
                                                : StatusCode::kInvalidArgument)
        << to;
  }
  for (size_t length = 0; length < good.size(); ++length) {
    const auto proof = ParseTlogProof(good.substr(0, length));
    EXPECT_FALSE(proof.ok() &&
                 proof->checkpoint == ReadLogFile("log/checkpoint"));
  }
}

TEST(TlogProof, HoldsAtMost64Hashes) {
  TlogProof proof = *ParseTlogProof(WorkedProof(0));
  proof.hashes.resize(64);
  EXPECT_EQ(ParsingProof(FormatTlogProof(proof)), StatusCode::kOk);
  proof.hashes.resize(65);
  EXPECT_EQ(ParsingProof(FormatTlogProof(proof)), StatusCode::kInvalidArgument);
}

TEST(TlogProof, HasALongestLength) {
  TlogProof proof = *ParseTlogProof(WorkedProof(0));
  proof.extra = Bytes(kMaxTlogProofBytes, 1);
  EXPECT_EQ(ParsingProof(FormatTlogProof(proof)), StatusCode::kInvalidArgument);
}

}  // namespace
}  // namespace entente::crypto

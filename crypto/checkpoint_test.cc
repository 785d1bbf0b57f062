#include "crypto/checkpoint.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "crypto/merkle.h"
#include "crypto/worked_log.h"

namespace entente::crypto {
namespace {

using absl::StatusCode;

constexpr char kText[] =
    "audit.example.org/broker-1\n1000\n"
    "52kwXgnBcW7C++qeQfhnevu+EbAdbZ9p+Lr057/vwYI=\n";

TEST(Checkpoint, ReadsAndWritesTheWorkedOne) {
  const Checkpoint checkpoint = *ParseCheckpointText(kText);
  EXPECT_EQ(checkpoint.origin, "audit.example.org/broker-1");
  EXPECT_EQ(checkpoint.size, 1000);
  EXPECT_EQ(ToHex(checkpoint.root),
            "e769305e09c1716ec2fbea9e41f8677afbbe11b01d6d9f69f8baf4e7bfefc182");
  EXPECT_EQ(CheckpointText(checkpoint), kText);
}

TEST(Checkpoint, HoldsSizesUpToTheLargest) {
  for (const uint64_t size :
       {uint64_t{0}, uint64_t{1}, std::numeric_limits<uint64_t>::max()}) {
    const Checkpoint checkpoint = {"o", size, EmptyRoot()};
    EXPECT_EQ(*ParseCheckpointText(CheckpointText(checkpoint)), checkpoint);
  }
}

TEST(Checkpoint, RefusesMalformedText) {
  const std::string root = "52kwXgnBcW7C++qeQfhnevu+EbAdbZ9p+Lr057/vwYI=\n";
  const std::vector<std::string> malformed = {
      "",
      "\n\n\n",
      "\n1\n" + root,
      "o\n\n" + root,
      "o\n01\n" + root,
      "o\n00\n" + root,
      "o\n+1\n" + root,
      "o\n-1\n" + root,
      "o\n 1\n" + root,
      "o\n1 \n" + root,
      "o\n0x1\n" + root,
      "o\n18446744073709551616\n" + root,
      "o\n1\n" + root.substr(1),
      "o\n1\n" + root.substr(0, 44),
      "o\n1\n" + root.substr(0, 43) + "\n",
      "o\n1\n AA==\n",
      "o\n1\n\n",
      "o\n1\n52kwXgnBcW7C++qeQfhnevu+EbAdbZ9p+Lr057/vwYJ=\n",
      "o\n0\n" + root,
      "o\n1\n" + root + "extension\n",
      "o\n1\n" + root + "\n",
      "o\n1\n" + root + "x"};
  for (const std::string& bad : malformed) {
    EXPECT_EQ(ParseCheckpointText(bad).status().code(),
              StatusCode::kInvalidArgument)
        << bad;
  }
}

TEST(Checkpoint, OpensUnderItsLogsKeyOnly) {
  const std::string note = ReadLogFile("log/checkpoint");
  EXPECT_EQ(OpenCheckpoint(note, LogKey())->size, 1000);
  EXPECT_EQ(OpenCheckpoint(note, WitnessKeys()[0]).status().code(),
            StatusCode::kNotFound);
  EXPECT_EQ(OpenCheckpoint("x" + note, LogKey()).status().code(),
            StatusCode::kDataLoss);
  EXPECT_EQ(OpenCheckpoint(note + "x", LogKey()).status().code(),
            StatusCode::kInvalidArgument);
}

TEST(Checkpoint, RefusesTheNoteOfAnotherOriginUnderTheSameKey) {
  const SigningKey key = *SigningKey::Generate();
  const NoteKey log =
      *NoteKey::Create("a", NoteKeyType::kEd25519, key.public_key());
  const std::string text = CheckpointText({"b", 7, EmptyRoot()});
  EXPECT_EQ(OpenCheckpoint(*SignNote(text, "a", key), log).status().code(),
            StatusCode::kDataLoss);
  EXPECT_EQ(OpenCheckpoint(*SignNote(text, "b", key), log).status().code(),
            StatusCode::kNotFound);
  EXPECT_EQ(
      OpenCheckpoint(*SignNote("not one\n", "a", key), log).status().code(),
      StatusCode::kInvalidArgument);
}

TEST(Checkpoint, DoesNotSignForAnOriginThatIsNoKeyName) {
  const SigningKey key = *SigningKey::Generate();
  for (const char* origin : {"", "a b", "a+b", "a\nb"}) {
    EXPECT_EQ(SignCheckpoint({origin, 0, EmptyRoot()}, key).status().code(),
              StatusCode::kInvalidArgument);
  }
}

}  // namespace
}  // namespace entente::crypto

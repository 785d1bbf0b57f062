#include "crypto/hash_to_group.h"

#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>
#include <string>

namespace entente::crypto {
namespace {

using absl::StatusCode;

TEST(ExpandMessageTest, MatchesRfc9380AppendixK3) {
  std::ifstream file(std::string(ENTENTE_VECTORS) +
                     "/rfc9380_expand_message_xmd_sha512.json");
  const nlohmann::json vectors = nlohmann::json::parse(file);
  const std::string dst = vectors["DST"];
  ASSERT_EQ(vectors["tests"].size(), 10);
  for (const nlohmann::json& test : vectors["tests"]) {
    const std::string message = test["msg"];
    const size_t size =
        std::stoul(test["len_in_bytes"].get<std::string>(), nullptr, 16);
    EXPECT_EQ(ToHex(*ExpandMessageXmdSha512(AsBytes(message), dst, size)),
              test["uniform_bytes"].get<std::string>());
  }
}

TEST(ExpandMessageTest, RefusesWhatTheRfcDoesNotDefine) {
  for (const size_t dst : {size_t{0}, size_t{256}}) {
    EXPECT_EQ(
        ExpandMessageXmdSha512({}, std::string(dst, 'd'), 64).status().code(),
        StatusCode::kInvalidArgument);
  }
  for (const size_t size : {size_t{0}, size_t{16321}}) {
    EXPECT_EQ(ExpandMessageXmdSha512({}, "d", size).status().code(),
              StatusCode::kInvalidArgument);
  }
  EXPECT_EQ(ExpandMessageXmdSha512({}, std::string(255, 'd'), 16320)->size(),
            16320);
}

TEST(HashToScalarTest, LabelsSeparate) {
  const Bytes message = {1, 2, 3};
  EXPECT_EQ(*HashToScalar("a", message), *HashToScalar("a", message));
  EXPECT_FALSE(*HashToScalar("a", message) == *HashToScalar("b", message));
  EXPECT_FALSE(*HashToScalar("a", message) == *HashToScalar("a", {}));
  EXPECT_EQ(HashToScalar("", message).status().code(),
            StatusCode::kInvalidArgument);
}

// RFC 9497 is the published check of the whole map: see voprf_test.
TEST(HashToGroupTest, SeparatorsSeparate) {
  const Bytes message = {1, 2, 3};
  EXPECT_EQ(*HashToGroup(message), *HashToGroup(message, kHashToGroupDst));
  EXPECT_NE(*HashToGroup(message), *HashToGroup(message, "other"));
  EXPECT_NE(*HashToGroup(message), *HashToGroup({}));
  EXPECT_EQ(HashToGroup(message, "").status().code(),
            StatusCode::kInvalidArgument);
}

}  // namespace
}  // namespace entente::crypto

#include "crypto/hex.h"

#include "gtest/gtest.h"

namespace entente::crypto {
namespace {

TEST(Hex, RoundTrips) {
  const Bytes bytes = {0x00, 0x7f, 0xff};
  EXPECT_EQ(ToHex(bytes), "007fff");
  EXPECT_EQ(*FromHex("007fff"), bytes);
  EXPECT_TRUE(FromHex("")->empty());
}

TEST(Hex, RefusesOddLengthUpperCaseAndOtherCharacters) {
  for (const char* text : {"0", "0G", "FF", "0 0", "00\n"}) {
    EXPECT_EQ(FromHex(text).status().code(), absl::StatusCode::kInvalidArgument)
        << text;
  }
}

// RFC 4648 section 10.
TEST(Base64, MatchesPublishedVectors) {
  const std::pair<const char*, const char*> cases[] = {{"", ""},
                                                       {"f", "Zg=="},
                                                       {"fo", "Zm8="},
                                                       {"foo", "Zm9v"},
                                                       {"foob", "Zm9vYg=="},
                                                       {"fooba", "Zm9vYmE="},
                                                       {"foobar", "Zm9vYmFy"}};
  for (const auto& [plain, encoded] : cases) {
    EXPECT_EQ(ToBase64(AsBytes(plain)), encoded);
    EXPECT_EQ(AsText(*FromBase64(encoded)), plain);
  }
}

TEST(Base64, RefusesWhatItWouldNotWrite) {
  for (const char* text : {"Zg", "Zg=", "Zh==", "Zg==\n",
                           "Z g==", "Zm9v-_==", "====", "Zg==Zg=="}) {
    EXPECT_EQ(FromBase64(text).status().code(),
              absl::StatusCode::kInvalidArgument)
        << text;
  }
}

}  // namespace
}  // namespace entente::crypto

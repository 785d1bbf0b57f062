#include "crypto/json.h"

#include <string>

#include "crypto/hex.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace entente::crypto {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

std::string Problem(absl::string_view text) {
  const auto value = ParseJson(text);
  EXPECT_EQ(value.status().code(), absl::StatusCode::kInvalidArgument) << text;
  return std::string(value.status().message());
}

TEST(ParseJson, ReadsEveryKindThatIsUsed) {
  const auto value =
      ParseJson(R"({"a":[1,-2,true,"x",{}],"b":{"c":9007199254740991}})");
  ASSERT_TRUE(value.ok()) << value.status();
  EXPECT_EQ(value->at("a").size(), 5u);
  EXPECT_EQ(value->at("b").at("c"), kMaxJsonInteger);
}

TEST(ParseJson, RefusesDuplicateKeysAtEveryDepth) {
  EXPECT_THAT(Problem(R"({"a":1,"a":1})"), HasSubstr("repeated"));
  EXPECT_THAT(Problem(R"({"a":{"b":1,"c":2,"b":3}})"), HasSubstr("repeated"));
  EXPECT_THAT(Problem("[{\"\\u0061\":1,\"a\":2}]"), HasSubstr("repeated"));
}

TEST(ParseJson, RefusesNullFractionsAndNumbersOutOfRange) {
  EXPECT_THAT(Problem("null"), HasSubstr("null"));
  EXPECT_THAT(Problem("[null]"), HasSubstr("null"));
  for (const char* text : {"1.5", "1e3", "1E3", "1.0", "-0.1"}) {
    EXPECT_THAT(Problem(text), HasSubstr("whole numbers")) << text;
  }
  for (const char* text : {"9007199254740992", "-9007199254740992"}) {
    EXPECT_THAT(Problem(text), HasSubstr("out of range")) << text;
  }
  Problem("99999999999999999999999");
}

TEST(ParseJson, RefusesBadUtf8AndWhatIsNotJson) {
  for (const std::string& text :
       {std::string("\"\xff\""), std::string("\"\xc0\x80\""),
        std::string("\"\xed\xa0\x80\""), std::string("\"\\ud800\""),
        std::string(""), std::string("{"), std::string("[1,]"),
        std::string("{'a':1}"), std::string("1 2"), std::string("{}x"),
        std::string("01"), std::string("\"a\nb\""), std::string("// c\n1"),
        std::string("\xef\xbb\xbf"), std::string("nan")}) {
    EXPECT_FALSE(ParseJson(text).ok()) << ToHex(AsBytes(text));
  }
}

TEST(ParseJson, NamesLineAndColumn) {
  EXPECT_THAT(Problem("{\n  \"a\": 1,\n  \"a\": 2}"), StartsWith("3:"));
  EXPECT_THAT(Problem("[1,\n 2,\n x]"), StartsWith("3:2"));
}

TEST(ParseJson, BoundsDepthAndLength) {
  const std::string open(kMaxJsonDepth, '[');
  const std::string close(kMaxJsonDepth, ']');
  EXPECT_TRUE(ParseJson(open + close).ok());
  EXPECT_THAT(Problem("[" + open + close + "]"), HasSubstr("deeply"));
  EXPECT_THAT(Problem("\"" + std::string(kMaxJsonBytes, 'a') + "\""),
              HasSubstr("longer"));
}

// RFC 8785 section 3.2.3: the order of keys is that of UTF-16 code units.
TEST(CanonicalJson, OrdersKeysByCodeUnits) {
  const auto value = ParseJson(
      "{\"\\u20ac\":1,\"\\r\":2,\"\\ufb33\":3,\"1\":4,\"\\ud83d\\ude00\":5,"
      "\"\\u0080\":6,\"\\u00f6\":7}");
  ASSERT_TRUE(value.ok()) << value.status();
  EXPECT_EQ(*CanonicalJson(*value),
            "{\"\\r\":2,\"1\":4,\"\xc2\x80\":6,\"\xc3\xb6\":7,"
            "\"\xe2\x82\xac\":1,\"\xf0\x9f\x98\x80\":5,\"\xef\xac\xb3\":3}");
}

// RFC 8785 section 3.2.2.2.
TEST(CanonicalJson, EscapesAsLittleAsItMust) {
  const auto value = ParseJson(
      R"(["\u20ac$\u000F\u000aA'\u0042\u0022\u005c\\\"\/","\b\t\f"])");
  ASSERT_TRUE(value.ok()) << value.status();
  EXPECT_EQ(*CanonicalJson(*value),
            "[\"\xe2\x82\xac$\\u000f\\nA'B\\\"\\\\\\\\\\\"/\",\"\\b\\t\\f\"]");
}

TEST(CanonicalJson, RefusesWhatHasNoCanonicalForm) {
  EXPECT_FALSE(CanonicalJson(Json(nullptr)).ok());
  EXPECT_FALSE(CanonicalJson(Json(1.5)).ok());
  EXPECT_FALSE(CanonicalJson(Json(uint64_t{1} << 60)).ok());
  EXPECT_FALSE(CanonicalJson(Json(-(int64_t{1} << 60))).ok());
  EXPECT_FALSE(CanonicalJson(Json("\xff")).ok());
  EXPECT_FALSE(CanonicalJson(Json{{"\xff", 1}}).ok());
}

TEST(ParseCanonicalJson, ReadsCanonicalBytesAlone) {
  EXPECT_TRUE(ParseCanonicalJson(AsBytes(R"({"a":1,"b":[true,"x"]})")).ok());
  for (const char* text : {R"({"b":1,"a":1})", R"({"a": 1})", "{\"a\":1}\n",
                           R"({"a":-0})", R"(["\u0061"])", R"(["\/"])"}) {
    EXPECT_FALSE(ParseCanonicalJson(AsBytes(text)).ok()) << text;
  }
}

TEST(ParseCanonicalJson, NoChangedByteReadsAsTheSameDocument) {
  const std::string text = R"({"a":["x",12,true],"b":{"c":"d"}})";
  const Json original = *ParseCanonicalJson(AsBytes(text));
  for (size_t i = 0; i < text.size(); ++i) {
    for (int bit = 0; bit < 8; ++bit) {
      std::string changed = text;
      changed[i] = static_cast<char>(changed[i] ^ (1 << bit));
      const auto value = ParseCanonicalJson(AsBytes(changed));
      if (value.ok()) {
        EXPECT_NE(*value, original) << changed;
      }
    }
  }
}

}  // namespace
}  // namespace entente::crypto

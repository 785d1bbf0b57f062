#include "crypto/json_scanner.h"

#include <random>
#include <string>
#include <vector>

#include "crypto/hex.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace entente::crypto {
namespace {

using testing::ElementsAre;

// Writes down what it is told, and stops at an event if it is to.
class Notes final : public nlohmann::json_sax<Json> {
 public:
  bool null() override { return Note("null"); }
  bool boolean(bool value) override { return Note(value ? "true" : "false"); }
  bool number_integer(number_integer_t value) override {
    return Note("integer " + std::to_string(value));
  }
  bool number_unsigned(number_unsigned_t value) override {
    return Note("unsigned " + std::to_string(value));
  }
  bool number_float(number_float_t, const string_t&) override {
    return Note("float");
  }
  bool string(string_t& value) override { return Note("string " + value); }
  bool binary(binary_t&) override { return Note("binary"); }
  bool start_object(size_t) override { return Note("{"); }
  bool key(string_t& value) override { return Note("key " + value); }
  bool end_object() override { return Note("}"); }
  bool start_array(size_t) override { return Note("["); }
  bool end_array() override { return Note("]"); }
  bool parse_error(size_t, const std::string&,
                   const nlohmann::detail::exception&) override {
    return Note("error");
  }

  std::vector<std::string> told;
  std::string stop_at;

 private:
  bool Note(const std::string& event) {
    told.push_back(event);
    return event != stop_at;
  }
};

// As the definition has it: read, written, compared.
bool IsCanonical(absl::string_view text) {
  const auto value = ParseJson(text);
  if (!value.ok()) return false;
  const auto written = CanonicalJson(*value);
  return written.ok() && *written == text;
}

bool Scans(absl::string_view text) {
  Notes notes;
  return ScanCanonicalJson(text, &notes);
}

TEST(ScanCanonicalJson, TellsEveryEventInTheirOrder) {
  Notes notes;
  ASSERT_TRUE(ScanCanonicalJson(
      R"({"a":[1,-2,true,false,"x\n"],"b":{},"c":[]})", &notes));
  EXPECT_THAT(notes.told,
              ElementsAre("{", "key a", "[", "unsigned 1", "integer -2", "true",
                          "false", "string x\n", "]", "key b", "{", "}",
                          "key c", "[", "]", "}"));
}

TEST(ScanCanonicalJson, StopsAtTheEventThatReturnsFalse) {
  const std::string text = R"({"a":[1,true,"x"]})";
  Notes all;
  ASSERT_TRUE(ScanCanonicalJson(text, &all));
  for (size_t i = 0; i < all.told.size(); ++i) {
    Notes some;
    some.stop_at = all.told[i];
    EXPECT_FALSE(ScanCanonicalJson(text, &some)) << i;
    EXPECT_EQ(some.told.size(), i + 1);
  }
}

struct Case {
  const char* name;
  std::string text;
  bool is_canonical;
};

std::vector<Case> Table() {
  const std::string deepest =
      std::string(kMaxJsonDepth, '[') + std::string(kMaxJsonDepth, ']');
  return {
      {"empty object", "{}", true},
      {"empty text", "\"\"", true},
      {"zero", "0", true},
      {"the largest number", "9007199254740991", true},
      {"the smallest number", "-9007199254740991", true},
      {"one above", "9007199254740992", false},
      {"one below", "-9007199254740992", false},
      {"many digits", "99999999999999999999999", false},
      {"minus zero", "-0", false},
      {"leading zero", "01", false},
      {"minus alone", "-", false},
      {"plus", "+1", false},
      {"fraction", "1.0", false},
      {"exponent", "1e3", false},
      {"null", "null", false},
      {"half a word", "tru", false},
      {"nothing", "", false},
      {"white space before", " 1", false},
      {"white space after", "1\n", false},
      {"white space within", "[1, 2]", false},
      {"two documents", "{}{}", false},
      {"open object", "{\"a\":1", false},
      {"open array", "[1", false},
      {"open text", "\"a", false},
      {"open escape", "\"\\", false},
      {"comma at the end", "[1,]", false},
      {"comma alone", "[,]", false},
      {"no colon", "{\"a\"1}", false},
      {"no value", "{\"a\":}", false},
      {"key without quotes", "{a:1}", false},
      {"keys in order", R"({"":1,"a":2,"a.":3,"aa":4,"b":5})", true},
      {"keys out of order", R"({"b":1,"a":2})", false},
      {"repeated key", R"({"a":1,"a":1})", false},
      {"short escapes", R"("\"\\\b\f\n\r\t")", true},
      {"long escapes", R"("\u0000\u0001\u000b\u000e\u001f")", true},
      {"long for short", R"("\u000a")", false},
      {"capital digits", R"("\u001F")", false},
      {"escape of a letter", R"("\u0061")", false},
      {"escape of a space", R"("\u0020")", false},
      {"escape of a slash", R"("\/")", false},
      {"escape beyond ASCII", R"("\u00e9")", false},
      {"half an escape", R"("\u00)", false},
      {"control character", std::string("\"\x1f\""), false},
      {"zero byte", std::string("\"\0\"", 3), false},
      {"delete", "\"\x7f\"", true},
      {"two bytes", "\"\xc2\x80\xdf\xbf\"", true},
      {"three bytes", "\"\xe0\xa0\x80\xed\x9f\xbf\xee\x80\x80\"", true},
      {"four bytes", "\"\xf0\x90\x80\x80\xf4\x8f\xbf\xbf\"", true},
      {"overlong, two", "\"\xc1\xbf\"", false},
      {"overlong, three", "\"\xe0\x9f\xbf\"", false},
      {"overlong, four", "\"\xf0\x8f\xbf\xbf\"", false},
      {"surrogate", "\"\xed\xa0\x80\"", false},
      {"above Unicode", "\"\xf4\x90\x80\x80\"", false},
      {"no such lead", "\"\xf5\x80\x80\x80\"", false},
      {"continuation alone", "\"\x80\"", false},
      {"cut character", "\"\xe2\x82\"", false},
      {"cut at the end", "\"\xe2\x82", false},
      {"byte order mark", "\xef\xbb\xbf{}", false},
      {"as deep as can be", deepest, true},
      {"one deeper", "[" + deepest + "]", false},
      {"one object deeper", "{\"a\":" + deepest + "}", false},
      {"too long", "\"" + std::string(kMaxJsonBytes, 'a') + "\"", false},
  };
}

TEST(ScanCanonicalJson, TakesCanonicalBytesAlone) {
  for (const auto& [name, text, is_canonical] : Table()) {
    EXPECT_EQ(Scans(text), is_canonical) << name;
    EXPECT_EQ(IsCanonical(text), is_canonical) << name;
  }
}

// Every pair of these, as two keys in either order.
TEST(ScanCanonicalJson, OrdersKeysAsTheWriterDoes) {
  const std::vector<std::string> keys = {"",
                                         "a",
                                         "aa",
                                         "a\xc2\x80",
                                         "\xc2\x80",
                                         "\xdf\xbf",
                                         "\xe0\xa0\x80",
                                         "\xed\x9f\xbf",
                                         "\xee\x80\x80",
                                         "\xef\xac\xb3",
                                         "\xef\xbf\xbf",
                                         "\xf0\x90\x80\x80",
                                         "\xf0\x90\x80\x81",
                                         "\xf4\x8f\xbf\xbf",
                                         "x\xef\xbf\xbf",
                                         "x\xf0\x90\x80\x80"};
  for (const std::string& first : keys) {
    for (const std::string& second : keys) {
      const std::string text = "{\"" + first + "\":1,\"" + second + "\":2}";
      EXPECT_EQ(Scans(text), IsCanonical(text)) << ToHex(AsBytes(text));
    }
  }
}

std::string RandomText(std::mt19937* random) {
  static const std::vector<std::string> kPieces = {"a",
                                                   "7",
                                                   "\"",
                                                   "\\",
                                                   "\n",
                                                   "\x01",
                                                   "/",
                                                   " ",
                                                   "\x7f",
                                                   "\xc3\xa9",
                                                   "\xe2\x82\xac",
                                                   "\xef\xac\xb3",
                                                   "\xf0\x9f\x98\x80"};
  std::string text;
  for (size_t i = (*random)() % 6; i > 0; --i) {
    text += kPieces[(*random)() % kPieces.size()];
  }
  return text;
}

Json RandomValue(std::mt19937* random, int levels) {
  switch ((*random)() % (levels > 0 ? 5 : 3)) {
    case 0:
      return (*random)() % 2 == 0;
    case 1:
      return static_cast<int64_t>((*random)() % 2001) - 1000;
    case 2:
      return RandomText(random);
    case 3: {
      Json array = Json::array();
      for (size_t i = (*random)() % 4; i > 0; --i) {
        array.push_back(RandomValue(random, levels - 1));
      }
      return array;
    }
    default: {
      Json object = Json::object();
      for (size_t i = (*random)() % 4; i > 0; --i) {
        object[RandomText(random)] = RandomValue(random, levels - 1);
      }
      return object;
    }
  }
}

// A property: the scanner and the definition agree on canonical documents and
// on each with one byte changed, taken out or put in.
TEST(ScanCanonicalJson, AgreesWithTheDefinitionOnChangedBytes) {
  constexpr absl::string_view kPut = "{}[],:\"\\0123456789-truefalsn u\x80\xc3";
  std::mt19937 random(20);
  int canonical = 0;
  int refused = 0;
  for (int i = 0; i < 300; ++i) {
    const Json value = RandomValue(&random, 4);
    const std::string text = *CanonicalJson(value);
    ASSERT_TRUE(Scans(text)) << text;
    ASSERT_EQ(*ParseCanonicalJson(AsBytes(text)), value);
    for (int change = 0; change < 100; ++change) {
      std::string changed = text;
      const size_t at = random() % changed.size();
      const char put = kPut[random() % kPut.size()];
      switch (random() % 4) {
        case 0:
          changed[at] = put;
          break;
        case 1:
          changed.erase(at, 1);
          break;
        case 2:
          changed.insert(at, 1, put);
          break;
        default:
          changed[at] = static_cast<char>(changed[at] ^ (1 << random() % 8));
      }
      const bool scans = Scans(changed);
      ASSERT_EQ(scans, IsCanonical(changed)) << ToHex(AsBytes(changed));
      ++(scans ? canonical : refused);
    }
  }
  EXPECT_GT(canonical, 1000);
  EXPECT_GT(refused, 10'000);
}

}  // namespace
}  // namespace entente::crypto

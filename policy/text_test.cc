#include "policy/text.h"

#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace entente::policy {
namespace {

TEST(FindFaultTest, AcceptsOrdinaryTextOfManyScripts) {
  for (const char* text : {"", "plain", "Caf\xc3\xa9 \xe2\x80\x93 dash",
                           "\xe6\x97\xa5\xe6\x9c\xac", "\xf0\x9f\x9a\x94"}) {
    EXPECT_FALSE(FindFault(text).has_value()) << text;
  }
}

TEST(FindFaultTest, FindsTheFirstFaultAndItsOffset) {
  struct Case {
    std::string text;
    size_t offset;
    std::string message;
  };
  const std::vector<Case> cases = {
      {"ab\xff", 2, "is not UTF-8"},
      {"\xed\xa0\x80", 0, "is not UTF-8"},  // a surrogate
      {"\xc0\xaf", 0, "is not UTF-8"},      // overlong
      {"a\nb", 1, "U+000A is not a printable character"},
      {"a\tb", 1, "U+0009 is not a printable character"},
      {std::string("a\0b", 3), 1, "U+0000 is not a printable character"},
      {"\xc2\x85", 0, "U+0085 is not a printable character"},
      {"a\xc2\xa0", 1, "U+00A0 is not a plain space"},
      {"\xc2\xad", 0, "U+00AD is invisible"},
      {"\xe2\x80\x8d", 0, "U+200D is invisible"},
      {"\xe2\x80\x8f", 0, "U+200F changes direction"},
      {"\xe2\x81\xa6", 0, "U+2066 changes direction"},
      {"\xe2\x80\xa8", 0, "U+2028 is not a plain space"},
      {"\xef\xb8\x8f", 0, "U+FE0F is invisible"},
      {"\xef\xbf\xbf", 0, "U+FFFF is not a printable character"},
      {"\xee\x80\x80", 0, "U+E000 is not a printable character"},
      {"\xf3\xa0\x80\xa1", 0, "U+E0021 is invisible"},
      {"e\xcc\x81", 0, "is not in Unicode normal form C"},
      {"\xe2\x84\xab", 0, "is not in Unicode normal form C"},  // angstrom
  };
  for (const Case& c : cases) {
    const auto fault = FindFault(c.text);
    ASSERT_TRUE(fault.has_value()) << c.message;
    EXPECT_EQ(fault->offset, c.offset) << c.message;
    EXPECT_EQ(fault->message, c.message);
  }
}

TEST(CountCharactersTest, CountsCodePoints) {
  EXPECT_EQ(CountCharacters(""), 0u);
  EXPECT_EQ(CountCharacters("a\xc3\xa9\xf0\x9f\x9a\x94"), 3u);
}

void ExpectMatches(const Pattern& pattern, const std::vector<std::string>& good,
                   const std::vector<std::string>& bad) {
  for (const std::string& text : good) {
    EXPECT_TRUE(pattern.matches(text)) << text;
  }
  for (const std::string& text : bad) {
    EXPECT_FALSE(pattern.matches(text)) << '"' << text << '"';
  }
}

TEST(PatternTest, NamesHaveTheirAlphabetAndLength) {
  const std::string long_name(61, 'a');
  ExpectMatches(kSlug, {"ab", "a-1", long_name},
                {"", "a", "1a", "-a", "A1", "a_b", "a b", long_name + "a"});
  ExpectMatches(kFieldName, {"ab", "a_1", long_name},
                {"", "a", "_a", "a-b", "\xc3\xa9t\xc3\xa9", long_name + "a"});
  ExpectMatches(kAgreementId,
                {"isa-abc", "isa-1-2", "isa-" + long_name.substr(1)},
                {"isa-ab", "isa_abc", "abc", "isa-ABC", "isa-" + long_name});
  ExpectMatches(kDefinition, {"policing.crime/4", "a/10"},
                {"policing.crime", "a/", "/4", "a/4x", "A/4", "a/4/5"});
  ExpectMatches(kCertificateName,
                {"a", "1.b_c-d", "North.Chief", std::string(64, 'a')},
                {"", "a b", "a/b", "\xc3\xa9", std::string(65, 'a')});
  ExpectMatches(kHostName, {"broker", "broker.example", "a-b.c1"},
                {"", ".a", "a.", "a..b", "A.b", "a/b", "a+b"});
}

TEST(PatternTest, KeysAndDigestsHaveOneSpelling) {
  const std::string hex(64, 'a');
  ExpectMatches(kHexDigest, {hex},
                {"", hex + "a", hex.substr(1), std::string(64, 'A'),
                 std::string(64, 'g')});
  const std::string key = "AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE=";
  ExpectMatches(kLedgerKey, {key},
                {"", key.substr(0, 43), key.substr(4),
                 // The last letter carries bits that no byte takes.
                 "AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQF=",
                 " QEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE="});
}

TEST(PatternTest, SchemesAreThoseOfTheProtocol) {
  ExpectMatches(kScheme,
                {"nhs/1", "pnc/1", "name_dob/1", "opaque/1:soc_sec_id"},
                {"", "nhs", "nhs/2", "opaque/1", "opaque/1:", "opaque/1:A b",
                 "opaque/2:x"});
}

TEST(ParseTest, IntegersHaveOneSpelling) {
  EXPECT_EQ(ParseInteger("0"), 0);
  EXPECT_EQ(ParseInteger("-12"), -12);
  EXPECT_EQ(ParseInteger("999999999999999"), 999999999999999);
  for (const char* bad : {"", "-", "-0", "00", "01", "+1", "1.0", "1e3", "0x1",
                          " 1", "1 ", "1_000", "1000000000000000"}) {
    EXPECT_FALSE(ParseInteger(bad).has_value()) << bad;
  }
}

TEST(ParseTest, DaysExist) {
  EXPECT_EQ(ParseDay("2028-02-29"), absl::CivilDay(2028, 2, 29));
  EXPECT_EQ(ParseDay("1900-01-01"), absl::CivilDay(1900, 1, 1));
  for (const char* bad :
       {"", "2027-02-29", "2027-04-31", "2027-13-01", "2027-00-10",
        "2027-01-00", "1899-12-31", "2027-1-01", "2027-01-01T00", "27-01-01",
        "2027/01/01", "+027-01-01", " 2027-01-1"}) {
    EXPECT_FALSE(ParseDay(bad).has_value()) << bad;
  }
}

TEST(ParseTest, BooleansAreTwoWords) {
  EXPECT_EQ(ParseBoolean("true"), true);
  EXPECT_EQ(ParseBoolean("false"), false);
  for (const char* bad : {"", "True", "yes", "no", "1", "on"}) {
    EXPECT_FALSE(ParseBoolean(bad).has_value()) << bad;
  }
}

}  // namespace
}  // namespace entente::policy

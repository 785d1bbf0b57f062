#include "policy/initials.h"

#include "absl/strings/str_cat.h"
#include "crypto/value.h"
#include "gtest/gtest.h"
#include "policy/typed_cell.h"

namespace entente::policy {
namespace {

TEST(Initials, AreTheFirstLettersOfTheWords) {
  const std::pair<const char*, const char*> kCases[] = {
      {"Ada", "A."},
      {"ada lovelace", "A.L."},
      {"Anna O'Neill-Smith", "A.O.S."},
      {"O\u2019Neill, Anna", "O.A."},
      {"  Jean\tLuc   d'Arcy ", "J.L.D."},
      {"J.R.R. Tolkien", "J.R.R.T."},
      {"St.John", "S.J."},
      {"Anna (Ann) Lee", "A.A.L."},
      {"\u00e9mile \u0141ukasz", "\u00c9.\u0141."},
      {"\u00d8rsted - B\u00f8ye", "\u00d8.B."},
      {"\u01c6ordan", "\u01c4."},       // one sign of two letters
      {"\u02bbAlae", "A."},             // an okina is no initial
      {"x\u030c-\u00df", "X.\u00df."},  // no capital, and a mark dropped
      {"\u0391\u03bb\u03ad\u03be\u03b7\u03c2", "\u0391."},
      {"\u043e\u043b\u044c\u0433\u0430", "\u041e."},
      {"\u0645\u062d\u0645\u062f \u0639\u0644\u064a", "\u0645.\u0639."},
      {"a b c d e f g h", "A.B.C.D.E.F.G.H."},
      {"* Ada *", "A."},
      {"Ada\u2014Bea\u00a0Cy\u2028Di\nEve", "A.B.C.D.E."},
  };
  for (const auto& [name, want] : kCases) {
    const auto initials = InitialsOf(name);
    ASSERT_TRUE(initials.ok()) << name << initials.status();
    EXPECT_EQ(*initials, want) << name;
  }
}

TEST(Initials, RefuseWhatIsNoNameOrWouldTellIt) {
  const char* kScript = "has a word in a script without initials";
  const std::pair<const char*, const char*> kCases[] = {
      {"", "is no name: it has no letter"},
      {" .-, ", "is no name: it has no letter"},
      {"\u0301", "is no name: it has no letter"},
      {"1 Mill Lane", "is no name: it has a digit"},
      {"Ada 2", "is no name: it has a digit"},
      {"Ada \u0663", "is no name: it has a digit"},
      {"a b c d e f g h i", "is no name: it has many words"},
      {"\u738b\u5c0f\u660e", kScript},
      {"Li \u738b", kScript},
      {"\uae40 \ubbfc\uc900", kScript},
      {"\u3055\u304f\u3089", kScript},
      {"\u30b5\u30af\u30e9", kScript},
      {"\ua000", kScript},
      {"\xff", "is not UTF-8"},
      {"Ada \xc3", "is not UTF-8"},
  };
  for (const auto& [name, want] : kCases) {
    EXPECT_EQ(InitialsOf(name).status().message(), want) << name;
  }
}

TEST(Initials, AreKnownAgain) {
  for (const char* text : {"A.", "A.B.", "\u00c9.\u0141.", "\u00df."}) {
    EXPECT_TRUE(AreInitials(text)) << text;
  }
  for (const char* text : {"", ".", "A", "a.", "A.B", "A. B.", "Ada.", "A..",
                           "A.B.C.D.E.F.G.H.I.", "1.", "\u738b.", "\xff."}) {
    EXPECT_FALSE(AreInitials(text)) << text;
  }
}

std::string Utf8(uint32_t c) {
  const auto tail = [c](int shift) {
    return char(0x80 | ((c >> shift) & 0x3f));
  };
  if (c < 0x80) return {char(c)};
  if (c < 0x800) return {char(0xc0 | (c >> 6)), tail(0)};
  if (c < 0x10000) return {char(0xe0 | (c >> 12)), tail(6), tail(0)};
  return {char(0xf0 | (c >> 18)), tail(12), tail(6), tail(0)};
}

// Every first letter that there is: one sign, sealed as it is, known again, and
// the same for every ending.
TEST(Initials, HoldForEveryCodePoint) {
  size_t taken = 0;
  for (uint32_t c = 1; c < 0x110000; ++c) {
    if (c >= 0xd800 && c < 0xe000) continue;
    const std::string sign = Utf8(c);
    const auto normal = ToNfc(sign);
    ASSERT_TRUE(normal.ok());
    const auto initials = InitialsOf(*normal);
    if (!initials.ok()) continue;
    ++taken;
    ASSERT_LE(initials->size(), 5u) << c;
    ASSERT_TRUE(AreInitials(*initials)) << c;
    ASSERT_TRUE(crypto::CheckValue(crypto::Value::Text(*initials)).ok()) << c;
    ASSERT_EQ(*InitialsOf(absl::StrCat(*normal, "zq")), *initials) << c;
  }
  EXPECT_GT(taken, 2000u);
}

}  // namespace
}  // namespace entente::policy

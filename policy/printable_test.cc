#include "policy/printable.h"

#include "gtest/gtest.h"

namespace entente::policy {
namespace {

struct Shown {
  std::string text;
  std::string want;
};

TEST(Printable, ShowsWhatWouldMislead) {
  const Shown kCases[] = {
      {"", ""},
      {"Zoë £ 𝒜", "Zoë £ 𝒜"},
      {"a\x1B[2Jb\n", "a<U+001B>[2Jb<U+000A>"},
      {"\x7F\xC2\x9B", "<U+007F><U+009B>"},
      {"soft\xC2\xADhyphen", "soft<U+00AD>hyphen"},
      {"\xE2\x80\x8B\xE2\x80\xAE\xE2\x81\xA6", "<U+200B><U+202E><U+2066>"},
      {"\xEF\xBB\xBF\xF3\xA0\x81\x81", "<U+FEFF><U+E0041>"},
      {"\xFF\xC0\x80", "<0xFF><0xC0><0x80>"},
      {"\xED\xA0\x80", "<0xED><0xA0><0x80>"},
      {"\xE0\x9F\xBF", "<0xE0><0x9F><0xBF>"},
      {"\xF0\x8F\xBF\xBF", "<0xF0><0x8F><0xBF><0xBF>"},
      {"\xF4\x90\x80\x80", "<0xF4><0x90><0x80><0x80>"},
      {"\xE2\x82", "<0xE2><0x82>"},
      {std::string("\0", 1), "<U+0000>"},
  };
  for (const Shown& c : kCases) EXPECT_EQ(Printable(c.text), c.want);
}

TEST(Printable, CutsAtACharactersEnd) {
  EXPECT_EQ(PrintableStart("éééé", 4), "éé…");
  EXPECT_EQ(PrintableStart("éé", 4), "éé");
  EXPECT_EQ(PrintableStart("x", 0), "…");
}

}  // namespace
}  // namespace entente::policy

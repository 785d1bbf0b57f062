#include "policy/postcode.h"

#include "gtest/gtest.h"

namespace entente::policy {
namespace {

struct Found {
  std::string text, area, district, sector;
};

TEST(Postcode, FindsThePartsOfEveryShape) {
  const Found kCases[] = {
      {"M1 1AE", "M", "M1", "M1 1"},
      {"B33 8TH", "B", "B33", "B33 8"},
      {"CR2 6XH", "CR", "CR2", "CR2 6"},
      {"DN55 1PT", "DN", "DN55", "DN55 1"},
      {"W1A 0AX", "W", "W1A", "W1A 0"},
      {"EC1A 1BB", "EC", "EC1A", "EC1A 1"},
      {"ec1a1bb", "EC", "EC1A", "EC1A 1"},
      {"  ls1\t4ap ", "LS", "LS1", "LS1 4"},
      {"GIR 0AA", "GIR", "GIR", "GIR 0"},
      {"JE2 3AB", "JE", "JE2", "JE2 3"},
      {"GY1 1AA", "GY", "GY1", "GY1 1"},
      {"IM99 1AA", "IM", "IM99", "IM99 1"},
      {"BF1 3AA", "BF", "BF1", "BF1 3"},
      {"BFPO 57", "BFPO", "BFPO", "BFPO"},
      {"bfpo1234", "BFPO", "BFPO", "BFPO"},
      {"FIQQ 1ZZ", "FIQQ", "FIQQ", "FIQQ 1"},
      {"1 Mill Lane, Leeds, LS1 4AP", "LS", "LS1", "LS1 4"},
      {"1 Mill Lane, Leeds LS14AP.", "LS", "LS1", "LS1 4"},
      {"Flat E LS1 4AP", "LS", "LS1", "LS1 4"},
      {"Flat E M14AP", "M", "M1", "M1 4"},
  };
  for (const Found& c : kCases) {
    const auto found = FindPostcode(c.text);
    ASSERT_TRUE(found.has_value()) << c.text;
    EXPECT_EQ(found->area, c.area) << c.text;
    EXPECT_EQ(found->district, c.district) << c.text;
    EXPECT_EQ(found->sector, c.sector) << c.text;
  }
}

TEST(Postcode, CrownDependenciesHaveEveryPart) {
  const Found kCases[] = {
      {"JE1 1AA", "JE", "JE1", "JE1 1"},     // St Helier
      {"JE4 9WG", "JE", "JE4", "JE4 9"},     // boxes
      {"GY9 3AA", "GY", "GY9", "GY9 3"},     // Alderney
      {"GY10 1SF", "GY", "GY10", "GY10 1"},  // Sark
      {"IM9 6AA", "IM", "IM9", "IM9 6"},
      {"im8 1aa", "IM", "IM8", "IM8 1"},
      {"Seafield House, Jersey, JE23QA", "JE", "JE2", "JE2 3"},
  };
  for (const Found& c : kCases) {
    const auto found = FindPostcode(c.text);
    ASSERT_TRUE(found.has_value()) << c.text;
    EXPECT_EQ(found->area, c.area) << c.text;
    EXPECT_EQ(found->district, c.district) << c.text;
    EXPECT_EQ(found->sector, c.sector) << c.text;
  }
}

TEST(Postcode, KnowsItsOwnPartsAgain) {
  for (const char* text :
       {"M1 1AE", "DN55 1PT", "EC1A 1BB", "GIR 0AA", "JE2 3AB", "IM99 1AA",
        "BFPO 57", "FIQQ 1ZZ", "TDCU 1ZZ", "W1A 0AX", "GY10 1SF"}) {
    const auto found = FindPostcode(text);
    ASSERT_TRUE(found.has_value()) << text;
    EXPECT_TRUE(IsPostcodeArea(found->area)) << text;
    EXPECT_TRUE(IsPostcodeDistrict(found->district)) << text;
    EXPECT_TRUE(IsPostcodeSector(found->sector)) << text;
    EXPECT_FALSE(IsPostcodeArea(text)) << text;
    EXPECT_FALSE(IsPostcodeDistrict(text)) << text;
    EXPECT_FALSE(IsPostcodeSector(text)) << text;
  }
}

TEST(Postcode, FindsNothingInWhatIsNone) {
  for (const char* text : {"",           " ",        "LS1",
                           "4AP",        "LS1 4A",   "LS1 4APX",
                           "LS1 44P",    "QS1 4AP",  "VS1 4AP",
                           "XS1 4AP",    "LI1 4AP",  "LJ1 4AP",
                           "LZ1 4AP",    "LS1 4CP",  "LS1 4AK",
                           "LS111 4AP",  "L1L 4AP",  "LS1C 4AP",
                           "LSX 4AP",    "1LS 4AP",  "GIR 0AB",
                           "FIQQ 1ZA",   "FIQX 1ZZ", "BFPO",
                           "BFPO 12345", "BFPO 1A",  "LS1 4AP, Leeds",
                           "90210",      "ＬＳ1 4AP"}) {
    EXPECT_FALSE(FindPostcode(text).has_value()) << text;
  }
}

}  // namespace
}  // namespace entente::policy

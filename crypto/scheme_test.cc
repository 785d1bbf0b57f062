#include "crypto/scheme.h"

#include <sodium.h>

#include <vector>

#include "absl/strings/str_cat.h"
#include "crypto/hex.h"
#include "gtest/gtest.h"

namespace entente::crypto {
namespace {

absl::StatusOr<std::string> Canon(absl::string_view scheme,
                                  std::vector<absl::string_view> columns) {
  const absl::StatusOr<Scheme> parsed = ParseScheme(scheme);
  if (!parsed.ok()) return parsed.status();
  return Canonicalise(*parsed, columns);
}

// Refused as InvalidArgument, with `why` in the message and `raw` not in it.
void ExpectRefused(absl::string_view scheme,
                   std::vector<absl::string_view> columns,
                   absl::string_view why) {
  const absl::StatusOr<std::string> canon = Canon(scheme, columns);
  ASSERT_EQ(canon.status().code(), absl::StatusCode::kInvalidArgument)
      << scheme << " accepts " << columns[0];
  EXPECT_NE(canon.status().message().find(why), absl::string_view::npos)
      << canon.status().message();
  for (const absl::string_view column : columns) {
    if (column.size() < 4) continue;
    EXPECT_EQ(canon.status().message().find(column), absl::string_view::npos)
        << canon.status().message();
  }
}

TEST(ParseScheme, KnowsItsSchemesAndTheirColumns) {
  EXPECT_EQ(ParseScheme("nhs/1")->columns(), 1u);
  EXPECT_EQ(ParseScheme("pnc/1")->columns(), 1u);
  EXPECT_EQ(ParseScheme("name_dob/1")->columns(), 3u);
  const Scheme opaque = *ParseScheme("opaque/1:soc_sec-id2");
  EXPECT_EQ(opaque.columns(), 1u);
  EXPECT_EQ(opaque.name, "opaque/1:soc_sec-id2");
  EXPECT_TRUE(
      ParseScheme(absl::StrCat("opaque/1:", std::string(60, 'a'))).ok());
}

TEST(ParseScheme, RefusesOtherNames) {
  const std::string too_long = absl::StrCat("opaque/1:", std::string(61, 'a'));
  for (const std::string& name :
       {std::string(), std::string("nhs"), std::string("nhs/2"),
        std::string("NHS/1"), std::string("nhs/1 "), std::string("opaque/1"),
        std::string("opaque/1:"), std::string("opaque/1:A"),
        std::string("opaque/1:1a"), std::string("opaque/1:_a"),
        std::string("opaque/1:a b"), std::string("opaque/1:a/b"),
        std::string("opaque/1:\xc3\xa9"), std::string("opaque/2:a"),
        too_long}) {
    EXPECT_EQ(ParseScheme(name).status().code(),
              absl::StatusCode::kInvalidArgument)
        << name;
  }
}

TEST(Canonicalise, WantsTheSchemesColumns) {
  EXPECT_FALSE(Canon("nhs/1", {"943", "476"}).ok());
  EXPECT_FALSE(Canon("name_dob/1", {"Smith"}).ok());
  EXPECT_FALSE(Canon("pnc/1", {}).ok());
  const std::string longest(kMaxIdentifierColumn, 'x');
  EXPECT_EQ(*Canon("opaque/1:a", {longest}), longest);
  ExpectRefused("opaque/1:a", {longest + "x"}, "longer than 1024");
}

TEST(Nhs, DropsSpacesAndHyphens) {
  for (const char* raw :
       {"9434765919", "943 476 5919", "943-476-5919", " 943 476  5919 "}) {
    EXPECT_EQ(*Canon("nhs/1", {raw}), "9434765919") << raw;
  }
  EXPECT_TRUE(Canon("nhs/1", {"4010232137"}).ok());
}

TEST(Nhs, RefusesWhatIsNotANumber) {
  for (const char* raw : {"943476591", "94347659190", "", "- -"}) {
    ExpectRefused("nhs/1", {raw}, "ten digits");
  }
  for (const char* raw : {"943476591X", "943.476.5919", "943\t4765919",
                          "\xd9\xa9"
                          "434765919",
                          "9434765919\n"}) {
    ExpectRefused("nhs/1", {raw}, "only digits");
  }
}

TEST(Nhs, RefusesPlaceholders) {
  for (char digit = '0'; digit <= '9'; ++digit) {
    ExpectRefused("nhs/1", {std::string(10, digit)}, "placeholder");
  }
}

TEST(Nhs, RefusesEveryWrongDigitAndEveryNeighbourSwap) {
  const std::string right = "9434765919";
  for (size_t i = 0; i < right.size(); ++i) {
    for (char digit = '0'; digit <= '9'; ++digit) {
      std::string wrong = right;
      wrong[i] = digit;
      if (wrong != right) ExpectRefused("nhs/1", {wrong}, "check digit");
    }
    if (i == 0 || right[i] == right[i - 1]) continue;
    std::string swapped = right;
    std::swap(swapped[i], swapped[i - 1]);
    ExpectRefused("nhs/1", {swapped}, "check digit");
  }
}

TEST(Pnc, AcceptsTheLongFormAsItStands) {
  for (const char* raw :
       {"1979/0163001B", "2002/0073319Z", "2000/0000001A", "1999/0000001G"}) {
    EXPECT_EQ(*Canon("pnc/1", {raw}), raw);
  }
}

TEST(Pnc, RefusesOtherForms) {
  for (const char* raw :
       {"", "79/163001B", "79/0163001B", "1979/163001B", "19790163001B",
        "1979-0163001B", "1979/0163001", "1979/01630011B", " 1979/0163001B",
        "1979/0163001B ", "1979/016300XB", "I979/0163001B"}) {
    ExpectRefused("pnc/1", {raw}, "long form");
  }
  ExpectRefused("pnc/1", {"1879/0163001B"}, "year");
  ExpectRefused("pnc/1", {"1979/0163001b"}, "check letter");
}

TEST(Pnc, RefusesEveryOtherCheckLetterAndWrongDigit) {
  const std::string right = "1979/0163001B";
  for (char letter = 'A'; letter <= 'Z'; ++letter) {
    std::string wrong = right;
    wrong[12] = letter;
    if (wrong != right) ExpectRefused("pnc/1", {wrong}, "check letter");
  }
  for (const size_t i : {2u, 3u, 5u, 6u, 7u, 8u, 9u, 10u, 11u}) {
    for (char digit = '0'; digit <= '9'; ++digit) {
      std::string wrong = right;
      wrong[i] = digit;
      if (wrong != right) ExpectRefused("pnc/1", {wrong}, "check letter");
    }
  }
}

TEST(NameDob, FoldsNamesToLetters) {
  const struct {
    const char *surname, *forename, *want;
  } cases[] = {
      {"Smith", "Anna", "SMITH|ANNA"},
      {"O'Brien", "Mary-Jane", "OBRIEN|MARYJANE"},
      {"O\xe2\x80\x99"
       "Brien",
       "Mary Jane", "OBRIEN|MARYJANE"},
      {"M\xc3\xbcller", "Ren\xc3\xa9", "MULLER|RENE"},
      {"Mu\xcc\x88ller", "Rene\xcc\x81", "MULLER|RENE"},
      {"Stra\xc3\x9f"
       "er",
       "\xc3\x98ystein", "STRASSER|OYSTEIN"},
      {"\xc5\x81ukasz", "\xc3\x86\xc3\xb0il", "LUKASZ|AEDIL"},
      {"\xc3\x9e\xc3\xb3r", "\xc4\x90or\xc4\x91o", "THOR|DORDO"},
      {"\xc4\xb0nan", "I\xc5\x9f\xc4\xb1l", "INAN|ISIL"},
      {"\xef\xbc\xb3mith", "\xef\xac\x81n",
       "SMITH|FIN"},  // full width, ligature
      {"St. John",
       "d\xc2\xa0"
       "e",
       "STJOHN|DE"},
  };
  for (const auto& c : cases) {
    EXPECT_EQ(*Canon("name_dob/1", {c.surname, c.forename, "1980-02-29"}),
              absl::StrCat(c.want, "|1980-02-29"));
  }
}

TEST(NameDob, RefusesWhatItCannotSpell) {
  // A digit, Greek, Cyrillic, a bar, a comma, a tab, the Turkic schwa.
  for (const char* name :
       {"Smith2", "\xce\x91\xce\xbb", "\xd0\x98\xd0\xb2\xd0\xb0\xd0\xbd",
        "Smi|th", "Smith, jr", "Smi\tth", "\xc9\x99li", "Smith*"}) {
    ExpectRefused("name_dob/1", {name, "Anna", "1980-01-01"}, "surname");
    ExpectRefused("name_dob/1", {"Smith", name, "1980-01-01"}, "forename");
  }
  for (const char* name : {"", " ", "-", "\xcc\x81"}) {
    ExpectRefused("name_dob/1", {name, "Anna", "1980-01-01"}, "no letter");
  }
  ExpectRefused("name_dob/1", {"Smi\xffth", "Anna", "1980-01-01"}, "UTF-8");
}

TEST(NameDob, RefusesDaysThatAreNotReal) {
  for (const char* date : {"1981-02-29", "29/02/1980", "1980-2-29", "",
                           "1980-02-29 ", "19800229"}) {
    ExpectRefused("name_dob/1", {"Smith", "Anna", date}, "birth date");
  }
}

TEST(NameDob, FoldTableIsPinned) {
  std::string text;
  char32_t last = 0;
  for (const Fold& fold : FoldTable()) {
    EXPECT_LT(last, fold.code_point);
    last = fold.code_point;
    absl::StrAppend(&text, absl::Hex(fold.code_point, absl::kZeroPad4), " ",
                    fold.letters, "\n");
  }
  Bytes digest(crypto_hash_sha256_BYTES);
  crypto_hash_sha256(digest.data(), AsBytes(text).data(), text.size());
  EXPECT_EQ(ToHex(digest),
            "477a69d5826fd5ef75e1c4c238cab6b20b4644417c757c822424918dd5b0bc31")
      << "another table is another version of name_dob";
}

TEST(Opaque, TrimsWhiteSpaceAndKeepsCase) {
  EXPECT_EQ(*Canon("opaque/1:card", {" \t\r\n\v\f aB 7 \n"}), "aB 7");
  EXPECT_EQ(*Canon("opaque/1:card", {"Ren\xc3\xa9"}), "Ren\xc3\xa9");
  EXPECT_EQ(*Canon("opaque/1:card", {"007"}), "007");
}

TEST(Opaque, RefusesEmptyAndAmbiguousText) {
  for (const char* raw : {"", " ", "\t\r\n"}) {
    ExpectRefused("opaque/1:card", {raw}, "empty");
  }
  ExpectRefused("opaque/1:card", {absl::string_view("ab\0cd", 5)}, "control");
  ExpectRefused("opaque/1:card", {"ab\ncd"}, "control");
  ExpectRefused("opaque/1:card",
                {"ab\x7f"
                 "cd"},
                "control");
  ExpectRefused("opaque/1:card", {"Rene\xcc\x81"}, "form C");
  ExpectRefused("opaque/1:card", {"abc\xff"}, "UTF-8");
}

}  // namespace
}  // namespace entente::crypto

#include "crypto/unicode.h"

#include "gtest/gtest.h"

namespace entente::crypto {
namespace {

TEST(Unicode, AcceptsComposedText) {
  for (const char* text : {"", "plain", "Ren\xc3\xa9", "\xe6\x97\xa5",
                           "\xf0\x9f\x98\x80", "x\xcc\xb4"}) {
    EXPECT_TRUE(CheckNfc(text).ok()) << text;
  }
}

TEST(Unicode, RefusesDecomposedText) {
  // e + combining acute; the Angstrom sign; Hangul as separate jamo.
  for (const char* text :
       {"Rene\xcc\x81", "\xe2\x84\xab", "\xe1\x84\x80\xe1\x85\xa1"}) {
    const absl::Status status = CheckNfc(text);
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
    EXPECT_NE(status.message().find("form C"), absl::string_view::npos);
  }
}

TEST(Unicode, RefusesIllFormedUtf8) {
  // Lone continuation, overlong slash, surrogate, past U+10FFFF, cut short.
  for (const char* text : {"\x80", "\xc0\xaf", "\xed\xa0\x80",
                           "\xf4\x90\x80\x80", "\xc3", "ab\xff"}) {
    const absl::Status status = CheckNfc(text);
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
    EXPECT_NE(status.message().find("UTF-8"), absl::string_view::npos);
    EXPECT_EQ(DecomposeNfkd(text).status().code(),
              absl::StatusCode::kInvalidArgument);
  }
}

TEST(Unicode, DecomposesAndTellsMarks) {
  EXPECT_EQ(*DecomposeNfkd(""), U"");
  EXPECT_EQ(*DecomposeNfkd("\xc3\xa9"), U"e\u0301");
  EXPECT_EQ(*DecomposeNfkd("\xef\xac\x81"), U"fi");  // the ligature U+FB01
  EXPECT_TRUE(IsMark(U'\u0301'));
  EXPECT_TRUE(IsMark(U'\u20dd'));
  EXPECT_FALSE(IsMark(U'e'));
}

}  // namespace
}  // namespace entente::crypto

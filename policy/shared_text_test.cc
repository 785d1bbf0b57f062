#include "policy/shared_text.h"

#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"

namespace entente::policy {
namespace {

TEST(SharedText, EqualTextsAreOne) {
  const auto one = ShareText("offence_code");
  const auto same = ShareText(absl::StrCat("offence", "_code"));
  const auto other = ShareText("offence_codes");
  EXPECT_EQ(one, same);
  EXPECT_EQ(*one, "offence_code");
  EXPECT_NE(one, other);
  EXPECT_EQ(*ShareText(""), "");
}

TEST(SharedText, IsForgottenWithItsLastOwner) {
  const size_t before = SharedTexts();
  auto one = ShareText("only here: forgotten");
  auto two = ShareText("only here: forgotten");
  EXPECT_EQ(SharedTexts(), before + 1);
  one.reset();
  EXPECT_EQ(SharedTexts(), before + 1);
  EXPECT_EQ(*two, "only here: forgotten");
  two.reset();
  EXPECT_EQ(SharedTexts(), before);
}

TEST(SharedText, ManyThreadsTakeAndReleaseTheSame) {
  const size_t before = SharedTexts();
  {
    std::vector<std::jthread> threads;
    for (int t = 0; t < 4; ++t) {
      threads.emplace_back([] {
        for (int i = 0; i < 2000; ++i) {
          const std::string text = absl::StrCat("only here: ", i % 7);
          const auto shared = ShareText(text);
          ASSERT_EQ(*shared, text);
        }
      });
    }
  }
  EXPECT_EQ(SharedTexts(), before);
}

}  // namespace
}  // namespace entente::policy

#include "policy/diagnostic.h"

#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace entente::policy {
namespace {

constexpr auto kError = Diagnostic::Severity::kError;
constexpr auto kWarning = Diagnostic::Severity::kWarning;

TEST(FormatTest, LeavesOutWhatIsNotThere) {
  EXPECT_EQ(
      Format("a.yaml", {kError, 4, 17, "valid.from", "is wrong", "a day"}),
      "a.yaml:4:17: valid.from: is wrong (a day)");
  EXPECT_EQ(Format("a.yaml", {kWarning, 1, 2, "x", "is odd", ""}),
            "a.yaml:1:2: warning: x: is odd");
  EXPECT_EQ(Format("", {kError, 0, 0, "x", "is wrong", ""}), "x: is wrong");
  EXPECT_EQ(Format("a.yaml", {kError, 0, 0, "", "is wrong", ""}),
            "a.yaml: is wrong");
  const std::vector<Diagnostic> two = {{kError, 1, 1, "x", "m", ""},
                                       {kError, 2, 1, "y", "m", ""}};
  EXPECT_EQ(Format("f", two), "f:1:1: x: m\nf:2:1: y: m\n");
}

TEST(DiagnosticTest, OnlyErrorsCount) {
  const std::vector<Diagnostic> warning = {{kWarning, 1, 1, "", "m", ""}};
  EXPECT_FALSE(HasErrors({}));
  EXPECT_FALSE(HasErrors(warning));
  const std::vector<Diagnostic> both = {warning[0],
                                        {kError, 1, 1, "", "m", ""}};
  EXPECT_TRUE(HasErrors(both));
}

TEST(DiagnosticTest, SortsByPlaceAndDropsRepeats) {
  const Diagnostic a = {kError, 1, 9, "x", "m", ""};
  const Diagnostic b = {kError, 2, 1, "a", "m", ""};
  const Diagnostic c = {kError, 2, 1, "b", "m", ""};
  const Diagnostic d = {kError, 10, 1, "a", "m", ""};
  std::vector<Diagnostic> all = {d, c, a, b, c, a};
  Sort(&all);
  EXPECT_THAT(all, testing::ElementsAre(a, b, c, d));
}

TEST(NearestTest, ForgivesTwoSlipsInLongWords) {
  const std::vector<std::string> words = {"days", "northmere-council", "id"};
  EXPECT_EQ(Nearest("day", words), "days");
  EXPECT_EQ(Nearest("dasy", words), "");  // two slips are half of it
  EXPECT_EQ(Nearest("northmere-councl", words), "northmere-council");
  EXPECT_EQ(Nearest("nrthmere-councl", words), "northmere-council");
  EXPECT_EQ(Nearest("nrthmere-cuncl", words), "");
  EXPECT_EQ(Nearest("", words), "");
  EXPECT_EQ(Nearest("zz", words), "");
  const std::string long_word(100'000, 'x');
  EXPECT_EQ(Nearest(long_word, {{long_word}}), long_word);
}

}  // namespace
}  // namespace entente::policy

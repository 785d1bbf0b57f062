#include "policy/canonical.h"

#include <algorithm>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "nlohmann/json.hpp"
#include "policy/check.h"
#include "policy/test_document.h"
#include "yaml-cpp/yaml.h"

namespace entente::policy {
namespace {

using testing::HasSubstr;

std::vector<std::string> AllDocuments() {
  std::vector<std::string> out = {SmallDocument()};
  for (const absl::string_view name : kTemplates) {
    out.push_back(ReadTemplate(name));
  }
  return out;
}

TEST(CanonicalTest, ParsesBackToTheSameAgreement) {
  for (const std::string& text : AllDocuments()) {
    const CheckResult checked = Check("a.yaml", text);
    ASSERT_TRUE(checked.ok()) << checked.report;
    const auto parsed = ParseCanonical(checked.canonical);
    ASSERT_TRUE(parsed.ok()) << parsed.status();
    EXPECT_TRUE(*parsed == *checked.agreement);
    EXPECT_EQ(Digest(checked.canonical), checked.digest);
  }
}

TEST(CanonicalTest, IsSortedTypedJsonWithoutWhiteSpace) {
  const CheckResult checked = Check("a.yaml", SmallDocument());
  EXPECT_THAT(checked.canonical,
              testing::StartsWith(R"({"broker":{"ledger_key")"));
  EXPECT_THAT(checked.canonical, HasSubstr(R"("limits":{"enrolments_per_day":)"
                                           R"(10000,"records_per_day":5000})"));
  EXPECT_THAT(checked.canonical, HasSubstr(R"("special_category":true)"));
  EXPECT_THAT(checked.canonical, HasSubstr(R"("from":"2026-11-01")"));
  // nlohmann sorts by bytes, which for ASCII keys is the order of RFC 8785.
  EXPECT_EQ(nlohmann::json::parse(checked.canonical).dump(), checked.canonical);
}

}  // namespace
}  // namespace entente::policy

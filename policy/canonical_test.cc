#include "policy/canonical.h"

#include <cstdint>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_replace.h"
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

// Compares two YAML texts as yaml-cpp's own node interface reads them: an
// independent reader of layout, quoting and comments.
bool SameTree(const YAML::Node& a, const YAML::Node& b) {
  if (a.Type() != b.Type() || a.size() != b.size()) return false;
  if (a.IsScalar()) return a.Scalar() == b.Scalar();
  if (a.IsSequence()) {
    for (size_t i = 0; i < a.size(); ++i) {
      if (!SameTree(a[i], b[i])) return false;
    }
  }
  if (!a.IsMap()) return true;
  for (const auto& entry : a) {
    const YAML::Node other = b[entry.first.Scalar()];
    if (!other || !SameTree(entry.second, other)) return false;
  }
  return true;
}

TEST(CanonicalTest, EverySingleCharacterMutationIsRefusedSeenOrLayout) {
  const std::string original = SmallDocument();
  const YAML::Node tree = YAML::Load(original);
  const CheckResult base = Check("f", original);
  ASSERT_TRUE(base.ok());
  int refused = 0, seen = 0, layout = 0;
  for (size_t i = 0; i < original.size(); ++i) {
    for (const char c : {'x', ' ', '#', '\0'}) {
      std::string mutated = original;
      if (c == '\0') {
        mutated.erase(i, 1);
      } else if (mutated[i] == c) {
        continue;
      } else {
        mutated[i] = c;
      }
      const CheckResult result = Check("f", mutated);
      if (!result.ok()) {
        ++refused;
      } else if (result.digest != base.digest) {
        ++seen;
      } else {
        ++layout;
        ASSERT_TRUE(SameTree(tree, YAML::Load(mutated)))
            << "byte " << i << " to " << static_cast<int>(c);
        ASSERT_TRUE(*result.agreement == *base.agreement);
      }
    }
  }
  EXPECT_GT(refused, 1000);
  EXPECT_GT(seen, 100);
  EXPECT_GT(layout, 10);
}

TEST(CanonicalTest, DigestIsBlindToLayoutCommentsOrderOfKeysAndQuotes) {
  const std::string digest = Check("f", SmallDocument()).digest;
  const std::vector<std::pair<std::string, std::string>> edits = {
      {"# A comment.\n", ""},
      {"days: 365", "days: \"365\""},
      {"title: Burglary series", "title: 'Burglary series'   # quoted"},
      {"title: Burglary series", "title: >-\n  Burglary\n  series"},
      {"{ days: 365, starts: receipt, then: destroy }",
       "\n      then: destroy\n      starts: receipt\n      days: 365"},
      {"onward:\n  rule: none\n", "\n\nonward: { rule: none }\n"},
      {"\n", "\r\n"},
  };
  for (const auto& [from, to] : edits) {
    const CheckResult result = Check("f", SmallWith(from, to));
    EXPECT_TRUE(result.ok()) << result.report;
    EXPECT_EQ(result.digest, digest) << to;
  }
  // Whole sections in another order.
  const std::string text = SmallDocument();
  const size_t valid = text.find("valid:\n");
  const size_t signatories = text.find("signatories:\n");
  const std::string turned = text.substr(0, valid) + text.substr(signatories) +
                             text.substr(valid, signatories - valid);
  EXPECT_EQ(Check("f", turned).digest, digest);
}

TEST(CanonicalTest, DigestSeesOrderOfItemsAndWhatIsLeftOut) {
  const std::string digest = Check("f", SmallDocument()).digest;
  for (const auto& [from, to] :
       std::vector<std::pair<std::string, std::string>>{
           {"[north-police, west-police]", "[west-police, north-police]"},
           {"[28/3, 28/4]", "[28/4, 28/3]"},
           {"    proof: always\n", ""},
           {"days: 365", "days: 366"},
           {"special_category: true", "special_category: false"}}) {
    const CheckResult result = Check("f", SmallWith(from, to));
    EXPECT_TRUE(result.ok()) << result.report;
    EXPECT_NE(result.digest, digest) << to;
  }
}

// Changes each leaf of `json` in turn and calls `check` with the whole.
void ForEachChangedLeaf(nlohmann::json* whole, nlohmann::json* part,
                        const std::function<void(const std::string&)>& check) {
  if (part->is_structured()) {
    for (nlohmann::json& child : *part)
      ForEachChangedLeaf(whole, &child, check);
    return;
  }
  const nlohmann::json kept = *part;
  if (kept.is_string()) *part = kept.get<std::string>() + "0";
  if (kept.is_number()) *part = kept.get<int64_t>() + 1;
  if (kept.is_boolean()) *part = !kept.get<bool>();
  check(whole->dump());
  *part = kept;
}

TEST(CanonicalTest, EveryLeafCounts) {
  for (const std::string& text : AllDocuments()) {
    const CheckResult base = Check("f", text);
    nlohmann::json document = nlohmann::json::parse(base.canonical);
    int leaves = 0;
    ForEachChangedLeaf(&document, &document, [&](const std::string& changed) {
      ++leaves;
      const auto parsed = ParseCanonical(changed);
      if (parsed.ok()) {
        EXPECT_NE(Digest(changed), base.digest);
        EXPECT_FALSE(*parsed == *base.agreement) << changed;
      }
    });
    EXPECT_GT(leaves, 60);
  }
}

TEST(ParseCanonicalTest, RefusesEveryFlippedBitOrReadsAnotherAgreement) {
  const CheckResult base = Check("f", SmallDocument());
  for (size_t i = 0; i < base.canonical.size(); ++i) {
    for (int bit = 0; bit < 8; ++bit) {
      std::string flipped = base.canonical;
      flipped[i] = static_cast<char>(flipped[i] ^ (1 << bit));
      const auto parsed = ParseCanonical(flipped);
      if (!parsed.ok()) continue;
      ASSERT_FALSE(*parsed == *base.agreement) << i;
    }
  }
}

TEST(ParseCanonicalTest, RefusesWhatIsNotCanonical) {
  const std::string good = Check("f", SmallDocument()).canonical;
  const auto with = [&good](absl::string_view from, absl::string_view to) {
    EXPECT_TRUE(absl::StrContains(good, from)) << from;
    return absl::StrReplaceAll(good, {{from, to}});
  };
  for (const std::string& bad :
       {std::string(), std::string("null"), std::string("{}"),
        std::string("[]"), good + " ", " " + good, good + good,
        good.substr(0, good.size() - 1), with("\"days\":365", "\"days\": 365"),
        with("\"days\":365", "\"days\":\"365\""),
        with("\"days\":365", "\"days\":365.0"),
        with("\"days\":365", "\"days\":null"),
        with("\"special_category\":true", "\"special_category\":\"true\""),
        with("\"kind\":\"inter_force\"", "\"kind\":\"inter\\u005fforce\""),
        with("\"ref\":\"DPIA-1\"", "\"ref\":11"),
        with("\"version\":1", "\"version\":1,\"version\":1"),
        with("{\"rule\":\"none\"}", "{\"rule\":\"nobody\"}"),
        with("{\"rule\":\"none\"}", "{\"rule\":\"none\",\"why\":\"x\"}")}) {
    const auto parsed = ParseCanonical(bad);
    ASSERT_FALSE(parsed.ok()) << bad;
    EXPECT_EQ(parsed.status().code(), absl::StatusCode::kInvalidArgument);
    EXPECT_THAT(std::string(parsed.status().message()),
                testing::StartsWith("not a valid agreement: "));
  }
}

TEST(ParseCanonicalTest, AppliesTheCrossChecksAndSaysWhich) {
  const std::string good = Check("f", SmallDocument()).canonical;
  const auto parsed = ParseCanonical(absl::StrReplaceAll(
      good, {{"\"dataset\":\"crimes\"", "\"dataset\":\"crime\""}}));
  EXPECT_THAT(std::string(parsed.status().message()),
              HasSubstr("1 errors; flows[0].dataset: data set \"crime\" is not "
                        "declared"));
}

TEST(ParseCanonicalTest, RefusesWhatIsTooLongOrTooDeep) {
  const auto error = [](const std::string& bytes) {
    return ParseCanonical(bytes).status().ToString();
  };
  EXPECT_THAT(error(std::string(600'000, ' ')),
              HasSubstr("more than 524288 bytes"));
  EXPECT_THAT(error(std::string(13, '[') + std::string(13, ']')),
              HasSubstr("nested too deep"));
}

}  // namespace
}  // namespace entente::policy

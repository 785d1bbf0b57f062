// Whatever the words of an agreement: what was signed can be written as YAML
// and signed again.
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "nlohmann/json.hpp"
#include "policy/canonical.h"
#include "policy/check.h"
#include "policy/for_all.h"
#include "policy/test_decision.h"
#include "policy/test_document.h"
#include "policy/yaml_writer.h"

namespace entente::policy {
namespace {

using nlohmann::json;

std::string RandomLine(Dice* dice) {
  static const auto& parts = *new std::vector<std::string>{
      "a",          "be",    " ",
      "  ",         ": ",    ":",
      " #",         "#",     "- ",
      "-",          "'",     "\"",
      "\\",         "{",     "}",
      "[",          "]",     ",",
      "é",          "…",     "%",
      "@",          "&x",    "*x",
      "!x",         "|",     ">",
      "~",          "?",     "yes",
      "null",       "007",   "1e3",
      "2027-01-01", "12:30", "<<",
      "=",          "`",     "word word word word word "};
  std::string line;
  for (size_t i = 1 + dice->Roll(30); i > 0; --i) line += dice->Pick(parts);
  return line;
}

void CollectTexts(json* part, std::vector<json*>* texts) {
  if (part->is_string()) texts->push_back(part);
  if (!part->is_structured()) return;
  for (json& child : *part) CollectTexts(&child, texts);
}

TEST(AgreementProperty, WhatIsWrittenAsYamlIsSignedTheSame) {
  std::vector<std::string> documents = {SmallDocument()};
  for (const absl::string_view name : kTemplates) {
    documents.push_back(ReadTemplate(name));
  }
  std::vector<std::string> canonical;
  for (const std::string& text : documents) {
    canonical.push_back(Check("f", text).canonical);
  }
  int read = 0;
  ForAll(kRounds / 10, [&](Dice* dice) {
    json document = json::parse(dice->Pick(canonical));
    std::vector<json*> texts;
    CollectTexts(&document, &texts);
    for (size_t i = dice->Roll(6); i > 0; --i) {
      *dice->Pick(texts) = RandomLine(dice);
    }
    const std::string bytes = document.dump();
    const auto agreement = ParseCanonical(bytes);
    const auto yaml = YamlOfSigned(bytes);
    ASSERT_EQ(yaml.ok(), agreement.ok()) << bytes << yaml.status();
    if (!agreement.ok()) return;
    ++read;
    const CheckResult again = Check("f", *yaml);
    EXPECT_EQ(again.digest, Digest(bytes)) << *yaml << again.report;
    EXPECT_TRUE(again.ok() && *again.agreement == *agreement);
  });
  EXPECT_GT(read, kRounds / 100);
}

TEST(AgreementProperty, WhatIsRefusedSaysSoAndHasNoDigest) {
  const std::string small = SmallDocument();
  ForAll(kRounds / 10, [&](Dice* dice) {
    std::string text = small;
    for (size_t i = 1 + dice->Roll(3); i > 0; --i) {
      text.replace(dice->Roll(text.size()), dice->Roll(8), RandomLine(dice));
    }
    const CheckResult result = Check("f", text);
    EXPECT_NE(result.ok(), HasErrors(result.diagnostics)) << result.report;
    EXPECT_EQ(result.ok(), !result.digest.empty());
    EXPECT_EQ(result.ok(), ParseCanonical(result.canonical).ok());
  });
}

}  // namespace
}  // namespace entente::policy

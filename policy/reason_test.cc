#include "policy/reason.h"

#include <fstream>
#include <regex>
#include <set>
#include <sstream>
#include <string>

#include "gtest/gtest.h"

namespace entente::policy {
namespace {

std::string ReadProto(const std::string& name) {
  std::ifstream file(std::string(ENTENTE_PROTO) + "/" + name);
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

TEST(Reason, TableIsInOrderAndEveryCodeIsFoundAgain) {
  std::set<std::string> codes;
  for (size_t i = 0; i < AllReasons().size(); ++i) {
    const ReasonInfo& info = AllReasons()[i];
    EXPECT_EQ(size_t(info.reason), i) << info.code;
    EXPECT_EQ(&InfoOf(info.reason), &info);
    EXPECT_EQ(CodeOf(info.reason), info.code);
    EXPECT_EQ(ReasonOf(info.code), info.reason);
    EXPECT_TRUE(codes.insert(std::string(info.code)).second) << info.code;
  }
}

TEST(Reason, EveryLineSaysWhatAndWhatNext) {
  const std::regex code("[A-Z][A-Z_]{2,39}");
  for (const ReasonInfo& info : AllReasons()) {
    EXPECT_TRUE(std::regex_match(std::string(info.code), code)) << info.code;
    for (const absl::string_view text : {info.meaning, info.remedy}) {
      EXPECT_GT(text.size(), 10u) << info.code;
      EXPECT_NE(text.back(), '.') << info.code;
    }
    EXPECT_NE(info.status, absl::StatusCode::kOk) << info.code;
  }
}

TEST(Reason, EveryReasonOfADecisionSaysWhoCanGrantIt) {
  for (size_t i = 0; i <= size_t(Reason::kTooManyRecords); ++i) {
    EXPECT_FALSE(InfoOf(Reason(i)).who.empty()) << CodeOf(Reason(i));
  }
}

TEST(Reason, UnknownNumbersAndCodesAreNotTakenForOthers) {
  EXPECT_EQ(InfoOf(Reason(9999)).reason, Reason::kInternal);
  for (const char* code : {"", "no_flow", "NO_FLOW ", "NO_FLOW:x", "FLOW"}) {
    EXPECT_EQ(ReasonOf(code), std::nullopt) << code;
  }
  EXPECT_EQ(ReasonOf("MISSING:case_reference"), Reason::kMissing);
}

// The wire contract may promise no code that the table lacks.
TEST(Reason, CoversEveryCodeThatTheProtosPromise) {
  const std::regex group(R"(\(([A-Z][A-Z_]{3,}[^)]*)\))");
  const std::regex word("[A-Z][A-Z_]{3,}");
  size_t found = 0;
  for (const char* name :
       {"agreements.proto", "break_glass.proto", "directory.proto",
        "exchange.proto", "ledger.proto", "pseudonyms.proto"}) {
    const std::string text = ReadProto(name);
    ASSERT_FALSE(text.empty()) << name;
    for (std::sregex_iterator it(text.begin(), text.end(), group), end;
         it != end; ++it) {
      const std::string codes = (*it)[1];
      for (std::sregex_iterator code(codes.begin(), codes.end(), word);
           code != end; ++code) {
        ++found;
        EXPECT_TRUE(ReasonOf(code->str()).has_value())
            << name << " promises " << code->str();
      }
    }
  }
  EXPECT_GT(found, 20u);
}

}  // namespace
}  // namespace entente::policy

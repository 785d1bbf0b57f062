#include "absl/strings/match.h"
#include "absl/strings/str_split.h"
#include "client/manual/command_tree.h"
#include "client/manual/completions.h"
#include "client/manual/man_pages.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace entente::client {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

constexpr char kTree[] = R"({
  "name": "tool", "help": "Does things.", "example": "tool keys make",
  "options": [
    {"names": "-o,--output", "value": "FORMAT", "help": "table or json",
     "default": "table", "positional": false, "required": false,
     "repeated": false}],
  "commands": [
    {"name": "keys", "help": "Keys", "example": "tool keys make x.pem",
     "options": [], "commands": [
       {"name": "make", "help": "Makes one; it's safe [really]: yes",
        "example": "tool keys make --days 3 x.pem", "commands": [],
        "options": [
          {"names": "--days", "value": "N", "help": ".How long",
           "default": "", "positional": false, "required": true,
           "repeated": true},
          {"names": "FILE", "value": "", "help": "Where",
           "default": "", "positional": true, "required": true,
           "repeated": false}]}]}]})";

CommandEntry Tool() {
  const auto tree = ParseCommandTree(kTree);
  EXPECT_TRUE(tree.ok()) << tree.status();
  return tree.value_or(CommandEntry());
}

TEST(CommandTree, IsRead) {
  const CommandEntry tool = Tool();
  EXPECT_EQ(tool.name, "tool");
  ASSERT_EQ(tool.options.size(), 1u);
  EXPECT_THAT(tool.options[0].names, testing::ElementsAre("-o", "--output"));
  EXPECT_EQ(tool.options[0].default_value, "table");
  const CommandEntry& make = tool.commands.at(0).commands.at(0);
  EXPECT_TRUE(make.options.at(0).is_required);
  EXPECT_TRUE(make.options.at(0).is_repeated);
  EXPECT_TRUE(make.options.at(1).is_positional);
}

TEST(CommandTree, RefusesAnythingElse) {
  for (const char* text :
       {"", "[]", "{}", "{\"name\": 1}", "{\"name\":\"x\"}"}) {
    EXPECT_EQ(ParseCommandTree(text).status().code(),
              absl::StatusCode::kInvalidArgument)
        << text;
  }
}

TEST(ManPages, AreOneForTheProgramAndOneForEachCommand) {
  const auto pages = ManPages(Tool(), {"1", "2026-11-25", "0.1.0"});
  ASSERT_EQ(pages.size(), 2u);
  const std::string& main = pages.at("tool.1");
  EXPECT_THAT(main, HasSubstr(".TH TOOL 1 2026-11-25 \"tool 0.1.0\"\n"));
  EXPECT_THAT(main, HasSubstr("tool \\- does things\n"));
  EXPECT_THAT(main, HasSubstr("\\fBtool\\-keys\\fR(1)"));
  EXPECT_THAT(main, HasSubstr("Table or json. Default: table."));
  EXPECT_THAT(main, HasSubstr(".SH EXIT STATUS"));
  const std::string& keys = pages.at("tool-keys.1");
  EXPECT_THAT(keys, HasSubstr(".SS tool keys make\n"));
  EXPECT_THAT(keys, HasSubstr("\\fB\\-\\-days\\fR \\fIN\\fR"));
  EXPECT_THAT(keys, HasSubstr("Required. May be given again."));
  EXPECT_THAT(keys, HasSubstr("tool keys make \\-\\-days 3 x.pem"));
}

// Text that looks like a macro stays text.
TEST(ManPages, HoldNoMacroFromHelp) {
  for (const auto& [name, page] :
       ManPages(Tool(), {"1", "2026-11-25", "0.1.0"})) {
    for (const absl::string_view line : absl::StrSplit(page, '\n')) {
      EXPECT_FALSE(absl::StartsWith(line, ".How")) << name;
    }
  }
}

TEST(Completions, KnowCommandsOptionsAndKindsOfValues) {
  for (const std::string& script :
       {BashCompletion(Tool()), ZshCompletion(Tool()),
        FishCompletion(Tool())}) {
    EXPECT_THAT(script, HasSubstr("keys"));
    EXPECT_THAT(script, HasSubstr("make"));
    EXPECT_THAT(script, HasSubstr("days"));
    EXPECT_THAT(script, HasSubstr("table json ndjson csv"));
  }
  EXPECT_THAT(BashCompletion(Tool()),
              HasSubstr("complete -o filenames -F _tool tool"));
  EXPECT_THAT(ZshCompletion(Tool()), HasSubstr("#compdef tool\n"));
  EXPECT_THAT(ZshCompletion(Tool()),
              HasSubstr("it'\\''s safe \\[really\\]\\: yes"));
  EXPECT_THAT(FishCompletion(Tool()), HasSubstr("it\\'s safe [really]: yes"));
  EXPECT_THAT(FishCompletion(Tool()), Not(HasSubstr("__entente_profiles")));
}

}  // namespace
}  // namespace entente::client

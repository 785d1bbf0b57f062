#include "policy/yaml.h"

#include <optional>
#include <ostream>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "policy/test_document.h"

namespace entente::policy {
namespace {

using testing::HasSubstr;

std::string ErrorsOf(absl::string_view text) {
  std::vector<Diagnostic> diagnostics;
  ReadYaml(text, &diagnostics);
  Sort(&diagnostics);
  return Format("f", diagnostics);
}

struct Refused {
  std::string name;
  std::string text;
  std::string want;  // the whole report
};

void PrintTo(const Refused& c, std::ostream* out) { *out << c.name; }

class RefusedYamlTest : public testing::TestWithParam<Refused> {};

TEST_P(RefusedYamlTest, SaysWhereAndWhy) {
  EXPECT_EQ(ErrorsOf(GetParam().text), GetParam().want);
}

INSTANTIATE_TEST_SUITE_P(
    All, RefusedYamlTest,
    testing::Values(
        Refused{"DuplicateKey", "a: 1\nb:\n  c: 1\n  d: 2\n  c: 3\n",
                "f:5:3: the key \"c\" is here twice (one line for a key)\n"},
        Refused{"DuplicateKeyInFlowStyle", "a: { b: 1, b: 1 }\n",
                "f:1:12: the key \"b\" is here twice (one line for a key)\n"},
        Refused{"Anchor", "a: &x 1\n",
                "f:1:4: an anchor (write the value out where it is used)\n"},
        Refused{"AnchorOnMap", "a: &x\n  b: 1\n",
                "f:1:4: an anchor (write the value out where it is used)\n"},
        Refused{"Alias", "a: &x 1\nb: *x\n",
                "f:1:4: an anchor (write the value out where it is used)\n"
                "f:2:4: an alias (write the value out)\n"},
        Refused{"Tag", "a: !!str 1\n",
                "f:1:4: a tag (no tags: the schema says what a value is)\n"},
        Refused{"BareTag", "a: ! 1\n",
                "f:1:4: a tag (no tags: the schema says what a value is)\n"},
        Refused{"TagOnQuoted", "a: ! \"1\"\n",
                "f:1:4: a tag (no tags: the schema says what a value is)\n"},
        Refused{"TagOnList", "a: !x [1]\n",
                "f:1:4: a tag (no tags: the schema says what a value is)\n"},
        Refused{"MergeKey", "a:\n  <<: { b: 1 }\n",
                "f:2:3: a merge key (write the lines out)\n"},
        Refused{"NoValue", "a:\nb: 1\n",
                "f:1:1: no value (a value, quoted if it is ~ or null)\n"},
        Refused{"Tilde", "a: ~\n",
                "f:1:1: no value (a value, quoted if it is ~ or null)\n"},
        Refused{"Null", "a: [1, null]\n",
                "f:1:8: no value (a value, quoted if it is ~ or null)\n"},
        Refused{"MapAsKey", "? { a: 1 }\n: 2\n",
                "f:1:3: a key that is a list or a map (a word)\n"},
        Refused{"TabInIndentation", "a:\n\tb: 1\n",
                "f:2:1: tab in the indentation (spaces)\n"},
        Refused{"Directive", "%YAML 1.2\n---\na: 1\n",
                "f:1:1: a directive (no line that starts with %)\n"},
        Refused{"SecondDocument", "a: 1\n---\nb: 2\n",
                "f:2:1: a second document (one document)\n"},
        Refused{"Empty", "# only a comment\n",
                "f:1:1: the document is empty\n"},
        Refused{"NotUtf8", "a: 1\nb: \"\xc3(\"\n",
                "f:2:5: is not UTF-8 (UTF-8 text of visible letters)\n"},
        Refused{"ByteOrderMark",
                "\xef\xbb\xbf"
                "a: 1\n",
                "f:1:1: U+FEFF is invisible (UTF-8 text of visible letters)\n"},
        Refused{"ZeroWidthInComment", "a: 1 # x\xe2\x80\x8b\n",
                "f:1:9: U+200B is invisible (UTF-8 text of visible letters)\n"},
        Refused{"Bidirectional", "\xc3\xa9: \"\xe2\x80\xae\"\n",
                "f:1:5: U+202E changes direction (UTF-8 text of visible "
                "letters)\n"},
        Refused{"NotNormal", "a: e\xcc\x81\n",
                "f:1:1: is not in Unicode normal form C (UTF-8 text of visible "
                "letters)\n"},
        Refused{"Control", "a: 1\nb: \x07\n",
                "f:2:4: U+0007 is not a printable character (UTF-8 text of "
                "visible letters)\n"},
        Refused{"LoneCarriageReturn", "a: 1\rb: 2\n",
                "f:1:5: U+000D is not a printable character (UTF-8 text of "
                "visible letters)\n"}),
    [](const auto& test) { return test.param.name; });

TEST(YamlTest, ReportsSyntaxErrorsWithTheirPlace) {
  EXPECT_THAT(ErrorsOf("a: 1\nb: [1, 2\n"), HasSubstr("not YAML: "));
  EXPECT_THAT(ErrorsOf("a: 1\n b: 2\n"), HasSubstr("f:2:"));
  for (const char* open : {"a: \"x\n", "a: 'x\n", "a: \"x\nb: 1\n",
                           "a: \"x\n#y\n", "a: 'x\n\n  \n", "- \"x"}) {
    EXPECT_THAT(ErrorsOf(open), HasSubstr("not YAML: ")) << open;
  }
}

TEST(YamlTest, ReportsEveryErrorAndKeepsTheFirstOfEqualKeys) {
  std::vector<Diagnostic> diagnostics;
  const auto root = ReadYaml("a: 1\na: 2\nb: !t x\nc: *q\n", &diagnostics);
  // An alias of nothing is a syntax error, after which there is no tree.
  EXPECT_FALSE(root.has_value());
  EXPECT_EQ(diagnostics.size(), 3u);
  diagnostics.clear();
  const auto kept = ReadYaml("a: 1\na: 2\nb: !t x\n", &diagnostics);
  ASSERT_TRUE(kept.has_value());
  EXPECT_EQ(diagnostics.size(), 2u);
  EXPECT_EQ(kept->Find("a")->text, "1");
}

TEST(YamlTest, LeavesScalarsAsTheyAreWritten) {
  std::vector<Diagnostic> diagnostics;
  const auto root = ReadYaml(
      "country: NO\nversion: 1.10\nday: 2027-03-31\nhex: 0x10\nquoted: '~'\n"
      "folded: >-\n  one\n  two\n",
      &diagnostics);
  ASSERT_TRUE(root.has_value());
  EXPECT_TRUE(diagnostics.empty());
  EXPECT_EQ(root->Find("country")->text, "NO");
  EXPECT_EQ(root->Find("version")->text, "1.10");
  EXPECT_EQ(root->Find("day")->text, "2027-03-31");
  EXPECT_EQ(root->Find("hex")->text, "0x10");
  EXPECT_EQ(root->Find("quoted")->text, "~");
  EXPECT_EQ(root->Find("folded")->text, "one two");
}

TEST(YamlTest, CountsPositionsFromOneInCharacters) {
  std::vector<Diagnostic> diagnostics;
  const auto root =
      ReadYaml("a: { \xc3\xa9t\xc3\xa9: x, b: y }\r\nc: [d]\r\n", &diagnostics);
  ASSERT_TRUE(root.has_value());
  EXPECT_TRUE(diagnostics.empty());
  const Entry& b = root->Find("a")->entries[1];
  EXPECT_EQ(b.key, "b");
  EXPECT_EQ(b.line, 1);
  EXPECT_EQ(b.column, 14);
  EXPECT_EQ(root->Find("c")->items[0].line, 2);
  EXPECT_EQ(root->Find("c")->items[0].column, 5);
}

std::string Nested(int levels) {
  return absl::StrCat("a: ", std::string(static_cast<size_t>(levels - 1), '['),
                      "1", std::string(static_cast<size_t>(levels - 1), ']'));
}

TEST(YamlTest, ReadsTwelveLevelsAndNoMore) {
  EXPECT_EQ(ErrorsOf(Nested(12)), "");
  EXPECT_THAT(ErrorsOf(Nested(13)),
              HasSubstr("nested too deep (at most 12 levels)"));
  EXPECT_NE(ErrorsOf(Nested(100'000)), "");
}

TEST(YamlTest, ReadsAtMostItsMostBytes) {
  std::string text = "a: 1\n#";
  text.resize(kMaxDocumentBytes, 'x');
  EXPECT_EQ(ErrorsOf(text), "");
  text.push_back('x');
  EXPECT_EQ(ErrorsOf(text),
            "f:1:1: the document is too large (at most 262144 bytes)\n");
}

TEST(YamlTest, StopsAnAliasBombAtItsFirstAnchor) {
  std::string text = "a: &a [x, x]\n";
  for (char c = 'b'; c < 'k'; ++c) {
    absl::StrAppend(&text, std::string(1, c), ": &", std::string(1, c), " [*",
                    std::string(1, static_cast<char>(c - 1)), ", *",
                    std::string(1, static_cast<char>(c - 1)), "]\n");
  }
  EXPECT_THAT(ErrorsOf(text), testing::StartsWith("f:1:4: an anchor"));
}

TEST(NodeTest, LocatesThePathOrTheDeepestPartOfIt) {
  std::vector<Diagnostic> diagnostics;
  const auto root = ReadYaml(
      "flows:\n  - id: x\n    release:\n      name: as_is\n"
      "groups: { a.b: 1, a: { b: 2 } }\n",
      &diagnostics);
  ASSERT_TRUE(root.has_value());
  const auto at = [&root](absl::string_view path) {
    const Position p = Locate(*root, path);
    return absl::StrCat(p.line, ":", p.column);
  };
  EXPECT_EQ(at("flows"), "1:1");
  EXPECT_EQ(at("flows[0]"), "2:5");
  EXPECT_EQ(at("flows[0].release"), "3:5");
  EXPECT_EQ(at("flows[0].release.name"), "4:13");
  EXPECT_EQ(at("flows[0].release.nothing"), "3:5");
  EXPECT_EQ(at("flows[7].release"), "1:1");
  EXPECT_EQ(at("groups.a.b"), "5:16");
  EXPECT_EQ(at("nothing"), "1:1");
  EXPECT_EQ(at(""), "1:1");
}

}  // namespace
}  // namespace entente::policy

#include "policy/yaml_writer.h"

#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "policy/canonical.h"
#include "policy/check.h"
#include "policy/test_document.h"
#include "policy/text.h"
#include "policy/yaml.h"
#include "yaml-cpp/yaml.h"

namespace entente::policy {
namespace {

using testing::HasSubstr;

TEST(YamlOfSigned, ReadsBackToTheSameDigest) {
  std::vector<std::string> documents = {SmallDocument()};
  for (const absl::string_view name : kTemplates) {
    documents.push_back(ReadTemplate(name));
  }
  for (const std::string& document : documents) {
    const CheckResult signed_version = Check("f", document);
    ASSERT_TRUE(signed_version.ok()) << signed_version.report;
    const auto text = YamlOfSigned(signed_version.canonical);
    ASSERT_TRUE(text.ok()) << text.status();
    const CheckResult again = Check("f", *text);
    EXPECT_EQ(again.digest, signed_version.digest) << *text << again.report;
    EXPECT_TRUE(*again.agreement == *signed_version.agreement);
    // A YAML reader that is not ours takes it too, and sees the same keys.
    EXPECT_EQ(YAML::Load(*text)["id"].Scalar(), again.agreement->id);
    for (const absl::string_view line : absl::StrSplit(*text, '\n')) {
      EXPECT_LE(CountCharacters(line), 100u) << line;
    }
  }
}

TEST(YamlOfSigned, IsWrittenAsAPersonWould) {
  const auto text = YamlOfSigned(Check("f", SmallDocument()).canonical);
  ASSERT_TRUE(text.ok()) << text.status();
  EXPECT_THAT(*text, testing::StartsWith("schema: sharing-agreement/v1\nid: "));
  for (const char* part :
       {"\nversion: 1\n", "\n    from: [north-police]\n",
        "\nbroker:\n  name: broker.example\n",
        "\n    retention: { days: 365, starts: receipt, then: destroy }\n",
        "\nvalid:\n  from: \"2026-11-01\"\n",
        "\nsignatories:\n  - { party: ", "    special_category: true\n"}) {
    EXPECT_THAT(*text, HasSubstr(part));
  }
  EXPECT_FALSE(absl::StrContains(*text, "#"));
}

TEST(YamlOfSigned, RefusesWhatIsNotTheCanonicalFormOfAnAgreement) {
  for (const std::string& bad :
       {std::string(), std::string("{}"), std::string("null"),
        Check("f", SmallDocument()).canonical + " ", SmallDocument()}) {
    EXPECT_EQ(YamlOfSigned(bad).status().code(),
              absl::StatusCode::kInvalidArgument)
        << bad;
  }
}

// Lines that YAML, or a reader of another YAML, could take for something else.
TEST(YamlOfSigned, KeepsEveryLineThatYamlCouldMisread) {
  const std::string kTitles[] = {"no",
                                 "Yes",
                                 "on",
                                 "NULL",
                                 "~~",
                                 "12",
                                 "1.10",
                                 "0x1F",
                                 "1e3",
                                 "1_000",
                                 "2027-03-31",
                                 "12:30:00",
                                 "2027-03-31T12:00:00Z",
                                 ".inf",
                                 ".nan",
                                 "-1",
                                 "- a",
                                 "-- a",
                                 "? a",
                                 ": a",
                                 "a: b",
                                 "a:",
                                 "a :b",
                                 "a #b",
                                 "#a",
                                 "a#b",
                                 "[a]",
                                 "{a}",
                                 "[a",
                                 "a, b",
                                 "a]",
                                 "!a",
                                 "&a",
                                 "*a",
                                 "|a",
                                 ">a",
                                 "%a",
                                 "@a",
                                 "`a`",
                                 "'a'",
                                 "\"a\"",
                                 "a\"b",
                                 "a'b",
                                 "it's",
                                 "\\n",
                                 "a\\b",
                                 "a\\",
                                 "--- a",
                                 "... a",
                                 "<<",
                                 "= a",
                                 "£5",
                                 "Älter",
                                 "a – b",
                                 "a  b",
                                 "x:y",
                                 "http://a.b/c?d=e&f",
                                 "a: [b, c] # {d}",
                                 "(a)",
                                 "/a"};
  for (const std::string& title : kTitles) {
    ASSERT_GE(title.size(), 2u);
    const std::string document = SmallWith(
        "title: Burglary series\n",
        "title: '" + absl::StrReplaceAll(title, {{"'", "''"}}) + "'\n");
    const CheckResult checked = Check("f", document);
    ASSERT_TRUE(checked.ok()) << checked.report;
    ASSERT_EQ(checked.agreement->title, title);
    const auto text = YamlOfSigned(checked.canonical);
    ASSERT_TRUE(text.ok()) << title << text.status();
    EXPECT_EQ(Check("f", *text).digest, checked.digest) << title;
    EXPECT_EQ(YAML::Load(*text)["title"].Scalar(), title);
  }
}

TEST(YamlOfSigned, FoldsLongTextWhereItCan) {
  std::string words = "A";
  while (words.size() < 900) words += " naïve: 'word' #" + words.substr(0, 1);
  for (const std::string& text :
       {words, words + "  twice spaced", std::string(290, 'x')}) {
    Node root;
    root.kind = Node::Kind::kMap;
    root.entries.push_back({"summary", 0, 0, Node()});
    root.entries[0].value.text = text;
    const std::string yaml = WriteYaml(root);
    std::vector<Diagnostic> diagnostics;
    const auto back = ReadYaml(yaml, &diagnostics);
    ASSERT_TRUE(back.has_value()) << Format("f", diagnostics);
    EXPECT_EQ(back->entries[0].value.text, text);
    EXPECT_NE(absl::StrContains(yaml, ">-\n"), absl::StrContains(text, "  "));
  }
}

TEST(YamlOfNext, IsTheNextVersionAndNothingElseIsChanged) {
  std::string canonical = Check("", SmallDocument()).canonical;
  for (int version = 2; version < 5; ++version) {
    const auto yaml = YamlOfNext(canonical);
    ASSERT_TRUE(yaml.ok()) << yaml.status();
    const CheckResult next = Check("next.yaml", *yaml);
    ASSERT_TRUE(next.ok()) << next.report;
    EXPECT_EQ(next.agreement->version, version);
    EXPECT_EQ(next.agreement->previous, Digest(canonical));
    Agreement same = *Check("", canonical).agreement;
    same.version = next.agreement->version;
    same.previous = next.agreement->previous;
    EXPECT_EQ(*next.agreement, same);
    canonical = next.canonical;
  }
}

TEST(YamlOfNext, SaysWhatToDoWithIt) {
  const auto yaml = YamlOfNext(Check("", SmallDocument()).canonical);
  ASSERT_TRUE(yaml.ok()) << yaml.status();
  EXPECT_EQ(yaml->rfind("# Version 2 of isa-small, so far the same as version "
                        "1.\n# Now edit it;",
                        0),
            0u);
  EXPECT_TRUE(
      absl::StrContains(*yaml, "entente agreement amend isa-small NEXT.yaml"));
}

TEST(YamlOfNext, RefusesWhatHasNone) {
  EXPECT_EQ(YamlOfNext("{}").status().code(),
            absl::StatusCode::kInvalidArgument);
  const CheckResult last = Check(
      "",
      SmallWith("version: 1\n", absl::StrCat("version: 1000000\nprevious: \"",
                                             std::string(64, 'a'), "\"\n")));
  ASSERT_TRUE(last.ok()) << last.report;
  EXPECT_EQ(YamlOfNext(last.canonical).status().code(),
            absl::StatusCode::kInvalidArgument);
}

TEST(WriteYaml, WritesEmptyAndNestedThings) {
  const auto leaf = [](std::string text) {
    Node node;
    node.text = std::move(text);
    return node;
  };
  Node root;
  root.kind = Node::Kind::kMap;
  Node list;
  list.kind = Node::Kind::kSequence;
  Node map;
  map.kind = Node::Kind::kMap;
  root.entries.push_back({"empty_list", 0, 0, list});
  root.entries.push_back({"empty_map", 0, 0, map});
  map.entries.push_back({"Chinese or other", 0, 0, leaf("a, b")});
  map.entries.push_back({"no", 0, 0, list});
  Node inner = list;
  inner.items = {leaf("a: b"), leaf(std::string(99, 'x')), map};
  map.entries.push_back({"in", 0, 0, inner});
  list.items = {map, leaf("last")};
  root.entries.push_back({"list", 0, 0, list});
  const std::string yaml = WriteYaml(root);
  EXPECT_EQ(yaml, absl::StrCat("empty_list: []\n"
                               "empty_map: {}\n"
                               "list:\n"
                               "  - Chinese or other: a, b\n"
                               "    \"no\": []\n"
                               "    in:\n"
                               "      - \"a: b\"\n"
                               "      - >-\n        ",
                               std::string(99, 'x'),
                               "\n"
                               "      - { Chinese or other: \"a, b\", "
                               "\"no\": [] }\n"
                               "  - last\n"));
}

}  // namespace
}  // namespace entente::policy

#include "policy/plain_words.h"

#include <set>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "nlohmann/json.hpp"
#include "policy/canonical.h"
#include "policy/check.h"
#include "policy/clause_words.h"
#include "policy/reader.h"
#include "policy/test_document.h"
#include "policy/text.h"
#include "policy/words.h"
#include "policy/yaml.h"

namespace entente::policy {
namespace {

using nlohmann::json;
using testing::HasSubstr;

// One space for any white space, so that wrapping does not matter.
std::string Flat(absl::string_view text) {
  std::string flat;
  for (const absl::string_view word :
       absl::StrSplit(text, absl::ByAnyChar(" \n"), absl::SkipEmpty())) {
    absl::StrAppend(&flat, flat.empty() ? "" : " ", word);
  }
  return flat;
}

TEST(PlainWords, SaysWhatASignatoryMustKnow) {
  const CheckResult small = Check("small.yaml", SmallDocument());
  ASSERT_TRUE(small.ok()) << small.report;
  const std::string text = Flat(*PlainWordsOfSigned(small.canonical));
  for (const std::string& sentence : std::vector<std::string>{
           "SHARING AGREEMENT isa-small, version 1 Burglary series",
           "SHA-256 of what is signed: " + small.digest,
           "Two forces look for one series of burglaries together.",
           "North Police (north-police): controller; law: law enforcement "
           "(DPA 2018 Part 3); contact: sharing@north.example",
           "Only certificates from its root count, whose key has the SHA-256 "
           "1111111111111111111111111111111111111111111111111111111111111111",
           "Ethics Panel (panel); contact: ledger@panel.example",
           "Broker: broker.example",
           "AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE=",
           "72cd6e8422c407fb6d098690f1130b7ded7ec2f7f5e1d30bd9d521f015363793",
           "find-series: Find series of burglaries.",
           "A batch that is sent without a justification is recorded with one "
           "that is filled in from its purpose and case reference.",
           "condition for processing: DPA 2018 s.35(2)(b)",
           "From: North Police (north-police). To: West Police "
           "(west-police); never to itself. Data: Recorded burglaries "
           "(crimes). For: find-series. How: by sending (push).",
           "person: as a pseudonym of this agreement, never the identifier "
           "itself (opaque/1:custody)",
           "name: in full, as it is",
           "occurred: the month and year only",
           "Any other field is never given.",
           "age is 10 or more",
           "offence is one of \"28/3\"",
           "Each request must carry, and the ledger keeps: a case reference.",
           "Limits: at most 5000 records a day and at most 10000 persons "
           "enrolled a day by each agency.",
           "for 365 days from receipt, and then destroyed.",
           "From 00:00 UTC on Sunday 1 November 2026 (midnight by British "
           "clocks).",
           "Until 00:00 UTC on Wednesday 1 November 2028 (midnight by British "
           "clocks); that instant is no longer in. The last day is Tuesday 31 "
           "October 2028. There is no grace.",
           "What a recipient may pass on",
           "Nothing, to nobody.",
           "north-police: Chief, with the key of the certificate "
           "\"north-chief\"",
       }) {
    EXPECT_THAT(text, HasSubstr(sentence));
  }
}

TEST(PlainWords, RefusesWhatIsNotTheSignedForm) {
  const CheckResult small = Check("small.yaml", SmallDocument());
  for (const std::string& other :
       {SmallDocument(), " " + small.canonical, std::string("{}")}) {
    EXPECT_EQ(PlainWordsOfSigned(other).status().code(),
              absl::StatusCode::kInvalidArgument);
  }
}

TEST(PlainWords, NothingInADocumentMovesTheCursor) {
  Agreement agreement = *Check("small.yaml", SmallDocument()).agreement;
  agreement.title = "Innocent\x1B[2J\nWho must sign\xE2\x80\xAE";
  const std::string text = PlainWords(agreement, "00");
  EXPECT_THAT(text,
              HasSubstr("Innocent<U+001B>[2J<U+000A>Who must sign<U+202E>"));
}

TEST(PlainWords, FitsATerminal) {
  for (const absl::string_view name : kTemplates) {
    const CheckResult checked = Check(name, ReadTemplate(name));
    ASSERT_TRUE(checked.ok()) << checked.report;
    const std::string text = *PlainWordsOfSigned(checked.canonical);
    for (const absl::string_view line : absl::StrSplit(text, '\n')) {
      if (!absl::StrContains(absl::StripAsciiWhitespace(line), ' ')) continue;
      EXPECT_LE(CountCharacters(line), 80u) << line;
    }
  }
}

// A value of its place in the document: other text, another number, the other
// boolean, any word of any vocabulary.
std::vector<json> Others(const json& leaf) {
  std::vector<json> others;
  if (leaf.is_boolean()) return {!leaf.get<bool>()};
  if (leaf.is_number()) {
    const int64_t number = leaf.get<int64_t>();
    return {number + 1, number - 1, 15, 60, 100, 250};
  }
  const std::string text = leaf.get<std::string>();
  others.push_back(text + "x");
  others.push_back("2031-02-03");
  others.push_back(std::string(text.size(), 'e'));
  others.push_back("BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBA=");
  others.push_back("policing.other/7");
  others.push_back("OFFICIAL");
  others.push_back("OFFICIAL-SENSITIVE");
  others.push_back("nhs/1");
  others.push_back("pnc/1");
  const auto words = [&](const auto& all) {
    for (const auto& [word, value] : all) others.push_back(std::string(word));
  };
  words(AllWords<Capacity>());
  words(AllWords<Regime>());
  words(AllWords<AgreementKind>());
  words(AllWords<Children>());
  words(AllWords<Method>());
  words(AllWords<Requirement>());
  words(AllWords<FieldType>());
  words(AllWords<Transform>());
  words(AllWords<RetentionStart>());
  words(AllWords<RetentionEnd>());
  words(AllWords<OnwardRule>());
  words(AllWords<SuspendRight>());
  words(AllWords<Publish>());
  words(AllWords<Proof>());
  words(AllWords<DomainRole>());
  words(AllWords<Witness>());
  return others;
}

// Reads by the schema alone: what leaves say to each other does not matter.
std::optional<Agreement> ReadLoosely(const json& document) {
  std::vector<Diagnostic> diagnostics;
  std::optional<Node> root = ReadYaml(document.dump(1), &diagnostics);
  if (!root) return std::nullopt;
  Reporter reporter(*root);
  Agreement agreement = ReadAgreement(&*root, &reporter);
  if (!reporter.Take().empty()) return std::nullopt;
  return agreement;
}

// `/flows/0/from/1` and `/flows/3/from/0` are of one shape: positions and the
// document's own names count for nothing, the words of a treatment do.
std::string ShapeOf(const json::json_pointer& pointer, const json& leaf) {
  const std::set<std::string> named = {"parties", "overseers",  "purposes",
                                       "lists",   "datasets",   "fields",
                                       "release", "identifiers"};
  std::string shape(leaf.type_name());
  std::string above;
  for (const absl::string_view piece :
       absl::StrSplit(pointer.to_string(), '/')) {
    const std::string part(piece);
    const bool number = !part.empty() && absl::ascii_isdigit(uint8_t(part[0]));
    absl::StrAppend(&shape, "/", number || named.count(above) > 0 ? "*" : part);
    above = part;
  }
  if (absl::StrContains(shape, "/release/"))
    absl::StrAppend(&shape, leaf.dump());
  return shape;
}

// `document` with another value at `leaf`; where the schema ties the leaf to
// its neighbours, without it, or with something simple in their place.
std::vector<json> Edits(const json& document, const json::json_pointer& leaf) {
  std::vector<json> edits;
  for (const json& other : Others(document.at(leaf))) {
    edits.push_back(document);
    edits.back().at(leaf) = other;
  }
  const json::json_pointer parent = leaf.parent_pointer();
  if (!document.at(parent).is_object()) return edits;
  edits.push_back(document);
  edits.back().at(parent).erase(leaf.back());
  edits.push_back(edits.back());
  edits.back().at(parent)["newest_days"] = 3;
  for (const char* simple : {"as_is", "text"}) {
    edits.push_back(document);
    edits.back().at(parent) = simple;
  }
  return edits;
}

void CollectLeaves(const json& at, const json::json_pointer& pointer,
                   std::vector<json::json_pointer>* leaves) {
  if (!at.is_structured()) return leaves->push_back(pointer);
  if (at.is_array()) {
    for (size_t i = 0; i < at.size(); ++i) {
      CollectLeaves(at[i], pointer / i, leaves);
    }
    return;
  }
  for (const auto& [key, value] : at.items()) {
    CollectLeaves(value, pointer / key, leaves);
  }
}

TEST(PlainWords, MentionEveryLeafOfADocument) {
  std::vector<std::string> documents = {SmallDocument()};
  for (const absl::string_view name : kTemplates) {
    documents.push_back(ReadTemplate(name));
  }
  std::set<std::string> shapes;
  for (const std::string& yaml : documents) {
    const CheckResult checked = Check("document.yaml", yaml);
    ASSERT_TRUE(checked.ok()) << checked.report;
    const std::string before = PlainWords(*checked.agreement, "");
    const json document = json::parse(checked.canonical);
    std::vector<json::json_pointer> leaves;
    CollectLeaves(document, json::json_pointer(), &leaves);
    for (const json::json_pointer& leaf : leaves) {
      if (!shapes.insert(ShapeOf(leaf, document.at(leaf))).second) continue;
      if (leaf.to_string() == "/schema") continue;  // can be nothing else
      bool changed = false;
      for (const json& edited : Edits(document, leaf)) {
        const std::optional<Agreement> agreement = ReadLoosely(edited);
        if (!agreement || *agreement == *checked.agreement) continue;
        changed = true;
        EXPECT_NE(PlainWords(*agreement, ""), before) << leaf;
        break;
      }
      EXPECT_TRUE(changed) << leaf;
    }
  }
  EXPECT_GT(shapes.size(), 90u);
}

TEST(ClauseWords, SayUtcAndTheDayAndWhatBritishClocksShow) {
  const std::pair<absl::CivilDay, const char*> kCases[] = {
      {absl::CivilDay(2027, 3, 28),
       "00:00 UTC on Sunday 28 March 2027 (midnight by British clocks)"},
      {absl::CivilDay(2027, 3, 29),
       "00:00 UTC on Monday 29 March 2027 (01:00 by British clocks)"},
      {absl::CivilDay(2027, 10, 31),
       "00:00 UTC on Sunday 31 October 2027 (01:00 by British clocks)"},
      {absl::CivilDay(2027, 11, 1),
       "00:00 UTC on Monday 1 November 2027 (midnight by British clocks)"},
      {absl::CivilDay(2028, 2, 29),
       "00:00 UTC on Tuesday 29 February 2028 (midnight by British clocks)"},
      {absl::CivilDay(2024, 3, 31),
       "00:00 UTC on Sunday 31 March 2024 (midnight by British clocks)"},
  };
  for (const auto& [day, want] : kCases) {
    EXPECT_EQ(StartOfDayInWords(day), want);
  }
  EXPECT_EQ(InstantInWords(absl::FromUnixSeconds(0)),
            "1970-01-01 00:00 UTC, Thursday 1 January 1970");
}

TEST(ClauseWords, JoinsLists) {
  EXPECT_EQ(AndList({}), "nothing");
  EXPECT_EQ(AndList({"a"}), "a");
  EXPECT_EQ(AndList({"a", "b", "c"}), "a, b and c");
}

}  // namespace
}  // namespace entente::policy

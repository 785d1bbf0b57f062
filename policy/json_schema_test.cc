#include "policy/json_schema.h"

#include <functional>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "nlohmann/json.hpp"
#include "policy/canonical.h"
#include "policy/check.h"
#include "policy/for_all.h"
#include "policy/json_schema_parts.h"
#include "policy/reader.h"
#include "policy/schema_validator.h"
#include "policy/test_decision.h"
#include "policy/test_document.h"
#include "policy/text.h"
#include "policy/words.h"
#include "policy/yaml.h"

namespace entente::policy {
namespace {

using nlohmann::json;

const json& Schema() {
  static const json& schema = *new json(json::parse(SharingAgreementSchema()));
  return schema;
}

// What the checker's reader says of `document`, with numbers and booleans
// written as such: the first thing that is wrong, or "".
std::string ReaderFault(const json& document) {
  std::vector<Diagnostic> diagnostics;
  std::optional<Node> root = ReadYaml(document.dump(1), &diagnostics);
  if (!root.has_value()) return Format("f", diagnostics);
  Reporter reporter(*root);
  ReadAgreement(&*root, &reporter);
  const std::vector<Diagnostic> found = reporter.Take();
  if (!found.empty()) return Format("f", found[0]);
  // A number in quotes is a number to the reader, which has no types before the
  // schema; to an editor it is text.
  const json canonical = json::parse(CanonicalBytes(*root));
  return canonical == document ? "" : "written as another type";
}

std::vector<json> Documents() {
  std::vector<json> documents = {
      json::parse(Check("", SmallDocument()).canonical)};
  for (const absl::string_view name : kTemplates) {
    documents.push_back(json::parse(Check(name, ReadTemplate(name)).canonical));
  }
  json more = documents[0];
  more["previous"] = std::string(64, 'a');
  more["under"] = "isa-tier";
  more["break_glass"] = {{"fields", {{"crimes", {"name"}}}},
                         {"minutes", 10},
                         {"report_hours", 24}};
  more["witnesses"] = {{"quorum", 1},
                       {"missing_minutes", 60},
                       {"named",
                        {{"panel",
                          {{"key",
                            "witness.example.org/w1+8ef38276+BHeYW/"
                            "QCq+O/29LPWNBse88uoYqNfYuJMqM5zSWwq4yt"},
                           {"url", "https://w.example.org:8443/panel"}}}}}};
  more["valid"]["handover_days"] = 9;
  more["valid"]["project_end"] = "2028-02-29";
  more["handling"]["setting"] = "A secure room";
  more["handling"]["publication"] = "Aggregates";
  more["handling"]["minimum_cell"] = 10;
  more["governance"]["arrangement"] = "JCA-1";
  more["governance"]["justification"] = "given";
  more["governance"]["ethics"] = {{"ref", "REC-1"}, {"date", "2026-09-01"}};
  more["onward"] = {
      {"rule", "listed"},
      {"listed",
       {{{"to", "court"}, {"purposes", {"trial"}}, {"needs", "An order"}}}},
      {"exceptions", {"Children"}}};
  more["lists"]["groups"] = {{"theft", {"28/3"}}, {"other", {"28/4"}}};
  json& flow = more["flows"][0];
  flow["recipients"] = {"The duty inspector"};
  flow["answer_records"] = 5;
  flow["min_answer_ms"] = 0;
  flow["limits"]["requests_per_day"] = 1;
  flow["retention"]["unless"] = "case_record";
  flow["retention"]["certificate"] = true;
  flow["retention"]["no_later_than_field"] = "occurred";
  flow["release"] = {
      {"a1", {{"transform", "pseudonym"}, {"scope", "agreement"}}},
      {"b1", {{"transform", "age_band"}, {"edges", {10, 18}}}},
      {"c1", {{"transform", "grid"}, {"metres", 250}}},
      {"d1", {{"transform", "round_time"}, {"minutes", 60}}},
      {"e1", {{"transform", "shift_days"}, {"within", 7}, {"per", "person"}}},
      {"f1", {{"transform", "category"}, {"list", "groups"}}},
      {"g1", {{"transform", "count"}, {"window_days", 30}}},
      {"h1", {{"transform", "small_count"}, {"below", 5}}},
      {"i1", {{"transform", "reviewed_text"}, {"reviewer", "A sergeant"}}},
      {"j1", {{"transform", "band"}, {"edges", {1}}}},
      {"k1", "withhold"},
      {"l1", "initials"}};
  flow["rows"] = {
      {{"field", "age"}, {"at_least", -5}, {"at_most", 7}},
      {{"field", "seen"}, {"newest_days", 30}, {"not_passed", true}},
      {{"field", "seen"}, {"after", "2027-01-01"}, {"before", "2028-01-01"}},
      {{"field", "way"}, {"any_of", {"a", "b"}}},
      {{"field", "way"}, {"equals", "x"}}};
  documents.push_back(more);
  return documents;
}

TEST(JsonSchema, TakesTheTemplatesAndEveryClause) {
  for (const json& document : Documents()) {
    EXPECT_EQ(ReaderFault(document), "");
    EXPECT_EQ(SchemaFault(Schema(), document), "");
  }
}

TEST(JsonSchema, SaysWhatEditorsNeed) {
  EXPECT_EQ(Schema()["$schema"], "http://json-schema.org/draft-07/schema#");
  EXPECT_EQ(Schema()["type"], "object");
  for (const auto& [key, part] : Schema()["properties"].items()) {
    EXPECT_TRUE(part.contains("description")) << key;
  }
  EXPECT_EQ(SharingAgreementSchema().back(), '\n');
}

// Both say the same of `document`, or it is one of the things that a schema
// cannot say.
void ExpectAgreed(const json& document, const std::string& what) {
  const std::string reader = ReaderFault(document);
  const std::string schema = SchemaFault(Schema(), document);
  if (reader.empty() == schema.empty()) return;
  for (const char* beyond : {"is not above the one before", "is in two groups",
                             "normal form C", "not a printable character"}) {
    if (schema.empty() && testing::Value(reader, testing::HasSubstr(beyond))) {
      return;
    }
  }
  ADD_FAILURE() << what << "\nreader: " << reader << "\nschema: " << schema;
}

// Values at and beside every limit, and of every kind.
std::vector<json> Others(const json& leaf) {
  std::vector<json> others = {json::array(),
                              json::object(),
                              true,
                              false,
                              0,
                              1,
                              -1,
                              "",
                              " a",
                              "a ",
                              "a",
                              "aa",
                              "a\nb",
                              "a\u200Bb",
                              "a;b",
                              "2027-02-29",
                              "2028-02-29",
                              "1899-12-31",
                              "isa-abc",
                              std::string(64, 'f')};
  for (const size_t length :
       {1, 2, 19, 20, 60, 61, 62, 100, 101, 300, 301, 600, 601, 1200, 1201}) {
    others.push_back(std::string(length, 'a'));
  }
  for (const int64_t number : {2LL,
                               40LL,
                               50LL,
                               60LL,
                               61LL,
                               72LL,
                               73LL,
                               90LL,
                               91LL,
                               250LL,
                               365LL,
                               366LL,
                               1024LL,
                               1025LL,
                               36'500LL,
                               36'501LL,
                               60'000LL,
                               60'001LL,
                               1'000'000LL,
                               1'000'001LL,
                               1'000'000'000LL,
                               1'000'000'001LL,
                               1'000'000'000'000LL,
                               1'000'000'000'001LL}) {
    others.push_back(number);
    others.push_back(-number);
  }
  for (const auto& [word, value] : AllWords<Transform>()) {
    others.push_back(std::string(word));
    others.push_back({{"transform", std::string(word)}});
  }
  for (const auto& [word, value] : AllWords<FieldType>()) {
    others.push_back({{"type", std::string(word)}, {"many", true}});
    others.push_back({{"type", std::string(word)}, {"list", "some-list"}});
    others.push_back({{"type", std::string(word)}, {"many", false}});
  }
  others.push_back({{"transform", "grid"}, {"metres", 300}});
  others.push_back({{"transform", "band"}, {"edges", {2, 1}}});
  others.push_back({{"transform", "band"}, {"edges", {1, 1}}});
  others.push_back({{"transform", "year"}});
  others.push_back({{"transform", "shift_days"}, {"within", 3}});
  others.push_back({"aa", "bb"});
  others.push_back({"aa", "aa"});
  others.push_back({{"aa", {"x"}}, {"bb", {"x"}}});
  if (leaf.is_string()) others.push_back(leaf.get<std::string>() + "x");
  return others;
}

// Every place of a document, by its pointer; of alike ones, the first.
std::vector<json::json_pointer> Places(const json& document) {
  std::vector<json::json_pointer> places;
  std::set<std::string> shapes;
  const std::function<void(const json&, const json::json_pointer&,
                           const std::string&)>
      walk = [&](const json& at, const json::json_pointer& pointer,
                 const std::string& shape) {
        if (!shapes.insert(absl::StrCat(shape, at.type_name())).second &&
            !at.is_structured()) {
          return;
        }
        places.push_back(pointer);
        if (at.is_array()) {
          for (size_t i = 0; i < at.size(); ++i) {
            walk(at[i], pointer / i, shape + "/*");
          }
        } else if (at.is_object()) {
          for (const auto& [key, part] : at.items()) {
            walk(part, pointer / key, absl::StrCat(shape, "/", key));
          }
        }
      };
  walk(document, json::json_pointer(), "");
  return places;
}

// A key left out, and one too many, at every place.
TEST(JsonSchema, SaysWhatTheReaderSaysOfKeys) {
  const json document = Documents().back();
  for (const json::json_pointer& place : Places(document)) {
    if (place.empty()) continue;
    json changed = document;
    json& parent = changed[place.parent_pointer()];
    if (parent.is_object()) {
      parent.erase(place.back());
    } else {
      parent.erase(size_t(std::stoul(place.back())));
    }
    ExpectAgreed(changed, absl::StrCat("without ", place.to_string()));
    if (!document[place].is_object()) continue;
    changed = document;
    changed[place]["extra"] = "extra";
    ExpectAgreed(changed, absl::StrCat("extra in ", place.to_string()));
  }
}

// Another value at some place; others in every run.
TEST(JsonSchema, SaysWhatTheReaderSaysOfOtherValues) {
  const json document = Documents().back();
  const std::vector<json::json_pointer> places = Places(document);
  ForAll(kRounds / 10, [&](Dice* dice) {
    const json::json_pointer& place = dice->Pick(places);
    // `equals` is text however it is written.
    if (place.empty() || place.back() == "equals") return;
    json changed = document;
    const json other = dice->Pick(Others(document[place]));
    changed[place] = other;
    ExpectAgreed(changed, absl::StrCat(place.to_string(), " = ", other.dump()));
  });
}

TEST(JsonSchema, TakesEqualsAsPeopleWriteIt) {
  json document = Documents().back();
  for (const json& written : {json(true), json(7), json("x")}) {
    document["flows"][0]["rows"][4]["equals"] = written;
    EXPECT_EQ(SchemaFault(Schema(), document), "");
    EXPECT_TRUE(Check("", document.dump(1)).report.find("equals: is") ==
                std::string::npos);
  }
}

// No edit or several at once, of any of the documents.
TEST(JsonSchema, SaysWhatTheReaderSaysOfRandomDocuments) {
  const std::vector<json> documents = Documents();
  std::vector<std::vector<json::json_pointer>> places;
  for (const json& document : documents) places.push_back(Places(document));
  int good = 0;
  ForAll(kRounds / 30, [&](Dice* dice) {
    const size_t which = dice->Roll(documents.size());
    json changed = documents[which];
    for (size_t i = dice->Roll(4); i > 0; --i) {
      const json::json_pointer& place = dice->Pick(places[which]);
      if (place.empty() || place.back() == "equals") continue;
      if (!changed.contains(place)) continue;
      const json::json_pointer& other = dice->Pick(places[which]);
      if (dice->Once(2) && documents[which].contains(other) &&
          other.to_string().find("equals") == std::string::npos) {
        changed[place] = documents[which][other];
      } else {
        changed[place] = dice->Pick(Others(changed[place]));
      }
    }
    if (!changed.is_object()) return;
    good += SchemaFault(Schema(), changed).empty();
    ExpectAgreed(changed, changed.dump());
  });
  EXPECT_GT(good, 0);
}

struct NamedPattern {
  const char* name;
  const Pattern* pattern;
  const char* regex;
  std::vector<std::string> examples;
};

// The two forms of a pattern say the same.
TEST(JsonSchema, PatternsAreTheCheckersOwn) {
  const NamedPattern kPatterns[] = {
      {"slug",
       &kSlug,
       kSlugRegex,
       {"north-police", "a1", std::string(61, 'a')}},
      {"field",
       &kFieldName,
       kFieldNameRegex,
       {"crime_ref", "a1", std::string(61, 'a')}},
      {"id",
       &kAgreementId,
       kAgreementIdRegex,
       {"isa-small", "isa-" + std::string(60, '-')}},
      {"digest",
       &kHexDigest,
       kHexDigestRegex,
       {std::string(64, '0'), std::string(64, 'f')}},
      {"definition",
       &kDefinition,
       kDefinitionRegex,
       {"policing.crime/4", std::string(78, 'a') + "/1"}},
      {"scheme",
       &kScheme,
       kSchemeRegex,
       {"nhs/1", "pnc/1", "name_dob/1", "opaque/1:a",
        "opaque/1:" + std::string(60, 'a')}},
      {"host",
       &kHostName,
       kHostNameRegex,
       {"broker.example", "a", "a-b.c", std::string(253, 'a')}},
      {"certificate",
       &kCertificateName,
       kCertificateNameRegex,
       {"A.b_c-1", std::string(64, 'Z')}},
      {"key",
       &kLedgerKey,
       kLedgerKeyRegex,
       {"AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE="}}};
  const std::string letters = "abzAZ019-_./:=+ \n";
  int good = 0;
  ForAll(kRounds, [&](Dice* dice) {
    const NamedPattern& one = kPatterns[dice->Roll(std::size(kPatterns))];
    std::string text = dice->Pick(one.examples);
    for (size_t i = dice->Roll(3); i > 0 && !text.empty(); --i) {
      const char letter = letters[dice->Roll(letters.size())];
      const size_t at = dice->Roll(text.size());
      if (dice->Once(3)) {
        text.insert(at, 1, letter);
      } else if (dice->Once(2)) {
        text.erase(at, 1);
      } else {
        text[at] = letter;
      }
    }
    good += one.pattern->matches(text);
    EXPECT_EQ(one.pattern->matches(text), RegexFinds(one.regex, text))
        << one.name << " \"" << text << "\"";
  });
  EXPECT_GT(good, kRounds / 5);
}

TEST(JsonSchema, DaysAreTheCheckersOwn) {
  const std::string regex(kDayRegex);
  for (const int year :
       {1899, 1900, 1904, 1999, 2000, 2027, 2028, 2100, 2400, 9996, 9999}) {
    for (int month = 0; month <= 13; ++month) {
      for (int day = 0; day <= 32; ++day) {
        const std::string text =
            absl::StrCat(year, "-", absl::Dec(month, absl::kZeroPad2), "-",
                         absl::Dec(day, absl::kZeroPad2));
        EXPECT_EQ(ParseDay(text).has_value(), RegexFinds(regex, text)) << text;
      }
    }
  }
  for (const char* text : {"2027-1-01", "2027-01-01 ", "x2027-01-01", ""}) {
    EXPECT_FALSE(RegexFinds(regex, text)) << text;
  }
}

}  // namespace
}  // namespace entente::policy

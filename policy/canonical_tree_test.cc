#include "policy/canonical_tree.h"

#include <optional>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "crypto/json.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "policy/canonical.h"
#include "policy/check.h"
#include "policy/cross_check.h"
#include "policy/for_all.h"
#include "policy/reader.h"
#include "policy/test_decision.h"
#include "policy/test_document.h"
#include "policy/yaml.h"

namespace entente::policy {
namespace {

using crypto::Json;

std::vector<std::string> CanonicalDocuments() {
  std::vector<std::string> out = {Check("f", SmallDocument()).canonical};
  for (const absl::string_view name : kTemplates) {
    out.push_back(Check("f", ReadTemplate(name)).canonical);
  }
  return out;
}

// The tree of a JSON value of at most `levels` levels; false if it has more.
bool TreeOf(const Json& source, int levels, Node* out) {
  if (source.is_structured() && levels == 0) return false;
  if (source.is_object()) {
    out->kind = Node::Kind::kMap;
    for (const auto& [key, value] : source.items()) {
      Entry& entry = out->entries.emplace_back();
      entry.key = key;
      if (!TreeOf(value, levels - 1, &entry.value)) return false;
    }
  } else if (source.is_array()) {
    out->kind = Node::Kind::kSequence;
    for (const Json& value : source) {
      if (!TreeOf(value, levels - 1, &out->items.emplace_back())) return false;
    }
  } else {
    out->text = source.is_string() ? source.get<std::string>() : source.dump();
  }
  return true;
}

// ParseCanonical as its definition has it: read as any JSON, and the tree
// written again, which must give the same bytes.
std::optional<Agreement> ByDefinition(absl::string_view bytes) {
  const auto source = crypto::ParseJson(bytes);
  Node root;
  if (!source.ok() || !TreeOf(*source, kMaxDocumentLevels, &root)) {
    return std::nullopt;
  }
  Reporter reporter(root);
  const Agreement agreement = ReadAgreement(&root, &reporter);
  if (root.kind != Node::Kind::kMap) return std::nullopt;
  CheckAcross(agreement, &reporter);
  if (HasErrors(reporter.Take()) || CanonicalBytes(root) != bytes) {
    return std::nullopt;
  }
  return agreement;
}

void CollectValues(Json* part, std::vector<Json*>* values) {
  values->push_back(part);
  if (!part->is_structured()) return;
  for (Json& child : *part) CollectValues(&child, values);
}

// Another value in the place of one, as whoever forges a document might try.
void ChangeOne(Dice* dice, Json* document) {
  std::vector<Json*> values;
  CollectValues(document, &values);
  Json& value = *dice->Pick(values);
  switch (dice->Roll(5)) {
    case 0:  // the same, as another kind
      value = value.is_string()
                  ? Json::parse(value.get<std::string>(), nullptr, false)
              : value.is_primitive() ? Json(value.dump())
                                     : Json(Json::array());
      if (value.is_discarded() || value.is_null()) value = 7;
      return;
    case 1:
      value = *dice->Pick(values);
      return;
    case 2:
      if (value.is_structured() && !value.empty()) value.erase(value.begin());
      return;
    case 3:
      if (value.is_object()) value["zeal"] = "much";
      if (value.is_array()) value.push_back("more");
      return;
    default:
      if (value.is_string()) value = value.get<std::string>() + " é";
      if (value.is_number_integer()) value = value.get<int64_t>() + 1;
      if (value.is_boolean()) value = !value.get<bool>();
  }
}

TEST(CanonicalTreeTest, ReadsWhatTheDefinitionReadsAndNothingElse) {
  const std::vector<std::string> documents = CanonicalDocuments();
  int read = 0;
  int refused = 0;
  ForAll(kRounds / 4, [&](Dice* dice) {
    Json document = Json::parse(dice->Pick(documents));
    for (size_t i = dice->Roll(3); i > 0; --i) ChangeOne(dice, &document);
    std::string bytes = document.dump();
    if (dice->Roll(4) == 0) {
      const size_t at = dice->Roll(bytes.size());
      bytes[at] = static_cast<char>(bytes[at] ^ (1 << dice->Roll(8)));
    }
    const auto parsed = ParseCanonical(bytes);
    const auto defined = ByDefinition(bytes);
    ASSERT_EQ(parsed.ok(), defined.has_value()) << bytes << parsed.status();
    if (parsed.ok()) {
      EXPECT_TRUE(*parsed == *defined) << bytes;
    }
    ++(parsed.ok() ? read : refused);
  });
  EXPECT_GT(read, kRounds / 40);
  EXPECT_GT(refused, kRounds / 40);
}

bool SameTree(const Node& a, const Node& b) {
  if (a.kind != b.kind || a.text != b.text ||
      a.entries.size() != b.entries.size() ||
      a.items.size() != b.items.size()) {
    return false;
  }
  for (size_t i = 0; i < a.entries.size(); ++i) {
    if (a.entries[i].key != b.entries[i].key ||
        !SameTree(a.entries[i].value, b.entries[i].value)) {
      return false;
    }
  }
  for (size_t i = 0; i < a.items.size(); ++i) {
    if (!SameTree(a.items[i], b.items[i])) return false;
  }
  return true;
}

TEST(CanonicalTreeTest, HasEveryKeyItemAndScalarInTheOrderOfTheBytes) {
  for (const std::string& bytes : CanonicalDocuments()) {
    Node tree;
    Node defined;
    ASSERT_TRUE(ReadCanonicalTree(bytes, &tree).ok());
    ASSERT_TRUE(TreeOf(Json::parse(bytes), kMaxDocumentLevels, &defined));
    EXPECT_TRUE(SameTree(tree, defined));
  }
}

TEST(CanonicalTreeTest, NotesWhatAScalarIsWrittenAs) {
  Node tree;
  ASSERT_TRUE(
      ReadCanonicalTree(R"({"a":7,"b":"7","c":true,"d":"true","e":-7})", &tree)
          .ok());
  EXPECT_EQ(tree.Find("a")->written, Node::Scalar::kInteger);
  EXPECT_EQ(tree.Find("b")->written, Node::Scalar::kText);
  EXPECT_EQ(tree.Find("c")->written, Node::Scalar::kBoolean);
  EXPECT_EQ(tree.Find("d")->written, Node::Scalar::kText);
  EXPECT_EQ(tree.Find("e")->written, Node::Scalar::kInteger);
  EXPECT_EQ(tree.Find("e")->text, "-7");
  EXPECT_FALSE(IsWrittenAsRead(tree));
  tree.Find("a")->scalar = tree.Find("e")->scalar = Node::Scalar::kInteger;
  EXPECT_FALSE(IsWrittenAsRead(tree));
  tree.Find("c")->scalar = Node::Scalar::kBoolean;
  EXPECT_TRUE(IsWrittenAsRead(tree));
  tree.Find("b")->scalar = Node::Scalar::kInteger;
  EXPECT_FALSE(IsWrittenAsRead(tree));
}

TEST(CanonicalTreeTest, SaysWhyThereIsNone) {
  const auto why = [](const std::string& bytes) {
    Node tree;
    const absl::Status read = ReadCanonicalTree(bytes, &tree);
    EXPECT_EQ(read.code(), absl::StatusCode::kInvalidArgument) << bytes;
    return std::string(read.message());
  };
  EXPECT_EQ(why("{\"a\":1,\"a\":2}"), "1:10: a key is repeated");
  EXPECT_EQ(why("{\"a\": 1}"), "the document is not in canonical form");
  EXPECT_EQ(why("{\"b\":1,\"a\":2}"), "the document is not in canonical form");
  EXPECT_THAT(why("[null]"), testing::HasSubstr("null is not used"));
  EXPECT_THAT(why("[1"), testing::HasSubstr("this is not JSON"));
  const size_t levels = kMaxDocumentLevels;
  Node tree;
  EXPECT_TRUE(ReadCanonicalTree(
                  std::string(levels, '[') + std::string(levels, ']'), &tree)
                  .ok());
  EXPECT_EQ(why(std::string(levels + 1, '[') + std::string(levels + 1, ']')),
            "nested too deep");
}

}  // namespace
}  // namespace entente::policy

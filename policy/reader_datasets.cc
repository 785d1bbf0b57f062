#include <set>

#include "absl/strings/match.h"
#include "policy/reader.h"

namespace entente::policy {
namespace {

constexpr Length kValueLength = {1, 100};

void ReadField(Node* node, const Path& path, Reporter* reporter, Field* out) {
  if (node->kind == Node::Kind::kScalar) {
    return ReadWord(*node, path, reporter, &out->type);
  }
  MapReader map(node, path, reporter);
  map.Word("type", kRequired, &out->type);
  map.Matching("list", kOptional, kSlug, &out->list);
  map.Boolean("many", kOptional, &out->many);
  map.Finish();
  if (!out->list.empty() && out->type != FieldType::kCode) {
    reporter->Error(path, "only a code has a list", "type: code");
  }
  if (out->many && out->type != FieldType::kText &&
      out->type != FieldType::kCode && out->type != FieldType::kDate) {
    reporter->Error(path, "cannot be many", "text, code, date");
  }
}

Dataset ReadDataset(Node* node, const Path& path, Reporter* reporter) {
  Dataset out;
  MapReader map(node, path, reporter);
  map.Line("title", kRequired, &out.title);
  map.Matching("definition", kRequired, kDefinition, &out.definition);
  map.Boolean("criminal_offence", kRequired, &out.criminal_offence);
  map.Boolean("special_category", kRequired, &out.special_category);
  map.Word("children", kRequired, &out.children);
  map.Entries("fields", kRequired, {1, kMaxFields}, kFieldName,
              [&](const std::string& name, Node* field, const Path& at) {
                ReadField(field, at, reporter, &out.fields[name]);
              });
  map.Entries("identifiers", kOptional, {1, 20}, kFieldName,
              [&](const std::string& name, Node* scheme, const Path& at) {
                ReadMatching(scheme, at, kScheme, reporter,
                             &out.identifiers[name]);
              });
  map.Finish();
  return out;
}

// Reads the values of a list or group at `key` of `map` into both; `seen` holds
// the values that the list has so far.
void ReadValues(MapReader* map, absl::string_view key,
                std::set<std::string>* seen, std::vector<std::string>* values) {
  std::vector<std::string> read;
  map->Lines(key, kRequired, kValueLength, {1, kMaxListValues}, &read);
  for (std::string& value : read) {
    const Path path = map->PathOf(key);
    if (absl::StrContains(value, ';')) {
      map->reporter()->Error(
          path, absl::StrCat(Quoted(value), " has a semicolon"),
          "no ';': it parts the values of a field that is many");
    } else if (!seen->insert(value).second) {
      map->reporter()->Error(path,
                             absl::StrCat(Quoted(value), " is in two groups"),
                             "each value in one group");
    }
    values->push_back(std::move(value));
  }
}

void ReadList(MapReader* lists, const std::string& name, Node* node,
              const Path& path, List* out) {
  std::set<std::string> seen;
  if (node->kind == Node::Kind::kSequence) {
    return ReadValues(lists, name, &seen, &out->values);
  }
  if (!IsKind(*node, Node::Kind::kMap, path, lists->reporter())) return;
  MapReader groups(node, path, lists->reporter());
  for (Entry& entry : node->entries) {
    Node group;
    group.text = entry.key;
    group.line = entry.line;
    std::string checked;
    ReadText(&group, path, kValueLength, lists->reporter(), &checked);
    if (checked.empty()) continue;
    ReadValues(&groups, entry.key, &seen, &out->groups[checked]);
  }
  if (out->groups.empty()) {
    lists->reporter()->Error(path, "is empty", "at least one group");
  }
  for (const auto& [group, values] : out->groups) {
    out->values.insert(out->values.end(), values.begin(), values.end());
  }
}

}  // namespace

void ReadDatasets(MapReader* top, std::map<std::string, Dataset>* out) {
  top->Entries("datasets", kRequired, {1, kMaxDatasets}, kSlug,
               [&](const std::string& id, Node* node, const Path& path) {
                 (*out)[id] = ReadDataset(node, path, top->reporter());
               });
}

void ReadLists(MapReader* top, std::map<std::string, List>* out) {
  Node* node = top->Take("lists", kOptional);
  if (node == nullptr ||
      !IsKind(*node, Node::Kind::kMap, Path("lists"), top->reporter())) {
    return;
  }
  MapReader lists(node, Path("lists"), top->reporter());
  top->Entries("lists", kOptional, {1, kMaxLists}, kSlug,
               [&](const std::string& id, Node* list, const Path& path) {
                 ReadList(&lists, id, list, path, &(*out)[id]);
               });
}

}  // namespace entente::policy

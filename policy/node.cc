#include "policy/node.h"

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/strip.h"

namespace entente::policy {
namespace {

// Takes the entry of `node` whose key starts `path` off it. Keys may hold dots,
// so the longest match counts.
const Entry* TakeEntry(const Node& node, absl::string_view* path) {
  const Entry* found = nullptr;
  for (const Entry& entry : node.entries) {
    if (!absl::StartsWith(*path, entry.key)) continue;
    const absl::string_view rest = path->substr(entry.key.size());
    if (!rest.empty() && rest[0] != '.' && rest[0] != '[') continue;
    if (found == nullptr || entry.key.size() > found->key.size()) {
      found = &entry;
    }
  }
  if (found != nullptr) path->remove_prefix(found->key.size());
  return found;
}

// Takes `[n]` off `path` and returns the item, or null.
const Node* TakeItem(const Node& node, absl::string_view* path) {
  if (!absl::ConsumePrefix(path, "[")) return nullptr;
  const size_t end = path->find(']');
  if (end == absl::string_view::npos) return nullptr;
  size_t index = 0;
  if (!absl::SimpleAtoi(path->substr(0, end), &index)) return nullptr;
  path->remove_prefix(end + 1);
  return index < node.items.size() ? &node.items[index] : nullptr;
}

}  // namespace

Node* Node::Find(absl::string_view key) {
  for (Entry& entry : entries) {
    if (entry.key == key) return &entry.value;
  }
  return nullptr;
}

const Node* Node::Find(absl::string_view key) const {
  return const_cast<Node*>(this)->Find(key);
}

Position Locate(const Node& root, absl::string_view path) {
  Position position{root.line, root.column};
  const Node* node = &root;
  while (!path.empty()) {
    absl::ConsumePrefix(&path, ".");
    if (node->kind == Node::Kind::kMap) {
      const Entry* entry = TakeEntry(*node, &path);
      if (entry == nullptr) break;
      node = &entry->value;
      position = {entry->line, entry->column};
      if (node->kind == Node::Kind::kScalar ||
          node->kind == Node::Kind::kNothing) {
        position = {node->line, node->column};
      }
    } else {
      node = TakeItem(*node, &path);
      if (node == nullptr) break;
      position = {node->line, node->column};
    }
  }
  return position;
}

absl::string_view NameOf(Node::Kind kind) {
  switch (kind) {
    case Node::Kind::kScalar:
      return "a value";
    case Node::Kind::kSequence:
      return "a list";
    case Node::Kind::kMap:
      return "a map";
    case Node::Kind::kNothing:
      return "nothing";
  }
  return "unknown";
}

}  // namespace entente::policy

#include "policy/map_reader.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace entente::policy {
namespace {

// Most keys differ in their length or first letter, which is quick to see.
bool IsSameKey(absl::string_view a, absl::string_view b) {
  return a.size() == b.size() && (a.empty() || a[0] == b[0]) && a == b;
}

}  // namespace

MapReader::MapReader(Node* node, const Path& path, Reporter* reporter)
    : node_(node), path_(path), reporter_(reporter) {
  if (!IsKind(*node, Node::Kind::kMap, path_, reporter)) node_ = nullptr;
}

Node* MapReader::Take(absl::string_view key, Need need) {
  const bool is_new = std::none_of(
      known_.begin(), known_.end(),
      [key](absl::string_view known) { return IsSameKey(known, key); });
  if (is_new) known_.push_back(key);
  if (node_ == nullptr) return nullptr;
  for (Entry& entry : node_->entries) {
    if (!IsSameKey(entry.key, key)) continue;
    if (is_new) found_.push_back(&entry);
    return &entry.value;
  }
  if (need == Need::kRequired) reporter_->Error(PathOf(key), "is missing");
  return nullptr;
}

void MapReader::Text(absl::string_view key, Need need, Length length,
                     std::string* out) {
  if (Node* node = Take(key, need)) {
    ReadText(node, PathOf(key), length, reporter_, out);
  }
}

void MapReader::Matching(absl::string_view key, Need need,
                         const Pattern& pattern, std::string* out) {
  if (Node* node = Take(key, need)) {
    ReadMatching(node, PathOf(key), pattern, reporter_, out);
  }
}

void MapReader::Integer(absl::string_view key, Need need, int64_t min,
                        int64_t max, int64_t* out) {
  if (Node* node = Take(key, need)) {
    ReadInteger(node, PathOf(key), min, max, reporter_, out);
  }
}

void MapReader::Integer(absl::string_view key, int64_t min, int64_t max,
                        std::optional<int64_t>* out) {
  if (Node* node = Take(key, Need::kOptional)) {
    int64_t value = min;
    ReadInteger(node, PathOf(key), min, max, reporter_, &value);
    *out = value;
  }
}

void MapReader::Boolean(absl::string_view key, Need need, bool* out) {
  if (Node* node = Take(key, need)) {
    ReadBoolean(node, PathOf(key), reporter_, out);
  }
}

void MapReader::Day(absl::string_view key, Need need, absl::CivilDay* out) {
  if (Node* node = Take(key, need)) {
    ReadDay(node, PathOf(key), reporter_, out);
  }
}

void MapReader::Day(absl::string_view key, std::optional<absl::CivilDay>* out) {
  if (Node* node = Take(key, Need::kOptional)) {
    absl::CivilDay value;
    ReadDay(node, PathOf(key), reporter_, &value);
    *out = value;
  }
}

void MapReader::Lines(absl::string_view key, Need need, Length length,
                      Count count, std::vector<std::string>* out) {
  Items(key, need, count, [this, length, out](Node* node, const Path& path) {
    std::string line;
    ReadText(node, path, length, reporter_, &line);
    if (line.empty()) return;
    if (std::find(out->begin(), out->end(), line) != out->end()) {
      return ReportRepeat(path, line);
    }
    out->push_back(std::move(line));
  });
}

void MapReader::Names(absl::string_view key, Need need, const Pattern& pattern,
                      Count count, std::vector<std::string>* out) {
  Items(key, need, count, [this, &pattern, out](Node* node, const Path& path) {
    std::string name;
    ReadMatching(node, path, pattern, reporter_, &name);
    if (name.empty()) return;
    if (std::find(out->begin(), out->end(), name) != out->end()) {
      return ReportRepeat(path, name);
    }
    out->push_back(std::move(name));
  });
}

void MapReader::Items(absl::string_view key, Need need, Count count,
                      ReadItem read) {
  Node* node = Take(key, need);
  if (node == nullptr) return;
  const Path path = PathOf(key);
  if (!IsKind(*node, Node::Kind::kSequence, path, reporter_)) return;
  if (!CountIsRight(node->items.size(), count, path, "items")) return;
  for (size_t i = 0; i < node->items.size(); ++i) {
    read(&node->items[i], path.Item(i));
  }
}

void MapReader::Entries(absl::string_view key, Need need, Count count,
                        const Pattern& names, ReadEntry read) {
  Node* node = Take(key, need);
  if (node == nullptr) return;
  const Path path = PathOf(key);
  if (!IsKind(*node, Node::Kind::kMap, path, reporter_)) return;
  if (!CountIsRight(node->entries.size(), count, path, "entries")) return;
  for (Entry& entry : node->entries) {
    if (!names.matches(entry.key)) {
      reporter_->ErrorAtKey(
          entry, path, absl::StrCat(Quoted(entry.key), " is not a valid name"),
          names.allowed);
      continue;
    }
    read(entry.key, &entry.value, path.Key(entry.key));
  }
}

void MapReader::Finish() {
  if (node_ == nullptr) return;
  if (found_.size() < node_->entries.size()) return ReportUnknown();
  if (std::is_sorted(found_.begin(), found_.end())) return;
  std::vector<Entry> ordered;
  ordered.reserve(found_.size());
  for (Entry* entry : found_) ordered.push_back(std::move(*entry));
  node_->entries = std::move(ordered);
}

void MapReader::ReportUnknown() {
  const std::vector<std::string> known(known_.begin(), known_.end());
  const std::string all = absl::StrJoin(known, ", ");
  for (const Entry& entry : node_->entries) {
    if (std::find(known.begin(), known.end(), entry.key) != known.end()) {
      continue;
    }
    const std::string nearest = Nearest(entry.key, known);
    // Placed under the whole path, so that the section counts as wrong.
    reporter_->ErrorAtKey(
        entry, path_, absl::StrCat("unknown key ", Quoted(entry.key)),
        nearest.empty() ? all
                        : absl::StrCat("did you mean ", nearest, "? ", all));
  }
}

void MapReader::ReportRepeat(const Path& path, absl::string_view value) {
  reporter_->Error(path, absl::StrCat(Quoted(value), " is here twice"),
                   "each once");
}

bool MapReader::CountIsRight(size_t size, Count count, const Path& path,
                             absl::string_view what) {
  if (size >= count.min && size <= count.max) return true;
  reporter_->Error(path, absl::StrCat("has ", size, " ", what),
                   absl::StrCat(count.min, " to ", count.max, " ", what));
  return false;
}

}  // namespace entente::policy

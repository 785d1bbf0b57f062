#ifndef ENTENTE_POLICY_MAP_READER_H_
#define ENTENTE_POLICY_MAP_READER_H_

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/inlined_vector.h"
#include "absl/functional/function_ref.h"
#include "absl/strings/string_view.h"
#include "policy/node.h"
#include "policy/path.h"
#include "policy/reporter.h"
#include "policy/value_reader.h"

namespace entente::policy {

enum class Need { kOptional, kRequired };
inline constexpr Need kOptional = Need::kOptional;
inline constexpr Need kRequired = Need::kRequired;

// How many entries or items there may be.
struct Count {
  size_t min = 1;
  size_t max = 100;
};

// Reads one map of the document key by key, reports what is missing or wrong,
// and in Finish every key that nobody asked for. A node that is not a map is
// reported once and then reads as if nothing were in it. It borrows the keys
// that it is asked for, and paths are made from its own.
class MapReader {
 public:
  MapReader(Node* node, const Path& path, Reporter* reporter);
  MapReader(const MapReader&) = delete;
  MapReader& operator=(const MapReader&) = delete;

  void Text(absl::string_view key, Need need, Length length, std::string* out);
  void Line(absl::string_view key, Need need, std::string* out) {
    Text(key, need, Length{}, out);
  }
  void Matching(absl::string_view key, Need need, const Pattern& pattern,
                std::string* out);
  void Integer(absl::string_view key, Need need, int64_t min, int64_t max,
               int64_t* out);
  // Optional.
  void Integer(absl::string_view key, int64_t min, int64_t max,
               std::optional<int64_t>* out);
  void Boolean(absl::string_view key, Need need, bool* out);
  void Day(absl::string_view key, Need need, absl::CivilDay* out);
  // Optional.
  void Day(absl::string_view key, std::optional<absl::CivilDay>* out);

  // Lists of lines, of names without repeats, of words without repeats.
  void Lines(absl::string_view key, Need need, Length length, Count count,
             std::vector<std::string>* out);
  void Names(absl::string_view key, Need need, const Pattern& pattern,
             Count count, std::vector<std::string>* out);

  template <typename Enum>
  void Word(absl::string_view key, Need need, Enum* out) {
    if (Node* node = Take(key, need)) {
      ReadWord(*node, PathOf(key), reporter_, out);
    }
  }
  template <typename Enum>
  void WordList(absl::string_view key, Need need, Count count,
                std::vector<Enum>* out) {
    Items(key, need, count, [this, out](Node* node, const Path& path) {
      Enum value{};
      const size_t before = out->size();
      ReadWord(*node, path, reporter_, &value);
      if (WordOf(value) != node->text) return;
      for (size_t i = 0; i < before; ++i) {
        if ((*out)[i] == value) return ReportRepeat(path, node->text);
      }
      out->push_back(value);
    });
  }

  // Calls `read(node, path)` for every item of a list.
  using ReadItem = absl::FunctionRef<void(Node*, const Path& path)>;
  void Items(absl::string_view key, Need need, Count count, ReadItem read);
  // Calls `read(key, node, path)` for every entry of a map whose keys match
  // `names`; other keys are reported.
  using ReadEntry =
      absl::FunctionRef<void(const std::string& key, Node*, const Path& path)>;
  void Entries(absl::string_view key, Need need, Count count,
               const Pattern& names, ReadEntry read);

  // The value under `key`, or null; what it is is for the caller to read.
  Node* Take(absl::string_view key, Need need);
  Path PathOf(absl::string_view key) const { return path_.Key(key); }
  Reporter* reporter() const { return reporter_; }

  // Reports every key that was not asked for, with the nearest that was, and
  // puts the entries in the order in which they were asked for. Pointers into
  // values stay good; pointers to the values themselves do not.
  void Finish();

 private:
  void ReportRepeat(const Path& path, absl::string_view value);
  void ReportUnknown();
  bool CountIsRight(size_t size, Count count, const Path& path,
                    absl::string_view what);

  Node* node_;  // null if it is not a map
  const Path path_;
  Reporter* reporter_;
  absl::InlinedVector<absl::string_view, 16> known_;  // asked for, each once
  absl::InlinedVector<Entry*, 16> found_;             // of them, in their order
};

}  // namespace entente::policy

#endif  // ENTENTE_POLICY_MAP_READER_H_

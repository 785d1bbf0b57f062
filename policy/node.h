#ifndef ENTENTE_POLICY_NODE_H_
#define ENTENTE_POLICY_NODE_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace entente::policy {

struct Entry;

// A document as its layout says, before the schema gives it meaning. Scalars
// are text: whether `90` is a number is said by who reads it, in `scalar`.
struct Node {
  // kNothing: a value that is not there, which no schema takes.
  enum class Kind : uint8_t { kScalar, kSequence, kMap, kNothing };
  // What a scalar is in the canonical form.
  enum class Scalar : uint8_t { kText, kInteger, kBoolean };

  Kind kind = Kind::kScalar;
  Scalar scalar = Scalar::kText;
  // What canonical bytes write it as; YAML does not say.
  Scalar written = Scalar::kText;
  int line = 0;                // counted from 1; 0 if unknown
  int column = 0;              // in characters, counted from 1; 0 if unknown
  std::string text;            // of a scalar
  std::vector<Node> items;     // of a sequence
  std::vector<Entry> entries;  // of a map, in the document's order, no repeats

  // The value under `key`, or null.
  Node* Find(absl::string_view key);
  const Node* Find(absl::string_view key) const;
};

// One line of a map. The position is the key's.
struct Entry {
  std::string key;
  int line = 0;
  int column = 0;
  Node value;
};

struct Position {
  int line = 0;
  int column = 0;
};

// Where the thing at `path` (keys parted by '.', items as `[2]`) stands under
// `root`: the value, or the key if the value is a map or sequence. If the path
// ends early in the document, the deepest part that is there.
Position Locate(const Node& root, absl::string_view path);

// What is said of a node of kNothing, and what would be right.
inline constexpr char kNoValue[] = "no value";
inline constexpr char kAnyValue[] = "a value, quoted if it is ~ or null";

// The words "a value", "a list", "a map" or "nothing", for messages.
absl::string_view NameOf(Node::Kind kind);

}  // namespace entente::policy

#endif  // ENTENTE_POLICY_NODE_H_

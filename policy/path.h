// Where in a document something stands.
#ifndef ENTENTE_POLICY_PATH_H_
#define ENTENTE_POLICY_PATH_H_

#include <cstddef>
#include <string>

#include "absl/strings/string_view.h"

namespace entente::policy {

// A place, made into text only when it is told: a document has a thousand
// places and mostly nothing to say of them. Borrows its key and the place that
// it was made from.
class Path {
 public:
  // The document itself.
  Path() = default;
  // A key of the document.
  explicit Path(absl::string_view key) : key_(key) {}

  // What stands in this under `key`, and as item `index`, counted from 0.
  Path Key(absl::string_view key) const { return Path(this, key, kNoItem); }
  Path Item(size_t index) const { return Path(this, "", index); }

  // Such as `flows[0].release.address`; empty for the document itself.
  std::string Text() const;

 private:
  static constexpr size_t kNoItem = static_cast<size_t>(-1);

  Path(const Path* parent, absl::string_view key, size_t index)
      : parent_(parent), key_(key), index_(index) {}

  const Path* parent_ = nullptr;
  absl::string_view key_;
  size_t index_ = kNoItem;
};

}  // namespace entente::policy

#endif  // ENTENTE_POLICY_PATH_H_

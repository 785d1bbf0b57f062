#include "policy/canonical_tree.h"

#include <algorithm>
#include <cstddef>
#include <iterator>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "crypto/hex.h"
#include "crypto/json_scanner.h"
#include "policy/yaml.h"

namespace entente::policy {
namespace {

class JsonTreeBuilder final : public nlohmann::json_sax<crypto::Json> {
 public:
  bool boolean(bool value) override {
    return Add(Node::Scalar::kBoolean, value ? "true" : "false");
  }
  bool number_integer(number_integer_t value) override {
    return Add(Node::Scalar::kInteger, absl::StrCat(value));
  }
  bool number_unsigned(number_unsigned_t value) override {
    return Add(Node::Scalar::kInteger, absl::StrCat(value));
  }
  bool string(string_t& value) override {
    return Add(Node::Scalar::kText, std::move(value));
  }
  bool key(string_t& value) override {
    key_ = std::move(value);
    return true;
  }
  bool start_object(size_t /*size*/) override { return Open(Node::Kind::kMap); }
  bool end_object() override { return Close(); }
  bool start_array(size_t /*size*/) override {
    return Open(Node::Kind::kSequence);
  }
  bool end_array() override { return Close(); }

  // Not in canonical JSON.
  bool null() override { return false; }
  bool number_float(number_float_t /*value*/,
                    const string_t& /*text*/) override {
    return false;
  }
  bool binary(binary_t& /*value*/) override { return false; }
  bool parse_error(size_t /*position*/, const std::string& /*token*/,
                   const nlohmann::detail::exception& /*error*/) override {
    return false;
  }

  bool is_too_deep() const { return is_too_deep_; }
  // Once a document has been told.
  Node TakeRoot() { return std::move(done_.front().value); }

 private:
  Node& Next() {
    Entry& entry = done_.emplace_back();
    entry.key.swap(key_);
    return entry.value;
  }

  bool Add(Node::Scalar written, std::string text) {
    Node& node = Next();
    node.written = written;
    node.text = std::move(text);
    return true;
  }

  bool Open(Node::Kind kind) {
    is_too_deep_ = open_.size() == static_cast<size_t>(kMaxDocumentLevels);
    if (is_too_deep_) return false;
    open_.push_back(done_.size());
    Next().kind = kind;
    return true;
  }

  bool Close() {
    const auto node = done_.begin() + static_cast<ptrdiff_t>(open_.back());
    const auto first = node + 1;
    open_.pop_back();
    if (node->value.kind == Node::Kind::kMap) {
      node->value.entries.assign(std::make_move_iterator(first),
                                 std::make_move_iterator(done_.end()));
    } else {
      std::vector<Node>& items = node->value.items;
      items.reserve(static_cast<size_t>(done_.end() - first));
      for (auto entry = first; entry != done_.end(); ++entry) {
        items.push_back(std::move(entry->value));
      }
    }
    done_.erase(first, done_.end());
    return true;
  }

  // Maps and sequences of which the end has not been told, in `done_`. What
  // they hold is behind them there until then. Items have no key.
  std::vector<size_t> open_;
  std::vector<Entry> done_;
  std::string key_;  // of what comes next; empty for an item
  bool is_too_deep_ = false;
};

}  // namespace

absl::Status ReadCanonicalTree(absl::string_view bytes, Node* root) {
  JsonTreeBuilder builder;
  if (crypto::ScanCanonicalJson(bytes, &builder)) {
    *root = builder.TakeRoot();
    return absl::OkStatus();
  }
  if (builder.is_too_deep()) {
    return absl::InvalidArgumentError("nested too deep");
  }
  const absl::Status why =
      crypto::ParseCanonicalJson(crypto::AsBytes(bytes)).status();
  return why.ok() ? absl::InvalidArgumentError("this is not JSON") : why;
}

bool IsWrittenAsRead(const Node& node) {
  switch (node.kind) {
    case Node::Kind::kMap:
      return std::all_of(
          node.entries.begin(), node.entries.end(),
          [](const Entry& entry) { return IsWrittenAsRead(entry.value); });
    case Node::Kind::kSequence:
      return std::all_of(node.items.begin(), node.items.end(), IsWrittenAsRead);
    case Node::Kind::kScalar:
      return node.written == node.scalar;
    case Node::Kind::kNothing:
      return false;
  }
  return false;
}

}  // namespace entente::policy

#include "crypto/json.h"

#include <algorithm>
#include <set>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "crypto/hex.h"
#include "crypto/json_scanner.h"

namespace entente::crypto {
namespace {

// Builds the value and refuses what the wider grammar would let through. The
// parser calls it in document order.
class StrictBuilder final : public nlohmann::json_sax<Json> {
 public:
  bool null() override { return Refuse("null is not used"); }
  bool boolean(bool value) override { return Add(value); }
  bool number_integer(number_integer_t value) override {
    return value < -kMaxJsonInteger || value > kMaxJsonInteger
               ? Refuse("the number is out of range")
               : Add(value);
  }
  bool number_unsigned(number_unsigned_t value) override {
    return value > static_cast<number_unsigned_t>(kMaxJsonInteger)
               ? Refuse("the number is out of range")
               : Add(value);
  }
  bool number_float(number_float_t /*value*/,
                    const string_t& /*text*/) override {
    return Refuse("only whole numbers are used");
  }
  bool string(string_t& value) override { return Add(std::move(value)); }
  bool binary(binary_t& /*value*/) override { return Refuse("not JSON"); }

  bool start_object(size_t /*size*/) override { return Open(Json::object()); }
  bool end_object() override { return Close(); }
  bool start_array(size_t /*size*/) override { return Open(Json::array()); }
  bool end_array() override { return Close(); }
  bool key(string_t& value) override {
    if (open_.back()->contains(value)) return Refuse("a key is repeated");
    key_ = std::move(value);
    return true;
  }
  bool parse_error(size_t position, const std::string& /*token*/,
                   const nlohmann::detail::exception& /*error*/) override {
    position_ = position;
    return Refuse("this is not JSON");
  }

  Json& root() { return root_; }
  const std::string& problem() const { return problem_; }
  // Byte where the parser stopped, counted from 1; 0 if it did not say.
  size_t position() const { return position_; }

 private:
  bool Refuse(absl::string_view problem) {
    if (problem_.empty()) problem_ = std::string(problem);
    return false;
  }

  Json* Place(Json value) {
    if (open_.empty()) {
      root_ = std::move(value);
      return &root_;
    }
    Json& parent = *open_.back();
    if (parent.is_array()) {
      parent.push_back(std::move(value));
      return &parent.back();
    }
    Json& member = parent[key_];
    member = std::move(value);
    return &member;
  }

  bool Add(Json value) {
    Place(std::move(value));
    return true;
  }

  bool Open(Json value) {
    if (open_.size() >= static_cast<size_t>(kMaxJsonDepth)) {
      return Refuse("the document is nested too deeply");
    }
    open_.push_back(Place(std::move(value)));
    return true;
  }

  bool Close() {
    open_.pop_back();
    return true;
  }

  Json root_;
  // Containers still open. An array's elements move when it grows, but only
  // its last one can be open, and nothing is added beside it meanwhile.
  std::vector<Json*> open_;
  std::string key_;
  std::string problem_;
  size_t position_ = 0;
};

// Counts the bytes that the parser has taken, so that errors of the builder
// have a place too.
class CountingIterator {
 public:
  using iterator_category = std::input_iterator_tag;
  using value_type = char;
  using difference_type = std::ptrdiff_t;
  using pointer = const char*;
  using reference = const char&;

  CountingIterator(const char* at, size_t* taken) : at_(at), taken_(taken) {}
  reference operator*() const { return *at_; }
  CountingIterator& operator++() {
    ++at_;
    ++*taken_;
    return *this;
  }
  bool operator==(const CountingIterator& other) const {
    return at_ == other.at_;
  }
  bool operator!=(const CountingIterator& other) const {
    return at_ != other.at_;
  }

 private:
  const char* at_;
  size_t* taken_;
};

std::string LineAndColumn(absl::string_view text, size_t position) {
  size_t line = 1;
  size_t column = 1;
  for (size_t i = 0; i + 1 < std::min(position, text.size() + 1); ++i) {
    if (text[i] == '\n') {
      ++line;
      column = 1;
    } else {
      ++column;
    }
  }
  return absl::StrCat(line, ":", column);
}

// UTF-16 code units of UTF-8 that nlohmann or we have checked.
std::u16string CodeUnits(absl::string_view text) {
  std::u16string units;
  for (size_t i = 0; i < text.size();) {
    const auto byte = static_cast<uint8_t>(text[i]);
    const int more = byte < 0x80 ? 0 : byte < 0xe0 ? 1 : byte < 0xf0 ? 2 : 3;
    uint32_t point = more == 0 ? byte : byte & (0x3f >> more);
    for (int k = 1; k <= more && i + static_cast<size_t>(k) < text.size();
         ++k) {
      point = point << 6 |
              (static_cast<uint8_t>(text[i + static_cast<size_t>(k)]) & 0x3f);
    }
    i += static_cast<size_t>(more) + 1;
    if (point < 0x10000) {
      units += static_cast<char16_t>(point);
    } else {
      units += static_cast<char16_t>(0xd800 + ((point - 0x10000) >> 10));
      units += static_cast<char16_t>(0xdc00 + ((point - 0x10000) & 0x3ff));
    }
  }
  return units;
}

absl::Status Write(const Json& value, std::string* out);

absl::Status WriteString(const std::string& text, std::string* out) {
  // nlohmann writes the escapes of RFC 8785, and throws on bad UTF-8.
  try {
    out->append(Json(text).dump());
  } catch (const Json::exception&) {
    return absl::InvalidArgumentError("a string is not UTF-8");
  }
  return absl::OkStatus();
}

absl::Status WriteObject(const Json& value, std::string* out) {
  std::vector<std::pair<std::u16string, const std::string*>> keys;
  keys.reserve(value.size());
  for (const auto& item : value.items()) {
    keys.emplace_back(CodeUnits(item.key()), &item.key());
  }
  std::sort(keys.begin(), keys.end());
  out->push_back('{');
  for (size_t i = 0; i < keys.size(); ++i) {
    if (i > 0) out->push_back(',');
    if (absl::Status key = WriteString(*keys[i].second, out); !key.ok()) {
      return key;
    }
    out->push_back(':');
    if (absl::Status member = Write(value.at(*keys[i].second), out);
        !member.ok()) {
      return member;
    }
  }
  out->push_back('}');
  return absl::OkStatus();
}

absl::Status WriteArray(const Json& value, std::string* out) {
  out->push_back('[');
  for (size_t i = 0; i < value.size(); ++i) {
    if (i > 0) out->push_back(',');
    if (absl::Status element = Write(value[i], out); !element.ok()) {
      return element;
    }
  }
  out->push_back(']');
  return absl::OkStatus();
}

absl::Status WriteNumber(const Json& value, std::string* out) {
  const bool fits =
      value.is_number_unsigned()
          ? value.get<uint64_t>() <= static_cast<uint64_t>(kMaxJsonInteger)
          : value.get<int64_t>() >= -kMaxJsonInteger &&
                value.get<int64_t>() <= kMaxJsonInteger;
  if (!fits) return absl::InvalidArgumentError("a number is out of range");
  out->append(value.dump());
  return absl::OkStatus();
}

absl::Status Write(const Json& value, std::string* out) {
  switch (value.type()) {
    case Json::value_t::object:
      return WriteObject(value, out);
    case Json::value_t::array:
      return WriteArray(value, out);
    case Json::value_t::string:
      return WriteString(value.get_ref<const std::string&>(), out);
    case Json::value_t::boolean:
      out->append(value.get<bool>() ? "true" : "false");
      return absl::OkStatus();
    case Json::value_t::number_integer:
    case Json::value_t::number_unsigned:
      return WriteNumber(value, out);
    default:
      return absl::InvalidArgumentError(
          "null, fractions and bytes have no canonical form here");
  }
}

}  // namespace

absl::StatusOr<Json> ParseJson(absl::string_view text) {
  if (text.size() > kMaxJsonBytes) {
    return absl::InvalidArgumentError(absl::StrCat(
        "1:1: the document is longer than ", kMaxJsonBytes, " bytes"));
  }
  StrictBuilder builder;
  size_t taken = 0;
  const bool parsed = Json::sax_parse(
      CountingIterator(text.data(), &taken),
      CountingIterator(text.data() + text.size(), &taken), &builder);
  if (parsed) return std::move(builder.root());
  const size_t position =
      builder.position() > 0 ? builder.position() : std::max<size_t>(taken, 1);
  return absl::InvalidArgumentError(absl::StrCat(
      LineAndColumn(text, position), ": ",
      builder.problem().empty() ? "this is not JSON" : builder.problem()));
}

absl::StatusOr<std::string> CanonicalJson(const Json& value) {
  std::string out;
  if (absl::Status written = Write(value, &out); !written.ok()) return written;
  return out;
}

absl::StatusOr<Json> ParseCanonicalJson(absl::Span<const uint8_t> bytes) {
  StrictBuilder builder;
  if (ScanCanonicalJson(AsText(bytes), &builder)) {
    return std::move(builder.root());
  }
  const absl::StatusOr<Json> value = ParseJson(AsText(bytes));
  if (!value.ok()) return value.status();
  return absl::InvalidArgumentError("the document is not in canonical form");
}

}  // namespace entente::crypto

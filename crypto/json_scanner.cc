#include "crypto/json_scanner.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>

namespace entente::crypto {
namespace {

constexpr size_t kUnknownSize = static_cast<size_t>(-1);
constexpr ptrdiff_t kMaxDigits = 16;  // of kMaxJsonInteger

// Stands for itself in a string: ASCII but control characters, quote and
// backslash.
bool IsPlain(char c) {
  const auto byte = static_cast<uint8_t>(c);
  return byte >= 0x20 && byte < 0x80 && c != '"' && c != '\\';
}

bool IsWithin(char c, uint8_t least, uint8_t most) {
  const auto byte = static_cast<uint8_t>(c);
  return least <= byte && byte <= most;
}

// Bytes of the character of two bytes or more at the start of `text`, by table
// 3-7 of Unicode; 0 if it is not well-formed.
size_t CharacterSize(absl::string_view text) {
  const auto lead = static_cast<uint8_t>(text[0]);
  const size_t size = lead < 0xc2    ? 0
                      : lead <= 0xdf ? 2
                      : lead <= 0xef ? 3
                      : lead <= 0xf4 ? 4
                                     : 0;
  if (size == 0 || text.size() < size) return 0;
  const uint8_t least = lead == 0xe0 ? 0xa0 : lead == 0xf0 ? 0x90 : 0x80;
  const uint8_t most = lead == 0xed ? 0x9f : lead == 0xf4 ? 0x8f : 0xbf;
  if (!IsWithin(text[1], least, most)) return 0;
  for (size_t i = 2; i < size; ++i) {
    if (!IsWithin(text[i], 0x80, 0xbf)) return 0;
  }
  return size;
}

// Whether `a` is before `b` by UTF-16 code units. Both are UTF-8, whose bytes
// have the same order but for U+E000 to U+FFFF: they come after what takes two
// code units.
bool IsBefore(absl::string_view a, absl::string_view b) {
  const size_t both = std::min(a.size(), b.size());
  const auto differs = std::mismatch(a.begin(), a.begin() + both, b.begin());
  const auto at = static_cast<size_t>(differs.first - a.begin());
  if (at == both) return a.size() < b.size();
  const auto in_a = static_cast<uint8_t>(a[at]);
  const auto in_b = static_cast<uint8_t>(b[at]);
  const bool pair_in_a = in_a >= 0xf0;
  const bool pair_in_b = in_b >= 0xf0;
  if (pair_in_a != pair_in_b && in_a >= 0xee && in_b >= 0xee) return pair_in_a;
  return in_a < in_b;
}

class Scanner {
 public:
  Scanner(absl::string_view text, nlohmann::json_sax<Json>* events)
      : rest_(text), events_(*events) {}

  bool Document() { return Value(0) && rest_.empty(); }

 private:
  bool Take(char c) {
    if (rest_.empty() || rest_[0] != c) return false;
    rest_.remove_prefix(1);
    return true;
  }

  bool TakeWord(absl::string_view word) {
    if (rest_.substr(0, word.size()) != word) return false;
    rest_.remove_prefix(word.size());
    return true;
  }

  // A value within `open` objects and arrays.
  bool Value(int open) {
    if (rest_.empty()) return false;
    switch (rest_[0]) {
      case '{':
        return open < kMaxJsonDepth && Object(open + 1);
      case '[':
        return open < kMaxJsonDepth && Array(open + 1);
      case '"':
        return Text(&text_) && events_.string(text_);
      case 't':
        return TakeWord("true") && events_.boolean(true);
      case 'f':
        return TakeWord("false") && events_.boolean(false);
      default:
        return Number();
    }
  }

  bool Object(int open) {
    Take('{');
    if (!events_.start_object(kUnknownSize)) return false;
    if (Take('}')) return events_.end_object();
    std::string last;
    bool is_first = true;
    do {
      if (!Text(&key_)) return false;
      if (!is_first && !IsBefore(last, key_)) return false;
      is_first = false;
      last = key_;
      if (!events_.key(key_) || !Take(':') || !Value(open)) return false;
    } while (Take(','));
    return Take('}') && events_.end_object();
  }

  bool Array(int open) {
    Take('[');
    if (!events_.start_array(kUnknownSize)) return false;
    if (Take(']')) return events_.end_array();
    do {
      if (!Value(open)) return false;
    } while (Take(','));
    return Take(']') && events_.end_array();
  }

  bool Number() {
    const bool negative = Take('-');
    const auto* const end =
        std::find_if(rest_.begin(), rest_.end(),
                     [](char c) { return !IsWithin(c, '0', '9'); });
    const ptrdiff_t size = end - rest_.begin();
    if (size == 0 || size > kMaxDigits) return false;
    if (rest_[0] == '0' && (negative || size > 1)) return false;
    uint64_t value = 0;
    for (const char digit : rest_.substr(0, static_cast<size_t>(size))) {
      value = value * 10 + static_cast<uint64_t>(digit - '0');
    }
    if (value > static_cast<uint64_t>(kMaxJsonInteger)) return false;
    rest_.remove_prefix(static_cast<size_t>(size));
    return negative ? events_.number_integer(-static_cast<int64_t>(value))
                    : events_.number_unsigned(value);
  }

  bool Text(std::string* out) {
    out->clear();
    if (!Take('"')) return false;
    while (true) {
      const auto* const end =
          std::find_if_not(rest_.begin(), rest_.end(), IsPlain);
      const auto plain = static_cast<size_t>(end - rest_.begin());
      out->append(rest_.data(), plain);
      rest_.remove_prefix(plain);
      if (Take('"')) return true;
      if (rest_.empty()) return false;
      if (Take('\\')) {
        if (!Escape(out)) return false;
        continue;
      }
      const size_t size = CharacterSize(rest_);
      if (size == 0) return false;
      out->append(rest_.data(), size);
      rest_.remove_prefix(size);
    }
  }

  // What follows a backslash.
  bool Escape(std::string* out) {
    constexpr absl::string_view kShort = "\"\\bfnrt";
    constexpr absl::string_view kMeant = "\"\\\b\f\n\r\t";
    if (rest_.empty()) return false;
    const size_t found = kShort.find(rest_[0]);
    if (found != absl::string_view::npos) {
      rest_.remove_prefix(1);
      out->push_back(kMeant[found]);
      return true;
    }
    // Other control characters: \u00 and two digits.
    constexpr absl::string_view kDigits = "0123456789abcdef";
    if (!TakeWord("u00") || rest_.size() < 2) return false;
    const size_t high = kDigits.find(rest_[0]);
    const size_t low = kDigits.find(rest_[1]);
    if (high > 1 || low == absl::string_view::npos) return false;
    const char control = static_cast<char>(high * 16 + low);
    if (kMeant.find(control) != absl::string_view::npos) return false;
    rest_.remove_prefix(2);
    out->push_back(control);
    return true;
  }

  absl::string_view rest_;
  nlohmann::json_sax<Json>& events_;
  std::string key_;   // what is told next
  std::string text_;  // likewise
};

}  // namespace

bool ScanCanonicalJson(absl::string_view bytes,
                       nlohmann::json_sax<Json>* events) {
  return bytes.size() <= kMaxJsonBytes && Scanner(bytes, events).Document();
}

}  // namespace entente::crypto

#include "client/json_text.h"

#include <cstddef>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "policy/printable.h"

namespace entente::client {
namespace {

// The code point of one well-formed character.
uint32_t CodePoint(absl::string_view character) {
  const auto byte = [&](size_t i) {
    return static_cast<uint32_t>(static_cast<unsigned char>(character[i]));
  };
  switch (character.size()) {
    case 1:
      return byte(0);
    case 2:
      return (byte(0) & 0x1f) << 6 | (byte(1) & 0x3f);
    case 3:
      return (byte(0) & 0x0f) << 12 | (byte(1) & 0x3f) << 6 | (byte(2) & 0x3f);
    default:
      return (byte(0) & 0x07) << 18 | (byte(1) & 0x3f) << 12 |
             (byte(2) & 0x3f) << 6 | (byte(3) & 0x3f);
  }
}

bool Misleads(uint32_t c) {
  return c < 0x20 || (c >= 0x7f && c < 0xa0) || (c >= 0x200b && c <= 0x200f) ||
         (c >= 0x2028 && c <= 0x202e) || (c >= 0x2060 && c <= 0x2069) ||
         c == 0xfeff;
}

}  // namespace

std::string JsonString(absl::string_view text) {
  std::string quoted = "\"";
  while (!text.empty()) {
    const size_t length = policy::CharacterLength(text);
    if (length == 0) {
      quoted += "\xEF\xBF\xBD";
      text.remove_prefix(1);
      continue;
    }
    const absl::string_view character = text.substr(0, length);
    text.remove_prefix(length);
    if (character == "\"" || character == "\\") {
      absl::StrAppend(&quoted, "\\", character);
    } else if (character == "\n") {
      quoted += "\\n";
    } else if (const uint32_t c = CodePoint(character); Misleads(c)) {
      absl::StrAppendFormat(&quoted, "\\u%04x", c);
    } else {
      absl::StrAppend(&quoted, character);
    }
  }
  return quoted + "\"";
}

}  // namespace entente::client

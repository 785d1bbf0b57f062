#include "policy/printable.h"

#include <cstdint>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

namespace entente::policy {
namespace {

uint32_t CodePoint(absl::string_view character) {
  const size_t length = character.size();
  uint32_t point = uint8_t(character[0]);
  if (length > 1) point &= 0x7Fu >> length;
  for (size_t i = 1; i < length; ++i) {
    point = (point << 6) | (uint8_t(character[i]) & 0x3Fu);
  }
  return point;
}

bool Misleads(uint32_t point) {
  return point < 0x20 || (point >= 0x7F && point < 0xA0) || point == 0xAD ||
         point == 0x61C || (point >= 0x200B && point <= 0x200F) ||
         (point >= 0x2028 && point <= 0x202E) ||
         (point >= 0x2060 && point <= 0x206F) || point == 0xFEFF ||
         (point >= 0xFFF9 && point <= 0xFFFB) ||
         (point >= 0xE0000 && point <= 0xE007F);
}

}  // namespace

size_t CharacterLength(absl::string_view text) {
  const auto byte = [&](size_t i) { return uint8_t(text[i]); };
  if (byte(0) < 0x80) return 1;
  const size_t length = byte(0) >= 0xF0 ? 4 : byte(0) >= 0xE0 ? 3 : 2;
  if (byte(0) < 0xC2 || byte(0) > 0xF4 || text.size() < length) return 0;
  for (size_t i = 1; i < length; ++i) {
    if ((byte(i) & 0xC0) != 0x80) return 0;
  }
  // Overlong forms, surrogates, and what is above U+10FFFF.
  if (byte(0) == 0xE0 && byte(1) < 0xA0) return 0;
  if (byte(0) == 0xED && byte(1) > 0x9F) return 0;
  if (byte(0) == 0xF0 && byte(1) < 0x90) return 0;
  if (byte(0) == 0xF4 && byte(1) > 0x8F) return 0;
  return length;
}

bool IsControl(absl::string_view character) {
  const uint32_t point = CodePoint(character);
  return point < 0x20 || (point >= 0x7F && point < 0xA0);
}

std::string Printable(absl::string_view text) {
  return PrintableStart(text, absl::string_view::npos);
}

std::string PrintableStart(absl::string_view text, size_t limit) {
  std::string shown;
  while (!text.empty()) {
    if (shown.size() >= limit) return shown + "…";
    const size_t length = CharacterLength(text);
    if (length == 0) {
      absl::StrAppendFormat(&shown, "<0x%02X>", uint8_t(text[0]));
    } else if (const uint32_t point = CodePoint(text.substr(0, length));
               Misleads(point)) {
      absl::StrAppendFormat(&shown, "<U+%04X>", point);
    } else {
      absl::StrAppend(&shown, text.substr(0, length));
    }
    text.remove_prefix(length == 0 ? 1 : length);
  }
  return shown;
}

}  // namespace entente::policy

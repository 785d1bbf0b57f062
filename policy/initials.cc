#include "policy/initials.h"

#include <unicase.h>
#include <unictype.h>
#include <unistr.h>

#include <algorithm>
#include <optional>

#include "absl/status/status.h"

namespace entente::policy {
namespace {

absl::Status WrongName(absl::string_view what) {
  return absl::InvalidArgumentError(what);
}

bool Is(ucs4_t c, uc_general_category_t category) {
  return uc_is_general_category(c, category);
}

bool PartsWords(ucs4_t c) {
  return c == '.' || c == ',' || c < ' ' || Is(c, UC_CATEGORY_Zs) ||
         Is(c, UC_CATEGORY_Zl) || Is(c, UC_CATEGORY_Zp) ||
         Is(c, UC_CATEGORY_Pd);
}

// A modifier letter, such as an okina, is no initial.
bool IsLetter(ucs4_t c) {
  return Is(c, UC_CATEGORY_L) && !Is(c, UC_CATEGORY_Lm);
}

// Whether one sign stands for a syllable or a word.
bool IsMoreThanALetter(ucs4_t c) {
  if (uc_is_property_ideographic(c)) return true;
  const uc_script_t* script = uc_script(c);
  if (script == nullptr) return true;
  const absl::string_view name = script->name;
  return name == "Han" || name == "Hangul" || name == "Hiragana" ||
         name == "Katakana" || name == "Yi";
}

// Takes the first code point off `text`; nothing if it is not UTF-8.
std::optional<ucs4_t> TakeOne(absl::string_view* text) {
  ucs4_t c = 0;
  const int length = u8_mbtoucr(
      &c, reinterpret_cast<const uint8_t*>(text->data()), text->size());
  if (length <= 0) return std::nullopt;
  text->remove_prefix(size_t(length));
  return c;
}

void Append(ucs4_t c, std::string* out) {
  uint8_t bytes[6];
  const int length = u8_uctomb(bytes, c, sizeof bytes);
  out->append(reinterpret_cast<const char*>(bytes),
              size_t(std::max(length, 0)));
  out->push_back('.');
}

}  // namespace

absl::StatusOr<std::string> InitialsOf(absl::string_view name) {
  std::string initials;
  size_t count = 0;
  bool in_word = false;
  while (!name.empty()) {
    const std::optional<ucs4_t> c = TakeOne(&name);
    if (!c.has_value()) return WrongName("is not UTF-8");
    if (Is(*c, UC_CATEGORY_Nd)) return WrongName("is no name: it has a digit");
    if (PartsWords(*c)) {
      in_word = false;
      continue;
    }
    if (in_word || !IsLetter(*c)) continue;
    in_word = true;
    if (IsMoreThanALetter(*c)) {
      return WrongName("has a word in a script without initials");
    }
    if (++count > kMaxInitials)
      return WrongName("is no name: it has many words");
    Append(uc_toupper(*c), &initials);
  }
  if (count == 0) return WrongName("is no name: it has no letter");
  return initials;
}

bool AreInitials(absl::string_view text) {
  const absl::StatusOr<std::string> initials = InitialsOf(text);
  return initials.ok() && *initials == text;
}

}  // namespace entente::policy

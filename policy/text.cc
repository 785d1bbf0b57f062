#include "policy/text.h"

#include <unictype.h>
#include <unistr.h>

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_format.h"
#include "absl/strings/strip.h"
#include "crypto/calendar.h"
#include "crypto/scheme.h"
#include "crypto/unicode.h"

namespace entente::policy {
namespace {

const uint8_t* Bytes(absl::string_view text) {
  return reinterpret_cast<const uint8_t*>(text.data());
}

// Why `character` is not allowed in text, or "".
absl::string_view FaultOf(ucs4_t character) {
  if (character >= 0x20 && character < 0x7f) return "";
  if (uc_is_property_bidi_control(character)) return "changes direction";
  if (uc_is_property_default_ignorable_code_point(character)) {
    return "is invisible";
  }
  if (uc_is_general_category_withtable(character, UC_CATEGORY_MASK_Z)) {
    return "is not a plain space";
  }
  // Control, format, surrogate, private, unassigned.
  if (uc_is_general_category_withtable(character, UC_CATEGORY_MASK_C)) {
    return "is not a printable character";
  }
  return "";
}

bool AllOf(absl::string_view text, absl::string_view others, size_t min,
           size_t max) {
  return text.size() >= min && text.size() <= max &&
         std::all_of(text.begin(), text.end(), [others](char c) {
           return absl::ascii_islower(c) || absl::ascii_isdigit(c) ||
                  absl::StrContains(others, c);
         });
}

bool IsSlug(absl::string_view text) {
  return AllOf(text, "-", 2, 61) && absl::ascii_islower(text[0]);
}

bool IsFieldName(absl::string_view text) {
  return AllOf(text, "_", 2, 61) && absl::ascii_islower(text[0]);
}

bool IsAgreementId(absl::string_view text) {
  return absl::ConsumePrefix(&text, "isa-") && AllOf(text, "-", 3, 60);
}

bool IsHexDigest(absl::string_view text) {
  return text.size() == 64 && std::all_of(text.begin(), text.end(), [](char c) {
           return absl::ascii_isdigit(c) || (c >= 'a' && c <= 'f');
         });
}

bool IsDefinition(absl::string_view text) {
  const size_t slash = text.find('/');
  if (slash == absl::string_view::npos || text.size() > 80) return false;
  const absl::string_view version = text.substr(slash + 1);
  return AllOf(text.substr(0, slash), ".-", 1, 80) && !version.empty() &&
         std::all_of(version.begin(), version.end(), absl::ascii_isdigit);
}

bool IsScheme(absl::string_view text) { return crypto::ParseScheme(text).ok(); }

bool IsHostName(absl::string_view text) {
  return AllOf(text, ".-", 1, 253) && absl::ascii_isalnum(text.front()) &&
         absl::ascii_isalnum(text.back()) && !absl::StrContains(text, "..");
}

bool IsCertificateName(absl::string_view text) {
  return !text.empty() && text.size() <= 64 &&
         std::all_of(text.begin(), text.end(), [](char c) {
           return absl::ascii_isalnum(c) || c == '.' || c == '_' || c == '-';
         });
}

bool IsLedgerKey(absl::string_view text) {
  std::string key;
  // Encoding again settles stray bits and missing padding.
  return text.size() == 44 && absl::Base64Unescape(text, &key) &&
         key.size() == 32 && absl::Base64Escape(key) == text;
}

constexpr absl::string_view kBase64 =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

// `<name>+<8 hex digits>+<base64 of a 4 and 32 bytes>`; whether the digits fit
// the key is not looked at.
bool IsWitnessKey(absl::string_view text) {
  const size_t plus = text.find('+');
  if (plus == absl::string_view::npos || plus == 0 || plus > 200) return false;
  const absl::string_view name = text.substr(0, plus);
  absl::string_view rest = text.substr(plus + 1);
  if (!std::all_of(name.begin(), name.end(), absl::ascii_isgraph) ||
      rest.size() != 8 + 1 + 44 || rest[8] != '+') {
    return false;
  }
  const absl::string_view id = rest.substr(0, 8);
  const absl::string_view key = rest.substr(9);
  return std::all_of(id.begin(), id.end(),
                     [](char c) {
                       return absl::ascii_isdigit(c) || (c >= 'a' && c <= 'f');
                     }) &&
         key[0] == 'B' && key[1] >= 'A' && key[1] <= 'P' &&
         std::all_of(key.begin(), key.end(),
                     [](char c) { return absl::StrContains(kBase64, c); });
}

// `:7380`, or nothing.
bool ConsumePort(absl::string_view* text) {
  if (!absl::ConsumePrefix(text, ":")) return true;
  size_t digits = 0;
  while (digits < text->size() && absl::ascii_isdigit((*text)[digits])) {
    ++digits;
  }
  if (digits < 1 || digits > 5 || (*text)[0] == '0') return false;
  text->remove_prefix(digits);
  return true;
}

bool IsWitnessUrl(absl::string_view text) {
  if (text.size() > 300) return false;
  if (absl::ConsumePrefix(&text, "https://")) {
    const size_t end = std::min(text.find_first_of(":/"), text.size());
    if (!IsHostName(text.substr(0, end))) return false;
    text.remove_prefix(end);
  } else if (!absl::ConsumePrefix(&text, "http://127.0.0.1") &&
             !absl::ConsumePrefix(&text, "http://localhost")) {
    return false;
  }
  if (!ConsumePort(&text)) return false;
  while (absl::ConsumePrefix(&text, "/")) {
    const size_t end = std::min(text.find('/'), text.size());
    const absl::string_view part = text.substr(0, end);
    const bool plain = std::all_of(part.begin(), part.end(), [](char c) {
      return absl::ascii_isalnum(c) || absl::StrContains("._~-", c);
    });
    if (part.empty() || !plain) return false;
    text.remove_prefix(end);
  }
  return text.empty();
}

}  // namespace

const Pattern kSlug = {IsSlug, "2 to 61 of a-z, 0-9 and -, a letter first"};
const Pattern kFieldName = {IsFieldName,
                            "2 to 61 of a-z, 0-9 and _, a letter first"};
const Pattern kAgreementId = {IsAgreementId,
                              "isa- and 3 to 60 of a-z, 0-9 and -"};
const Pattern kHexDigest = {IsHexDigest, "64 lower-case hex digits"};
const Pattern kDefinition = {
    IsDefinition, "catalogue entry and version, as policing.crime/4"};
const Pattern kScheme = {
    IsScheme, "nhs/1, pnc/1, name_dob/1, or opaque/1: and a register's name"};
const Pattern kHostName = {IsHostName, "a host name in lower case"};
const Pattern kCertificateName = {
    IsCertificateName,
    "1 to 64 of letters, 0-9, '.', _ and -, as in the certificate"};
const Pattern kLedgerKey = {IsLedgerKey, "32 bytes in base64"};
const Pattern kWitnessKey = {
    IsWitnessKey, "a witness's verifier key, as entente witness init prints"};
const Pattern kWitnessUrl = {
    IsWitnessUrl,
    "https://HOST[:PORT][/PATH], or http on 127.0.0.1 or localhost"};

std::optional<TextFault> FindFault(absl::string_view text) {
  if (std::all_of(text.begin(), text.end(), absl::ascii_isprint)) {
    return std::nullopt;
  }
  const uint8_t* bad = u8_check(Bytes(text), text.size());
  if (bad != nullptr) {
    return TextFault{static_cast<size_t>(bad - Bytes(text)), "is not UTF-8"};
  }
  for (size_t offset = 0; offset < text.size();) {
    ucs4_t character = 0;
    const int size =
        u8_mbtouc(&character, Bytes(text) + offset, text.size() - offset);
    const absl::string_view fault = FaultOf(character);
    if (!fault.empty()) {
      return TextFault{offset, absl::StrFormat("U+%04X %s", character, fault)};
    }
    offset += static_cast<size_t>(size);
  }
  if (!crypto::CheckNfc(text).ok()) {
    return TextFault{0, "is not in Unicode normal form C"};
  }
  return std::nullopt;
}

size_t CountCharacters(absl::string_view text) {
  if (std::all_of(text.begin(), text.end(), absl::ascii_isascii)) {
    return text.size();
  }
  return u8_mbsnlen(Bytes(text), text.size());
}

std::optional<int64_t> ParseInteger(absl::string_view text) {
  absl::string_view digits = text;
  const bool negative = absl::ConsumePrefix(&digits, "-");
  if (digits.empty() || digits.size() > 15) return std::nullopt;
  if (digits[0] == '0' && (digits.size() > 1 || negative)) return std::nullopt;
  if (!std::all_of(digits.begin(), digits.end(), absl::ascii_isdigit)) {
    return std::nullopt;
  }
  int64_t value = 0;
  if (!absl::SimpleAtoi(text, &value)) return std::nullopt;
  return value;
}

std::optional<absl::CivilDay> ParseDay(absl::string_view text) {
  absl::CivilDay day;
  if (!crypto::IsDate(text) || !absl::ParseCivilTime(text, &day) ||
      day.year() < 1900) {
    return std::nullopt;
  }
  return day;
}

std::optional<bool> ParseBoolean(absl::string_view text) {
  if (text == "true") return true;
  if (text == "false") return false;
  return std::nullopt;
}

}  // namespace entente::policy

#include "crypto/scheme.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "crypto/calendar.h"
#include "crypto/unicode.h"

namespace entente::crypto {
namespace {

bool IsDigit(char c) {
  return absl::ascii_isdigit(static_cast<unsigned char>(c));
}

bool IsControl(char c) {
  return absl::ascii_iscntrl(static_cast<unsigned char>(c));
}

absl::Status Refuse(absl::string_view what) {
  return absl::InvalidArgumentError(what);
}

bool IsNamespace(absl::string_view text) {
  if (text.empty() || text.size() > kMaxNamespace ||
      !absl::ascii_islower(static_cast<unsigned char>(text[0]))) {
    return false;
  }
  return std::all_of(text.begin(), text.end(), [](char c) {
    return absl::ascii_islower(static_cast<unsigned char>(c)) || IsDigit(c) ||
           c == '_' || c == '-';
  });
}

absl::StatusOr<std::string> CanonicalNhs(absl::string_view raw) {
  std::string digits;
  for (const char c : raw) {
    if (c == ' ' || c == '-') continue;
    if (!IsDigit(c)) {
      return Refuse("NHS number: only digits, spaces and hyphens are allowed");
    }
    digits.push_back(c);
  }
  if (digits.size() != 10) return Refuse("NHS number: must have ten digits");
  if (digits.find_first_not_of(digits[0]) == std::string::npos) {
    return Refuse("NHS number: ten equal digits are a placeholder");
  }
  int sum = 0;
  for (size_t i = 0; i < 10; ++i) {
    sum += static_cast<int>(i < 9 ? 10 - i : 1) * (digits[i] - '0');
  }
  if (sum % 11 != 0) return Refuse("NHS number: the check digit is wrong");
  return digits;
}

absl::StatusOr<std::string> CanonicalPnc(absl::string_view raw) {
  constexpr absl::string_view kLetters = "ZABCDEFGHJKLMNPQRTUVWXY";
  const auto digits = [raw](size_t from, size_t count) {
    const absl::string_view part = raw.substr(from, count);
    return std::all_of(part.begin(), part.end(), IsDigit);
  };
  if (raw.size() != 13 || raw[4] != '/' || !digits(0, 4) || !digits(5, 7)) {
    return Refuse(
        "PNC id: must be in the long form, YYYY/NNNNNNN and a check letter");
  }
  const absl::string_view century = raw.substr(0, 2);
  if (century != "19" && century != "20") {
    return Refuse("PNC id: the year must be from 1900 to 2099");
  }
  size_t number = 0;
  for (const char c : absl::StrCat(raw.substr(2, 2), raw.substr(5, 7))) {
    number = 10 * number + static_cast<size_t>(c - '0');
  }
  if (raw[12] != kLetters[number % kLetters.size()]) {
    return Refuse("PNC id: the check letter is wrong");
  }
  return std::string(raw);
}

// `what` is "surname" or "forename".
absl::StatusOr<std::string> FoldName(absl::string_view what,
                                     absl::string_view raw) {
  const absl::StatusOr<std::u32string> wide = DecomposeNfkd(raw);
  if (!wide.ok()) {
    return absl::Status(wide.status().code(),
                        absl::StrCat(what, ": ", wide.status().message()));
  }
  const absl::Span<const Fold> folds = FoldTable();
  std::string folded;
  for (const char32_t c : *wide) {
    if (IsMark(c)) continue;
    if (c < 0x80 && absl::ascii_isalpha(static_cast<unsigned char>(c))) {
      folded.push_back(absl::ascii_toupper(static_cast<unsigned char>(c)));
      continue;
    }
    const auto* const fold = std::lower_bound(
        folds.begin(), folds.end(), c,
        [](const Fold& f, char32_t key) { return f.code_point < key; });
    if (fold == folds.end() || fold->code_point != c) {
      return Refuse(absl::StrCat(
          what, ": holds a character that has no agreed spelling in A-Z"));
    }
    absl::StrAppend(&folded, fold->letters);
  }
  if (folded.empty()) return Refuse(absl::StrCat(what, ": holds no letter"));
  return folded;
}

absl::StatusOr<std::string> CanonicalNameDob(absl::string_view surname,
                                             absl::string_view forename,
                                             absl::string_view birth_date) {
  const absl::StatusOr<std::string> last = FoldName("surname", surname);
  if (!last.ok()) return last;
  const absl::StatusOr<std::string> first = FoldName("forename", forename);
  if (!first.ok()) return first;
  if (!IsDate(birth_date)) {
    return Refuse("birth date: must be a real day, YYYY-MM-DD");
  }
  return absl::StrCat(*last, "|", *first, "|", birth_date);
}

absl::StatusOr<std::string> CanonicalOpaque(absl::string_view raw) {
  const absl::string_view trimmed = absl::StripAsciiWhitespace(raw);
  if (trimmed.empty()) return Refuse("identifier: is empty");
  if (std::any_of(trimmed.begin(), trimmed.end(), IsControl)) {
    return Refuse("identifier: holds a control character");
  }
  if (const absl::Status text = CheckNfc(trimmed); !text.ok()) {
    return absl::Status(text.code(),
                        absl::StrCat("identifier: ", text.message()));
  }
  return std::string(trimmed);
}

}  // namespace

absl::StatusOr<Scheme> ParseScheme(absl::string_view name) {
  if (name == "nhs/1") return Scheme{SchemeKind::kNhs, std::string(name)};
  if (name == "pnc/1") return Scheme{SchemeKind::kPnc, std::string(name)};
  if (name == "name_dob/1") {
    return Scheme{SchemeKind::kNameDob, std::string(name)};
  }
  absl::string_view rest = name;
  if (!absl::ConsumePrefix(&rest, "opaque/1:")) {
    return Refuse(
        "unknown scheme (allowed: nhs/1, pnc/1, name_dob/1, "
        "opaque/1:<namespace>)");
  }
  if (!IsNamespace(rest)) {
    return Refuse(
        "opaque/1: the namespace must be a lower-case letter, then at most 59 "
        "of a-z, 0-9, _ and -");
  }
  return Scheme{SchemeKind::kOpaque, std::string(name)};
}

absl::StatusOr<std::string> Canonicalise(
    const Scheme& scheme, absl::Span<const absl::string_view> columns) {
  if (columns.size() != scheme.columns()) {
    return Refuse(absl::StrCat(scheme.name, " takes ", scheme.columns(),
                               " column(s), not ", columns.size()));
  }
  for (size_t i = 0; i < columns.size(); ++i) {
    if (columns[i].size() > kMaxIdentifierColumn) {
      return Refuse(absl::StrCat("identifier column ", i + 1, " of ",
                                 columns.size(), " is longer than ",
                                 kMaxIdentifierColumn, " bytes"));
    }
  }
  switch (scheme.kind) {
    case SchemeKind::kNhs:
      return CanonicalNhs(columns[0]);
    case SchemeKind::kPnc:
      return CanonicalPnc(columns[0]);
    case SchemeKind::kNameDob:
      return CanonicalNameDob(columns[0], columns[1], columns[2]);
    case SchemeKind::kOpaque:
      return CanonicalOpaque(columns[0]);
  }
  return Refuse("unknown scheme");
}

}  // namespace entente::crypto

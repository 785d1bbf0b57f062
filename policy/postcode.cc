#include "policy/postcode.h"

#include <algorithm>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

namespace entente::policy {
namespace {

constexpr absl::string_view kOverseas[] = {"ASCN", "BBND", "BIQQ", "FIQQ",
                                           "PCRN", "SIQQ", "STHL", "TDCU"};

bool IsDigit(char c) { return absl::ascii_isdigit(uint8_t(c)); }

bool In(absl::string_view letters, char c) {
  return absl::StrContains(letters, absl::string_view(&c, 1));
}

bool IsInward(absl::string_view text) {
  constexpr absl::string_view kLetters = "ABDEFGHJLNPQRSTUWXYZ";
  return text.size() == 3 && IsDigit(text[0]) && In(kLetters, text[1]) &&
         In(kLetters, text[2]);
}

// The number of letters of the area, or 0 if `text` is no outward part.
size_t AreaLength(absl::string_view text) {
  constexpr absl::string_view kFirst = "ABCDEFGHIJKLMNOPRSTUWYZ";
  constexpr absl::string_view kSecond = "ABCDEFGHKLMNOPQRSTUVWXY";
  if (text.size() < 2 || text.size() > 4 || !In(kFirst, text[0])) return 0;
  const size_t area = In(kSecond, text[1]) ? 2 : 1;
  const absl::string_view rest = text.substr(area);
  if (rest.empty() || rest.size() > 2 || !IsDigit(rest[0])) return 0;
  if (rest.size() == 1 || IsDigit(rest[1])) return area;
  const absl::string_view last = area == 1 ? "ABCDEFGHJKPSTUW" : "ABEHMNPRVWXY";
  return In(last, rest[1]) ? area : 0;
}

// `text` is in capitals, without white space.
std::optional<Postcode> Whole(absl::string_view text) {
  if (absl::StartsWith(text, "BFPO")) {
    const absl::string_view number = text.substr(4);
    if (number.empty() || number.size() > 4 ||
        !std::all_of(number.begin(), number.end(), IsDigit)) {
      return std::nullopt;
    }
    return Postcode{"BFPO", "BFPO", "BFPO"};
  }
  if (text.size() < 5) return std::nullopt;
  const absl::string_view outward = text.substr(0, text.size() - 3);
  const absl::string_view inward = text.substr(text.size() - 3);
  size_t area = AreaLength(outward);
  if (text == "GIR0AA") area = 3;
  if (std::count(std::begin(kOverseas), std::end(kOverseas), outward) > 0 &&
      inward == "1ZZ") {
    area = 4;
  }
  if (area == 0 || !IsInward(inward)) return std::nullopt;
  return Postcode{std::string(outward.substr(0, area)), std::string(outward),
                  absl::StrCat(outward, " ", inward.substr(0, 1))};
}

}  // namespace

std::optional<Postcode> FindPostcode(absl::string_view text) {
  const std::string capitals = absl::AsciiStrToUpper(text);
  const std::vector<absl::string_view> words = absl::StrSplit(
      capitals, absl::ByAnyChar(" \t\r\n,;."), absl::SkipEmpty());
  const size_t count = words.size();
  if (count >= 2) {
    std::optional<Postcode> found =
        Whole(absl::StrCat(words[count - 2], words[count - 1]));
    // `Flat A LS14AP` must not join its last two words.
    if (found.has_value() && !Whole(words[count - 1]).has_value()) return found;
  }
  if (count >= 1) return Whole(words[count - 1]);
  return std::nullopt;
}

bool IsPostcodeSector(absl::string_view text) {
  if (text == "BFPO") return true;
  const std::optional<Postcode> found = FindPostcode(
      absl::StrCat(text, absl::EndsWith(text, " 1") ? "ZZ" : "AA"));
  return found.has_value() && found->sector == text;
}

bool IsPostcodeDistrict(absl::string_view text) {
  if (text == "BFPO") return true;
  for (const absl::string_view inward : {" 1ZZ", " 0AA"}) {
    const std::optional<Postcode> found =
        FindPostcode(absl::StrCat(text, inward));
    if (found.has_value() && found->district == text) return true;
  }
  return false;
}

bool IsPostcodeArea(absl::string_view text) {
  if (text == "BFPO" || text == "GIR") return true;
  if (std::count(std::begin(kOverseas), std::end(kOverseas), text) > 0) {
    return true;
  }
  const std::optional<Postcode> found =
      FindPostcode(absl::StrCat(text, "1 1AA"));
  return found.has_value() && found->area == text;
}

}  // namespace entente::policy

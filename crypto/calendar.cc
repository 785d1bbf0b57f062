#include "crypto/calendar.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/time/civil_time.h"

namespace entente::crypto {
namespace {

bool AllDigits(absl::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) {
    return absl::ascii_isdigit(static_cast<unsigned char>(c));
  });
}

// The value of `text`, at most four characters; -1 unless all are digits.
int Number(absl::string_view text) {
  if (!AllDigits(text)) return -1;
  int number = 0;
  for (const char c : text) number = 10 * number + (c - '0');
  return number;
}

}  // namespace

bool IsDate(absl::string_view text) {
  if (text.size() != 10 || text[4] != '-' || text[7] != '-') return false;
  const int year = Number(text.substr(0, 4));
  const int month = Number(text.substr(5, 2));
  const int day = Number(text.substr(8, 2));
  if (year < 1 || month < 1 || day < 1) return false;
  const absl::CivilDay normal(year, month, day);
  return normal.month() == month && normal.day() == day;
}

bool IsUtcTime(absl::string_view text) {
  if (text.size() < 20 || !IsDate(text.substr(0, 10)) || text[10] != 'T' ||
      text[13] != ':' || text[16] != ':' || text.back() != 'Z') {
    return false;
  }
  const int hour = Number(text.substr(11, 2));
  const int minute = Number(text.substr(14, 2));
  const int second = Number(text.substr(17, 2));
  if (hour < 0 || hour > 23 || minute < 0 || minute > 59 || second < 0 ||
      second > 59) {
    return false;
  }
  const absl::string_view fraction = text.substr(19, text.size() - 20);
  if (fraction.empty()) return true;
  return fraction[0] == '.' && fraction.size() >= 2 && fraction.size() <= 10 &&
         AllDigits(fraction.substr(1));
}

}  // namespace entente::crypto

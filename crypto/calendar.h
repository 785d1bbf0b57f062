// Dates and times as text, in the one form that is ever sealed or hashed.
// Pure; thread-safe.
#ifndef ENTENTE_CRYPTO_CALENDAR_H_
#define ENTENTE_CRYPTO_CALENDAR_H_

#include "absl/strings/string_view.h"

namespace entente::crypto {

// Whether `text` is `YYYY-MM-DD`, a day of the Gregorian calendar from year
// 0001 to 9999.
bool IsDate(absl::string_view text);

// Whether `text` is an RFC 3339 instant in UTC: `YYYY-MM-DDTHH:MM:SSZ`, after
// the seconds an optional point and one to nine digits. Capital `T` and `Z`
// only; no leap second, since no clock here can hold one.
bool IsUtcTime(absl::string_view text);

}  // namespace entente::crypto

#endif  // ENTENTE_CRYPTO_CALENDAR_H_

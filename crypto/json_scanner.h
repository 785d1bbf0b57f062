// Canonical JSON, read as it stands, as a row of events.
#ifndef ENTENTE_CRYPTO_JSON_SCANNER_H_
#define ENTENTE_CRYPTO_JSON_SCANNER_H_

#include "absl/strings/string_view.h"
#include "crypto/json.h"

namespace entente::crypto {

// Tells `events` what `bytes` say, in their order, if they are what
// CanonicalJson writes. Text and keys may be moved from. Sizes of objects and
// arrays are not known; null, number_float, binary and parse_error are never
// called; a number below 0 is number_integer, any other number_unsigned.
//
// False at the first byte that is not canonical, or once an event has returned
// false; what was told until then counts for nothing. ParseCanonicalJson says
// what is wrong. Safe on hostile input; no deeper than kMaxJsonDepth. Linear:
// some 2 us a KB.
bool ScanCanonicalJson(absl::string_view bytes,
                       nlohmann::json_sax<Json>* events);

}  // namespace entente::crypto

#endif  // ENTENTE_CRYPTO_JSON_SCANNER_H_

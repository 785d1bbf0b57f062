// Postcodes of the United Kingdom, the Crown dependencies and the forces'
// offices, and their coarser parts.
#ifndef ENTENTE_POLICY_POSTCODE_H_
#define ENTENTE_POLICY_POSTCODE_H_

#include <optional>
#include <string>

#include "absl/strings/string_view.h"

namespace entente::policy {

// `LS1 4AP` in its parts.
struct Postcode {
  std::string area;      // `LS`
  std::string district;  // `LS1`, the outward part
  std::string sector;    // `LS1 4`
};

// The postcode that `text` is, or with which it, an address, ends. Case does
// not matter, and the space inside may be missing. The shapes are those of
// Royal Mail's PAF guide (A9, A99, AA9, AA99, A9A, AA9A, with the letters that
// each place allows), GIR 0AA, the overseas territories' (FIQQ 1ZZ), and `BFPO`
// with one to four digits, of which every part is `BFPO`, as its number is one
// place. Whether a postcode is in use is not checked. Nothing if there is none.
std::optional<Postcode> FindPostcode(absl::string_view text);

// Whether `text` is the part of some postcode, as FindPostcode spells it.
bool IsPostcodeSector(absl::string_view text);
bool IsPostcodeDistrict(absl::string_view text);
bool IsPostcodeArea(absl::string_view text);

}  // namespace entente::policy

#endif  // ENTENTE_POLICY_POSTCODE_H_

// A name's initials.
#ifndef ENTENTE_POLICY_INITIALS_H_
#define ENTENTE_POLICY_INITIALS_H_

#include <cstddef>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace entente::policy {

// More words than this are no name.
inline constexpr size_t kMaxInitials = 8;

// `A.O.S.` of `Anna O'Neill-Smith`: the first letter of each word, in capitals,
// without marks that stand on their own. Words are parted by white space, dots,
// commas and hyphens; one without a letter is left out. The order is that of
// `name`, which is UTF-8 in NFC.
//
// InvalidArgument, without showing any of it, for what a first letter would
// tell too much of, or is no name: a digit, no letter, more than kMaxInitials
// words, or a word whose first sign is no letter of an alphabet but a word or
// syllable (Han, kana, hangul, Yi).
absl::StatusOr<std::string> InitialsOf(absl::string_view name);

// Whether `text` is what InitialsOf can give.
bool AreInitials(absl::string_view text);

}  // namespace entente::policy

#endif  // ENTENTE_POLICY_INITIALS_H_

// Identifier schemes: how what a register holds becomes the one spelling that
// is hashed. Every scheme is versioned; an input that is not clearly right is
// refused, never guessed. Pure; thread-safe.
#ifndef ENTENTE_CRYPTO_SCHEME_H_
#define ENTENTE_CRYPTO_SCHEME_H_

#include <cstddef>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"

namespace entente::crypto {

// The longest raw column, in bytes.
inline constexpr size_t kMaxIdentifierColumn = 1024;
// The longest namespace of an opaque scheme.
inline constexpr size_t kMaxNamespace = 60;

enum class SchemeKind {
  kNhs,      // `nhs/1`: an NHS number
  kPnc,      // `pnc/1`: a Police National Computer id
  kNameDob,  // `name_dob/1`: surname, forename and birth date
  kOpaque,   // `opaque/1:<namespace>`: a number in the register so named
};

// A scheme, as an agreement names it.
struct Scheme {
  SchemeKind kind = SchemeKind::kOpaque;
  std::string name;  // as parsed; part of what is hashed

  // How many columns of the register make one identifier: 3 for `name_dob/1`,
  // in the order surname, forename, birth date; else 1.
  size_t columns() const { return kind == SchemeKind::kNameDob ? 3 : 1; }
};

// InvalidArgument unless `name` is one of the four above; a namespace is a
// lower-case letter, then at most 59 of a-z, 0-9, `_` and `-`.
absl::StatusOr<Scheme> ParseScheme(absl::string_view name);

// The canonical spelling of one identifier:
//
// - nhs/1: ten digits, spaces and hyphens between them dropped, whose last is
//   the mod-11 check digit. Ten equal digits, which pass that check, are a
//   placeholder and refused.
// - pnc/1: `YYYY/NNNNNNNC` as it stands, from year 1900 to 2099, with the right
//   check letter. The short form leaves the century open and is refused.
// - name_dob/1: `SURNAME|FORENAME|YYYY-MM-DD`. Names are decomposed (NFKD),
//   stripped of marks, folded by FoldTable() and upper-cased; what is then
//   neither a letter A-Z nor folded to nothing is refused. The date is a real
//   day.
// - opaque/1: the column without ASCII white space at its ends, case kept. Must
//   be UTF-8 in form C without control characters, and not empty.
//
// InvalidArgument says which column breaks which rule, and never repeats what
// it holds; also for the wrong number of columns, or one that is too long.
absl::StatusOr<std::string> Canonicalise(
    const Scheme& scheme, absl::Span<const absl::string_view> columns);

// One line of the fold table of `name_dob/1`: after decomposition,
// `code_point` becomes `letters`.
struct Fold {
  char32_t code_point;
  absl::string_view letters;  // A-Z; empty: dropped
};

// The fold table, by ascending code point. Part of the scheme: another table
// is another version.
absl::Span<const Fold> FoldTable();

}  // namespace entente::crypto

#endif  // ENTENTE_CRYPTO_SCHEME_H_

// Text that came from somewhere else, made safe to show to a person.
#ifndef ENTENTE_POLICY_PRINTABLE_H_
#define ENTENTE_POLICY_PRINTABLE_H_

#include <cstddef>
#include <string>

#include "absl/strings/string_view.h"

namespace entente::policy {

// Bytes of the first character of `text`, which is not empty: 1 to 4, or 0 if
// that is not well-formed UTF-8 (RFC 3629).
size_t CharacterLength(absl::string_view text);

// Whether one well-formed character is a control character (C0, DEL, C1).
bool IsControl(absl::string_view character);

// `text` on one line, in which no terminal and no eye is misled: control,
// bidirectional, zero-width and separator characters appear as `<U+202E>`,
// bytes that are not UTF-8 as `<0xFF>`. Linear.
std::string Printable(absl::string_view text);

// Printable, and cut at a character's end to about `limit` bytes, marked `…`.
std::string PrintableStart(absl::string_view text, size_t limit);

}  // namespace entente::policy

#endif  // ENTENTE_POLICY_PRINTABLE_H_

// Unicode checks on text that comes from outside. Pure; thread-safe.
#ifndef ENTENTE_CRYPTO_UNICODE_H_
#define ENTENTE_CRYPTO_UNICODE_H_

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace entente::crypto {

// OK if `text` is well-formed UTF-8 in normalisation form C. InvalidArgument
// says which of the two it is not, without the text. Linear in its length.
absl::Status CheckNfc(absl::string_view text);

// The compatibility decomposition (NFKD) of `text`, as code points.
// InvalidArgument if `text` is not well-formed UTF-8.
absl::StatusOr<std::u32string> DecomposeNfkd(absl::string_view text);

// Whether `code_point` is a mark (general category M), such as an accent.
bool IsMark(char32_t code_point);

}  // namespace entente::crypto

#endif  // ENTENTE_CRYPTO_UNICODE_H_

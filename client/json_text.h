// JSON text for output.
#ifndef ENTENTE_CLIENT_JSON_TEXT_H_
#define ENTENTE_CLIENT_JSON_TEXT_H_

#include <string>

#include "absl/strings/string_view.h"

namespace entente::client {

// `text` as a JSON string with its quotes. Control characters are escaped, and
// so are the bidirectional and line-separating ones that could mislead whoever
// looks at the raw text; bytes that are not UTF-8 become U+FFFD.
std::string JsonString(absl::string_view text);

}  // namespace entente::client

#endif  // ENTENTE_CLIENT_JSON_TEXT_H_

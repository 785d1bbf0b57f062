// JSON that came from elsewhere, to be printed.
#ifndef ENTENTE_CLIENT_JSON_VALUE_H_
#define ENTENTE_CLIENT_JSON_VALUE_H_

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "client/output.h"

namespace entente::client {

// The value that `text` writes, members in its order. InvalidArgument if it is
// no JSON, nests deeper than 16, or holds a number that is no 64-bit integer.
absl::StatusOr<Value> ReadJson(absl::string_view text);

}  // namespace entente::client

#endif  // ENTENTE_CLIENT_JSON_VALUE_H_

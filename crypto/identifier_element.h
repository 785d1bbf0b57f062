// From a canonical identifier to the group element that is enrolled.
#ifndef ENTENTE_CRYPTO_IDENTIFIER_ELEMENT_H_
#define ENTENTE_CRYPTO_IDENTIFIER_ELEMENT_H_

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "crypto/group.h"
#include "crypto/secret.h"

namespace entente::crypto {

// H: the identifier hashed with the pepper, then into the group. Only agencies
// call this; the broker has no pepper. `canon` is what Canonicalise made under
// `scheme`. InvalidArgument unless the pepper has 32 bytes and the other
// parts have 1 to 65,535 each. Thread-safe; 20 us.
absl::StatusOr<Point> IdentifierElement(const Secret& pepper,
                                        absl::string_view agreement,
                                        absl::string_view scheme,
                                        absl::string_view canon);

}  // namespace entente::crypto

#endif  // ENTENTE_CRYPTO_IDENTIFIER_ELEMENT_H_

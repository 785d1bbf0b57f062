// The form of a pseudonym that applications see.
#ifndef ENTENTE_CRYPTO_PRINTED_PSEUDONYM_H_
#define ENTENTE_CRYPTO_PRINTED_PSEUDONYM_H_

#include <string>

#include "absl/status/statusor.h"
#include "crypto/domain.h"
#include "crypto/group.h"
#include "crypto/secret.h"

namespace entente::crypto {

// 80 bits of an HMAC under the agency's print key, in Crockford's base 32 as
// XXXX-XXXX-XXXX-XXXX: nobody else can compute it or go back to the element.
// `domain` is the agency's own. InvalidArgument unless the key has 32 bytes,
// and as DomainBytes. Thread-safe; 2 us.
absl::StatusOr<std::string> PrintPseudonym(const Secret& print_key,
                                           const Domain& domain,
                                           const Point& pseudonym);

}  // namespace entente::crypto

#endif  // ENTENTE_CRYPTO_PRINTED_PSEUDONYM_H_

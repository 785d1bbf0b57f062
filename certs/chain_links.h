// What can be said of a chain whose root is not at hand.
#ifndef ENTENTE_CERTS_CHAIN_LINKS_H_
#define ENTENTE_CERTS_CHAIN_LINKS_H_

#include "absl/status/status.h"
#include "absl/types/span.h"
#include "certs/certificate.h"

namespace entente::certs {

// Whether each certificate of `chain` (leaf first, not empty) was issued and
// signed by the next one. Dates play no part. InvalidArgument, saying which
// was not.
absl::Status CheckLinks(absl::Span<const Certificate> chain);

// Whether both were issued under the same name and key, as far as they say:
// the key counts only if both name one (RFC 5280, 4.2.1.1).
bool SameIssuer(const Certificate& one, const Certificate& other);

// Whether a TLS server, or client, may show it. InvalidArgument if not.
absl::Status CheckUsage(const Certificate& certificate, Usage usage);

}  // namespace entente::certs

#endif  // ENTENTE_CERTS_CHAIN_LINKS_H_

// The TLS policy of every program of ours: TLS 1.3 alone, no session tickets.
#ifndef ENTENTE_CERTS_TLS_POLICY_H_
#define ENTENTE_CERTS_TLS_POLICY_H_

#include "absl/status/status.h"

namespace entente::certs {

// Loads the policy into OpenSSL for the whole process and proves, on a fresh
// context, that it holds. gRPC 1.51 has no call for this: it sets the lowest
// version itself, so TLS 1.2 is switched off as a protocol instead.
//
// Call once in main, before anything else touches OpenSSL or gRPC. The
// process's own OPENSSL_CONF is not read. FailedPrecondition if the policy does
// not hold: the program must not start then. Not thread-safe.
absl::Status ApplyTlsPolicy();

}  // namespace entente::certs

#endif  // ENTENTE_CERTS_TLS_POLICY_H_

// Revocation lists (CRLs), for programs that read nothing else of ours.
#ifndef ENTENTE_CERTS_REVOCATION_LIST_H_
#define ENTENTE_CERTS_REVOCATION_LIST_H_

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "certs/authority.h"

namespace entente::certs {

struct RevokedSerial {
  std::string serial_hex;  // as Certificate::SerialHex
  absl::Time at;
};

// A CRL of RFC 5280 section 5 (version 2, with CRL number `number`), PEM,
// signed by `authority`: issued at `now`, with a newer one promised by
// `next_update`. InvalidArgument if a serial is not hexadecimal, or if
// `next_update` does not come after `now`.
absl::StatusOr<std::string> MakeRevocationList(
    const Authority& authority, absl::Span<const RevokedSerial> revoked,
    uint64_t number, absl::Time now, absl::Time next_update);

}  // namespace entente::certs

#endif  // ENTENTE_CERTS_REVOCATION_LIST_H_

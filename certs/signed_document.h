// Documents signed by agencies' signatories, in DSSE envelopes.
#ifndef ENTENTE_CERTS_SIGNED_DOCUMENT_H_
#define ENTENTE_CERTS_SIGNED_DOCUMENT_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "certs/certificate.h"
#include "certs/identity.h"
#include "certs/private_key.h"
#include "crypto/dsse.h"

namespace entente::certs {

inline constexpr absl::string_view kAgreementType =
    "application/vnd.entente.agreement.v1+json";
inline constexpr absl::string_view kKeyBundleType =
    "application/vnd.entente.key-bundle.v1";

// An envelope with one signature by `key`. `chain` is the signer's certificate
// first and the root last. InvalidArgument if the key is not the first one's.
absl::StatusOr<crypto::Envelope> SignDocument(
    absl::string_view payload_type, absl::Span<const uint8_t> payload,
    const PrivateKey& key, absl::Span<const Certificate> chain);

// Who made a signature.
struct Signer {
  Identity identity;
  std::string fingerprint;  // SHA-256 of the certificate's DER, hex
  std::string spki;         // SHA-256 of its SubjectPublicKeyInfo, hex
};

// Checks signature `index` of `envelope`: made by a certificate of `agency`
// with the role signatory, whose chain leads to the root whose key has the
// SHA-256 `root_spki` (hex), valid at `at`.
//   NotFound          there is no such signature
//   Unauthenticated   the certificate does not count; the message says why
//   InvalidArgument   the signature does not verify
absl::StatusOr<Signer> VerifySignatory(const crypto::Envelope& envelope,
                                       size_t index, absl::string_view agency,
                                       absl::string_view root_spki,
                                       absl::Time at);

// The same for an overseer, for whom its auditors sign as well.
absl::StatusOr<Signer> VerifyOverseer(const crypto::Envelope& envelope,
                                      size_t index, absl::string_view agency,
                                      absl::string_view root_spki,
                                      absl::Time at);

// The agency that signature `index` claims, unverified; to look up its root.
absl::StatusOr<std::string> ClaimedAgency(const crypto::Envelope& envelope,
                                          size_t index);

}  // namespace entente::certs

#endif  // ENTENTE_CERTS_SIGNED_DOCUMENT_H_

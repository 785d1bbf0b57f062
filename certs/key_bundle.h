// The public keys of an agency's system, endorsed by one of its signatories.
#ifndef ENTENTE_CERTS_KEY_BUNDLE_H_
#define ENTENTE_CERTS_KEY_BUNDLE_H_

#include <array>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "crypto/dsse.h"
#include "crypto/group.h"
#include "crypto/possession.h"
#include "crypto/sha.h"
#include "crypto/signing.h"

namespace entente::certs {

// A bundle is valid at most so long.
inline constexpr absl::Duration kMaxBundleValidity = absl::Hours(24 * 800);

struct KeyBundle {
  std::string agency;
  crypto::Ed25519PublicKey batch_key;  // batches, answers, deliveries
  std::array<uint8_t, 32> kem_key;     // X25519, for HPKE
  crypto::Point y;                     // receives pseudonyms
  crypto::PossessionProof y_proof;     // of y, for this agency
  absl::Time not_before;               // whole seconds
  absl::Time not_after;                // whole seconds; not valid from then on
};

// The payload of the envelope: RFC 8785 JSON. InvalidArgument for a time that
// is not of whole seconds.
absl::StatusOr<std::string> PrintKeyBundle(const KeyBundle& bundle);

// Reads exactly what PrintKeyBundle writes, and checks the proof of possession
// and the order and length of the validity. InvalidArgument. Safe on hostile
// input.
absl::StatusOr<KeyBundle> ParseKeyBundle(absl::Span<const uint8_t> payload);

// What stands for a bundle in manifests and headers.
crypto::Hash KeyBundleDigest(absl::Span<const uint8_t> payload);

// The bundle in `envelope`, signed (exactly once) by a signatory of the agency
// that it names, whose root's key has the SHA-256 `root_spki` (hex). The
// signature is checked at the bundle's start, so that a bundle outlives the
// certificate that endorsed it. InvalidArgument, Unauthenticated.
absl::StatusOr<KeyBundle> VerifyKeyBundle(const crypto::Envelope& envelope,
                                          absl::string_view root_spki);

}  // namespace entente::certs

#endif  // ENTENTE_CERTS_KEY_BUNDLE_H_

// DSSE v1 envelopes: signed bytes with their type, and who claims to have
// signed them.
#ifndef ENTENTE_CRYPTO_DSSE_H_
#define ENTENTE_CRYPTO_DSSE_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "crypto/hex.h"

namespace entente::crypto {

// The largest envelope, and the most signatures in one.
inline constexpr size_t kMaxEnvelopeBytes = 1 << 20;
inline constexpr size_t kMaxEnvelopeSignatures = 100;

struct EnvelopeSignature {
  std::string keyid;  // a hint, not authenticated; may be empty
  Bytes signature;
  // The signer's certificate and what leads to its root, PEM, leaf first. Not
  // part of DSSE v1; readers that do not know it ignore it.
  std::string chain;

  bool operator==(const EnvelopeSignature&) const = default;
};

struct Envelope {
  std::string payload_type;
  Bytes payload;
  std::vector<EnvelopeSignature> signatures;

  bool operator==(const Envelope&) const = default;
};

// What is signed: "DSSEv1" SP LEN(type) SP type SP LEN(payload) SP payload,
// with lengths in ASCII decimal.
Bytes PreAuthEncoding(absl::string_view payload_type,
                      absl::Span<const uint8_t> payload);

// The envelope as one line of JSON.
std::string PrintEnvelope(const Envelope& envelope);

// Reads an envelope; unknown members are refused. Says nothing about the
// signatures. InvalidArgument. Safe on hostile input.
absl::StatusOr<Envelope> ParseEnvelope(absl::string_view text);

}  // namespace entente::crypto

#endif  // ENTENTE_CRYPTO_DSSE_H_

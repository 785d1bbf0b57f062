// A certificate's private key, and signatures under it.
#ifndef ENTENTE_CERTS_PRIVATE_KEY_H_
#define ENTENTE_CERTS_PRIVATE_KEY_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "certs/certificate.h"
#include "crypto/secret.h"

struct evp_pkey_st;

namespace entente::certs {

// Whether a key, public or private, is P-256 or Ed25519. InvalidArgument if it
// is of any other kind.
absl::Status CheckKeyKind(const evp_pkey_st* key);

// P-256 or Ed25519. Copies share the key. Thread-safe.
class PrivateKey {
 public:
  enum class Kind { kP256, kEd25519 };

  static absl::StatusOr<PrivateKey> Generate(Kind kind);
  // PKCS #8, not encrypted. InvalidArgument for anything else and for other
  // kinds of key; the message never holds any of it.
  static absl::StatusOr<PrivateKey> FromPem(absl::string_view pem);

  // PKCS #8, for a file of mode 0600.
  absl::StatusOr<crypto::Secret> ToPem() const;
  // Whether the certificate is for this key.
  bool Matches(const Certificate& certificate) const;
  // ECDSA with SHA-256 (DER), or Ed25519 (64 bytes).
  absl::StatusOr<std::vector<uint8_t>> Sign(
      absl::Span<const uint8_t> message) const;

  // Borrowed from this.
  evp_pkey_st* handle() const { return key_.get(); }

 private:
  explicit PrivateKey(std::shared_ptr<evp_pkey_st> key)
      : key_(std::move(key)) {}

  std::shared_ptr<evp_pkey_st> key_;
};

// Whether `signature` is PrivateKey::Sign of `message` by the key of
// `certificate`. InvalidArgument if not, or if the key is of another kind.
absl::Status VerifySignature(const Certificate& certificate,
                             absl::Span<const uint8_t> message,
                             absl::Span<const uint8_t> signature);

}  // namespace entente::certs

#endif  // ENTENTE_CERTS_PRIVATE_KEY_H_

// X.509 certificates: what they say, and whether they lead to a root.
#ifndef ENTENTE_CERTS_CERTIFICATE_H_
#define ENTENTE_CERTS_CERTIFICATE_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "certs/identity.h"

struct x509_st;
struct evp_pkey_st;

namespace entente::certs {

// The largest text that is read as certificates, and the longest chain.
inline constexpr size_t kMaxPemBytes = 64 << 10;
inline constexpr size_t kMaxChain = 8;

// One certificate. Cheap to copy: copies share what is immutable. Thread-safe.
class Certificate {
 public:
  // Exactly one, or at least one, PEM block; text around blocks is ignored.
  // InvalidArgument if there is none, too many, or one that cannot be read.
  static absl::StatusOr<Certificate> FromPem(absl::string_view pem);
  static absl::StatusOr<std::vector<Certificate>> ChainFromPem(
      absl::string_view pem);
  // InvalidArgument also for bytes after the certificate.
  static absl::StatusOr<Certificate> FromDer(absl::Span<const uint8_t> der);

  std::string ToPem() const;
  std::vector<uint8_t> ToDer() const;
  // SHA-256 of the DER, lower-case hex.
  std::string Fingerprint() const;
  // What Fingerprint would be with the other of the two ECDSA signatures that
  // anybody can make from one: (r, n - s). Whoever asks whether a certificate
  // is revoked must ask for both. Empty unless it is signed by P-256.
  std::string TwinFingerprint() const;
  // SHA-256 of the DER SubjectPublicKeyInfo, lower-case hex.
  std::string SpkiSha256() const;
  // Lower-case hex.
  std::string SerialHex() const;
  // For people; never decides anything.
  std::string SubjectText() const;
  // Valid from the first instant to the last second, both included.
  absl::Time NotBefore() const;
  absl::Time NotAfter() const;
  bool IsCa() const;

  // From exactly one URI SAN, never from the CN. InvalidArgument if there is
  // none, several, or an e-mail, other or directory name beside it; DNS and IP
  // names are for brokers alone.
  absl::StatusOr<certs::Identity> Identity() const;

  // Borrowed from this.
  x509_st* handle() const { return x509_.get(); }

 private:
  friend class Authority;
  explicit Certificate(std::shared_ptr<x509_st> x509)
      : x509_(std::move(x509)) {}

  std::shared_ptr<x509_st> x509_;
};

// What a certificate is shown for.
enum class Usage { kClient, kServer, kAny };

// Whether `chain` (leaf first, then intermediates) leads to `root` at `now` for
// `usage`. Nothing else is trusted. Unauthenticated, with OpenSSL's reason, if
// not: expired, not yet valid, unsuitable purpose, wrong issuer, weak key, a
// root that its own key did not sign.
absl::Status VerifyChain(absl::Span<const Certificate> chain,
                         const Certificate& root, absl::Time now, Usage usage);

// The same, and that the root's key has the SHA-256 `root_spki` (hex): the root
// is the last of `chain` or `root` itself. Then whose it is. Unauthenticated
// also if the identity is not of `agency`.
absl::StatusOr<Identity> VerifyAgencyCertificate(
    absl::Span<const Certificate> chain, absl::string_view agency,
    absl::string_view root_spki, absl::Time now);

}  // namespace entente::certs

#endif  // ENTENTE_CERTS_CERTIFICATE_H_

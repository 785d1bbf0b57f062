// Ed25519 signatures (RFC 8032) by libsodium, each over a label and a message.
#ifndef ENTENTE_CRYPTO_SIGNING_H_
#define ENTENTE_CRYPTO_SIGNING_H_

#include <array>
#include <cstdint>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "crypto/secret.h"

namespace entente::crypto {

using Signature = std::array<uint8_t, 64>;

// 64 bytes, or InvalidArgument.
absl::StatusOr<Signature> ParseSignature(absl::Span<const uint8_t> bytes);

// A public key as it travels.
class Ed25519PublicKey {
 public:
  // InvalidArgument unless `bytes` are 32 that encode a point of the right
  // order, in the one canonical way.
  static absl::StatusOr<Ed25519PublicKey> Parse(
      absl::Span<const uint8_t> bytes);

  absl::Span<const uint8_t> bytes() const { return bytes_; }

  // DataLoss unless `signature` is this key's over label || message. Refuses
  // small-order and non-canonical encodings, so a signature cannot be altered
  // into another. Thread-safe; 60 us.
  absl::Status Verify(absl::string_view label,
                      absl::Span<const uint8_t> message,
                      const Signature& signature) const;

  friend bool operator==(const Ed25519PublicKey&,
                         const Ed25519PublicKey&) = default;

 private:
  friend class SigningKey;

  explicit Ed25519PublicKey(const std::array<uint8_t, 32>& bytes)
      : bytes_(bytes) {}

  std::array<uint8_t, 32> bytes_;
};

// A private key, in guarded memory. Move-only; const methods may run
// concurrently.
class SigningKey {
 public:
  // A fresh one. ResourceExhausted if memory runs out.
  static absl::StatusOr<SigningKey> Generate();

  // From a 32-byte seed (RFC 8032 section 5.1.5), which is wiped.
  // InvalidArgument for another size; ResourceExhausted.
  static absl::StatusOr<SigningKey> TakeSeed(absl::Span<uint8_t> seed);

  // The seed, to be stored under encryption. Reviewers look at every call.
  absl::Span<const uint8_t> ExposeSeed() const {
    return key_.Expose().first(32);
  }

  const Ed25519PublicKey& public_key() const { return public_key_; }

  // Signs label || message. The label keeps a key's uses apart; only formats
  // published elsewhere, which say themselves what they sign, pass none.
  // 30 us.
  Signature Sign(absl::string_view label,
                 absl::Span<const uint8_t> message) const;

 private:
  SigningKey(Secret key, const Ed25519PublicKey& public_key)
      : key_(std::move(key)), public_key_(public_key) {}

  Secret key_;  // seed, then public key: libsodium's form
  Ed25519PublicKey public_key_;
};

}  // namespace entente::crypto

#endif  // ENTENTE_CRYPTO_SIGNING_H_

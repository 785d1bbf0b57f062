// Hybrid public key encryption, RFC 9180: base mode, DHKEM(X25519,
// HKDF-SHA256), HKDF-SHA256. OpenSSL 3.2 has the same as OSSL_HPKE; callers
// would not notice the exchange.
#ifndef ENTENTE_CRYPTO_HPKE_H_
#define ENTENTE_CRYPTO_HPKE_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "crypto/aead.h"
#include "crypto/hex.h"
#include "crypto/secret.h"

namespace entente::crypto {

// The size of an encapsulated key, `enc`.
inline constexpr size_t kHpkeEncSize = 32;
// The most that one Export gives.
inline constexpr size_t kMaxHpkeExport = size_t{255} * 32;

using HpkeEnc = std::array<uint8_t, kHpkeEncSize>;

// Whom to encrypt to, as it travels.
class KemPublicKey {
 public:
  // InvalidArgument unless `bytes` are 32. A key of small order is found out
  // when it is used.
  static absl::StatusOr<KemPublicKey> Parse(absl::Span<const uint8_t> bytes);

  absl::Span<const uint8_t> bytes() const { return bytes_; }

  friend bool operator==(const KemPublicKey&, const KemPublicKey&) = default;

 private:
  friend class KemKey;

  explicit KemPublicKey(const std::array<uint8_t, 32>& bytes) : bytes_(bytes) {}

  std::array<uint8_t, 32> bytes_;
};

// A private key, in guarded memory. Move-only; const methods may run
// concurrently.
class KemKey {
 public:
  // A fresh one. ResourceExhausted if memory runs out.
  static absl::StatusOr<KemKey> Generate();

  // Takes 32 bytes, and wipes them. InvalidArgument for another size;
  // ResourceExhausted.
  static absl::StatusOr<KemKey> TakeFrom(absl::Span<uint8_t> bytes);

  // The key, to be stored under encryption. Reviewers look at every call.
  absl::Span<const uint8_t> Expose() const { return key_.Expose(); }

  const KemPublicKey& public_key() const { return public_key_; }

 private:
  KemKey(Secret key, const KemPublicKey& public_key)
      : key_(std::move(key)), public_key_(public_key) {}

  Secret key_;
  KemPublicKey public_key_;
};

// What both ends derive from one encapsulated key. Its numbering of messages
// has 64 bits and does not run out. Move-only.
class HpkeContext {
 public:
  // Section 5.3: fills `out` from the exporter secret; any order, any number of
  // times. InvalidArgument if `out` is longer than kMaxHpkeExport.
  absl::Status Export(absl::Span<const uint8_t> exporter_context,
                      absl::Span<uint8_t> out) const;

 protected:
  // The key schedule of section 5.1.
  static absl::StatusOr<HpkeContext> Create(Aead aead,
                                            const WipedArray<32>& shared_secret,
                                            absl::Span<const uint8_t> info);

  HpkeContext(Aead aead, AeadKey key) : aead_(aead), key_(std::move(key)) {}

  std::array<uint8_t, kAeadNonceSize> Nonce() const;

  Aead aead_;
  AeadKey key_;
  WipedArray<kAeadNonceSize> base_nonce_;
  WipedArray<32> exporter_secret_;
  uint64_t sequence_ = 0;
};

// The sender's end, for one recipient and one `info`.
class HpkeSender : public HpkeContext {
 public:
  // Encapsulates a fresh key to `recipient`. InvalidArgument if its key has
  // small order. 100 us.
  static absl::StatusOr<HpkeSender> Setup(Aead aead,
                                          const KemPublicKey& recipient,
                                          absl::Span<const uint8_t> info);

  // As Setup, with the ephemeral key given: for published vectors. Anywhere
  // else it would encrypt twice under one key.
  static absl::StatusOr<HpkeSender> SetupForVector(
      Aead aead, const KemPublicKey& recipient, absl::Span<const uint8_t> info,
      const KemKey& ephemeral);

  // What the recipient needs to set up its end.
  const HpkeEnc& enc() const { return enc_; }

  // The next message: ciphertext and tag. Errors as AeadKey::Seal.
  absl::StatusOr<Bytes> Seal(absl::Span<const uint8_t> aad,
                             absl::Span<const uint8_t> plaintext);

 private:
  HpkeSender(HpkeContext context, const HpkeEnc& enc)
      : HpkeContext(std::move(context)), enc_(enc) {}

  HpkeEnc enc_;
};

// The recipient's end.
class HpkeRecipient : public HpkeContext {
 public:
  // InvalidArgument if `enc` is not 32 bytes or has small order. Anything else
  // that is wrong shows when the first message is opened. 60 us.
  static absl::StatusOr<HpkeRecipient> Setup(Aead aead,
                                             absl::Span<const uint8_t> enc,
                                             const KemKey& recipient,
                                             absl::Span<const uint8_t> info);

  // Opens the next message. Errors as AeadKey::Open; after one, the same
  // number is expected again.
  absl::StatusOr<Bytes> Open(absl::Span<const uint8_t> aad,
                             absl::Span<const uint8_t> sealed);

 private:
  explicit HpkeRecipient(HpkeContext context)
      : HpkeContext(std::move(context)) {}
};

}  // namespace entente::crypto

#endif  // ENTENTE_CRYPTO_HPKE_H_

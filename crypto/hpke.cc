#include "crypto/hpke.h"

#include <sodium.h>

#include <algorithm>

#include "absl/strings/string_view.h"
#include "crypto/encoding.h"
#include "crypto/hkdf.h"
#include "crypto/x25519.h"

namespace entente::crypto {
namespace {

constexpr uint8_t kBaseMode = 0;

void AppendU16(Bytes* out, uint16_t value) {
  out->push_back(static_cast<uint8_t>(value >> 8));
  out->push_back(static_cast<uint8_t>(value & 0xff));
}

// The two suite ids of sections 4.1 and 5.1.
Bytes KemSuite() { return {'K', 'E', 'M', 0x00, 0x20}; }

Bytes HpkeSuite(Aead aead) {
  Bytes suite = {'H', 'P', 'K', 'E', 0x00, 0x20, 0x00, 0x01};
  AppendU16(&suite, static_cast<uint16_t>(aead));
  return suite;
}

// Section 4, LabeledExtract. `ikm` may be secret, so its copy is wiped.
WipedArray<32> LabeledExtract(const Bytes& suite,
                              absl::Span<const uint8_t> salt,
                              absl::string_view label,
                              absl::Span<const uint8_t> ikm) {
  Bytes labelled;
  labelled.reserve(64 + ikm.size());  // never moved: no copy is left behind
  AppendRaw(&labelled, "HPKE-v1");
  AppendRaw(&labelled, suite);
  AppendRaw(&labelled, label);
  AppendRaw(&labelled, ikm);
  WipedArray<32> prk = HkdfSha256Extract(salt, labelled);
  sodium_memzero(labelled.data(), labelled.size());
  return prk;
}

// Section 4, LabeledExpand; `info` is public.
absl::Status LabeledExpand(const Bytes& suite, absl::Span<const uint8_t> prk,
                           absl::string_view label,
                           absl::Span<const uint8_t> info,
                           absl::Span<uint8_t> out) {
  if (out.size() > kMaxHpkeExport) {
    return absl::InvalidArgumentError("HPKE gives at most 8160 bytes at once");
  }
  Bytes labelled;
  AppendU16(&labelled, static_cast<uint16_t>(out.size()));
  AppendRaw(&labelled, "HPKE-v1");
  AppendRaw(&labelled, suite);
  AppendRaw(&labelled, label);
  AppendRaw(&labelled, info);
  return HkdfSha256Expand(prk, labelled, out);
}

// Section 4.1, from the Diffie-Hellman secret to the shared one.
absl::StatusOr<WipedArray<32>> SharedSecret(
    absl::Span<const uint8_t> private_key, absl::Span<const uint8_t> public_key,
    absl::Span<const uint8_t> enc, const KemPublicKey& recipient) {
  const absl::StatusOr<WipedArray<32>> dh = X25519(private_key, public_key);
  if (!dh.ok()) return dh.status();
  Bytes kem_context;
  AppendRaw(&kem_context, enc);
  AppendRaw(&kem_context, recipient.bytes());
  const Bytes suite = KemSuite();
  WipedArray<32> shared;
  if (absl::Status s =
          LabeledExpand(suite, LabeledExtract(suite, {}, "eae_prk", *dh),
                        "shared_secret", kem_context, absl::MakeSpan(shared));
      !s.ok()) {
    return s;
  }
  return shared;
}

}  // namespace

absl::StatusOr<KemPublicKey> KemPublicKey::Parse(
    absl::Span<const uint8_t> bytes) {
  std::array<uint8_t, 32> copy{};
  if (bytes.size() != copy.size()) {
    return absl::InvalidArgumentError("an X25519 public key has 32 bytes");
  }
  std::copy(bytes.begin(), bytes.end(), copy.begin());
  return KemPublicKey(copy);
}

absl::StatusOr<KemKey> KemKey::Generate() {
  WipedArray<32> bytes;
  randombytes_buf(bytes.data(), bytes.size());
  return TakeFrom(absl::MakeSpan(bytes));
}

absl::StatusOr<KemKey> KemKey::TakeFrom(absl::Span<uint8_t> bytes) {
  absl::StatusOr<Secret> key = Secret::TakeFrom(bytes);
  if (!key.ok()) return key.status();
  const absl::StatusOr<std::array<uint8_t, 32>> public_key =
      X25519PublicKey(key->Expose());
  if (!public_key.ok()) return public_key.status();
  return KemKey(*std::move(key), KemPublicKey(*public_key));
}

absl::StatusOr<HpkeContext> HpkeContext::Create(
    Aead aead, const WipedArray<32>& shared_secret,
    absl::Span<const uint8_t> info) {
  const Bytes suite = HpkeSuite(aead);
  Bytes schedule = {kBaseMode};
  AppendRaw(&schedule, LabeledExtract(suite, {}, "psk_id_hash", {}));
  AppendRaw(&schedule, LabeledExtract(suite, {}, "info_hash", info));
  const WipedArray<32> secret =
      LabeledExtract(suite, shared_secret, "secret", {});
  WipedArray<32> key;
  const absl::Span<uint8_t> key_bytes(key.data(), AeadKeySize(aead));
  if (absl::Status s = LabeledExpand(suite, secret, "key", schedule, key_bytes);
      !s.ok()) {
    return s;
  }
  absl::StatusOr<AeadKey> aead_key = AeadKey::Create(aead, key_bytes);
  if (!aead_key.ok()) return aead_key.status();
  HpkeContext context(aead, *std::move(aead_key));
  absl::Status s = LabeledExpand(suite, secret, "base_nonce", schedule,
                                 absl::MakeSpan(context.base_nonce_));
  s.Update(LabeledExpand(suite, secret, "exp", schedule,
                         absl::MakeSpan(context.exporter_secret_)));
  if (!s.ok()) return s;
  return context;
}

absl::Status HpkeContext::Export(absl::Span<const uint8_t> exporter_context,
                                 absl::Span<uint8_t> out) const {
  return LabeledExpand(HpkeSuite(aead_), exporter_secret_, "sec",
                       exporter_context, out);
}

std::array<uint8_t, kAeadNonceSize> HpkeContext::Nonce() const {
  std::array<uint8_t, kAeadNonceSize> nonce{};
  std::copy(base_nonce_.begin(), base_nonce_.end(), nonce.begin());
  for (size_t i = 0; i < 8; ++i) {
    nonce[nonce.size() - 1 - i] ^= static_cast<uint8_t>(sequence_ >> (8 * i));
  }
  return nonce;
}

absl::StatusOr<HpkeSender> HpkeSender::Setup(Aead aead,
                                             const KemPublicKey& recipient,
                                             absl::Span<const uint8_t> info) {
  const absl::StatusOr<KemKey> ephemeral = KemKey::Generate();
  if (!ephemeral.ok()) return ephemeral.status();
  return SetupForVector(aead, recipient, info, *ephemeral);
}

absl::StatusOr<HpkeSender> HpkeSender::SetupForVector(
    Aead aead, const KemPublicKey& recipient, absl::Span<const uint8_t> info,
    const KemKey& ephemeral) {
  HpkeEnc enc{};
  std::copy_n(ephemeral.public_key().bytes().begin(), enc.size(), enc.begin());
  const absl::StatusOr<WipedArray<32>> shared =
      SharedSecret(ephemeral.Expose(), recipient.bytes(), enc, recipient);
  if (!shared.ok()) return shared.status();
  absl::StatusOr<HpkeContext> context = Create(aead, *shared, info);
  if (!context.ok()) return context.status();
  return HpkeSender(*std::move(context), enc);
}

absl::StatusOr<Bytes> HpkeSender::Seal(absl::Span<const uint8_t> aad,
                                       absl::Span<const uint8_t> plaintext) {
  absl::StatusOr<Bytes> sealed = key_.Seal(Nonce(), aad, plaintext);
  if (sealed.ok()) ++sequence_;
  return sealed;
}

absl::StatusOr<HpkeRecipient> HpkeRecipient::Setup(
    Aead aead, absl::Span<const uint8_t> enc, const KemKey& recipient,
    absl::Span<const uint8_t> info) {
  const absl::StatusOr<WipedArray<32>> shared =
      SharedSecret(recipient.Expose(), enc, enc, recipient.public_key());
  if (!shared.ok()) return shared.status();
  absl::StatusOr<HpkeContext> context = Create(aead, *shared, info);
  if (!context.ok()) return context.status();
  return HpkeRecipient(*std::move(context));
}

absl::StatusOr<Bytes> HpkeRecipient::Open(absl::Span<const uint8_t> aad,
                                          absl::Span<const uint8_t> sealed) {
  absl::StatusOr<Bytes> plaintext = key_.Open(Nonce(), aad, sealed);
  if (plaintext.ok()) ++sequence_;
  return plaintext;
}

}  // namespace entente::crypto

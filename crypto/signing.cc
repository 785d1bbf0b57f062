#include "crypto/signing.h"

#include <sodium.h>

#include <algorithm>
#include <utility>

#include "crypto/encoding.h"

namespace entente::crypto {
namespace {

Bytes Labelled(absl::string_view label, absl::Span<const uint8_t> message) {
  Bytes bytes;
  bytes.reserve(label.size() + message.size());
  AppendRaw(&bytes, label);
  AppendRaw(&bytes, message);
  return bytes;
}

}  // namespace

absl::StatusOr<Signature> ParseSignature(absl::Span<const uint8_t> bytes) {
  Signature signature;
  if (bytes.size() != signature.size()) {
    return absl::InvalidArgumentError("an Ed25519 signature has 64 bytes");
  }
  std::copy(bytes.begin(), bytes.end(), signature.begin());
  return signature;
}

absl::StatusOr<Ed25519PublicKey> Ed25519PublicKey::Parse(
    absl::Span<const uint8_t> bytes) {
  std::array<uint8_t, 32> copy{};
  if (bytes.size() != copy.size()) {
    return absl::InvalidArgumentError("an Ed25519 public key has 32 bytes");
  }
  std::copy(bytes.begin(), bytes.end(), copy.begin());
  if (crypto_core_ed25519_is_valid_point(copy.data()) != 1) {
    return absl::InvalidArgumentError("not an Ed25519 public key");
  }
  return Ed25519PublicKey(copy);
}

absl::Status Ed25519PublicKey::Verify(absl::string_view label,
                                      absl::Span<const uint8_t> message,
                                      const Signature& signature) const {
  const Bytes signed_bytes = Labelled(label, message);
  if (crypto_sign_verify_detached(signature.data(), signed_bytes.data(),
                                  signed_bytes.size(), bytes_.data()) != 0) {
    return absl::DataLossError("signature does not verify");
  }
  return absl::OkStatus();
}

absl::StatusOr<SigningKey> SigningKey::Generate() {
  WipedArray<crypto_sign_SEEDBYTES> seed;
  randombytes_buf(seed.data(), seed.size());
  return TakeSeed(absl::MakeSpan(seed.data(), seed.size()));
}

absl::StatusOr<SigningKey> SigningKey::TakeSeed(absl::Span<uint8_t> seed) {
  if (seed.size() != crypto_sign_SEEDBYTES) {
    sodium_memzero(seed.data(), seed.size());
    return absl::InvalidArgumentError("an Ed25519 seed has 32 bytes");
  }
  WipedArray<crypto_sign_SECRETKEYBYTES> expanded;
  std::array<uint8_t, 32> public_key{};
  crypto_sign_seed_keypair(public_key.data(), expanded.data(), seed.data());
  sodium_memzero(seed.data(), seed.size());
  absl::StatusOr<Secret> key =
      Secret::TakeFrom(absl::MakeSpan(expanded.data(), expanded.size()));
  if (!key.ok()) return key.status();
  return SigningKey(*std::move(key), Ed25519PublicKey(public_key));
}

Signature SigningKey::Sign(absl::string_view label,
                           absl::Span<const uint8_t> message) const {
  const Bytes signed_bytes = Labelled(label, message);
  Signature signature;
  crypto_sign_detached(signature.data(), nullptr, signed_bytes.data(),
                       signed_bytes.size(), key_.Expose().data());
  return signature;
}

}  // namespace entente::crypto

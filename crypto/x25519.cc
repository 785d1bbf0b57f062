#include "crypto/x25519.h"

#include <openssl/evp.h>
#include <sodium.h>

#include <memory>

namespace entente::crypto {
namespace {

struct FreeKey {
  void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
};
struct FreeContext {
  void operator()(EVP_PKEY_CTX* context) const { EVP_PKEY_CTX_free(context); }
};
using Key = std::unique_ptr<EVP_PKEY, FreeKey>;

absl::Status CheckSize(absl::Span<const uint8_t> key) {
  if (key.size() == 32) return absl::OkStatus();
  return absl::InvalidArgumentError("an X25519 key has 32 bytes");
}

Key PrivateKey(absl::Span<const uint8_t> key) {
  return Key(EVP_PKEY_new_raw_private_key(EVP_PKEY_X25519, nullptr, key.data(),
                                          key.size()));
}

}  // namespace

absl::StatusOr<WipedArray<32>> X25519(absl::Span<const uint8_t> private_key,
                                      absl::Span<const uint8_t> public_key) {
  if (absl::Status s = CheckSize(private_key); !s.ok()) return s;
  if (absl::Status s = CheckSize(public_key); !s.ok()) return s;
  const Key ours = PrivateKey(private_key);
  const Key theirs(EVP_PKEY_new_raw_public_key(
      EVP_PKEY_X25519, nullptr, public_key.data(), public_key.size()));
  const std::unique_ptr<EVP_PKEY_CTX, FreeContext> context(
      ours == nullptr ? nullptr : EVP_PKEY_CTX_new(ours.get(), nullptr));
  if (theirs == nullptr || context == nullptr ||
      EVP_PKEY_derive_init(context.get()) != 1 ||
      EVP_PKEY_derive_set_peer_ex(context.get(), theirs.get(), 0) != 1) {
    return absl::InternalError("OpenSSL does not take an X25519 key");
  }
  WipedArray<32> shared;
  size_t size = shared.size();
  // OpenSSL refuses an all-zero secret; the second check does not rely on it.
  if (EVP_PKEY_derive(context.get(), shared.data(), &size) != 1 ||
      size != shared.size() ||
      sodium_is_zero(shared.data(), shared.size()) == 1) {
    return absl::InvalidArgumentError(
        "the X25519 public key has small order: no secret comes of it");
  }
  return shared;
}

absl::StatusOr<std::array<uint8_t, 32>> X25519PublicKey(
    absl::Span<const uint8_t> private_key) {
  if (absl::Status s = CheckSize(private_key); !s.ok()) return s;
  const Key key = PrivateKey(private_key);
  std::array<uint8_t, 32> public_key{};
  size_t size = public_key.size();
  if (key == nullptr ||
      EVP_PKEY_get_raw_public_key(key.get(), public_key.data(), &size) != 1 ||
      size != public_key.size()) {
    return absl::InternalError("OpenSSL does not take an X25519 key");
  }
  return public_key;
}

}  // namespace entente::crypto

#include "crypto/sha.h"

#include <openssl/evp.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>

#include "crypto/hex.h"

namespace entente::crypto {
namespace {

// OpenSSL refuses here only when the process itself is broken.
void CheckOpenSsl(bool ok) {
  if (ok) return;
  std::fputs("SHA-256 of OpenSSL does not work in this process\n", stderr);
  std::abort();
}

// Fetched once: a fetch costs more than a short hash.
const EVP_MD* FetchedSha256() {
  static const EVP_MD* const kMd = EVP_MD_fetch(nullptr, "SHA256", nullptr);
  CheckOpenSsl(kMd != nullptr);
  return kMd;
}

// libsodium takes no null pointer as a key, even of no bytes.
const uint8_t* NonNull(absl::Span<const uint8_t> key) {
  static constexpr uint8_t kNothing = 0;
  return key.empty() ? &kNothing : key.data();
}

}  // namespace

void Sha256Hasher::Free::operator()(EVP_MD_CTX* context) const {
  EVP_MD_CTX_free(context);
}

absl::StatusOr<Hash> HashFromHex(absl::string_view hex) {
  const absl::StatusOr<Bytes> bytes = FromHex(hex);
  Hash hash = {};
  if (!bytes.ok() || bytes->size() != hash.size()) {
    return absl::InvalidArgumentError("a SHA-256 is 64 lower-case hex digits");
  }
  std::copy(bytes->begin(), bytes->end(), hash.begin());
  return hash;
}

Sha256Hasher::Sha256Hasher() : context_(EVP_MD_CTX_new()) {
  CheckOpenSsl(context_ != nullptr &&
               EVP_DigestInit_ex2(context_.get(), FetchedSha256(), nullptr));
}

Sha256Hasher& Sha256Hasher::Update(absl::Span<const uint8_t> piece) {
  CheckOpenSsl(EVP_DigestUpdate(context_.get(), piece.data(), piece.size()));
  return *this;
}

Sha256Hasher& Sha256Hasher::Update(absl::string_view piece) {
  return Update(AsBytes(piece));
}

Hash Sha256Hasher::Finish() {
  Hash hash;
  CheckOpenSsl(EVP_DigestFinal_ex(context_.get(), hash.data(), nullptr) &&
               EVP_DigestInit_ex2(context_.get(), nullptr, nullptr));
  return hash;
}

Hash Sha256(absl::Span<const uint8_t> message) {
  static thread_local Sha256Hasher hasher;
  return hasher.Update(message).Finish();
}

Hash Sha256(absl::string_view message) { return Sha256(AsBytes(message)); }

Sha512Hasher& Sha512Hasher::Update(absl::Span<const uint8_t> piece) {
  crypto_hash_sha512_update(&state_, piece.data(), piece.size());
  return *this;
}

Sha512Hasher& Sha512Hasher::Update(absl::string_view piece) {
  return Update(AsBytes(piece));
}

Hash512 Sha512Hasher::Finish() {
  Hash512 hash;
  crypto_hash_sha512_final(&state_, hash.data());
  crypto_hash_sha512_init(&state_);
  return hash;
}

Hash512 Sha512(absl::Span<const uint8_t> message) {
  return Sha512Hasher().Update(message).Finish();
}

Hash HmacSha256(absl::Span<const uint8_t> key,
                absl::Span<const uint8_t> message) {
  Hash mac;
  crypto_auth_hmacsha256_state state;
  crypto_auth_hmacsha256_init(&state, NonNull(key), key.size());
  crypto_auth_hmacsha256_update(&state, message.data(), message.size());
  crypto_auth_hmacsha256_final(&state, mac.data());
  sodium_memzero(&state, sizeof(state));
  return mac;
}

WipedArray<64> HmacSha512(absl::Span<const uint8_t> key,
                          absl::Span<const uint8_t> message) {
  WipedArray<64> mac;
  crypto_auth_hmacsha512_state state;
  crypto_auth_hmacsha512_init(&state, NonNull(key), key.size());
  crypto_auth_hmacsha512_update(&state, message.data(), message.size());
  crypto_auth_hmacsha512_final(&state, mac.data());
  sodium_memzero(&state, sizeof(state));
  return mac;
}

}  // namespace entente::crypto

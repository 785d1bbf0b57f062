#include "crypto/hkdf.h"

#include <sodium.h>

#include <algorithm>

namespace entente::crypto {
namespace {

// libsodium takes no null key, even of no bytes.
const uint8_t* NonNull(absl::Span<const uint8_t> key) {
  static constexpr uint8_t kNothing = 0;
  return key.empty() ? &kNothing : key.data();
}

// HMAC in pieces; the state, which is as good as the key, is wiped.
class Sha256Mac {
 public:
  static constexpr size_t kSize = 32;

  explicit Sha256Mac(absl::Span<const uint8_t> key) {
    crypto_auth_hmacsha256_init(&state_, NonNull(key), key.size());
  }
  Sha256Mac(const Sha256Mac&) = delete;
  Sha256Mac& operator=(const Sha256Mac&) = delete;
  ~Sha256Mac() { sodium_memzero(&state_, sizeof state_); }

  void Update(absl::Span<const uint8_t> piece) {
    crypto_auth_hmacsha256_update(&state_, piece.data(), piece.size());
  }
  void Finish(uint8_t* out) { crypto_auth_hmacsha256_final(&state_, out); }

 private:
  crypto_auth_hmacsha256_state state_;
};

class Sha512Mac {
 public:
  static constexpr size_t kSize = 64;

  explicit Sha512Mac(absl::Span<const uint8_t> key) {
    crypto_auth_hmacsha512_init(&state_, NonNull(key), key.size());
  }
  Sha512Mac(const Sha512Mac&) = delete;
  Sha512Mac& operator=(const Sha512Mac&) = delete;
  ~Sha512Mac() { sodium_memzero(&state_, sizeof state_); }

  void Update(absl::Span<const uint8_t> piece) {
    crypto_auth_hmacsha512_update(&state_, piece.data(), piece.size());
  }
  void Finish(uint8_t* out) { crypto_auth_hmacsha512_final(&state_, out); }

 private:
  crypto_auth_hmacsha512_state state_;
};

template <typename Mac>
WipedArray<Mac::kSize> Extract(absl::Span<const uint8_t> salt,
                               absl::Span<const uint8_t> ikm) {
  WipedArray<Mac::kSize> prk;
  Mac mac(salt);  // HMAC pads a short key with zeros, as RFC 5869 wants it
  mac.Update(ikm);
  mac.Finish(prk.data());
  return prk;
}

template <typename Mac>
absl::Status Expand(absl::Span<const uint8_t> prk,
                    absl::Span<const uint8_t> info, absl::Span<uint8_t> out) {
  if (out.size() > 255 * Mac::kSize) {
    return absl::InvalidArgumentError("HKDF gives at most 255 blocks");
  }
  WipedArray<Mac::kSize> block;
  uint8_t counter = 0;
  while (!out.empty()) {
    Mac mac(prk);
    if (counter > 0) mac.Update(block);
    mac.Update(info);
    ++counter;
    mac.Update({&counter, 1});
    mac.Finish(block.data());
    const size_t taken = std::min(out.size(), Mac::kSize);
    std::copy_n(block.begin(), taken, out.begin());
    out.remove_prefix(taken);
  }
  return absl::OkStatus();
}

}  // namespace

WipedArray<32> HkdfSha256Extract(absl::Span<const uint8_t> salt,
                                 absl::Span<const uint8_t> ikm) {
  return Extract<Sha256Mac>(salt, ikm);
}

absl::Status HkdfSha256Expand(absl::Span<const uint8_t> prk,
                              absl::Span<const uint8_t> info,
                              absl::Span<uint8_t> out) {
  return Expand<Sha256Mac>(prk, info, out);
}

absl::Status HkdfSha256(absl::Span<const uint8_t> ikm,
                        absl::Span<const uint8_t> salt,
                        absl::Span<const uint8_t> info,
                        absl::Span<uint8_t> out) {
  return Expand<Sha256Mac>(Extract<Sha256Mac>(salt, ikm), info, out);
}

absl::Status HkdfSha512(absl::Span<const uint8_t> ikm,
                        absl::Span<const uint8_t> salt,
                        absl::Span<const uint8_t> info,
                        absl::Span<uint8_t> out) {
  return Expand<Sha512Mac>(Extract<Sha512Mac>(salt, ikm), info, out);
}

}  // namespace entente::crypto

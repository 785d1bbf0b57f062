#include "crypto/secret.h"

#include <algorithm>

namespace entente::crypto {

absl::StatusOr<Secret> Secret::Allocate(size_t size) {
  if (sodium_init() < 0) return absl::InternalError("libsodium cannot start");
  Secret secret;
  secret.bytes_.reset(static_cast<uint8_t*>(sodium_malloc(size)));
  if (secret.bytes_ == nullptr) {
    return absl::ResourceExhaustedError("no memory for a secret");
  }
  secret.size_ = size;
  return secret;
}

absl::StatusOr<Secret> Secret::TakeFrom(absl::Span<uint8_t> source) {
  absl::StatusOr<Secret> secret = Allocate(source.size());
  if (secret.ok()) {
    std::copy(source.begin(), source.end(), secret->bytes_.get());
  }
  sodium_memzero(source.data(), source.size());
  return secret;
}

absl::StatusOr<Secret> Secret::Random(size_t size) {
  absl::StatusOr<Secret> secret = Allocate(size);
  if (secret.ok()) randombytes_buf(secret->bytes_.get(), size);
  return secret;
}

}  // namespace entente::crypto

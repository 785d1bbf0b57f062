#include "client/row_sealer.h"

#include <sodium.h>

#include <utility>

#include "crypto/hkdf.h"
#include "crypto/sha.h"

namespace entente::client {
namespace {

constexpr size_t kNonce = crypto_aead_xchacha20poly1305_ietf_NPUBBYTES;
constexpr size_t kTag = crypto_aead_xchacha20poly1305_ietf_ABYTES;

absl::StatusOr<crypto::Secret> Derive(const crypto::Secret& table_key,
                                      absl::string_view label) {
  crypto::WipedArray<32> key;
  if (absl::Status derived =
          crypto::HkdfSha256(table_key.Expose(), {}, crypto::AsBytes(label),
                             {key.data(), key.size()});
      !derived.ok()) {
    return derived;
  }
  return crypto::Secret::TakeFrom({key.data(), key.size()});
}

}  // namespace

absl::StatusOr<RowSealer> RowSealer::Create(const crypto::Secret& table_key) {
  if (sodium_init() < 0) {
    return absl::InternalError("libsodium cannot start");
  }
  if (table_key.size() != 32) {
    return absl::InvalidArgumentError("a table key has 32 bytes");
  }
  absl::StatusOr<crypto::Secret> seal =
      Derive(table_key, "entente store seal v1");
  if (!seal.ok()) return seal.status();
  absl::StatusOr<crypto::Secret> index =
      Derive(table_key, "entente store index v1");
  if (!index.ok()) return index.status();
  return RowSealer(*std::move(seal), *std::move(index));
}

crypto::Bytes RowSealer::Seal(absl::Span<const uint8_t> row,
                              absl::Span<const uint8_t> plaintext) const {
  crypto::Bytes sealed(kNonce + plaintext.size() + kTag);
  randombytes_buf(sealed.data(), kNonce);
  // Only a plaintext beyond 2^38 bytes makes it fail.
  crypto_aead_xchacha20poly1305_ietf_encrypt(
      sealed.data() + kNonce, nullptr, plaintext.data(), plaintext.size(),
      row.data(), row.size(), nullptr, sealed.data(), seal_.Expose().data());
  return sealed;
}

absl::StatusOr<crypto::Bytes> RowSealer::Open(
    absl::Span<const uint8_t> row, absl::Span<const uint8_t> sealed) const {
  if (sealed.size() < kNonce + kTag) {
    return absl::DataLossError("local store: a sealed row is too short");
  }
  crypto::Bytes plaintext(sealed.size() - kNonce - kTag);
  if (crypto_aead_xchacha20poly1305_ietf_decrypt(
          plaintext.data(), nullptr, nullptr, sealed.data() + kNonce,
          sealed.size() - kNonce, row.data(), row.size(), sealed.data(),
          seal_.Expose().data()) != 0) {
    return absl::DataLossError(
        "local store: a row was altered, or belongs to another profile; "
        "restore the profile from its backup");
  }
  return plaintext;
}

absl::StatusOr<crypto::Secret> RowSealer::OpenSecret(
    absl::Span<const uint8_t> row, absl::Span<const uint8_t> sealed) const {
  absl::StatusOr<crypto::Bytes> opened = Open(row, sealed);
  if (!opened.ok()) return opened.status();
  return crypto::Secret::TakeFrom(absl::MakeSpan(*opened));
}

crypto::Bytes RowSealer::IndexOf(absl::Span<const uint8_t> subject) const {
  const crypto::Hash index = crypto::HmacSha256(index_.Expose(), subject);
  return {index.begin(), index.end()};
}

}  // namespace entente::client

#include "broker/key_file.h"

#include <sodium.h>
#include <unistd.h>

#include <array>
#include <utility>

#include "absl/strings/str_cat.h"
#include "broker/durable_file.h"
#include "crypto/encoding.h"

namespace entente::broker {
namespace {

using crypto::AsBytes;
using crypto::AsText;
using crypto::ByteReader;
using crypto::Bytes;
using crypto::Secret;

constexpr absl::string_view kFileLabel = "entente key-file v1\n";
constexpr absl::string_view kRowLabel = "entente row v1";
constexpr size_t kKeyBytes = crypto_aead_xchacha20poly1305_ietf_KEYBYTES;
constexpr size_t kNonceBytes = crypto_aead_xchacha20poly1305_ietf_NPUBBYTES;
constexpr size_t kTagBytes = crypto_aead_xchacha20poly1305_ietf_ABYTES;
constexpr uint64_t kMaxPasses = 16;
constexpr uint64_t kMaxMemoryBytes = uint64_t{1} << 30;
constexpr size_t kMaxFileBytes = 4096;

using Nonce = std::array<uint8_t, kNonceBytes>;

Bytes Encrypt(const Secret& key, const Nonce& nonce,
              absl::Span<const uint8_t> associated,
              absl::Span<const uint8_t> plaintext) {
  Bytes sealed(plaintext.size() + kTagBytes);
  // Documented never to fail.
  crypto_aead_xchacha20poly1305_ietf_encrypt(
      sealed.data(), nullptr, plaintext.data(), plaintext.size(),
      associated.data(), associated.size(), nullptr, nonce.data(),
      key.Expose().data());
  return sealed;
}

// `sealed` has at least kTagBytes. DataLoss if it does not authenticate.
absl::StatusOr<Secret> Decrypt(const Secret& key,
                               absl::Span<const uint8_t> nonce,
                               absl::Span<const uint8_t> associated,
                               absl::Span<const uint8_t> sealed) {
  Bytes plaintext(sealed.size() - kTagBytes);
  if (crypto_aead_xchacha20poly1305_ietf_decrypt(
          plaintext.data(), nullptr, nullptr, sealed.data(), sealed.size(),
          associated.data(), associated.size(), nonce.data(),
          key.Expose().data()) != 0) {
    return absl::DataLossError("does not authenticate");
  }
  return Secret::TakeFrom(absl::MakeSpan(plaintext));
}

Bytes RowName(absl::string_view row) {
  Bytes name;
  crypto::AppendRaw(&name, kRowLabel);
  crypto::AppendRaw(&name, row);
  return name;
}

// Label, cost and salt: what precedes the nonce.
struct Header {
  uint64_t passes = 0;
  uint64_t memory_bytes = 0;
  std::array<uint8_t, crypto_pwhash_SALTBYTES> salt = {};

  Bytes Encode() const {
    Bytes bytes;
    crypto::AppendRaw(&bytes, kFileLabel);
    crypto::AppendU64(&bytes, passes);
    crypto::AppendU64(&bytes, memory_bytes);
    crypto::AppendRaw(&bytes, salt);
    return bytes;
  }
};

absl::StatusOr<Secret> Stretch(const Secret& passphrase, const Header& header) {
  crypto::WipedArray<kKeyBytes> key;
  if (crypto_pwhash(key.data(), key.size(),
                    reinterpret_cast<const char*>(passphrase.Expose().data()),
                    passphrase.size(), header.salt.data(), header.passes,
                    header.memory_bytes, crypto_pwhash_ALG_ARGON2ID13) != 0) {
    return absl::ResourceExhaustedError(
        absl::StrCat("stretching the passphrase needs ",
                     header.memory_bytes >> 20, " MiB of memory"));
  }
  return Secret::TakeFrom(absl::MakeSpan(key.data(), key.size()));
}

}  // namespace

Bytes WrappingKey::Seal(absl::string_view row,
                        absl::Span<const uint8_t> plaintext) const {
  Nonce nonce;
  randombytes_buf(nonce.data(), nonce.size());
  Bytes sealed(nonce.begin(), nonce.end());
  crypto::AppendRaw(&sealed, Encrypt(key_, nonce, RowName(row), plaintext));
  return sealed;
}

absl::StatusOr<Secret> WrappingKey::Unseal(
    absl::string_view row, absl::Span<const uint8_t> sealed) const {
  absl::Status refused = absl::DataLossError(absl::StrCat(
      "the sealed key ", row,
      " does not open: it was altered, or the key file is of another broker"));
  if (sealed.size() < kNonceBytes + kTagBytes) return refused;
  absl::StatusOr<Secret> opened =
      Decrypt(key_, sealed.first(kNonceBytes), RowName(row),
              sealed.subspan(kNonceBytes));
  if (absl::IsDataLoss(opened.status())) return refused;
  return opened;
}

absl::StatusOr<WrappingKey> KeyFile::Create(const std::string& path,
                                            const Secret& passphrase,
                                            const PassphraseCost& cost) {
  if (access(path.c_str(), F_OK) == 0) {
    return absl::AlreadyExistsError(absl::StrCat(path, " exists"));
  }
  Header header = {cost.passes, cost.memory_bytes, {}};
  randombytes_buf(header.salt.data(), header.salt.size());
  const absl::StatusOr<Secret> stretched = Stretch(passphrase, header);
  if (!stretched.ok()) return stretched.status();
  absl::StatusOr<Secret> key = Secret::Random(kKeyBytes);
  if (!key.ok()) return key.status();
  Nonce nonce;
  randombytes_buf(nonce.data(), nonce.size());

  const Bytes encoded = header.Encode();
  Bytes content = encoded;
  crypto::AppendRaw(&content, nonce);
  crypto::AppendRaw(&content,
                    Encrypt(*stretched, nonce, encoded, key->Expose()));
  if (absl::Status written = WriteDurably(path, AsText(content));
      !written.ok()) {
    return written;
  }
  return WrappingKey(*std::move(key));
}

absl::StatusOr<WrappingKey> KeyFile::Open(const std::string& path,
                                          const Secret& passphrase) {
  if (absl::Status is_private = CheckPrivate(path); !is_private.ok()) {
    return is_private;
  }
  const absl::StatusOr<std::string> content = ReadFile(path, kMaxFileBytes);
  if (!content.ok()) return content.status();
  const absl::Span<const uint8_t> bytes = AsBytes(*content);
  const size_t header_bytes = kFileLabel.size() + 16 + crypto_pwhash_SALTBYTES;
  if (bytes.size() != header_bytes + kNonceBytes + kKeyBytes + kTagBytes ||
      AsText(bytes.first(kFileLabel.size())) != kFileLabel) {
    return absl::DataLossError(absl::StrCat(path, " is no key file"));
  }
  ByteReader reader(bytes.subspan(kFileLabel.size()));
  Header header;
  header.passes = *reader.U64();
  header.memory_bytes = *reader.U64();
  const absl::Span<const uint8_t> salt = *reader.Raw(header.salt.size());
  std::copy(salt.begin(), salt.end(), header.salt.begin());
  if (header.passes < crypto_pwhash_OPSLIMIT_MIN ||
      header.passes > kMaxPasses ||
      header.memory_bytes < crypto_pwhash_MEMLIMIT_MIN ||
      header.memory_bytes > kMaxMemoryBytes) {
    return absl::DataLossError(absl::StrCat(path, " is no key file"));
  }
  const absl::StatusOr<Secret> stretched = Stretch(passphrase, header);
  if (!stretched.ok()) return stretched.status();
  absl::StatusOr<Secret> key = Decrypt(
      *stretched, bytes.subspan(header_bytes, kNonceBytes),
      bytes.first(header_bytes), bytes.subspan(header_bytes + kNonceBytes));
  if (absl::IsDataLoss(key.status())) {
    return absl::PermissionDeniedError(
        absl::StrCat("the passphrase does not open ", path));
  }
  if (!key.ok()) return key.status();
  return WrappingKey(*std::move(key));
}

}  // namespace entente::broker

#include "crypto/aead.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>

#include <utility>

namespace entente::crypto {
namespace {

const EVP_CIPHER* Cipher(Aead aead) {
  switch (aead) {
    case Aead::kAes128Gcm:
      return EVP_aes_128_gcm();
    case Aead::kAes256Gcm:
      return EVP_aes_256_gcm();
    case Aead::kChaCha20Poly1305:
      return EVP_chacha20_poly1305();
  }
  return nullptr;
}

absl::Status CheckInput(absl::Span<const uint8_t> nonce,
                        absl::Span<const uint8_t> aad, size_t size) {
  if (nonce.size() != kAeadNonceSize) {
    return absl::InvalidArgumentError("a nonce has 12 bytes");
  }
  if (aad.size() > kMaxAeadInput || size > kMaxAeadInput) {
    return absl::InvalidArgumentError("too much for one encryption");
  }
  return absl::OkStatus();
}

// Sets the nonce and direction, feeds `aad`, then turns `in` into as many
// bytes at `out`.
bool Run(EVP_CIPHER_CTX* context, bool encrypt, absl::Span<const uint8_t> nonce,
         absl::Span<const uint8_t> aad, absl::Span<const uint8_t> in,
         uint8_t* out) {
  int written = 0;
  return EVP_CipherInit_ex(context, nullptr, nullptr, nullptr, nonce.data(),
                           encrypt ? 1 : 0) == 1 &&
         (aad.empty() ||
          EVP_CipherUpdate(context, nullptr, &written, aad.data(),
                           static_cast<int>(aad.size())) == 1) &&
         (in.empty() || EVP_CipherUpdate(context, out, &written, in.data(),
                                         static_cast<int>(in.size())) == 1);
}

}  // namespace

size_t AeadKeySize(Aead aead) { return aead == Aead::kAes128Gcm ? 16 : 32; }

void AeadKey::Free::operator()(evp_cipher_ctx_st* context) const {
  EVP_CIPHER_CTX_free(context);
}

absl::StatusOr<AeadKey> AeadKey::Create(Aead aead,
                                        absl::Span<const uint8_t> key) {
  const EVP_CIPHER* cipher = Cipher(aead);
  if (cipher == nullptr || key.size() != AeadKeySize(aead)) {
    return absl::InvalidArgumentError("key has the wrong size for its cipher");
  }
  Context context(EVP_CIPHER_CTX_new());
  if (context == nullptr || EVP_CipherInit_ex(context.get(), cipher, nullptr,
                                              key.data(), nullptr, 1) != 1) {
    return absl::InternalError("OpenSSL does not take the key");
  }
  return AeadKey(std::move(context));
}

absl::StatusOr<Bytes> AeadKey::Seal(absl::Span<const uint8_t> nonce,
                                    absl::Span<const uint8_t> aad,
                                    absl::Span<const uint8_t> plaintext) {
  if (absl::Status input = CheckInput(nonce, aad, plaintext.size());
      !input.ok()) {
    return input;
  }
  Bytes sealed(plaintext.size() + kAeadTagSize);
  uint8_t* const tag = sealed.data() + plaintext.size();
  int written = 0;
  if (!Run(context_.get(), /*encrypt=*/true, nonce, aad, plaintext,
           sealed.data()) ||
      EVP_CipherFinal_ex(context_.get(), tag, &written) != 1 || written != 0 ||
      EVP_CIPHER_CTX_ctrl(context_.get(), EVP_CTRL_AEAD_GET_TAG, kAeadTagSize,
                          tag) != 1) {
    return absl::InternalError("OpenSSL failed to encrypt");
  }
  return sealed;
}

absl::StatusOr<Bytes> AeadKey::Open(absl::Span<const uint8_t> nonce,
                                    absl::Span<const uint8_t> aad,
                                    absl::Span<const uint8_t> sealed) {
  if (sealed.size() < kAeadTagSize) {
    return absl::InvalidArgumentError("shorter than a tag");
  }
  const size_t size = sealed.size() - kAeadTagSize;
  if (absl::Status input = CheckInput(nonce, aad, size); !input.ok()) {
    return input;
  }
  Bytes tag(sealed.begin() + static_cast<ptrdiff_t>(size), sealed.end());
  Bytes plaintext(size + 1);  // one spare byte: never a null output pointer
  int written = 0;
  const bool ran = Run(context_.get(), /*encrypt=*/false, nonce, aad,
                       sealed.first(size), plaintext.data());
  if (!ran || EVP_CIPHER_CTX_ctrl(context_.get(), EVP_CTRL_AEAD_SET_TAG,
                                  kAeadTagSize, tag.data()) != 1) {
    OPENSSL_cleanse(plaintext.data(), plaintext.size());
    return absl::InternalError("OpenSSL failed to decrypt");
  }
  if (EVP_CipherFinal_ex(context_.get(), plaintext.data() + size, &written) !=
      1) {
    OPENSSL_cleanse(plaintext.data(), plaintext.size());
    return absl::DataLossError("ciphertext does not authenticate");
  }
  plaintext.resize(size);
  return plaintext;
}

}  // namespace entente::crypto

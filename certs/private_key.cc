#include "certs/private_key.h"

#include <openssl/bio.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include <utility>

namespace entente::certs {
namespace {

using Bio = std::unique_ptr<BIO, decltype(&BIO_free)>;
using Digest = std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)>;

bool IsP256(const EVP_PKEY* key) {
  char group[64] = {};
  size_t length = 0;
  return EVP_PKEY_is_a(key, "EC") == 1 &&
         EVP_PKEY_get_group_name(key, group, sizeof(group), &length) == 1 &&
         absl::string_view(group, length) == "prime256v1";
}

bool IsEd25519(const EVP_PKEY* key) {
  return EVP_PKEY_is_a(key, "ED25519") == 1;
}

const EVP_MD* DigestFor(const EVP_PKEY* key) {
  return IsEd25519(key) ? nullptr : EVP_sha256();
}

}  // namespace

absl::Status CheckKeyKind(const evp_pkey_st* key) {
  if (IsP256(key) || IsEd25519(key)) return absl::OkStatus();
  return absl::InvalidArgumentError("the key is neither P-256 nor Ed25519");
}

absl::StatusOr<PrivateKey> PrivateKey::Generate(Kind kind) {
  EVP_PKEY* key = kind == Kind::kP256
                      ? EVP_EC_gen("P-256")
                      : EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519");
  if (key == nullptr) return absl::InternalError("OpenSSL made no key");
  return PrivateKey(std::shared_ptr<EVP_PKEY>(key, EVP_PKEY_free));
}

absl::StatusOr<PrivateKey> PrivateKey::FromPem(absl::string_view pem) {
  const Bio bio(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())),
                BIO_free);
  // A callback that gives no passphrase: OpenSSL would ask on the terminal.
  const auto refuse = [](char*, int, int, void*) { return -1; };
  EVP_PKEY* key = PEM_read_bio_PrivateKey(bio.get(), nullptr, refuse, nullptr);
  ERR_clear_error();
  if (key == nullptr) {
    return absl::InvalidArgumentError(
        "the private key cannot be read: it must be PKCS #8 and not encrypted");
  }
  PrivateKey read(std::shared_ptr<EVP_PKEY>(key, EVP_PKEY_free));
  if (absl::Status kind = CheckKeyKind(key); !kind.ok()) return kind;
  return read;
}

absl::StatusOr<crypto::Secret> PrivateKey::ToPem() const {
  const Bio bio(BIO_new(BIO_s_secmem()), BIO_free);
  if (PEM_write_bio_PKCS8PrivateKey(bio.get(), key_.get(), nullptr, nullptr, 0,
                                    nullptr, nullptr) != 1) {
    return absl::InternalError("OpenSSL cannot write the key");
  }
  char* text = nullptr;
  const long size = BIO_get_mem_data(bio.get(), &text);
  return crypto::Secret::TakeFrom(absl::MakeSpan(
      reinterpret_cast<uint8_t*>(text), static_cast<size_t>(size)));
}

bool PrivateKey::Matches(const Certificate& certificate) const {
  const bool matches =
      X509_check_private_key(certificate.handle(), key_.get()) == 1;
  ERR_clear_error();
  return matches;
}

absl::StatusOr<std::vector<uint8_t>> PrivateKey::Sign(
    absl::Span<const uint8_t> message) const {
  const Digest context(EVP_MD_CTX_new(), EVP_MD_CTX_free);
  size_t size = 0;
  if (EVP_DigestSignInit(context.get(), nullptr, DigestFor(key_.get()), nullptr,
                         key_.get()) != 1 ||
      EVP_DigestSign(context.get(), nullptr, &size, message.data(),
                     message.size()) != 1) {
    return absl::InternalError("OpenSSL cannot sign");
  }
  std::vector<uint8_t> signature(size);
  if (EVP_DigestSign(context.get(), signature.data(), &size, message.data(),
                     message.size()) != 1) {
    return absl::InternalError("OpenSSL cannot sign");
  }
  signature.resize(size);
  return signature;
}

absl::Status VerifySignature(const Certificate& certificate,
                             absl::Span<const uint8_t> message,
                             absl::Span<const uint8_t> signature) {
  EVP_PKEY* key = X509_get0_pubkey(certificate.handle());
  if (key == nullptr || !CheckKeyKind(key).ok()) {
    ERR_clear_error();
    return absl::InvalidArgumentError(
        "the certificate's key is neither P-256 nor Ed25519");
  }
  const Digest context(EVP_MD_CTX_new(), EVP_MD_CTX_free);
  const bool good =
      EVP_DigestVerifyInit(context.get(), nullptr, DigestFor(key), nullptr,
                           key) == 1 &&
      EVP_DigestVerify(context.get(), signature.data(), signature.size(),
                       message.data(), message.size()) == 1;
  ERR_clear_error();
  return good ? absl::OkStatus()
              : absl::InvalidArgumentError("the signature does not verify");
}

}  // namespace entente::certs

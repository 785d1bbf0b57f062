#include "certs/revocation_list.h"

#include <openssl/asn1.h>
#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <memory>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"

namespace entente::certs {
namespace {

using OwnedCrl = std::unique_ptr<X509_CRL, decltype(&X509_CRL_free)>;
using OwnedTime = std::unique_ptr<ASN1_TIME, decltype(&ASN1_TIME_free)>;
using OwnedInteger =
    std::unique_ptr<ASN1_INTEGER, decltype(&ASN1_INTEGER_free)>;

// RFC 5280 section 4.1.2.2: at most 20 bytes.
constexpr size_t kMaxSerialDigits = 40;

absl::Status OpenSslFailed() {
  ERR_clear_error();
  return absl::InternalError("OpenSSL could not make the revocation list");
}

OwnedTime TimeOf(absl::Time time) {
  return OwnedTime(ASN1_TIME_set(nullptr, absl::ToTimeT(time)), ASN1_TIME_free);
}

bool IsSerial(const std::string& hex) {
  if (hex.empty() || hex.size() > kMaxSerialDigits) return false;
  for (const char c : hex) {
    if (!absl::ascii_isxdigit(static_cast<unsigned char>(c))) return false;
  }
  return true;
}

OwnedInteger SerialOf(const std::string& hex) {
  BIGNUM* number = nullptr;
  BN_hex2bn(&number, hex.c_str());
  OwnedInteger serial(BN_to_ASN1_INTEGER(number, nullptr), ASN1_INTEGER_free);
  BN_free(number);
  return serial;
}

bool AddRevoked(X509_CRL* crl, const RevokedSerial& revoked) {
  using OwnedEntry =
      std::unique_ptr<X509_REVOKED, decltype(&X509_REVOKED_free)>;
  OwnedEntry entry(X509_REVOKED_new(), X509_REVOKED_free);
  const OwnedInteger serial = SerialOf(revoked.serial_hex);
  const OwnedTime at = TimeOf(revoked.at);
  if (entry == nullptr || serial == nullptr || at == nullptr ||
      X509_REVOKED_set_serialNumber(entry.get(), serial.get()) != 1 ||
      X509_REVOKED_set_revocationDate(entry.get(), at.get()) != 1 ||
      X509_CRL_add0_revoked(crl, entry.get()) != 1) {
    return false;
  }
  static_cast<void>(entry.release());  // the list owns it now
  return true;
}

bool AddExtensions(X509_CRL* crl, X509* issuer, uint64_t number) {
  X509V3_CTX context;
  X509V3_set_ctx_nodb(&context);
  X509V3_set_ctx(&context, issuer, nullptr, nullptr, crl, 0);
  X509_EXTENSION* key_id = X509V3_EXT_conf_nid(
      nullptr, &context, NID_authority_key_identifier, "keyid:always");
  const bool added =
      key_id != nullptr && X509_CRL_add_ext(crl, key_id, -1) == 1;
  X509_EXTENSION_free(key_id);
  const OwnedInteger crl_number(ASN1_INTEGER_new(), ASN1_INTEGER_free);
  return added && ASN1_INTEGER_set_uint64(crl_number.get(), number) == 1 &&
         X509_CRL_add1_ext_i2d(crl, NID_crl_number, crl_number.get(), 0, 0) ==
             1;
}

absl::StatusOr<std::string> ToPem(X509_CRL* crl) {
  const std::unique_ptr<BIO, decltype(&BIO_free)> bio(BIO_new(BIO_s_mem()),
                                                      BIO_free);
  char* text = nullptr;
  if (bio == nullptr || PEM_write_bio_X509_CRL(bio.get(), crl) != 1) {
    return OpenSslFailed();
  }
  const long size = BIO_get_mem_data(bio.get(), &text);
  return std::string(text, static_cast<size_t>(size));
}

}  // namespace

absl::StatusOr<std::string> MakeRevocationList(
    const Authority& authority, absl::Span<const RevokedSerial> revoked,
    uint64_t number, absl::Time now, absl::Time next_update) {
  if (next_update <= now) {
    return absl::InvalidArgumentError(
        "the next revocation list must come after this one");
  }
  const OwnedCrl crl(X509_CRL_new(), X509_CRL_free);
  X509* root = authority.root().handle();
  const OwnedTime from = TimeOf(now);
  const OwnedTime until = TimeOf(next_update);
  if (crl == nullptr || from == nullptr || until == nullptr ||
      X509_CRL_set_version(crl.get(), X509_CRL_VERSION_2) != 1 ||
      X509_CRL_set_issuer_name(crl.get(), X509_get_subject_name(root)) != 1 ||
      X509_CRL_set1_lastUpdate(crl.get(), from.get()) != 1 ||
      X509_CRL_set1_nextUpdate(crl.get(), until.get()) != 1) {
    return OpenSslFailed();
  }
  for (const RevokedSerial& one : revoked) {
    if (!IsSerial(one.serial_hex)) {
      return absl::InvalidArgumentError(
          "a serial number is 1 to 40 hexadecimal digits");
    }
    if (!AddRevoked(crl.get(), one)) return OpenSslFailed();
  }
  if (!AddExtensions(crl.get(), root, number) ||
      X509_CRL_sort(crl.get()) != 1 ||
      X509_CRL_sign(crl.get(), authority.key().handle(), EVP_sha256()) <= 0) {
    return OpenSslFailed();
  }
  return ToPem(crl.get());
}

}  // namespace entente::certs

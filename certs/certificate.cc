#include "certs/certificate.h"

#include <openssl/asn1.h>
#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/ec.h>
#include <openssl/ecdsa.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <ctime>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "crypto/hex.h"
#include "crypto/sha.h"

namespace entente::certs {
namespace {

using Bio = std::unique_ptr<BIO, decltype(&BIO_free)>;

std::string Drain(BIO* bio) {
  char* text = nullptr;
  const long size = BIO_get_mem_data(bio, &text);
  return size <= 0 ? std::string()
                   : std::string(text, static_cast<size_t>(size));
}

std::shared_ptr<X509> Own(X509* x509) {
  return std::shared_ptr<X509>(x509, X509_free);
}

absl::Time TimeOf(const ASN1_TIME* time) {
  std::tm parts = {};
  if (ASN1_TIME_to_tm(time, &parts) != 1) return absl::InfinitePast();
  return absl::FromTM(parts, absl::UTCTimeZone());
}

struct Names {
  int uris = 0;
  int hosts = 0;  // DNS and IP
  int others = 0;
  std::string uri;
};

Names NamesOf(X509* x509) {
  Names names;
  int critical = 0;
  GENERAL_NAMES* all = static_cast<GENERAL_NAMES*>(
      X509_get_ext_d2i(x509, NID_subject_alt_name, &critical, nullptr));
  if (all == nullptr) {
    // -2: the extension stands there twice. -1 is none, anything else damage.
    names.others = critical == -1 ? 0 : 1;
    return names;
  }
  for (int i = 0; i < sk_GENERAL_NAME_num(all); ++i) {
    const GENERAL_NAME* name = sk_GENERAL_NAME_value(all, i);
    if (name->type == GEN_URI) {
      ++names.uris;
      const ASN1_IA5STRING* text = name->d.uniformResourceIdentifier;
      names.uri.assign(
          reinterpret_cast<const char*>(ASN1_STRING_get0_data(text)),
          static_cast<size_t>(ASN1_STRING_length(text)));
    } else if (name->type == GEN_DNS || name->type == GEN_IPADD) {
      ++names.hosts;
    } else {
      ++names.others;
    }
  }
  GENERAL_NAMES_free(all);
  return names;
}

}  // namespace

absl::StatusOr<std::vector<Certificate>> Certificate::ChainFromPem(
    absl::string_view pem) {
  if (pem.size() > kMaxPemBytes) {
    return absl::InvalidArgumentError("the certificates are too long");
  }
  const Bio bio(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())),
                BIO_free);
  std::vector<Certificate> chain;
  ERR_clear_error();
  while (X509* x509 = PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr)) {
    chain.push_back(Certificate(Own(x509)));
    if (chain.size() > kMaxChain) {
      ERR_clear_error();
      return absl::InvalidArgumentError(
          absl::StrCat("more than ", kMaxChain, " certificates"));
    }
  }
  // The last read fails because nothing more begins; any other failure counts.
  const bool ended =
      ERR_GET_REASON(ERR_peek_last_error()) == PEM_R_NO_START_LINE;
  ERR_clear_error();
  if (!ended) {
    return absl::InvalidArgumentError("a certificate cannot be read");
  }
  if (chain.empty()) return absl::InvalidArgumentError("no certificate");
  return chain;
}

absl::StatusOr<Certificate> Certificate::FromPem(absl::string_view pem) {
  absl::StatusOr<std::vector<Certificate>> chain = ChainFromPem(pem);
  if (!chain.ok()) return chain.status();
  if (chain->size() != 1) {
    return absl::InvalidArgumentError("more than one certificate");
  }
  return chain->front();
}

absl::StatusOr<Certificate> Certificate::FromDer(
    absl::Span<const uint8_t> der) {
  const uint8_t* next = der.data();
  X509* x509 = d2i_X509(nullptr, &next, static_cast<long>(der.size()));
  ERR_clear_error();
  if (x509 == nullptr) {
    return absl::InvalidArgumentError("the certificate cannot be read");
  }
  Certificate certificate(Own(x509));
  if (next != der.data() + der.size()) {
    return absl::InvalidArgumentError("bytes follow the certificate");
  }
  return certificate;
}

std::string Certificate::ToPem() const {
  const Bio bio(BIO_new(BIO_s_mem()), BIO_free);
  PEM_write_bio_X509(bio.get(), x509_.get());
  return Drain(bio.get());
}

std::vector<uint8_t> Certificate::ToDer() const {
  uint8_t* der = nullptr;
  const int size = i2d_X509(x509_.get(), &der);
  std::vector<uint8_t> bytes;
  if (size > 0) bytes.assign(der, der + size);
  OPENSSL_free(der);
  return bytes;
}

std::string Certificate::Fingerprint() const {
  return crypto::ToHex(crypto::Sha256(absl::MakeConstSpan(ToDer())));
}

std::string Certificate::TwinFingerprint() const {
  // A copy of the certificate in which s becomes n - s.
  const Certificate twin(Own(X509_dup(x509_.get())));
  const ASN1_BIT_STRING* signature = nullptr;
  const X509_ALGOR* algorithm = nullptr;
  X509_get0_signature(&signature, &algorithm, twin.x509_.get());
  const uint8_t* next = ASN1_STRING_get0_data(signature);
  ECDSA_SIG* parsed =
      d2i_ECDSA_SIG(nullptr, &next, ASN1_STRING_length(signature));
  EC_GROUP* group = EC_GROUP_new_by_curve_name(NID_X9_62_prime256v1);
  BIGNUM* r = parsed == nullptr ? nullptr : BN_dup(ECDSA_SIG_get0_r(parsed));
  BIGNUM* s = BN_new();
  uint8_t* der = nullptr;
  int size = 0;
  if (r != nullptr && s != nullptr && group != nullptr &&
      BN_sub(s, EC_GROUP_get0_order(group), ECDSA_SIG_get0_s(parsed)) == 1 &&
      BN_is_negative(s) == 0 && ECDSA_SIG_set0(parsed, r, s) == 1) {
    r = s = nullptr;  // owned by `parsed` now
    size = i2d_ECDSA_SIG(parsed, &der);
  }
  std::string fingerprint;
  if (size > 0 && ASN1_STRING_set(const_cast<ASN1_BIT_STRING*>(signature), der,
                                  size) == 1) {
    fingerprint = twin.Fingerprint();
  }
  OPENSSL_free(der);
  BN_free(r);
  BN_free(s);
  ECDSA_SIG_free(parsed);
  EC_GROUP_free(group);
  ERR_clear_error();
  return fingerprint;
}

std::string Certificate::SpkiSha256() const {
  uint8_t* der = nullptr;
  const int size = i2d_X509_PUBKEY(X509_get_X509_PUBKEY(x509_.get()), &der);
  std::vector<uint8_t> bytes;
  if (size > 0) bytes.assign(der, der + size);
  OPENSSL_free(der);
  return crypto::ToHex(crypto::Sha256(absl::MakeConstSpan(bytes)));
}

std::string Certificate::SerialHex() const {
  BIGNUM* number =
      ASN1_INTEGER_to_BN(X509_get0_serialNumber(x509_.get()), nullptr);
  char* hex = number == nullptr ? nullptr : BN_bn2hex(number);
  std::string text = hex == nullptr ? "" : absl::AsciiStrToLower(hex);
  OPENSSL_free(hex);
  BN_free(number);
  return text;
}

std::string Certificate::SubjectText() const {
  const Bio bio(BIO_new(BIO_s_mem()), BIO_free);
  X509_NAME_print_ex(bio.get(), X509_get_subject_name(x509_.get()), 0,
                     XN_FLAG_RFC2253);
  return Drain(bio.get());
}

absl::Time Certificate::NotBefore() const {
  return TimeOf(X509_get0_notBefore(x509_.get()));
}

absl::Time Certificate::NotAfter() const {
  return TimeOf(X509_get0_notAfter(x509_.get()));
}

bool Certificate::IsCa() const { return X509_check_ca(x509_.get()) == 1; }

absl::StatusOr<Identity> Certificate::Identity() const {
  const Names names = NamesOf(x509_.get());
  if (names.uris == 0) {
    return absl::InvalidArgumentError(
        "the certificate has no URI that says who its owner is");
  }
  if (names.uris > 1) {
    return absl::InvalidArgumentError(
        absl::StrCat("the certificate has ", names.uris, " URIs, not one"));
  }
  if (names.others > 0) {
    return absl::InvalidArgumentError(
        "the certificate has names of a kind that is not used");
  }
  absl::StatusOr<certs::Identity> identity = certs::Identity::Parse(names.uri);
  if (!identity.ok()) return identity;
  if (names.hosts > 0 && identity->kind != certs::Identity::Kind::kBroker) {
    return absl::InvalidArgumentError(
        "only a broker's certificate may carry DNS and IP names");
  }
  return identity;
}

absl::Status VerifyChain(absl::Span<const Certificate> chain,
                         const Certificate& root, absl::Time now, Usage usage) {
  if (chain.empty() || chain.size() > kMaxChain) {
    return absl::UnauthenticatedError("no certificate, or too many");
  }
  const std::unique_ptr<X509_STORE, decltype(&X509_STORE_free)> store(
      X509_STORE_new(), X509_STORE_free);
  const std::unique_ptr<X509_STORE_CTX, decltype(&X509_STORE_CTX_free)> context(
      X509_STORE_CTX_new(), X509_STORE_CTX_free);
  const std::unique_ptr<STACK_OF(X509), void (*)(STACK_OF(X509)*)> untrusted(
      sk_X509_new_null(), [](STACK_OF(X509) * stack) { sk_X509_free(stack); });
  X509_STORE_add_cert(store.get(), root.handle());
  for (size_t i = 1; i < chain.size(); ++i) {
    sk_X509_push(untrusted.get(), chain[i].handle());
  }
  if (X509_STORE_CTX_init(context.get(), store.get(), chain[0].handle(),
                          untrusted.get()) != 1) {
    return absl::InternalError("OpenSSL cannot verify");
  }
  X509_VERIFY_PARAM* parameters = X509_STORE_CTX_get0_param(context.get());
  X509_VERIFY_PARAM_set_time(parameters, absl::ToTimeT(now));
  // A root that came with a chain is known by its key alone: what else it says
  // counts only if that key signed it.
  X509_VERIFY_PARAM_set_flags(
      parameters, X509_V_FLAG_X509_STRICT | X509_V_FLAG_CHECK_SS_SIGNATURE);
  X509_VERIFY_PARAM_set_auth_level(parameters, 2);
  if (usage != Usage::kAny) {
    X509_VERIFY_PARAM_set_purpose(parameters, usage == Usage::kClient
                                                  ? X509_PURPOSE_SSL_CLIENT
                                                  : X509_PURPOSE_SSL_SERVER);
  }
  const int verified = X509_verify_cert(context.get());
  const int error = X509_STORE_CTX_get_error(context.get());
  ERR_clear_error();
  if (verified == 1) return absl::OkStatus();
  return absl::UnauthenticatedError(X509_verify_cert_error_string(error));
}

absl::StatusOr<Identity> VerifyAgencyCertificate(
    absl::Span<const Certificate> chain, absl::string_view agency,
    absl::string_view root_spki, absl::Time now) {
  if (chain.size() < 2) {
    return absl::UnauthenticatedError(
        "the chain must hold the certificate and its root");
  }
  const Certificate& root = chain.back();
  if (root.SpkiSha256() != root_spki) {
    return absl::UnauthenticatedError(absl::StrCat(
        "the chain does not lead to the root that is pinned for ", agency));
  }
  if (absl::Status verified =
          VerifyChain(chain.first(chain.size() - 1), root, now, Usage::kClient);
      !verified.ok()) {
    return verified;
  }
  absl::StatusOr<Identity> identity = chain[0].Identity();
  if (!identity.ok()) {
    return absl::UnauthenticatedError(identity.status().message());
  }
  if (identity->kind != Identity::Kind::kAgency || identity->agency != agency) {
    return absl::UnauthenticatedError(
        absl::StrCat("the certificate is not one of ", agency));
  }
  return identity;
}

}  // namespace entente::certs

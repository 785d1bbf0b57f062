#include "certs/authority.h"

#include <arpa/inet.h>
#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <memory>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "crypto/unicode.h"

namespace entente::certs {
namespace {

using OwnedX509 = std::shared_ptr<X509>;

absl::Status OpenSslFailed() {
  ERR_clear_error();
  return absl::InternalError("OpenSSL could not make the certificate");
}

bool AddExtension(X509* x509, X509* issuer, int nid, const std::string& value) {
  X509V3_CTX context;
  X509V3_set_ctx_nodb(&context);
  X509V3_set_ctx(&context, issuer, x509, nullptr, nullptr, 0);
  X509_EXTENSION* extension =
      X509V3_EXT_conf_nid(nullptr, &context, nid, value.c_str());
  if (extension == nullptr) return false;
  const bool added = X509_add_ext(x509, extension, -1) == 1;
  X509_EXTENSION_free(extension);
  return added;
}

bool SetRandomSerial(X509* x509) {
  BIGNUM* number = BN_new();
  const bool set =
      number != nullptr &&
      BN_rand(number, 127, BN_RAND_TOP_ONE, BN_RAND_BOTTOM_ANY) == 1 &&
      BN_to_ASN1_INTEGER(number, X509_get_serialNumber(x509)) != nullptr;
  BN_free(number);
  return set;
}

bool SetName(X509_NAME* name, absl::string_view text) {
  return X509_NAME_add_entry_by_txt(
             name, "CN", MBSTRING_UTF8,
             reinterpret_cast<const unsigned char*>(text.data()),
             static_cast<int>(text.size()), -1, 0) == 1;
}

bool SetValidity(X509* x509, absl::Time from, absl::Time until) {
  return ASN1_TIME_set(X509_getm_notBefore(x509), absl::ToTimeT(from)) !=
             nullptr &&
         ASN1_TIME_set(X509_getm_notAfter(x509), absl::ToTimeT(until)) !=
             nullptr;
}

// A CN holds at most 64 characters, and it decides nothing.
std::string CommonName(const Identity& identity) {
  const std::string text =
      identity.agency.empty()
          ? identity.name
          : absl::StrCat(identity.agency, " ", identity.name);
  return text.substr(0, 64);
}

absl::Status CheckNames(const LeafRequest& request) {
  const bool broker = request.identity.kind == Identity::Kind::kBroker;
  if (!broker && (!request.dns.empty() || !request.ips.empty())) {
    return absl::InvalidArgumentError(
        "only a broker's certificate may carry DNS and IP names");
  }
  for (const std::string& ip : request.ips) {
    unsigned char address[16];
    if (inet_pton(AF_INET, ip.c_str(), address) != 1 &&
        inet_pton(AF_INET6, ip.c_str(), address) != 1) {
      return absl::InvalidArgumentError(absl::StrCat(ip, " is no IP address"));
    }
  }
  for (const std::string& dns : request.dns) {
    if (dns.empty() || dns.size() > 253 ||
        dns.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-.*") !=
            std::string::npos) {
      return absl::InvalidArgumentError(absl::StrCat(dns, " is no DNS name"));
    }
  }
  return absl::OkStatus();
}

std::string AlternativeNames(const LeafRequest& request) {
  std::vector<std::string> names = {
      absl::StrCat("URI:", request.identity.ToUri())};
  for (const std::string& dns : request.dns) {
    names.push_back(absl::StrCat("DNS:", dns));
  }
  for (const std::string& ip : request.ips) {
    names.push_back(absl::StrCat("IP:", ip));
  }
  return absl::StrJoin(names, ",");
}

}  // namespace

absl::StatusOr<Authority> Authority::Create(absl::string_view name,
                                            absl::Time now, int years) {
  if (name.size() < 2 || name.size() > 64 || !crypto::CheckNfc(name).ok() ||
      std::any_of(name.begin(), name.end(),
                  [](unsigned char c) { return absl::ascii_iscntrl(c); })) {
    return absl::InvalidArgumentError(
        "an authority's name is 2 to 64 bytes of text");
  }
  if (years < 1 || years > kMaxRootYears) {
    return absl::InvalidArgumentError(
        absl::StrCat("a root is valid for 1 to ", kMaxRootYears, " years"));
  }
  absl::StatusOr<PrivateKey> key =
      PrivateKey::Generate(PrivateKey::Kind::kP256);
  if (!key.ok()) return key.status();
  const OwnedX509 x509(X509_new(), X509_free);
  X509* root = x509.get();
  const bool made =
      X509_set_version(root, X509_VERSION_3) == 1 && SetRandomSerial(root) &&
      SetName(X509_get_subject_name(root), name) &&
      X509_set_issuer_name(root, X509_get_subject_name(root)) == 1 &&
      SetValidity(root, now, now + absl::Hours(24 * 365) * years) &&
      X509_set_pubkey(root, key->handle()) == 1 &&
      AddExtension(root, root, NID_basic_constraints,
                   "critical,CA:TRUE,pathlen:0") &&
      AddExtension(root, root, NID_key_usage, "critical,keyCertSign,cRLSign") &&
      AddExtension(root, root, NID_subject_key_identifier, "hash") &&
      X509_sign(root, key->handle(), EVP_sha256()) > 0;
  if (!made) return OpenSslFailed();
  return Authority(Certificate(x509), *std::move(key));
}

absl::StatusOr<Authority> Authority::Open(Certificate root, PrivateKey key) {
  if (!root.IsCa()) {
    return absl::InvalidArgumentError("the root certificate is no authority");
  }
  if (!key.Matches(root)) {
    return absl::InvalidArgumentError(
        "the private key does not belong to the root certificate");
  }
  return Authority(std::move(root), std::move(key));
}

absl::StatusOr<Certificate> Authority::Issue(
    const LeafRequest& request, const PrivateKey& subject_key) const {
  return Sign(request, subject_key.handle());
}

absl::StatusOr<Certificate> Authority::IssueForRequest(
    const LeafRequest& request, absl::string_view csr_pem) const {
  BIO* bio = BIO_new_mem_buf(csr_pem.data(), static_cast<int>(csr_pem.size()));
  X509_REQ* csr = PEM_read_bio_X509_REQ(bio, nullptr, nullptr, nullptr);
  BIO_free(bio);
  const std::unique_ptr<X509_REQ, decltype(&X509_REQ_free)> owned(
      csr, X509_REQ_free);
  EVP_PKEY* key = csr == nullptr ? nullptr : X509_REQ_get0_pubkey(csr);
  if (key == nullptr || X509_REQ_verify(csr, key) != 1) {
    ERR_clear_error();
    return absl::InvalidArgumentError(
        "the signing request cannot be read, or is not signed by its own key");
  }
  if (absl::Status kind = CheckKeyKind(key); !kind.ok()) return kind;
  return Sign(request, key);
}

absl::StatusOr<Certificate> Authority::Sign(const LeafRequest& request,
                                            evp_pkey_st* subject_key) const {
  if (absl::Status names = CheckNames(request); !names.ok()) return names;
  const absl::Duration validity = request.not_after - request.not_before;
  if (validity <= absl::ZeroDuration() ||
      validity > absl::Hours(24 * kMaxLeafDays) ||
      request.not_after > root_.NotAfter()) {
    return absl::InvalidArgumentError(
        absl::StrCat("a certificate is valid for at most ", kMaxLeafDays,
                     " days and no longer than its root"));
  }
  const bool broker = request.identity.kind == Identity::Kind::kBroker;
  X509* issuer = root_.handle();
  const OwnedX509 x509(X509_new(), X509_free);
  X509* leaf = x509.get();
  const bool made =
      X509_set_version(leaf, X509_VERSION_3) == 1 && SetRandomSerial(leaf) &&
      SetName(X509_get_subject_name(leaf), CommonName(request.identity)) &&
      X509_set_issuer_name(leaf, X509_get_subject_name(issuer)) == 1 &&
      SetValidity(leaf, request.not_before, request.not_after) &&
      X509_set_pubkey(leaf, subject_key) == 1 &&
      AddExtension(leaf, issuer, NID_basic_constraints, "critical,CA:FALSE") &&
      AddExtension(leaf, issuer, NID_key_usage, "critical,digitalSignature") &&
      AddExtension(leaf, issuer, NID_ext_key_usage,
                   broker ? "serverAuth,clientAuth" : "clientAuth") &&
      AddExtension(leaf, issuer, NID_subject_key_identifier, "hash") &&
      AddExtension(leaf, issuer, NID_authority_key_identifier,
                   "keyid:always") &&
      AddExtension(leaf, issuer, NID_subject_alt_name,
                   AlternativeNames(request)) &&
      X509_sign(leaf, key_.handle(), EVP_sha256()) > 0;
  if (!made) return OpenSslFailed();
  return Certificate(x509);
}

}  // namespace entente::certs

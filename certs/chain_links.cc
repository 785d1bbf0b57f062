#include "certs/chain_links.h"

#include <openssl/err.h>
#include <openssl/x509v3.h>

#include "absl/strings/str_cat.h"

namespace entente::certs {

absl::Status CheckLinks(absl::Span<const Certificate> chain) {
  for (size_t i = 0; i + 1 < chain.size(); ++i) {
    X509* issuer = chain[i + 1].handle();
    const bool named =
        X509_check_issued(issuer, chain[i].handle()) == X509_V_OK;
    const bool signed_by =
        named && X509_verify(chain[i].handle(), X509_get0_pubkey(issuer)) == 1;
    ERR_clear_error();
    if (!signed_by) {
      return absl::InvalidArgumentError(absl::StrCat(
          "certificate ", i + 1, " of the file (", chain[i].SubjectText(),
          ") was not issued by the next one (", chain[i + 1].SubjectText(),
          ")"));
    }
  }
  return absl::OkStatus();
}

bool SameIssuer(const Certificate& one, const Certificate& other) {
  if (X509_NAME_cmp(X509_get_issuer_name(one.handle()),
                    X509_get_issuer_name(other.handle())) != 0) {
    return false;
  }
  const ASN1_OCTET_STRING* a = X509_get0_authority_key_id(one.handle());
  const ASN1_OCTET_STRING* b = X509_get0_authority_key_id(other.handle());
  return a == nullptr || b == nullptr || ASN1_OCTET_STRING_cmp(a, b) == 0;
}

absl::Status CheckUsage(const Certificate& certificate, Usage usage) {
  if (usage == Usage::kAny) return absl::OkStatus();
  const bool client = usage == Usage::kClient;
  if (X509_check_purpose(
          certificate.handle(),
          client ? X509_PURPOSE_SSL_CLIENT : X509_PURPOSE_SSL_SERVER,
          /*ca=*/0) == 1) {
    return absl::OkStatus();
  }
  return absl::InvalidArgumentError(
      client ? "it is not for TLS clients: it needs the extended key usage "
               "clientAuth"
             : "it is not for TLS servers: it needs the extended key usage "
               "serverAuth");
}

}  // namespace entente::certs

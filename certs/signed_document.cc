#include "certs/signed_document.h"

#include <utility>

#include "absl/strings/str_cat.h"

namespace entente::certs {
namespace {

absl::StatusOr<std::vector<Certificate>> ChainOf(
    const crypto::Envelope& envelope, size_t index) {
  if (index >= envelope.signatures.size()) {
    return absl::NotFoundError("there is no signature");
  }
  absl::StatusOr<std::vector<Certificate>> chain =
      Certificate::ChainFromPem(envelope.signatures[index].chain);
  if (!chain.ok()) {
    return absl::UnauthenticatedError(absl::StrCat(
        "the signature carries no certificates: ", chain.status().message()));
  }
  return chain;
}

// As VerifySignatory, of a certificate of any role.
absl::StatusOr<Signer> VerifySigner(const crypto::Envelope& envelope,
                                    size_t index, absl::string_view agency,
                                    absl::string_view root_spki,
                                    absl::Time at) {
  const absl::StatusOr<std::vector<Certificate>> chain =
      ChainOf(envelope, index);
  if (!chain.ok()) return chain.status();
  absl::StatusOr<Identity> identity =
      VerifyAgencyCertificate(*chain, agency, root_spki, at);
  if (!identity.ok()) return identity.status();
  if (absl::Status verified = VerifySignature(
          chain->front(),
          crypto::PreAuthEncoding(envelope.payload_type, envelope.payload),
          envelope.signatures[index].signature);
      !verified.ok()) {
    return verified;
  }
  return Signer{*std::move(identity), chain->front().Fingerprint(),
                chain->front().SpkiSha256()};
}

}  // namespace

absl::StatusOr<crypto::Envelope> SignDocument(
    absl::string_view payload_type, absl::Span<const uint8_t> payload,
    const PrivateKey& key, absl::Span<const Certificate> chain) {
  if (chain.empty() || !key.Matches(chain[0])) {
    return absl::InvalidArgumentError(
        "the private key does not belong to the certificate");
  }
  absl::StatusOr<std::vector<uint8_t>> signature =
      key.Sign(crypto::PreAuthEncoding(payload_type, payload));
  if (!signature.ok()) return signature.status();
  std::string pem;
  for (const Certificate& certificate : chain) {
    absl::StrAppend(&pem, certificate.ToPem());
  }
  crypto::Envelope envelope;
  envelope.payload_type = std::string(payload_type);
  envelope.payload.assign(payload.begin(), payload.end());
  envelope.signatures.push_back(
      {chain[0].Fingerprint(), *std::move(signature), std::move(pem)});
  return envelope;
}

absl::StatusOr<Signer> VerifySignatory(const crypto::Envelope& envelope,
                                       size_t index, absl::string_view agency,
                                       absl::string_view root_spki,
                                       absl::Time at) {
  absl::StatusOr<Signer> signer =
      VerifySigner(envelope, index, agency, root_spki, at);
  if (signer.ok() && signer->identity.role != Role::kSignatory) {
    return absl::UnauthenticatedError(
        "the certificate is not that of a signatory");
  }
  return signer;
}

absl::StatusOr<Signer> VerifyOverseer(const crypto::Envelope& envelope,
                                      size_t index, absl::string_view agency,
                                      absl::string_view root_spki,
                                      absl::Time at) {
  absl::StatusOr<Signer> signer =
      VerifySigner(envelope, index, agency, root_spki, at);
  if (signer.ok() && signer->identity.role != Role::kSignatory &&
      signer->identity.role != Role::kAuditor) {
    return absl::UnauthenticatedError(
        "the certificate is not that of a signatory or auditor");
  }
  return signer;
}

absl::StatusOr<std::string> ClaimedAgency(const crypto::Envelope& envelope,
                                          size_t index) {
  const absl::StatusOr<std::vector<Certificate>> chain =
      ChainOf(envelope, index);
  if (!chain.ok()) return chain.status();
  absl::StatusOr<Identity> identity = chain->front().Identity();
  if (!identity.ok()) return identity.status();
  return identity->agency;
}

}  // namespace entente::certs

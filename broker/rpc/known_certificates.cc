#include "broker/rpc/known_certificates.h"

#include <utility>

#include "certs/certificate.h"

namespace entente::broker {
namespace {

KnownCertificate Read(const std::string& pem) {
  KnownCertificate known;
  const auto certificate = certs::Certificate::FromPem(pem);
  known.identity = certificate.status();
  if (!certificate.ok()) return known;
  known.caller.fingerprint = certificate->Fingerprint();
  known.caller.twin = certificate->TwinFingerprint();
  known.not_before = certificate->NotBefore();
  known.not_after = certificate->NotAfter();
  auto identity = certificate->Identity();
  known.identity = identity.status();
  if (!identity.ok()) return known;
  known.caller.identity = *std::move(identity);
  known.caller.uri = known.caller.identity.ToUri();
  return known;
}

}  // namespace

std::shared_ptr<const KnownCertificate> KnownCertificates::Find(
    const std::string& pem) {
  {
    const absl::MutexLock lock(&mu_);
    const auto found = known_.find(pem);
    if (found != known_.end()) return found->second;
  }
  auto read = std::make_shared<const KnownCertificate>(Read(pem));
  const absl::MutexLock lock(&mu_);
  if (known_.size() >= kMaxKnownCertificates) known_.clear();
  known_.emplace(pem, read);
  return read;
}

}  // namespace entente::broker

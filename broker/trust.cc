#include "broker/trust.h"

#include <utility>

#include "absl/strings/str_cat.h"

namespace entente::broker {

Trust::Trust(std::string trust_domain, certs::Certificate operator_root)
    : trust_domain_(std::move(trust_domain)),
      operator_root_(std::move(operator_root)) {}

void Trust::AddAgency(const std::string& agency, certs::Certificate root) {
  const absl::MutexLock lock(&mu_);
  roots_.try_emplace(agency, std::move(root));
}

void Trust::Revoke(const std::string& fingerprint, const std::string& agency) {
  const absl::MutexLock lock(&mu_);
  revoked_.emplace(fingerprint, agency);
}

bool Trust::IsRevoked(absl::string_view fingerprint,
                      absl::string_view agency) const {
  const std::string text(fingerprint);
  const absl::MutexLock lock(&mu_);
  return revoked_.contains(std::make_pair(text, std::string())) ||
         revoked_.contains(std::make_pair(text, std::string(agency)));
}

absl::StatusOr<certs::Certificate> Trust::RootOf(
    absl::string_view agency) const {
  const absl::MutexLock lock(&mu_);
  const auto root = roots_.find(agency);
  if (root == roots_.end()) {
    return absl::NotFoundError(
        absl::StrCat("the agency ", agency, " is not registered"));
  }
  return root->second;
}

absl::StatusOr<certs::Identity> Trust::Verify(
    const std::vector<certs::Certificate>& chain, absl::Time now) const {
  if (chain.empty()) return absl::UnauthenticatedError("no certificate");
  absl::StatusOr<certs::Identity> identity = chain[0].Identity();
  if (!identity.ok()) {
    return absl::UnauthenticatedError(identity.status().message());
  }
  if (identity->trust_domain != trust_domain_) {
    return absl::UnauthenticatedError(
        absl::StrCat("the trust domain is not ", trust_domain_));
  }
  if (identity->kind == certs::Identity::Kind::kBroker) {
    return absl::UnauthenticatedError("a broker is no client");
  }
  absl::StatusOr<certs::Certificate> root =
      identity->kind == certs::Identity::Kind::kOperator
          ? operator_root_
          : RootOf(identity->agency);
  if (!root.ok()) return absl::UnauthenticatedError(root.status().message());
  if (absl::Status verified =
          certs::VerifyChain(chain, *root, now, certs::Usage::kClient);
      !verified.ok()) {
    return verified;
  }
  if (IsRevoked(chain[0].Fingerprint(), identity->agency) ||
      IsRevoked(chain[0].TwinFingerprint(), identity->agency)) {
    return absl::UnauthenticatedError("the certificate is revoked");
  }
  return identity;
}

}  // namespace entente::broker

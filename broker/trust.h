// Whose certificates count, and which no longer do.
#ifndef ENTENTE_BROKER_TRUST_H_
#define ENTENTE_BROKER_TRUST_H_

#include <string>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "certs/certificate.h"
#include "certs/identity.h"

namespace entente::broker {

// The roots of the registered agencies and of the operator, and the revoked
// certificates, in memory. The store holds the truth; whoever changes it there
// tells this after the commit. Thread-safe.
class Trust {
 public:
  // `operator_root` issued the operators' certificates.
  Trust(std::string trust_domain, certs::Certificate operator_root);

  // Adds an agency's root. A second root for an agency replaces nothing and is
  // ignored: the store refuses it before.
  void AddAgency(const std::string& agency, certs::Certificate root)
      ABSL_LOCKS_EXCLUDED(mu_);
  // Revokes a certificate by the SHA-256 of its DER, lower-case hex; for ever.
  // It counts for identities of `agency` alone, so that no agency can revoke
  // what is another's; for everyone's if that is empty.
  void Revoke(const std::string& fingerprint, const std::string& agency)
      ABSL_LOCKS_EXCLUDED(mu_);
  // `agency` is that of the certificate's identity; empty for an operator.
  bool IsRevoked(absl::string_view fingerprint, absl::string_view agency) const
      ABSL_LOCKS_EXCLUDED(mu_);
  // The root of a registered agency. NotFound otherwise.
  absl::StatusOr<certs::Certificate> RootOf(absl::string_view agency) const
      ABSL_LOCKS_EXCLUDED(mu_);

  // Who the owner of `chain` (leaf first) is at `now`. Unauthenticated, with
  // the cause: no or several URIs, another trust domain, an agency that is not
  // registered, a chain that does not lead to that agency's own root, wrong
  // dates or usage, revoked, or the identity of a broker.
  absl::StatusOr<certs::Identity> Verify(
      const std::vector<certs::Certificate>& chain, absl::Time now) const
      ABSL_LOCKS_EXCLUDED(mu_);

 private:
  const std::string trust_domain_;
  const certs::Certificate operator_root_;
  mutable absl::Mutex mu_;
  absl::flat_hash_map<std::string, certs::Certificate> roots_
      ABSL_GUARDED_BY(mu_);
  // Fingerprint and agency.
  absl::flat_hash_set<std::pair<std::string, std::string>> revoked_
      ABSL_GUARDED_BY(mu_);
};

}  // namespace entente::broker

#endif  // ENTENTE_BROKER_TRUST_H_

// What the certificates of callers say, read once.
#ifndef ENTENTE_BROKER_RPC_KNOWN_CERTIFICATES_H_
#define ENTENTE_BROKER_RPC_KNOWN_CERTIFICATES_H_

#include <memory>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "broker/rpc/caller.h"

namespace entente::broker {

// Of one certificate, what cannot change.
struct KnownCertificate {
  // OK if `caller` is whole. Otherwise why there is no identity; what could be
  // read is in `caller`.
  absl::Status identity;
  Caller caller;
  absl::Time not_before;
  absl::Time not_after;
};

// How many are remembered; then all are forgotten.
inline constexpr size_t kMaxKnownCertificates = 4096;

// Reading a certificate takes OpenSSL 0.2 ms, which every call would pay, and a
// flood of calls many times over. Whether it is revoked or in date is not asked
// here. Thread-safe.
class KnownCertificates {
 public:
  std::shared_ptr<const KnownCertificate> Find(const std::string& pem)
      ABSL_LOCKS_EXCLUDED(mu_);

 private:
  absl::Mutex mu_;
  absl::flat_hash_map<std::string, std::shared_ptr<const KnownCertificate>>
      known_ ABSL_GUARDED_BY(mu_);
};

}  // namespace entente::broker

#endif  // ENTENTE_BROKER_RPC_KNOWN_CERTIFICATES_H_

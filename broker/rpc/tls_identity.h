// The certificate that the broker's port shows, renewed while it serves.
#ifndef ENTENTE_BROKER_RPC_TLS_IDENTITY_H_
#define ENTENTE_BROKER_RPC_TLS_IDENTITY_H_

#include <grpcpp/security/tls_certificate_provider.h>
#include <sys/stat.h>

#include <array>
#include <atomic>
#include <memory>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "broker/clock.h"
#include "broker/config.h"
#include "broker/json_log.h"
#include "broker/tls_pair.h"

namespace entente::broker {

// How often the two files are looked at. A change is taken once it has stood
// still for one such interval: files are replaced one after the other.
inline constexpr absl::Duration kCertificateLookInterval = absl::Seconds(10);
// How often gRPC reads what was found good. Its least.
inline constexpr unsigned kProviderSeconds = 1;

// Every pair is validated before gRPC sees it, since gRPC 1.51 keeps no last
// good one: a bad pair would fail every handshake until a good one came. What
// was found good lies in an anonymous file in memory that gRPC reads; nothing
// is written to a disk.
class TlsIdentity {
 public:
  // As ReadTlsPair. Unavailable if the system gives no anonymous file. The
  // pointers are borrowed.
  static absl::StatusOr<std::unique_ptr<TlsIdentity>> Open(const Config& config,
                                                           const Clock* clock,
                                                           JsonLog* log);
  ~TlsIdentity();
  TlsIdentity(const TlsIdentity&) = delete;
  TlsIdentity& operator=(const TlsIdentity&) = delete;

  // For the port's credentials, with watch_identity_key_cert_pairs. Shows what
  // is current within kProviderSeconds. Outlived by this.
  std::shared_ptr<grpc::experimental::CertificateProviderInterface> Provider()
      const;

  // Looks at the files if it is time, or was asked to, and swaps the pair if
  // they hold another good one, which the log tells with its fingerprint. A bad
  // pair is logged once with what is wrong with it, and the current one stays.
  // Warns in the log once a day from 30 days before the end. `now` never goes
  // back. From one thread.
  void Look(absl::Time now) ABSL_LOCKS_EXCLUDED(mu_);

  // Has the next Look read the files at once, changed or not. Thread-safe.
  void Ask() { asked_ = true; }

  // The certificate that is shown. Thread-safe.
  certs::Certificate Current() const ABSL_LOCKS_EXCLUDED(mu_);

 private:
  // What tells two states of a file apart.
  struct Stamp {
    dev_t device = 0;
    ino_t inode = 0;
    off_t size = -1;  // -1: no file
    int64_t changed_ns = 0;
    bool operator==(const Stamp&) const = default;
  };
  using Stamps = std::array<Stamp, 2>;

  TlsIdentity(const Config& config, const Clock* clock, JsonLog* log)
      : config_(config), clock_(*clock), log_(*log) {}
  Stamps Stat() const;
  absl::Status Publish(TlsPair pair) ABSL_LOCKS_EXCLUDED(mu_);
  void Reload() ABSL_LOCKS_EXCLUDED(mu_);
  void WarnOfEnd() ABSL_LOCKS_EXCLUDED(mu_);
  TlsPair Pair() const ABSL_LOCKS_EXCLUDED(mu_);

  const Config config_;
  const Clock& clock_;
  JsonLog& log_;
  std::atomic<bool> asked_{false};
  // Of Look's thread alone.
  int published_ = -1;
  int64_t generation_ = 0;
  Stamps judged_;  // the files as they were when last judged
  Stamps seen_;    // and when last looked at
  absl::Time next_look_ = absl::InfinitePast();
  absl::Time next_warning_ = absl::InfinitePast();

  mutable absl::Mutex mu_;
  TlsPair current_ ABSL_GUARDED_BY(mu_);
};

}  // namespace entente::broker

#endif  // ENTENTE_BROKER_RPC_TLS_IDENTITY_H_

// The broker's certificate and key, read and found good before they are used.
#ifndef ENTENTE_BROKER_TLS_PAIR_H_
#define ENTENTE_BROKER_TLS_PAIR_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "broker/config.h"
#include "certs/certificate.h"

namespace entente::broker {

// One pair. Holds the private key: never logged.
struct TlsPair {
  std::string certificate_pem;  // the broker's first, then its issuers
  std::string key_pem;
  std::vector<certs::Certificate> chain;

  const certs::Certificate& leaf() const { return chain.front(); }
};

// Reads the two files that `config` names. InvalidArgument, naming the file, if
// one cannot be read as what it is, the key is another certificate's, the
// certificate is not for `config.name` in its trust domain, not in date at
// `now`, not for servers, or the file's chain does not hang together.
// FailedPrecondition if others than the owner may read the key. NotFound and so
// on as ReadFile. gRPC would take any of these and refuse every handshake.
absl::StatusOr<TlsPair> ReadTlsPair(const Config& config, absl::Time now);

// Whether clients that accept `current` accept `next`: both lead to the same
// root, as far as the broker, which has no copy of it, can tell.
// InvalidArgument if not.
absl::Status CheckSuccessor(const TlsPair& current, const TlsPair& next);

}  // namespace entente::broker

#endif  // ENTENTE_BROKER_TLS_PAIR_H_

// One look at a TLS port, for telling apart what gRPC calls "Socket closed".
#ifndef ENTENTE_CLIENT_TLS_PROBE_H_
#define ENTENTE_CLIENT_TLS_PROBE_H_

#include <functional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "absl/types/optional.h"
#include "absl/types/span.h"
#include "certs/certificate.h"
#include "certs/private_key.h"

namespace entente::client {

// How long one step (finding the name excepted) may take.
inline constexpr absl::Duration kProbePatience = absl::Seconds(5);

struct TlsTarget {
  std::string address;  // HOST:PORT, [V6]:PORT
  // Whether the server's chain is the right one's. Only then is our own
  // certificate shown.
  std::function<bool(absl::Span<const certs::Certificate> chain)> accept;
  // What to show; may be empty.
  std::vector<certs::Certificate> chain;
  absl::optional<certs::PrivateKey> key;
  absl::Duration patience = kProbePatience;
};

// How far it went, from the nearest to the furthest.
enum class TlsOutcome {
  kBadAddress,      // not HOST:PORT
  kNameNotFound,    // the resolver knows no such name
  kNobodyListens,   // the machine is there, the port is closed
  kNoRoute,         // the network says that it is unreachable
  kNoAnswer,        // nothing came back: a firewall, or a machine that is off
  kNotTls,          // something else speaks there
  kOldTls,          // TLS, but not 1.3
  kSilent,          // it accepted the connection, and then nothing
  kClosedEarly,     // it hung up before it showed a certificate
  kHandshakeError,  // any other failure of the handshake; see `detail`
  kNotAccepted,     // `accept` said no; nothing of ours was shown
  kNotHttp2,        // the right certificate, and another service
  kHungUp,          // closed once it had seen our certificate
  kServed,          // it speaks HTTP/2 to us
};

struct TlsFinding {
  TlsOutcome outcome = TlsOutcome::kBadAddress;
  std::string peer;    // IP and port that answered
  std::string detail;  // of the resolver, the system or OpenSSL; for people
  std::vector<certs::Certificate> chain;  // the server's, leaf first
};

// Connects, shakes hands with TLS 1.3 and waits for the first HTTP/2 frame.
// Blocks for at most four times the target's patience. Sends no request.
TlsFinding ProbeTls(const TlsTarget& target);

}  // namespace entente::client

#endif  // ENTENTE_CLIENT_TLS_PROBE_H_

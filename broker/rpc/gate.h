// What every call passes before any handler sees it.
#ifndef ENTENTE_BROKER_RPC_GATE_H_
#define ENTENTE_BROKER_RPC_GATE_H_

#include <grpcpp/security/auth_metadata_processor.h>
#include <grpcpp/security/tls_certificate_verifier.h>

#include <memory>

#include "absl/container/flat_hash_map.h"
#include "broker/clock.h"
#include "broker/json_log.h"
#include "broker/rpc/unary.h"
#include "broker/trust.h"

namespace entente::broker {

// Verifies a client's certificate within the TLS handshake, so that nobody
// without one speaks HTTP/2 to us. The client sees a closed connection; the
// log has the cause. Thread-safe; does not block.
std::shared_ptr<grpc::experimental::CertificateVerifier> MakeHandshakeVerifier(
    const Trust* trust, const Clock* clock, JsonLog* log);

// Settles revocation and unknown methods for every path, and reads identities
// and roles for the handlers. Thread-safe; does not block.
class Gate final : public CallerSource {
 public:
  Gate(const Trust* trust, const Clock* clock);

  // UNAUTHENTICATED (CERTIFICATE_REVOKED, CERTIFICATE_REFUSED), or
  // UNIMPLEMENTED (UNKNOWN_METHOD). Health is open to any valid certificate,
  // reflection to operators.
  grpc::Status Admit(const grpc::AuthContext& context,
                     absl::string_view path) const;

  absl::StatusOr<Caller> Identify(const grpc::CallbackServerContext& context,
                                  absl::string_view method) const override;

 private:
  absl::StatusOr<Caller> CallerOf(const grpc::AuthContext& context) const;

  const Trust& trust_;
  const Clock& clock_;
};

// Puts `gate` before every handler of a port.
std::shared_ptr<grpc::AuthMetadataProcessor> MakeGateProcessor(
    const Gate* gate);

}  // namespace entente::broker

#endif  // ENTENTE_BROKER_RPC_GATE_H_

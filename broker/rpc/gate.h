// What every call passes before any handler sees it.
#ifndef ENTENTE_BROKER_RPC_GATE_H_
#define ENTENTE_BROKER_RPC_GATE_H_

#include <grpcpp/security/tls_certificate_verifier.h>

#include <memory>

#include "broker/context.h"
#include "broker/denials.h"
#include "broker/rpc/known_certificates.h"
#include "broker/rpc/unary.h"

namespace entente::broker {

// Verifies a client's certificate within the TLS handshake, so that nobody
// without one speaks HTTP/2 to us. The client sees a closed connection; log and
// ledger have the cause and the certificate's fingerprint. They have no
// address: gRPC does not tell it here. Thread-safe; does not block.
std::shared_ptr<grpc::experimental::CertificateVerifier> MakeHandshakeVerifier(
    const Context* context, Denials* denials);

// Settles revocation, roles and unknown methods for the handlers. It is asked
// by each of them, and not by an AuthMetadataProcessor before them all: for
// one, gRPC 1.51 encodes every header of a call, and aborts at one that only
// load balancers send. What it refuses goes to `denials`. Thread-safe; does not
// block, except in RefuseRole.
class Gate final : public CallerSource {
 public:
  Gate(const Context* context, Denials* denials);

  static bool IsReflection(absl::string_view path);

  // For what gRPC itself answers: health is open to any valid certificate,
  // reflection to operators. UNAUTHENTICATED (CERTIFICATE_REVOKED,
  // BAD_CERTIFICATE), or UNIMPLEMENTED (UNKNOWN_METHOD). Other paths are their
  // handlers' affair.
  absl::Status AdmitBuiltIn(const grpc::AuthContext& context,
                            absl::string_view path) const;
  // Why no handler has `path`: UNAUTHENTICATED as above, or UNIMPLEMENTED.
  absl::Status RefuseUnknown(const grpc::AuthContext& context,
                             absl::string_view path) const;

  absl::StatusOr<Caller> Identify(const grpc::CallbackServerContext& context,
                                  absl::string_view method) const override;
  bool MayCall(const Caller& caller, absl::string_view method) const override;
  absl::Status RefuseRole(
      const Caller& caller, absl::string_view method, absl::string_view peer,
      const google::protobuf::Message& request) const override;

 private:
  // Whoever is not let in is at least named by its certificate in `shown`.
  absl::StatusOr<Caller> CallerOf(const grpc::AuthContext& context,
                                  Caller* shown) const;
  // Has the refusal recorded, without waiting for it.
  absl::Status Refused(const Caller& shown, absl::string_view path,
                       absl::Status refusal) const;
  // As Refused, for a call that no handler of ours counts.
  absl::Status TurnAway(const Caller& shown, absl::string_view path,
                        const absl::Status& refusal) const;

  const Context& context_;
  Denials& denials_;
  mutable KnownCertificates certificates_;
};

}  // namespace entente::broker

#endif  // ENTENTE_BROKER_RPC_GATE_H_

// A mutually authenticated channel to one broker.
#ifndef ENTENTE_CLIENT_RPC_CONNECTION_H_
#define ENTENTE_CLIENT_RPC_CONNECTION_H_

#include <grpcpp/channel.h>
#include <grpcpp/client_context.h>

#include <memory>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "certs/certificate.h"
#include "client/rpc/call_error.h"
#include "client/rpc/call_limits.h"

namespace entente::client {

// What it takes to reach a broker and to know that it is the right one.
struct Endpoint {
  std::string address;          // host:port
  std::string broker_uri;       // spiffe://<trust domain>/broker/<name>
  std::string broker_root_pem;  // the root that issued the broker's certificate
  std::string certificate_pem;  // the caller's, leaf first
  std::string key_pem;          // the caller's; PKCS #8
};

// How long an ordinary call may take.
inline constexpr absl::Duration kCallTimeout = absl::Seconds(60);
// Larger than the largest answer: a chunk of 1 MiB with its pseudonyms.
inline constexpr int kMaxMessageBytes = 4 << 20;

// A channel to `endpoint`. Nothing is sent yet. The broker is believed if its
// certificate leads to the pinned root and its one URI is `broker_uri`; DNS
// names play no part. InvalidArgument if the key or a certificate cannot be
// read. The channel is thread-safe.
absl::StatusOr<std::shared_ptr<grpc::Channel>> OpenChannel(
    const Endpoint& endpoint);

// Makes one unary call with a deadline of `timeout`, within the thread's
// CallLimits; the channel repeats it as client/rpc/retries.h says. Errors as
// FromGrpc gives them. `context` is fresh.
template <typename Stub, typename Request, typename Response>
absl::StatusOr<Response> CallIn(
    grpc::ClientContext* context, Stub& stub,
    grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&,
                                 Response*),
    const Request& request, absl::Duration timeout = kCallTimeout) {
  const LimitedCall limited(context, timeout);
  Response response;
  const grpc::Status status = (stub.*method)(context, request, &response);
  if (!status.ok()) return FromGrpc(status);
  return response;
}

// The same in a context of its own.
template <typename Stub, typename Request, typename Response>
absl::StatusOr<Response> Call(Stub& stub,
                              grpc::Status (Stub::*method)(grpc::ClientContext*,
                                                           const Request&,
                                                           Response*),
                              const Request& request,
                              absl::Duration timeout = kCallTimeout) {
  grpc::ClientContext context;
  return CallIn(&context, stub, method, request, timeout);
}

// The certificate that the broker showed for the call of `context`, once that
// was answered; nothing if it was not made over TLS.
std::optional<certs::Certificate> BrokerCertificate(
    const grpc::ClientContext& context);

}  // namespace entente::client

#endif  // ENTENTE_CLIENT_RPC_CONNECTION_H_

// Adapts a blocking function to gRPC's callback API.
#ifndef ENTENTE_BROKER_RPC_UNARY_H_
#define ENTENTE_BROKER_RPC_UNARY_H_

#include <google/protobuf/message.h>
#include <grpcpp/server_context.h>
#include <grpcpp/support/server_callback.h>

#include <chrono>
#include <functional>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "broker/metrics.h"
#include "broker/rpc/caller.h"
#include "broker/rpc/refusal.h"
#include "broker/worker_pool.h"

namespace entente::broker {

// `status` with its details for the wire; internals are left out.
grpc::Status ToGrpc(const absl::Status& status);

// Who calls, and whether that role may.
class CallerSource {
 public:
  virtual ~CallerSource() = default;
  // UNAUTHENTICATED for an identity that does not parse or is revoked. Does not
  // block.
  virtual absl::StatusOr<Caller> Identify(
      const grpc::CallbackServerContext& context,
      absl::string_view method) const = 0;
  // Whether the method names the caller's role. Does not block.
  virtual bool MayCall(const Caller& caller,
                       absl::string_view method) const = 0;
  // PERMISSION_DENIED (ROLE_NOT_ALLOWED) once it is recorded; UNAVAILABLE
  // (LOG_UNAVAILABLE) if it cannot be. `peer` is what gRPC calls the caller's
  // address. Blocks.
  virtual absl::Status RefuseRole(
      const Caller& caller, absl::string_view method, absl::string_view peer,
      const google::protobuf::Message& request) const = 0;
};

// Runs `body` on `workers` and finishes the call with what it returns. gRPC
// keeps context, request and response valid until then. RESOURCE_EXHAUSTED
// (OVERLOADED) if the pool is full. `metrics` counts the call.
template <typename Request, typename Response>
grpc::ServerUnaryReactor* RunUnary(
    grpc::CallbackServerContext* context, const CallerSource& callers,
    absl::string_view method, WorkerPool& workers, Metrics& metrics,
    const Request* request, Response* response,
    std::function<absl::Status(const Caller&, const Request&, Response*)>
        body) {
  grpc::ServerUnaryReactor* reactor = context->DefaultReactor();
  const auto finish = [reactor, name = std::string(method), &metrics,
                       began = std::chrono::steady_clock::now()](
                          const absl::Status& status) {
    metrics.Called(name, status,
                   absl::FromChrono(std::chrono::steady_clock::now() - began));
    reactor->Finish(ToGrpc(status));
  };
  absl::StatusOr<Caller> caller = callers.Identify(*context, method);
  if (!caller.ok()) {
    finish(caller.status());
    return reactor;
  }
  const absl::Status queued =
      workers.Submit([finish, context, &callers, request, response,
                      method = std::string(method), body = std::move(body),
                      caller = *std::move(caller)] {
        finish(callers.MayCall(caller, method)
                   ? body(caller, *request, response)
                   : callers.RefuseRole(caller, method, context->peer(),
                                        *request));
      });
  if (!queued.ok()) {
    finish(Refuse(policy::Reason::kOverloaded, ""));
  }
  return reactor;
}

}  // namespace entente::broker

#endif  // ENTENTE_BROKER_RPC_UNARY_H_

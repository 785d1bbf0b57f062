// Adapts a blocking function to gRPC's callback API.
#ifndef ENTENTE_BROKER_RPC_UNARY_H_
#define ENTENTE_BROKER_RPC_UNARY_H_

#include <grpcpp/server_context.h>
#include <grpcpp/support/server_callback.h>

#include <functional>
#include <utility>

#include "absl/status/status.h"
#include "broker/rpc/caller.h"
#include "broker/rpc/refusal.h"
#include "broker/worker_pool.h"

namespace entente::broker {

// `status` with its details for the wire; internals are left out.
grpc::Status ToGrpc(const absl::Status& status);

// Who calls, or the refusal: UNAUTHENTICATED for an identity that does not
// parse or is revoked, PERMISSION_DENIED (ROLE_NOT_ALLOWED) for a role that the
// method does not name.
class CallerSource {
 public:
  virtual ~CallerSource() = default;
  virtual absl::StatusOr<Caller> Identify(
      const grpc::CallbackServerContext& context,
      absl::string_view method) const = 0;
};

// Runs `body` on `workers` and finishes the call with what it returns. gRPC
// keeps context, request and response valid until then. RESOURCE_EXHAUSTED
// (OVERLOADED) if the pool is full.
template <typename Request, typename Response>
grpc::ServerUnaryReactor* RunUnary(
    grpc::CallbackServerContext* context, const CallerSource& callers,
    absl::string_view method, WorkerPool& workers, const Request* request,
    Response* response,
    std::function<absl::Status(const Caller&, const Request&, Response*)>
        body) {
  grpc::ServerUnaryReactor* reactor = context->DefaultReactor();
  absl::StatusOr<Caller> caller = callers.Identify(*context, method);
  if (!caller.ok()) {
    reactor->Finish(ToGrpc(caller.status()));
    return reactor;
  }
  const absl::Status queued =
      workers.Submit([reactor, request, response, body = std::move(body),
                      caller = *std::move(caller)] {
        reactor->Finish(ToGrpc(body(caller, *request, response)));
      });
  if (!queued.ok()) {
    reactor->Finish(ToGrpc(Refuse(policy::Reason::kOverloaded, "")));
  }
  return reactor;
}

}  // namespace entente::broker

#endif  // ENTENTE_BROKER_RPC_UNARY_H_

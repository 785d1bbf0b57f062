// What is done with every call, before and beside its handler.
#ifndef ENTENTE_BROKER_RPC_CALL_WATCH_H_
#define ENTENTE_BROKER_RPC_CALL_WATCH_H_

#include <grpcpp/support/server_interceptor.h>

#include <memory>

#include "broker/rpc/connection_guard.h"
#include "broker/rpc/gate.h"

namespace entente::broker {

// Counts every call that reaches a handler, health and reflection among them,
// on the connection that it came by, and ends those to gRPC's own services that
// `gate` does not admit, before their handler can answer: an interceptor can
// end a call only as CANCELLED, so the reason is in log and ledger alone. A
// call is seen once its first message is there. Thread-safe; does not block.
// `calls` and `gate` outlive the server.
std::unique_ptr<grpc::experimental::ServerInterceptorFactoryInterface>
MakeCallWatch(CallTable* calls, const Gate* gate);

}  // namespace entente::broker

#endif  // ENTENTE_BROKER_RPC_CALL_WATCH_H_

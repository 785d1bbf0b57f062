// Tells the connection guard what calls do.
#ifndef ENTENTE_BROKER_RPC_CALL_WATCH_H_
#define ENTENTE_BROKER_RPC_CALL_WATCH_H_

#include <grpcpp/support/server_interceptor.h>

#include <memory>

#include "broker/rpc/connection_guard.h"

namespace entente::broker {

// Counts every call that reaches a handler, health and reflection among them,
// on the connection that it came by. A call is seen once its first message is
// there. Thread-safe; does not block. `calls` outlives the server.
std::unique_ptr<grpc::experimental::ServerInterceptorFactoryInterface>
MakeCallWatch(CallTable* calls);

}  // namespace entente::broker

#endif  // ENTENTE_BROKER_RPC_CALL_WATCH_H_

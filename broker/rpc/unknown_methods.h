// Answers what no service has.
#ifndef ENTENTE_BROKER_RPC_UNKNOWN_METHODS_H_
#define ENTENTE_BROKER_RPC_UNKNOWN_METHODS_H_

#include <grpcpp/generic/async_generic_service.h>

#include "broker/rpc/gate.h"

namespace entente::broker {

// Refuses every call whose method is no service's, and has it recorded.
// Thread-safe; does not block. `gate` outlives the server.
class UnknownMethods final : public grpc::CallbackGenericService {
 public:
  explicit UnknownMethods(const Gate* gate) : gate_(*gate) {}

  grpc::ServerGenericBidiReactor* CreateReactor(
      grpc::GenericCallbackServerContext* context) override;

 private:
  const Gate& gate_;
};

}  // namespace entente::broker

#endif  // ENTENTE_BROKER_RPC_UNKNOWN_METHODS_H_

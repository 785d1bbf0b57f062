#include "broker/rpc/unary.h"

namespace entente::broker {

grpc::Status ToGrpc(const absl::Status& answer) {
  if (answer.ok()) return grpc::Status::OK;
  const absl::Status status = ForTheWire(answer);
  return grpc::Status(static_cast<grpc::StatusCode>(status.code()),
                      PublicMessage(status), StatusDetails(status));
}

}  // namespace entente::broker

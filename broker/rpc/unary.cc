#include "broker/rpc/unary.h"

namespace entente::broker {

grpc::Status ToGrpc(const absl::Status& status) {
  if (status.ok()) return grpc::Status::OK;
  return grpc::Status(static_cast<grpc::StatusCode>(status.code()),
                      PublicMessage(status), StatusDetails(status));
}

}  // namespace entente::broker

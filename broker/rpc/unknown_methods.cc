#include "broker/rpc/unknown_methods.h"

#include "broker/rpc/unary.h"

namespace entente::broker {
namespace {

// Ends the call at once; owns itself.
class Refusal final : public grpc::ServerGenericBidiReactor {
 public:
  explicit Refusal(const absl::Status& why) { Finish(ToGrpc(why)); }
  void OnDone() override { delete this; }
};

}  // namespace

grpc::ServerGenericBidiReactor* UnknownMethods::CreateReactor(
    grpc::GenericCallbackServerContext* context) {
  return new Refusal(
      gate_.RefuseUnknown(*context->auth_context(), context->method()));
}

}  // namespace entente::broker

#include "broker/rpc/call_watch.h"

#include <grpcpp/server_context.h>

#include <string>
#include <utility>

#include "broker/rpc/peer_address.h"

namespace entente::broker {
namespace {

using grpc::experimental::InterceptionHookPoints;

class WatchedCall final : public grpc::experimental::Interceptor {
 public:
  WatchedCall(grpc::experimental::ServerRpcInfo* info, CallTable* table,
              const Gate* gate)
      : info_(*info), table_(*table), gate_(*gate) {}
  ~WatchedCall() override {
    if (calls_ != nullptr) --calls_->open;
  }

  void Intercept(
      grpc::experimental::InterceptorBatchMethods* methods) override {
    if (methods->QueryInterceptionHookPoint(
            InterceptionHookPoints::POST_RECV_INITIAL_METADATA)) {
      Begin();
    }
    if (calls_ != nullptr) Count(methods);
    methods->Proceed();
  }

 private:
  // Not before: until then a call of a synchronous service, as gRPC's
  // reflection is, has no peer.
  void Begin() {
    const auto& call = *info_.server_context();
    const absl::optional<PeerAddress> peer = PeerAddress::FromGrpc(call.peer());
    if (peer.has_value()) calls_ = table_.Find(*peer);
    if (calls_ != nullptr) {
      ++calls_->begun;
      ++calls_->open;
    }
    if (!gate_.AdmitBuiltIn(*call.auth_context(), info_.method()).ok()) {
      call.TryCancel();
    }
  }

  // A synchronous call may not be asked here whether it is cancelled: the
  // answer would come through this interceptor. Operators alone have such
  // calls.
  void Count(grpc::experimental::InterceptorBatchMethods* methods) {
    for (const InterceptionHookPoints passed :
         {InterceptionHookPoints::POST_RECV_MESSAGE,
          InterceptionHookPoints::PRE_SEND_MESSAGE,
          InterceptionHookPoints::PRE_SEND_STATUS}) {
      if (methods->QueryInterceptionHookPoint(passed)) ++calls_->progress;
    }
    if (methods->QueryInterceptionHookPoint(
            InterceptionHookPoints::POST_RECV_CLOSE) &&
        !Gate::IsReflection(info_.method()) &&
        info_.server_context()->IsCancelled()) {
      ++calls_->cancelled;
    }
  }

  grpc::experimental::ServerRpcInfo& info_;
  CallTable& table_;
  const Gate& gate_;
  std::shared_ptr<ConnectionCalls> calls_;  // null if nobody counts them
};

class CallWatch final
    : public grpc::experimental::ServerInterceptorFactoryInterface {
 public:
  CallWatch(CallTable* calls, const Gate* gate)
      : calls_(*calls), gate_(*gate) {}

  grpc::experimental::Interceptor* CreateServerInterceptor(
      grpc::experimental::ServerRpcInfo* info) override {
    return new WatchedCall(info, &calls_, &gate_);
  }

 private:
  CallTable& calls_;
  const Gate& gate_;
};

}  // namespace

std::unique_ptr<grpc::experimental::ServerInterceptorFactoryInterface>
MakeCallWatch(CallTable* calls, const Gate* gate) {
  return std::make_unique<CallWatch>(calls, gate);
}

}  // namespace entente::broker

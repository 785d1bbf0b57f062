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
  WatchedCall(grpc::experimental::ServerRpcInfo* info,
              std::shared_ptr<ConnectionCalls> calls)
      : info_(*info), calls_(std::move(calls)) {
    ++calls_->begun;
    ++calls_->open;
  }
  ~WatchedCall() override { --calls_->open; }

  void Intercept(
      grpc::experimental::InterceptorBatchMethods* methods) override {
    for (const InterceptionHookPoints passed :
         {InterceptionHookPoints::POST_RECV_MESSAGE,
          InterceptionHookPoints::PRE_SEND_MESSAGE,
          InterceptionHookPoints::PRE_SEND_STATUS}) {
      if (methods->QueryInterceptionHookPoint(passed)) ++calls_->progress;
    }
    if (methods->QueryInterceptionHookPoint(
            InterceptionHookPoints::POST_RECV_CLOSE) &&
        info_.server_context()->IsCancelled()) {
      ++calls_->cancelled;
    }
    methods->Proceed();
  }

 private:
  grpc::experimental::ServerRpcInfo& info_;
  const std::shared_ptr<ConnectionCalls> calls_;
};

class CallWatch final
    : public grpc::experimental::ServerInterceptorFactoryInterface {
 public:
  CallWatch(CallTable* calls, const Gate* gate)
      : calls_(*calls), gate_(*gate) {}

  grpc::experimental::Interceptor* CreateServerInterceptor(
      grpc::experimental::ServerRpcInfo* info) override {
    Guard(*info);
    const absl::optional<PeerAddress> peer =
        PeerAddress::FromGrpc(info->server_context()->peer());
    if (!peer.has_value()) return nullptr;
    std::shared_ptr<ConnectionCalls> calls = calls_.Find(*peer);
    if (calls == nullptr) return nullptr;
    return new WatchedCall(info, std::move(calls));
  }

 private:
  void Guard(grpc::experimental::ServerRpcInfo& info) {
    const auto& call = *info.server_context();
    if (!gate_.AdmitBuiltIn(*call.auth_context(), info.method()).ok()) {
      call.TryCancel();
    }
  }

  CallTable& calls_;
  const Gate& gate_;
};

}  // namespace

std::unique_ptr<grpc::experimental::ServerInterceptorFactoryInterface>
MakeCallWatch(CallTable* calls, const Gate* gate) {
  return std::make_unique<CallWatch>(calls, gate);
}

}  // namespace entente::broker

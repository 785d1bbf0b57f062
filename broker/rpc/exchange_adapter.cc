#include <functional>
#include <utility>

#include "broker/rpc/adapters.h"
#include "broker/rpc/receive_stream.h"
#include "entente/v1/exchange.grpc.pb.h"

namespace entente::broker {
namespace {

// A stream that only says why there is none; owns itself.
class RefusedStream final
    : public grpc::ServerWriteReactor<v1::ReceiveResponse> {
 public:
  RefusedStream(const absl::Status& why, Metrics* metrics) {
    Refused(why, *metrics);
  }
  // Refuses once `why` has run on a worker.
  RefusedStream(std::function<absl::Status()> why, WorkerPool& workers,
                Metrics* metrics) {
    const absl::Status queued = workers.Submit(
        [this, why = std::move(why), metrics] { Refused(why(), *metrics); });
    if (!queued.ok()) {
      Refused(Refuse(policy::Reason::kOverloaded, ""), *metrics);
    }
  }
  void OnDone() override { delete this; }

 private:
  void Refused(const absl::Status& why, Metrics& metrics) {
    metrics.Called(kReceivePath, why, absl::ZeroDuration());
    Finish(ToGrpc(why));
  }
};

class ExchangeAdapter final : public v1::Exchange::CallbackService {
 public:
  ExchangeAdapter(Wire wire, const ReceiveStream::Parts& parts)
      : wire_(wire), service_(parts.service), parts_(parts) {}

  grpc::ServerUnaryReactor* SendChunk(
      grpc::CallbackServerContext* context, const v1::SendChunkRequest* request,
      v1::SendChunkResponse* response) override {
    return wire_.Run("/entente.v1.Exchange/SendChunk", context, request,
                     response, service_, &ExchangeService::SendChunk);
  }

  grpc::ServerUnaryReactor* Acknowledge(
      grpc::CallbackServerContext* context,
      const v1::AcknowledgeRequest* request,
      v1::AcknowledgeResponse* response) override {
    return wire_.Run("/entente.v1.Exchange/Acknowledge", context, request,
                     response, service_, &ExchangeService::Acknowledge);
  }

  grpc::ServerWriteReactor<v1::ReceiveResponse>* Receive(
      grpc::CallbackServerContext* context,
      const v1::ReceiveRequest* request) override {
    absl::StatusOr<Caller> caller =
        wire_.callers->Identify(*context, kReceivePath);
    if (!caller.ok()) return new RefusedStream(caller.status(), wire_.metrics);
    if (!wire_.callers->MayCall(*caller, kReceivePath)) {
      return new RefusedStream(
          [callers = wire_.callers, who = *std::move(caller),
           peer = context->peer(), asked = *request] {
            return callers->RefuseRole(who, kReceivePath, peer, asked);
          },
          *wire_.workers, wire_.metrics);
    }
    return new ReceiveStream(context, *std::move(caller), *request, parts_);
  }

 private:
  const Wire wire_;
  ExchangeService* const service_;
  const ReceiveStream::Parts parts_;
};

}  // namespace

std::unique_ptr<grpc::Service> MakeExchangeAdapter(
    Wire wire, const ReceiveStream::Parts& parts) {
  return std::make_unique<ExchangeAdapter>(wire, parts);
}

}  // namespace entente::broker

#include "broker/rpc/adapters.h"
#include "entente/v1/ledger.grpc.pb.h"

namespace entente::broker {
namespace {

class LedgerAdapter final : public v1::Ledger::CallbackService {
 public:
  LedgerAdapter(Wire wire, LedgerService* service)
      : wire_(wire), service_(service) {}

  grpc::ServerUnaryReactor* GetCheckpoint(
      grpc::CallbackServerContext* context,
      const v1::GetCheckpointRequest* request,
      v1::GetCheckpointResponse* response) override {
    return wire_.Run("/entente.v1.Ledger/GetCheckpoint", context, request,
                     response, service_, &LedgerService::GetCheckpoint);
  }
  grpc::ServerUnaryReactor* ReadTile(grpc::CallbackServerContext* context,
                                     const v1::ReadTileRequest* request,
                                     v1::ReadTileResponse* response) override {
    return wire_.Run("/entente.v1.Ledger/ReadTile", context, request, response,
                     service_, &LedgerService::ReadTile);
  }
  grpc::ServerUnaryReactor* GetEntry(grpc::CallbackServerContext* context,
                                     const v1::GetEntryRequest* request,
                                     v1::GetEntryResponse* response) override {
    return wire_.Run("/entente.v1.Ledger/GetEntry", context, request, response,
                     service_, &LedgerService::GetEntry);
  }

 private:
  const Wire wire_;
  LedgerService* const service_;
};

}  // namespace

std::unique_ptr<grpc::Service> MakeLedgerAdapter(Wire wire,
                                                 LedgerService* service) {
  return std::make_unique<LedgerAdapter>(wire, service);
}

}  // namespace entente::broker

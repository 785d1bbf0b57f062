// The services on gRPC: thin, one file each.
#ifndef ENTENTE_BROKER_RPC_ADAPTERS_H_
#define ENTENTE_BROKER_RPC_ADAPTERS_H_

#include <grpcpp/impl/service_type.h>

#include <memory>

#include "broker/agreements_service.h"
#include "broker/break_glass_service.h"
#include "broker/directory_service.h"
#include "broker/exchange_service.h"
#include "broker/ledger_service.h"
#include "broker/pseudonyms_service.h"
#include "broker/rpc/receive_stream.h"
#include "broker/rpc/unary.h"

namespace entente::broker {

// What every adapter runs on. All of it outlives the server.
struct Wire {
  const CallerSource* callers = nullptr;
  WorkerPool* workers = nullptr;
  Metrics* metrics = nullptr;

  // Runs `method` of `service` on a worker; `path` is the call's.
  template <typename Service, typename Request, typename Response>
  grpc::ServerUnaryReactor* Run(
      absl::string_view path, grpc::CallbackServerContext* context,
      const Request* request, Response* response, Service* service,
      absl::Status (Service::*method)(const Caller&, const Request&,
                                      Response*)) const {
    return RunUnary<Request, Response>(
        context, *callers, path, *workers, *metrics, request, response,
        [service, method](const Caller& caller, const Request& asked,
                          Response* answer) {
          return (service->*method)(caller, asked, answer);
        });
  }
};

std::unique_ptr<grpc::Service> MakeDirectoryAdapter(Wire wire,
                                                    DirectoryService* service);
std::unique_ptr<grpc::Service> MakeAgreementsAdapter(
    Wire wire, AgreementsService* service);
std::unique_ptr<grpc::Service> MakeBreakGlassAdapter(
    Wire wire, BreakGlassService* service);
std::unique_ptr<grpc::Service> MakePseudonymsAdapter(
    Wire wire, PseudonymsService* service);
std::unique_ptr<grpc::Service> MakeLedgerAdapter(Wire wire,
                                                 LedgerService* service);
std::unique_ptr<grpc::Service> MakeExchangeAdapter(
    Wire wire, const ReceiveStream::Parts& parts);

}  // namespace entente::broker

#endif  // ENTENTE_BROKER_RPC_ADAPTERS_H_

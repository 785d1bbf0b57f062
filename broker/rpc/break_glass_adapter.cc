#include "broker/rpc/adapters.h"
#include "entente/v1/break_glass.grpc.pb.h"

namespace entente::broker {
namespace {

class BreakGlassAdapter final : public v1::BreakGlass::CallbackService {
 public:
  BreakGlassAdapter(Wire wire, BreakGlassService* service)
      : wire_(wire), service_(service) {}

  grpc::ServerUnaryReactor* AskBreakGlass(
      grpc::CallbackServerContext* context,
      const v1::AskBreakGlassRequest* request,
      v1::AskBreakGlassResponse* response) override {
    return wire_.Run("/entente.v1.BreakGlass/AskBreakGlass", context, request,
                     response, service_, &BreakGlassService::Ask);
  }
  grpc::ServerUnaryReactor* ApproveBreakGlass(
      grpc::CallbackServerContext* context,
      const v1::ApproveBreakGlassRequest* request,
      v1::ApproveBreakGlassResponse* response) override {
    return wire_.Run("/entente.v1.BreakGlass/ApproveBreakGlass", context,
                     request, response, service_, &BreakGlassService::Approve);
  }
  grpc::ServerUnaryReactor* CloseBreakGlass(
      grpc::CallbackServerContext* context,
      const v1::CloseBreakGlassRequest* request,
      v1::CloseBreakGlassResponse* response) override {
    return wire_.Run("/entente.v1.BreakGlass/CloseBreakGlass", context, request,
                     response, service_, &BreakGlassService::Close);
  }
  grpc::ServerUnaryReactor* ReportBreakGlass(
      grpc::CallbackServerContext* context,
      const v1::ReportBreakGlassRequest* request,
      v1::ReportBreakGlassResponse* response) override {
    return wire_.Run("/entente.v1.BreakGlass/ReportBreakGlass", context,
                     request, response, service_, &BreakGlassService::Report);
  }
  grpc::ServerUnaryReactor* ListBreakGlass(
      grpc::CallbackServerContext* context,
      const v1::ListBreakGlassRequest* request,
      v1::ListBreakGlassResponse* response) override {
    return wire_.Run("/entente.v1.BreakGlass/ListBreakGlass", context, request,
                     response, service_, &BreakGlassService::List);
  }

 private:
  const Wire wire_;
  BreakGlassService* const service_;
};

}  // namespace

std::unique_ptr<grpc::Service> MakeBreakGlassAdapter(
    Wire wire, BreakGlassService* service) {
  return std::make_unique<BreakGlassAdapter>(wire, service);
}

}  // namespace entente::broker

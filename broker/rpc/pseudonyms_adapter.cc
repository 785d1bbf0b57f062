#include "broker/rpc/adapters.h"
#include "entente/v1/pseudonyms.grpc.pb.h"

namespace entente::broker {
namespace {

class PseudonymsAdapter final : public v1::Pseudonyms::CallbackService {
 public:
  PseudonymsAdapter(Wire wire, PseudonymsService* service)
      : wire_(wire), service_(service) {}

  grpc::ServerUnaryReactor* Enrol(grpc::CallbackServerContext* context,
                                  const v1::EnrolRequest* request,
                                  v1::EnrolResponse* response) override {
    return wire_.Run("/entente.v1.Pseudonyms/Enrol", context, request, response,
                     service_, &PseudonymsService::Enrol);
  }
  grpc::ServerUnaryReactor* PutPepper(
      grpc::CallbackServerContext* context, const v1::PutPepperRequest* request,
      v1::PutPepperResponse* response) override {
    return wire_.Run("/entente.v1.Pseudonyms/PutPepper", context, request,
                     response, service_, &PseudonymsService::PutPepper);
  }
  grpc::ServerUnaryReactor* GetPepper(
      grpc::CallbackServerContext* context, const v1::GetPepperRequest* request,
      v1::GetPepperResponse* response) override {
    return wire_.Run("/entente.v1.Pseudonyms/GetPepper", context, request,
                     response, service_, &PseudonymsService::GetPepper);
  }

 private:
  const Wire wire_;
  PseudonymsService* const service_;
};

}  // namespace

std::unique_ptr<grpc::Service> MakePseudonymsAdapter(
    Wire wire, PseudonymsService* service) {
  return std::make_unique<PseudonymsAdapter>(wire, service);
}

}  // namespace entente::broker

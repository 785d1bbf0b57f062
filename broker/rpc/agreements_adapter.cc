#include "broker/rpc/adapters.h"
#include "entente/v1/agreements.grpc.pb.h"

namespace entente::broker {
namespace {

class AgreementsAdapter final : public v1::Agreements::CallbackService {
 public:
  AgreementsAdapter(Wire wire, AgreementsService* service)
      : wire_(wire), service_(service) {}

  grpc::ServerUnaryReactor* ProposeAgreement(
      grpc::CallbackServerContext* context,
      const v1::ProposeAgreementRequest* request,
      v1::ProposeAgreementResponse* response) override {
    return wire_.Run("/entente.v1.Agreements/ProposeAgreement", context,
                     request, response, service_, &AgreementsService::Propose);
  }
  grpc::ServerUnaryReactor* SignAgreement(
      grpc::CallbackServerContext* context,
      const v1::SignAgreementRequest* request,
      v1::SignAgreementResponse* response) override {
    return wire_.Run("/entente.v1.Agreements/SignAgreement", context, request,
                     response, service_, &AgreementsService::Sign);
  }
  grpc::ServerUnaryReactor* SuspendAgreement(
      grpc::CallbackServerContext* context,
      const v1::SuspendAgreementRequest* request,
      v1::SuspendAgreementResponse* response) override {
    return wire_.Run("/entente.v1.Agreements/SuspendAgreement", context,
                     request, response, service_, &AgreementsService::Suspend);
  }
  grpc::ServerUnaryReactor* ResumeAgreement(
      grpc::CallbackServerContext* context,
      const v1::ResumeAgreementRequest* request,
      v1::ResumeAgreementResponse* response) override {
    return wire_.Run("/entente.v1.Agreements/ResumeAgreement", context, request,
                     response, service_, &AgreementsService::Resume);
  }
  grpc::ServerUnaryReactor* WithdrawAgreement(
      grpc::CallbackServerContext* context,
      const v1::WithdrawAgreementRequest* request,
      v1::WithdrawAgreementResponse* response) override {
    return wire_.Run("/entente.v1.Agreements/WithdrawAgreement", context,
                     request, response, service_, &AgreementsService::Withdraw);
  }
  grpc::ServerUnaryReactor* GetAgreement(
      grpc::CallbackServerContext* context,
      const v1::GetAgreementRequest* request,
      v1::GetAgreementResponse* response) override {
    return wire_.Run("/entente.v1.Agreements/GetAgreement", context, request,
                     response, service_, &AgreementsService::Get);
  }
  grpc::ServerUnaryReactor* ListAgreements(
      grpc::CallbackServerContext* context,
      const v1::ListAgreementsRequest* request,
      v1::ListAgreementsResponse* response) override {
    return wire_.Run("/entente.v1.Agreements/ListAgreements", context, request,
                     response, service_, &AgreementsService::List);
  }
  grpc::ServerUnaryReactor* GetManifest(
      grpc::CallbackServerContext* context,
      const v1::GetManifestRequest* request,
      v1::GetManifestResponse* response) override {
    return wire_.Run("/entente.v1.Agreements/GetManifest", context, request,
                     response, service_, &AgreementsService::GetManifest);
  }

 private:
  const Wire wire_;
  AgreementsService* const service_;
};

}  // namespace

std::unique_ptr<grpc::Service> MakeAgreementsAdapter(
    Wire wire, AgreementsService* service) {
  return std::make_unique<AgreementsAdapter>(wire, service);
}

}  // namespace entente::broker

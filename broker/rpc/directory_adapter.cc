#include "broker/rpc/adapters.h"
#include "entente/v1/directory.grpc.pb.h"

namespace entente::broker {
namespace {

class DirectoryAdapter final : public v1::Directory::CallbackService {
 public:
  DirectoryAdapter(Wire wire, DirectoryService* service)
      : wire_(wire), service_(service) {}

  grpc::ServerUnaryReactor* GetStatus(
      grpc::CallbackServerContext* context, const v1::GetStatusRequest* request,
      v1::GetStatusResponse* response) override {
    return wire_.Run("/entente.v1.Directory/GetStatus", context, request,
                     response, service_, &DirectoryService::GetStatus);
  }
  grpc::ServerUnaryReactor* AddAgency(
      grpc::CallbackServerContext* context, const v1::AddAgencyRequest* request,
      v1::AddAgencyResponse* response) override {
    return wire_.Run("/entente.v1.Directory/AddAgency", context, request,
                     response, service_, &DirectoryService::AddAgency);
  }
  grpc::ServerUnaryReactor* ListAgencies(
      grpc::CallbackServerContext* context,
      const v1::ListAgenciesRequest* request,
      v1::ListAgenciesResponse* response) override {
    return wire_.Run("/entente.v1.Directory/ListAgencies", context, request,
                     response, service_, &DirectoryService::ListAgencies);
  }
  grpc::ServerUnaryReactor* RevokeCertificate(
      grpc::CallbackServerContext* context,
      const v1::RevokeCertificateRequest* request,
      v1::RevokeCertificateResponse* response) override {
    return wire_.Run("/entente.v1.Directory/RevokeCertificate", context,
                     request, response, service_,
                     &DirectoryService::RevokeCertificate);
  }
  grpc::ServerUnaryReactor* PublishKeyBundle(
      grpc::CallbackServerContext* context,
      const v1::PublishKeyBundleRequest* request,
      v1::PublishKeyBundleResponse* response) override {
    return wire_.Run("/entente.v1.Directory/PublishKeyBundle", context, request,
                     response, service_, &DirectoryService::PublishKeyBundle);
  }
  grpc::ServerUnaryReactor* GetKeyBundle(
      grpc::CallbackServerContext* context,
      const v1::GetKeyBundleRequest* request,
      v1::GetKeyBundleResponse* response) override {
    return wire_.Run("/entente.v1.Directory/GetKeyBundle", context, request,
                     response, service_, &DirectoryService::GetKeyBundle);
  }

 private:
  const Wire wire_;
  DirectoryService* const service_;
};

}  // namespace

std::unique_ptr<grpc::Service> MakeDirectoryAdapter(Wire wire,
                                                    DirectoryService* service) {
  return std::make_unique<DirectoryAdapter>(wire, service);
}

}  // namespace entente::broker

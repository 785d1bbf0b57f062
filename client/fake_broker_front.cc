// How agencies reach the fake broker: a server for each, so that it knows who
// calls without a certificate.
#include <grpcpp/security/server_credentials.h>
#include <grpcpp/server.h>
#include <grpcpp/server_builder.h>

#include "client/fake_broker.h"

namespace entente::client {
namespace {

template <typename Request, typename Response>
grpc::Status Turn(Knob<Request, Response>& knob, const Request& request,
                  Response* response,
                  const std::function<grpc::Status()>& honest) {
  knob.calls.push_back(request);
  if (knob.refuse) {
    grpc::Status refused = knob.refuse(request);
    if (!refused.ok()) return refused;
  }
  grpc::Status done = honest();
  if (!done.ok()) return done;
  if (knob.alter) knob.alter(request, response);
  if (knob.lose && knob.lose(request)) {
    return grpc::Status(grpc::StatusCode::UNAVAILABLE, "the answer is lost");
  }
  return grpc::Status::OK;
}

}  // namespace

struct FakeBroker::Front {
  // Serves `Service::Method` by FakeBroker::`honest` through `knob`.
  template <typename Request, typename Response>
  grpc::Status Serve(Knob<Request, Response> FakeBroker::*knob,
                     grpc::Status (FakeBroker::*honest)(const std::string&,
                                                        const Request&,
                                                        Response*),
                     const Request& request, Response* response) {
    return Turn(broker->*knob, request, response,
                [&] { return (broker->*honest)(agency, request, response); });
  }

  struct Directory final : v1::Directory::Service {
    Front* front = nullptr;
    grpc::Status GetStatus(grpc::ServerContext*,
                           const v1::GetStatusRequest* request,
                           v1::GetStatusResponse* response) override {
      return front->Serve(&FakeBroker::get_status, &FakeBroker::GetStatus,
                          *request, response);
    }
    grpc::Status AddAgency(grpc::ServerContext*,
                           const v1::AddAgencyRequest* request,
                           v1::AddAgencyResponse* response) override {
      return front->Serve(&FakeBroker::add_agency, &FakeBroker::AddAgency,
                          *request, response);
    }
    grpc::Status ListAgencies(grpc::ServerContext*,
                              const v1::ListAgenciesRequest* request,
                              v1::ListAgenciesResponse* response) override {
      return front->Serve(&FakeBroker::list_agencies, &FakeBroker::ListAgencies,
                          *request, response);
    }
    grpc::Status RevokeCertificate(
        grpc::ServerContext*, const v1::RevokeCertificateRequest* request,
        v1::RevokeCertificateResponse* response) override {
      return front->Serve(&FakeBroker::revoke, &FakeBroker::Revoke, *request,
                          response);
    }
    grpc::Status PublishKeyBundle(
        grpc::ServerContext*, const v1::PublishKeyBundleRequest* request,
        v1::PublishKeyBundleResponse* response) override {
      return front->Serve(&FakeBroker::publish, &FakeBroker::PublishBundle,
                          *request, response);
    }
    grpc::Status GetKeyBundle(grpc::ServerContext*,
                              const v1::GetKeyBundleRequest* request,
                              v1::GetKeyBundleResponse* response) override {
      return front->Serve(&FakeBroker::get_bundle, &FakeBroker::GetBundle,
                          *request, response);
    }
  };

  struct Agreements final : v1::Agreements::Service {
    Front* front = nullptr;
    grpc::Status ProposeAgreement(
        grpc::ServerContext*, const v1::ProposeAgreementRequest* request,
        v1::ProposeAgreementResponse* response) override {
      return front->Serve(&FakeBroker::propose, &FakeBroker::Propose, *request,
                          response);
    }
    grpc::Status SignAgreement(grpc::ServerContext*,
                               const v1::SignAgreementRequest* request,
                               v1::SignAgreementResponse* response) override {
      return front->Serve(&FakeBroker::sign, &FakeBroker::Sign, *request,
                          response);
    }
    grpc::Status SuspendAgreement(
        grpc::ServerContext*, const v1::SuspendAgreementRequest* request,
        v1::SuspendAgreementResponse* response) override {
      return front->Serve(&FakeBroker::suspend, &FakeBroker::Suspend, *request,
                          response);
    }
    grpc::Status ResumeAgreement(
        grpc::ServerContext*, const v1::ResumeAgreementRequest* request,
        v1::ResumeAgreementResponse* response) override {
      return front->Serve(&FakeBroker::resume, &FakeBroker::Resume, *request,
                          response);
    }
    grpc::Status WithdrawAgreement(
        grpc::ServerContext*, const v1::WithdrawAgreementRequest* request,
        v1::WithdrawAgreementResponse* response) override {
      return front->Serve(&FakeBroker::withdraw, &FakeBroker::Withdraw,
                          *request, response);
    }
    grpc::Status GetAgreement(grpc::ServerContext*,
                              const v1::GetAgreementRequest* request,
                              v1::GetAgreementResponse* response) override {
      return front->Serve(&FakeBroker::get_agreement, &FakeBroker::GetAgreement,
                          *request, response);
    }
    grpc::Status ListAgreements(grpc::ServerContext*,
                                const v1::ListAgreementsRequest* request,
                                v1::ListAgreementsResponse* response) override {
      return front->Serve(&FakeBroker::list_agreements,
                          &FakeBroker::ListAgreements, *request, response);
    }
    grpc::Status GetManifest(grpc::ServerContext*,
                             const v1::GetManifestRequest* request,
                             v1::GetManifestResponse* response) override {
      return front->Serve(&FakeBroker::get_manifest, &FakeBroker::GetManifest,
                          *request, response);
    }
  };

  struct Pseudonyms final : v1::Pseudonyms::Service {
    Front* front = nullptr;
    grpc::Status Enrol(grpc::ServerContext*, const v1::EnrolRequest* request,
                       v1::EnrolResponse* response) override {
      return front->Serve(&FakeBroker::enrol, &FakeBroker::Enrol, *request,
                          response);
    }
    grpc::Status PutPepper(grpc::ServerContext*,
                           const v1::PutPepperRequest* request,
                           v1::PutPepperResponse* response) override {
      return front->Serve(&FakeBroker::put_pepper, &FakeBroker::PutPepper,
                          *request, response);
    }
    grpc::Status GetPepper(grpc::ServerContext*,
                           const v1::GetPepperRequest* request,
                           v1::GetPepperResponse* response) override {
      return front->Serve(&FakeBroker::get_pepper, &FakeBroker::GetPepper,
                          *request, response);
    }
  };

  struct Exchange final : v1::Exchange::Service {
    Front* front = nullptr;
    grpc::Status SendChunk(grpc::ServerContext*,
                           const v1::SendChunkRequest* request,
                           v1::SendChunkResponse* response) override {
      return front->Serve(&FakeBroker::send_chunk, &FakeBroker::SendChunk,
                          *request, response);
    }
    grpc::Status Receive(
        grpc::ServerContext*, const v1::ReceiveRequest* request,
        grpc::ServerWriter<v1::ReceiveResponse>* writer) override {
      std::vector<v1::ReceiveResponse> parts;
      grpc::Status done = front->Serve(&FakeBroker::receive,
                                       &FakeBroker::Receive, *request, &parts);
      for (const v1::ReceiveResponse& part : parts) writer->Write(part);
      return done;
    }
    grpc::Status Acknowledge(grpc::ServerContext*,
                             const v1::AcknowledgeRequest* request,
                             v1::AcknowledgeResponse* response) override {
      return front->Serve(&FakeBroker::acknowledge, &FakeBroker::Acknowledge,
                          *request, response);
    }
  };

  struct Ledger final : v1::Ledger::Service {
    Front* front = nullptr;
    grpc::Status GetCheckpoint(grpc::ServerContext*,
                               const v1::GetCheckpointRequest* request,
                               v1::GetCheckpointResponse* response) override {
      return front->Serve(&FakeBroker::get_checkpoint,
                          &FakeBroker::GetCheckpoint, *request, response);
    }
    grpc::Status ReadTile(grpc::ServerContext*,
                          const v1::ReadTileRequest* request,
                          v1::ReadTileResponse* response) override {
      return front->Serve(&FakeBroker::read_tile, &FakeBroker::ReadTile,
                          *request, response);
    }
    grpc::Status GetEntry(grpc::ServerContext*,
                          const v1::GetEntryRequest* request,
                          v1::GetEntryResponse* response) override {
      return front->Serve(&FakeBroker::get_entry, &FakeBroker::GetEntry,
                          *request, response);
    }
  };

  Front(FakeBroker* owner, std::string caller,
        const std::shared_ptr<grpc::ServerCredentials>& credentials)
      : broker(owner), agency(std::move(caller)) {
    directory.front = this;
    agreements.front = this;
    pseudonyms.front = this;
    exchange.front = this;
    ledger.front = this;
    grpc::ServerBuilder builder;
    if (credentials != nullptr) {
      builder.AddListeningPort("127.0.0.1:0", credentials, &port);
    }
    builder.SetSyncServerOption(grpc::ServerBuilder::NUM_CQS, 1);
    builder.RegisterService(&directory);
    builder.RegisterService(&agreements);
    builder.RegisterService(&pseudonyms);
    builder.RegisterService(&exchange);
    builder.RegisterService(&ledger);
    server = builder.BuildAndStart();
  }
  ~Front() { server->Shutdown(); }

  std::string Address() const {
    return port == 0 ? "in.process:1" : absl::StrCat("127.0.0.1:", port);
  }

  FakeBroker* const broker;
  const std::string agency;
  Directory directory;
  Agreements agreements;
  Pseudonyms pseudonyms;
  Exchange exchange;
  Ledger ledger;
  int port = 0;
  std::unique_ptr<grpc::Server> server;
};

FakeBroker::~FakeBroker() = default;

void FakeBroker::StartFronts() {
  std::shared_ptr<grpc::ServerCredentials> credentials;
  if (plan_.tls) {
    const FakeHolder holder = operator_.IssueUri(
        absl::StrCat("spiffe://", kFakeTrustDomain, "/broker/", kFakeBroker),
        now - absl::Hours(1), now + absl::Hours(24), {"127.0.0.1"});
    const auto key = holder.key.ToPem();
    grpc::SslServerCredentialsOptions options(
        GRPC_SSL_REQUEST_AND_REQUIRE_CLIENT_CERTIFICATE_BUT_DONT_VERIFY);
    options.pem_key_cert_pairs.push_back(
        {std::string(crypto::AsText(key->Expose())), holder.Pem()});
    options.pem_root_certs = operator_.root().ToPem();
    credentials = grpc::SslServerCredentials(options);
  }
  std::array<uint8_t, 32> ledger_key;
  const auto bytes = ledger_key_->public_key().bytes();
  std::copy(bytes.begin(), bytes.end(), ledger_key.begin());
  for (auto& [name, agency] : agencies_) {
    fronts_[name] = std::make_shared<Front>(this, name, credentials);
    agency->MakeProfile(fronts_[name]->Address(), ledger_key,
                        operator_.root().ToPem());
  }
}

std::unique_ptr<BrokerLink> FakeBroker::Link(const std::string& agency) {
  const FakeHolder& holder = this->agency(agency).system();
  return BrokerLink::Over(
      fronts_.at(agency)->server->InProcessChannel(grpc::ChannelArguments()),
      holder.chain, holder.key, [this] { return now; });
}

Profile FakeBroker::OtherProfile(const std::string& agency,
                                 const std::string& folder, ProfileRole role,
                                 const FakeHolder& holder) {
  const Profile& system = this->agency(agency).profile();
  return this->agency(agency).MakeProfile(
      folder, role, holder, fronts_.at(agency)->Address(),
      system.settings().ledger_key, operator_.root().ToPem());
}

}  // namespace entente::client

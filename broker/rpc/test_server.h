// A broker on a loopback port with real TLS, and callers with certificates.
#ifndef ENTENTE_BROKER_RPC_TEST_SERVER_H_
#define ENTENTE_BROKER_RPC_TEST_SERVER_H_

#include <google/protobuf/message.h>
#include <grpcpp/client_context.h>
#include <grpcpp/create_channel.h>
#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/impl/codegen/client_unary_call.h>
#include <grpcpp/security/credentials.h>
#include <grpcpp/security/tls_certificate_provider.h>
#include <grpcpp/security/tls_certificate_verifier.h>
#include <grpcpp/security/tls_credentials_options.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fstream>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/synchronization/mutex.h"
#include "broker/fake_clock.h"
#include "broker/rpc/server.h"
#include "broker/test_folder.h"
#include "certs/authority.h"
#include "certs/tls_policy.h"
#include "entente/v1/access.pb.h"
#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"
#include "gtest/gtest.h"

namespace entente::broker {

// What a caller holds. PEM.
struct Credential {
  std::string certificate;
  std::string key;
  std::string fingerprint;
  Caller caller;
};

// What came back.
struct Answer {
  grpc::Status status;
  std::string reason;  // of the refusal; empty if there is none
  v1::Refusal refusal;
};

// The agencies north-police and west-police are registered; `stranger` is not.
// Its clock stands still. Clients do not verify the broker: their clock is
// real.
class TestServer {
 public:
  TestServer() {
    absl::SetMutexDeadlockDetectionMode(absl::OnDeadlockCycle::kIgnore);
    EXPECT_TRUE(certs::ApplyTlsPolicy().ok());
    certs::Identity identity;
    identity.kind = certs::Identity::Kind::kBroker;
    identity.trust_domain = "test.example";
    identity.name = "broker.test";
    const Credential own = Issue("broker", identity);
    config.data = folder / "data";
    config.listen = "127.0.0.1:0";
    config.name = "broker.test";
    config.trust_domain = "test.example";
    config.certificate = Save("certificate.pem", own.certificate);
    config.private_key = Save("key.pem", own.key);
    config.operator_root =
        Save("operator.pem", authorities.at("operator").root().ToPem());
    Start();
    for (const char* agency : {"north-police", "west-police"}) {
      v1::AddAgencyRequest request;
      request.set_agency(agency);
      request.set_name(agency);
      request.set_root_pem(authorities.at(agency).root().ToPem());
      v1::AddAgencyResponse response;
      EXPECT_TRUE(
          broker->directory().AddAgency(op.caller, request, &response).ok());
    }
  }

  void Start() {
    std::vector<uint8_t> passphrase(12, 'p');
    auto opened = Broker::Open(
        config, *crypto::Secret::TakeFrom(absl::MakeSpan(passphrase)),
        {1, 8192}, &clock, &log);
    ASSERT_TRUE(opened.ok()) << opened.status();
    broker = *std::move(opened);
    auto started = Server::Start(config, broker.get());
    ASSERT_TRUE(started.ok()) << started.status();
    server = *std::move(started);
  }
  void Stop() {
    server.reset();
    broker.reset();
  }

  std::string Save(const std::string& name, const std::string& content) {
    std::ofstream(folder / name) << content;
    EXPECT_EQ(chmod((folder / name).c_str(), 0600), 0);
    return folder / name;
  }

  static absl::Time Day(int year) {
    return absl::FromCivil(absl::CivilDay(year, 11, 1), absl::UTCTimeZone());
  }

  // From the root of `authority`, whoever the identity names.
  Credential Issue(const std::string& authority,
                   const certs::Identity& identity) const {
    const certs::PrivateKey key =
        *certs::PrivateKey::Generate(certs::PrivateKey::Kind::kP256);
    const auto certificate = authorities.at(authority).Issue(
        {identity, {}, {}, Day(2026), Day(2027)}, key);
    EXPECT_TRUE(certificate.ok()) << certificate.status();
    const crypto::Secret pem = *key.ToPem();
    return Hold(*certificate, std::string(crypto::AsText(pem.Expose())),
                identity);
  }
  static Credential Hold(const certs::Certificate& certificate,
                         const std::string& key,
                         const certs::Identity& identity) {
    return {certificate.ToPem(),
            key,
            certificate.Fingerprint(),
            {identity, identity.ToUri(), certificate.Fingerprint(),
             certificate.TwinFingerprint()}};
  }

  Credential Member(const std::string& agency, certs::Role role,
                    std::string authority = "") const {
    certs::Identity identity;
    identity.kind = certs::Identity::Kind::kAgency;
    identity.trust_domain = "test.example";
    identity.agency = agency;
    identity.role = role;
    identity.name = "someone";
    return Issue(authority.empty() ? agency : authority, identity);
  }
  Credential Operator() const {
    certs::Identity identity;
    identity.kind = certs::Identity::Kind::kOperator;
    identity.trust_domain = "test.example";
    identity.name = "op";
    return Issue("operator", identity);
  }

  std::shared_ptr<grpc::Channel> Connect(const Credential& caller) const {
    namespace tls = grpc::experimental;
    tls::TlsChannelCredentialsOptions options;
    options.set_certificate_provider(
        std::make_shared<tls::StaticDataCertificateProvider>(
            std::vector<tls::IdentityKeyCertPair>{
                {caller.key, caller.certificate}}));
    options.watch_identity_key_cert_pairs();
    options.set_verify_server_certs(false);
    options.set_certificate_verifier(
        std::make_shared<tls::NoOpCertificateVerifier>());
    options.set_check_call_host(false);
    grpc::ChannelArguments arguments;
    arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
    arguments.SetInt(GRPC_ARG_ENABLE_RETRIES, 0);
    return grpc::CreateCustomChannel(server->address(),
                                     tls::TlsCredentials(options), arguments);
  }

  // Calls a method by its path, streaming or not; the answer's body is dropped.
  static Answer Call(grpc::Channel* channel, const std::string& path,
                     const std::string& request = "") {
    grpc::ClientContext context;
    context.set_deadline(std::chrono::system_clock::now() +
                         std::chrono::seconds(20));
    const grpc::Slice slice(request);
    const grpc::ByteBuffer sent(&slice, 1);
    grpc::ByteBuffer received;
    Answer answer;
    answer.status = grpc::internal::BlockingUnaryCall(
        channel,
        grpc::internal::RpcMethod(path.c_str(),
                                  grpc::internal::RpcMethod::NORMAL_RPC),
        &context, sent, &received);
    google::rpc::Status details;
    if (details.ParseFromString(answer.status.error_details())) {
      for (const auto& detail : details.details()) {
        google::rpc::ErrorInfo info;
        if (detail.UnpackTo(&info)) answer.reason = info.reason();
        detail.UnpackTo(&answer.refusal);
      }
    }
    return answer;
  }

  // Everything in a ledger, once all that was noted so far is written.
  std::vector<policy::LedgerEntry> Entries(const std::string& ledger) const {
    const Context& context = broker->context();
    EXPECT_TRUE(context.sequencer
                    ->Run([](Transaction&) {
                      return absl::StatusOr<std::vector<PendingEntry>>(
                          std::vector<PendingEntry>());
                    })
                    .ok());
    std::vector<policy::LedgerEntry> entries;
    const absl::Status read =
        context.store->Read([&](Transaction& transaction) -> absl::Status {
          const auto head = context.ledgers->Head(transaction, ledger);
          if (!head.ok()) return head.status();
          for (uint64_t i = 0; i < head->size; ++i) {
            const auto line = context.ledgers->Entry(transaction, ledger, i);
            if (!line.ok()) return line.status();
            const auto entry = policy::ParseEntry(*line);
            if (!entry.ok()) return entry.status();
            entries.push_back(*entry);
          }
          return absl::OkStatus();
        });
    EXPECT_TRUE(read.ok()) << read;
    return entries;
  }

  static certs::Authority MakeAuthority(absl::string_view name) {
    return *certs::Authority::Create(name, Day(2025), 10);
  }

  TestFolder folder;
  FakeClock clock{Day(2026) + absl::Hours(24 * 24)};
  JsonLog log{STDERR_FILENO, LogLevel::kError, &clock};
  const std::map<std::string, certs::Authority> authorities = {
      {"north-police", MakeAuthority("north-police")},
      {"west-police", MakeAuthority("west-police")},
      {"stranger", MakeAuthority("stranger")},
      {"operator", MakeAuthority("operator")},
      {"broker", MakeAuthority("broker")}};
  const Credential op = Operator();
  Config config;
  std::unique_ptr<Broker> broker;
  std::unique_ptr<Server> server;
};

}  // namespace entente::broker

#endif  // ENTENTE_BROKER_RPC_TEST_SERVER_H_

#include "client/rpc/connection.h"

#include <grpc/grpc_security_constants.h>
#include <grpcpp/create_channel.h>
#include <grpcpp/security/auth_context.h>
#include <grpcpp/security/credentials.h>
#include <grpcpp/security/tls_certificate_provider.h>
#include <grpcpp/security/tls_certificate_verifier.h>
#include <grpcpp/security/tls_credentials_options.h>
#include <grpcpp/support/channel_arguments.h>

#include <utility>
#include <vector>

#include "certs/certificate.h"
#include "certs/private_key.h"
#include "client/rpc/retries.h"

namespace entente::client {
namespace {

namespace tls = grpc::experimental;

// Accepts the one broker that the profile names. The chain to the pinned root
// has been checked by then.
class BrokerVerifier final : public tls::ExternalCertificateVerifier {
 public:
  explicit BrokerVerifier(std::string uri) : uri_(std::move(uri)) {}

  bool Verify(tls::TlsCustomVerificationCheckRequest* request,
              std::function<void(grpc::Status)> /*callback*/,
              grpc::Status* sync_status) override {
    const std::vector<grpc::string_ref> uris = request->uri_names();
    if (uris.size() != 1 || uris[0] != grpc::string_ref(uri_)) {
      *sync_status = grpc::Status(grpc::StatusCode::UNAUTHENTICATED,
                                  "this is not the broker " + uri_);
    }
    return true;
  }

  void Cancel(tls::TlsCustomVerificationCheckRequest* /*request*/) override {}

 private:
  const std::string uri_;
};

absl::Status CheckOwnKey(const Endpoint& endpoint) {
  const auto chain = certs::Certificate::ChainFromPem(endpoint.certificate_pem);
  if (!chain.ok()) return chain.status();
  if (chain->empty()) return absl::InvalidArgumentError("no certificate");
  const auto key = certs::PrivateKey::FromPem(endpoint.key_pem);
  if (!key.ok()) return key.status();
  if (!key->Matches(chain->front())) {
    return absl::InvalidArgumentError(
        "the private key does not belong to the certificate");
  }
  return certs::Certificate::FromPem(endpoint.broker_root_pem).status();
}

}  // namespace

absl::StatusOr<std::shared_ptr<grpc::Channel>> OpenChannel(
    const Endpoint& endpoint) {
  // gRPC aborts or hides the cause when these are wrong.
  if (absl::Status own = CheckOwnKey(endpoint); !own.ok()) return own;
  tls::TlsChannelCredentialsOptions options;
  options.set_certificate_provider(
      std::make_shared<tls::StaticDataCertificateProvider>(
          endpoint.broker_root_pem,
          std::vector<tls::IdentityKeyCertPair>{
              {endpoint.key_pem, endpoint.certificate_pem}}));
  options.watch_root_certs();
  options.watch_identity_key_cert_pairs();
  options.set_certificate_verifier(
      tls::ExternalCertificateVerifier::Create<BrokerVerifier>(
          endpoint.broker_uri));
  options.set_check_call_host(false);
  grpc::ChannelArguments arguments;
  arguments.SetMaxReceiveMessageSize(kMaxMessageBytes);
  arguments.SetCompressionAlgorithm(GRPC_COMPRESS_NONE);
  // The broker allows pings every 20 s.
  arguments.SetInt(GRPC_ARG_KEEPALIVE_TIME_MS, 30000);
  arguments.SetInt(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, 10000);
  // Channels of one process with other certificates must not share a
  // connection.
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  RepeatIdempotentCalls(&arguments);
  return grpc::CreateCustomChannel(endpoint.address,
                                   tls::TlsCredentials(options), arguments);
}

std::optional<certs::Certificate> BrokerCertificate(
    const grpc::ClientContext& context) {
  const std::shared_ptr<const grpc::AuthContext> peer = context.auth_context();
  if (peer == nullptr) return std::nullopt;
  const std::vector<grpc::string_ref> pem =
      peer->FindPropertyValues(GRPC_X509_PEM_CERT_PROPERTY_NAME);
  if (pem.size() != 1) return std::nullopt;
  auto certificate =
      certs::Certificate::FromPem({pem[0].data(), pem[0].size()});
  if (!certificate.ok()) return std::nullopt;
  return *std::move(certificate);
}

}  // namespace entente::client

#include "broker/rpc/server.h"

#include <grpcpp/ext/proto_server_reflection_plugin.h>
#include <grpcpp/health_check_service_interface.h>
#include <grpcpp/security/server_credentials.h>
#include <grpcpp/security/tls_credentials_options.h>
#include <grpcpp/server_builder.h>
#include <sys/resource.h>

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "broker/rpc/call_watch.h"
#include "broker/rpc/listening_socket.h"
#include "broker/rpc/tls_floor.h"
#include "broker/write_probe.h"

namespace entente::broker {
namespace {

namespace tls = grpc::experimental;

// Blocking work: the store, the sequencer, the arithmetic.
constexpr int kWorkersPerCore = 8;

std::shared_ptr<grpc::ServerCredentials> Credentials(
    const TlsIdentity& identity, Broker& broker) {
  tls::TlsServerCredentialsOptions options(identity.Provider());
  options.watch_identity_key_cert_pairs();
  // Roots come and go with agencies, so the verifier decides, not OpenSSL.
  options.set_cert_request_type(
      GRPC_SSL_REQUEST_AND_REQUIRE_CLIENT_CERTIFICATE_BUT_DONT_VERIFY);
  options.set_certificate_verifier(
      MakeHandshakeVerifier(&broker.context(), &broker.denials()));
  options.set_check_call_host(false);
  return tls::TlsServerCredentials(options);
}

void SetLimits(const Config& config, grpc::ServerBuilder* builder) {
  builder->SetMaxReceiveMessageSize(kMaxRequestBytes);
  for (const grpc_compression_algorithm algorithm :
       {GRPC_COMPRESS_GZIP, GRPC_COMPRESS_DEFLATE}) {
    builder->SetCompressionAlgorithmSupportStatus(algorithm, false);
  }
  const std::pair<const char*, int> arguments[] = {
      {GRPC_ARG_MAX_CONCURRENT_STREAMS, config.max_streams},
      {GRPC_ARG_MAX_METADATA_SIZE, kMaxMetadataBytes},
      {GRPC_ARG_SERVER_HANDSHAKE_TIMEOUT_MS, kHandshakeTimeoutMs},
      {GRPC_ARG_KEEPALIVE_TIME_MS, 60000},
      {GRPC_ARG_KEEPALIVE_TIMEOUT_MS, 10000},
      {GRPC_ARG_HTTP2_MIN_RECV_PING_INTERVAL_WITHOUT_DATA_MS, 20000},
      {GRPC_ARG_KEEPALIVE_PERMIT_WITHOUT_CALLS, 1},
      {GRPC_ARG_MAX_CONNECTION_IDLE_MS, kIdleGoAwayMs},
      {GRPC_ARG_MAX_CONNECTION_AGE_MS, 600000},
      {GRPC_ARG_MAX_CONNECTION_AGE_GRACE_MS, 600000}};
  for (const auto& [name, value] : arguments) {
    builder->AddChannelArgument(name, value);
  }
}

void HandOver(grpc::experimental::ExternalConnectionAcceptor* acceptor,
              int listener, int connection) {
  grpc::experimental::ExternalConnectionAcceptor::NewConnectionParameters
      parameters;
  parameters.listener_fd = listener;
  parameters.fd = connection;
  acceptor->HandleNewConnection(&parameters);
}

ConnectionLimits LimitsOf(const Config& config) {
  rlimit descriptors = {};
  getrlimit(RLIMIT_NOFILE, &descriptors);
  return {ConnectionsFor(descriptors.rlim_cur,
                         static_cast<size_t>(config.max_connections)),
          static_cast<size_t>(config.max_connections_per_address)};
}

int Workers(const Config& config) {
  const int per_core =
      config.workers > 0
          ? config.workers
          : static_cast<int>(std::max(1u, std::thread::hardware_concurrency()));
  return per_core * kWorkersPerCore;
}

}  // namespace

Server::Server(const Config& config, Broker* broker)
    : broker_(*broker),
      gate_(&broker->context(), &broker->denials()),
      unknown_methods_(&gate_),
      guard_(LimitsOf(config), &steady_clock_, &kernel_sockets_,
             broker->context().log),
      workers_(Workers(config), static_cast<size_t>(config.max_queued_calls)) {
  const Wire wire{&gate_, &workers_, &broker->metrics()};
  services_.push_back(MakeDirectoryAdapter(wire, &broker->directory()));
  services_.push_back(MakeAgreementsAdapter(wire, &broker->agreements()));
  services_.push_back(MakeBreakGlassAdapter(wire, &broker->break_glass()));
  services_.push_back(MakePseudonymsAdapter(wire, &broker->pseudonyms()));
  services_.push_back(MakeExchangeAdapter(
      wire, {&broker->context(), &broker->exchange(), &workers_, &watch_,
             &broker->mailboxes(), &broker->claims(), &draining_}));
  services_.push_back(MakeLedgerAdapter(wire, &broker->ledger()));
  broker->metrics().AddGauge(
      "entente_queued_calls", "Calls that wait for a worker.",
      [this] { return static_cast<double>(workers_.queued()); });
}

absl::Status Server::Listen(const Config& config) {
  absl::StatusOr<std::unique_ptr<TlsIdentity>> identity =
      TlsIdentity::Open(config, broker_.context().clock, broker_.context().log);
  if (!identity.ok()) return identity.status();
  identity_ = *std::move(identity);
  broker_.metrics().AddGauge(
      "entente_certificate_days",
      "Days until the broker's own certificate ends; negative after that.",
      [this] {
        return absl::FDivDuration(
            identity_->Current().NotAfter() - broker_.context().clock->Now(),
            absl::Hours(24));
      });
  absl::StatusOr<ListeningSockets> sockets =
      entente::broker::Listen(config.listen);
  if (!sockets.ok()) {
    return absl::Status(
        sockets.status().code(),
        absl::StrCat("cannot listen on ", config.listen, " (",
                     sockets.status().message(),
                     "): the port is taken or the address is not this "
                     "machine's; choose another with --listen"));
  }
  address_ = absl::StrCat(config.listen.substr(0, config.listen.rfind(':')),
                          ":", sockets->port);
  grpc::EnableDefaultHealthCheckService(true);
  grpc::reflection::InitProtoReflectionServerBuilderPlugin();
  grpc::ServerBuilder builder;
  SetLimits(config, &builder);
  acceptor_ = builder.experimental().AddExternalConnectionAcceptor(
      grpc::ServerBuilder::experimental_type::ExternalConnectionType::FROM_FD,
      Credentials(*identity_, broker_));
  std::vector<
      std::unique_ptr<grpc::experimental::ServerInterceptorFactoryInterface>>
      interceptors;
  interceptors.push_back(MakeCallWatch(&guard_.calls(), &gate_));
  builder.experimental().SetInterceptorCreators(std::move(interceptors));
  for (const auto& service : services_) {
    builder.RegisterService(service.get());
  }
  builder.RegisterCallbackGenericService(&unknown_methods_);
  server_ = builder.BuildAndStart();
  if (server_ == nullptr) {
    return absl::InternalError("gRPC does not start; its log says why");
  }
  auto loop = AcceptLoop::Start(
      *std::move(sockets), &guard_, broker_.context().log,
      [acceptor = acceptor_.get()](int listener, int connection) {
        HandOver(acceptor, listener, connection);
      });
  if (!loop.ok()) return loop.status();
  accept_loop_ = *std::move(loop);
  return absl::OkStatus();
}

absl::Status Server::ProveTlsFloor() {
  const absl::StatusOr<bool> takes = TakesTls12([this](int connection) {
    HandOver(acceptor_.get(), /*listener=*/-1, connection);
  });
  if (!takes.ok()) return takes.status();
  if (!*takes) return absl::OkStatus();
  return absl::FailedPreconditionError(
      "gRPC takes TLS 1.2 here, so nobody is served; run the packaged program "
      "with Debian's own gRPC and OpenSSL");
}

absl::StatusOr<std::unique_ptr<Server>> Server::Start(const Config& config,
                                                      Broker* broker) {
  std::unique_ptr<Server> server(new Server(config, broker));
  if (absl::Status listening = server->Listen(config); !listening.ok()) {
    return listening;
  }
  server->ticker_ = std::thread([raw = server.get()] { raw->TickLoop(); });
  return server;
}

void Server::LookAtHealth() {
  const absl::Status can = ProbeWriting(*broker_.context().sequencer);
  if (can.ok() && !is_healthy_) {
    broker_.context().log->Warning("healthy_again", {});
  } else if (!can.ok() && is_healthy_) {
    broker_.context().log->Warning("cannot_write",
                                   {{"reason", std::string(can.message())}});
  }
  is_healthy_ = can.ok();
  server_->GetHealthCheckService()->SetServingStatus(can.ok());
  // Stop may have come between.
  if (draining_) server_->GetHealthCheckService()->SetServingStatus(false);
}

void Server::TickLoop() {
  absl::Time next_tick = absl::InfinitePast();
  absl::Time next_health = absl::InfinitePast();
  absl::Time next_look = absl::InfinitePast();
  while (!stopping_.WaitForNotificationWithTimeout(kNudgeInterval)) {
    watch_.AwaitNudge(kLookInterval - kNudgeInterval);
    broker_.claims().Lapse();
    watch_.LookAtAll();
    const absl::Time now = absl::Now();
    if (now < next_look) continue;
    next_look = now + kLookInterval;
    identity_->Look(now);
    if (now < next_tick) continue;
    next_tick = now + absl::Seconds(1);
    broker_.Tick();
    if (now < next_health) continue;
    next_health = now + kHealthInterval;
    LookAtHealth();
  }
}

void Server::Stop(absl::Duration patience) {
  if (server_ == nullptr) return;
  draining_ = true;
  server_->GetHealthCheckService()->SetServingStatus(false);
  watch_.Nudge();
  // After its shutdown gRPC would not close what is handed over.
  if (accept_loop_ != nullptr) accept_loop_->StopAccepting();
  server_->Shutdown(absl::ToChronoTime(absl::Now() + patience));
  server_->Wait();
  accept_loop_.reset();
  // The ticker looks at the server.
  if (!stopping_.HasBeenNotified()) stopping_.Notify();
  watch_.Nudge();
  if (ticker_.joinable()) ticker_.join();
  server_.reset();
}

Server::~Server() { Stop(absl::ZeroDuration()); }

}  // namespace entente::broker

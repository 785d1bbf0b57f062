#include <grpcpp/grpcpp.h>

#include <atomic>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <functional>
#include <memory>
#include <sstream>
#include <thread>
#include <utility>

#include "absl/strings/str_cat.h"
#include "client/rpc/connection.h"
#include "crypto/group.h"
#include "entente/v1/pseudonyms.grpc.pb.h"
#include "tests/bench/whole.h"
#include "tests/world/agreed_world.h"

namespace entente::bench {
namespace {

constexpr int kAtOnce = 64;

using Steady = std::chrono::steady_clock;

double SecondsSince(Steady::time_point begin) {
  return std::chrono::duration<double>(Steady::now() - begin).count();
}

std::string Read(const std::string& path) {
  std::ifstream file(path);
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

// Answers at once, with nothing.
class Echo : public v1::Pseudonyms::CallbackService {
 public:
  grpc::ServerUnaryReactor* Enrol(grpc::CallbackServerContext* context,
                                  const v1::EnrolRequest* request,
                                  v1::EnrolResponse* response) override {
    response->set_evaluated(request->blinded());
    grpc::ServerUnaryReactor* const reactor = context->DefaultReactor();
    reactor->Finish(grpc::Status::OK);
    return reactor;
  }
};

// How often a second `call` ends well, kAtOnce at once.
absl::StatusOr<double> Rate(double seconds,
                            const std::function<absl::Status()>& call) {
  std::atomic<int64_t> done = 0;
  std::atomic<bool> stop = false;
  absl::Status failure;
  const auto begin = Steady::now();
  std::vector<std::thread> callers;
  for (int i = 0; i < kAtOnce; ++i) {
    callers.emplace_back([&] {
      while (!stop && SecondsSince(begin) < seconds) {
        const absl::Status ended = call();
        if (ended.ok()) {
          ++done;
        } else if (!stop.exchange(true)) {
          failure = ended;
        }
      }
    });
  }
  for (std::thread& caller : callers) caller.join();
  if (!failure.ok()) return failure;
  return double(done) / SecondsSince(begin);
}

absl::StatusOr<v1::EnrolRequest> SmallRequest() {
  v1::EnrolRequest request;
  request.set_agreement(world::kAgreement);
  request.set_version(1);
  request.set_scheme(world::kScheme);
  request.set_epoch(1);
  const auto point = crypto::Point::Random();
  if (!point.ok()) return point.status();
  request.set_blinded(point->bytes().data(), point->bytes().size());
  return request;
}

// The call with an id of its own.
absl::Status Enrol(v1::Pseudonyms::Stub& stub, v1::EnrolRequest request,
                   uint64_t number) {
  std::string id(16, '\0');
  for (int i = 0; i < 8; ++i) id[size_t(i)] = char(number >> (8 * i));
  request.set_request_id(id);
  return client::Call(stub, &v1::Pseudonyms::Stub::Enrol, request).status();
}

// As the sending agency's system, to whoever is at `address`.
absl::StatusOr<std::unique_ptr<v1::Pseudonyms::Stub>> Reach(
    const world::World& world, const std::string& address) {
  const std::string own = world.Profile(world::kLeft, "system");
  client::Endpoint endpoint;
  endpoint.address = address;
  endpoint.broker_uri = absl::StrCat("spiffe://", world::kTrustDomain,
                                     "/broker/", world::kBrokerName);
  endpoint.broker_root_pem = Read(own + "/broker-root.pem");
  endpoint.certificate_pem = Read(own + "/certificate.pem");
  endpoint.key_pem = Read(own + "/key.pem");
  const auto channel = client::OpenChannel(endpoint);
  if (!channel.ok()) return channel.status();
  return v1::Pseudonyms::NewStub(*channel);
}

absl::StatusOr<double> EnrolRate(const world::World& world,
                                 const std::string& address, double seconds) {
  const auto request = SmallRequest();
  if (!request.ok()) return request.status();
  const auto stub = Reach(world, address);
  if (!stub.ok()) return stub.status();
  std::atomic<uint64_t> number = 0;
  return Rate(seconds, [&] { return Enrol(**stub, *request, ++number); });
}

absl::StatusOr<double> EchoRate(const world::World& world, double seconds) {
  const std::string broker = world.Path("operator/broker-certificate");
  grpc::SslServerCredentialsOptions options(
      GRPC_SSL_REQUEST_AND_REQUIRE_CLIENT_CERTIFICATE_AND_VERIFY);
  options.pem_root_certs =
      Read(world.Profile(world::kLeft, "system") + "/root.pem");
  options.pem_key_cert_pairs.push_back(
      {Read(broker + "/key.pem"), Read(broker + "/certificate.pem")});
  Echo echo;
  int port = 0;
  grpc::ServerBuilder builder;
  builder.AddListeningPort("127.0.0.1:0", grpc::SslServerCredentials(options),
                           &port);
  builder.RegisterService(&echo);
  const std::unique_ptr<grpc::Server> server = builder.BuildAndStart();
  if (server == nullptr) return absl::InternalError("the echo does not serve");
  return EnrolRate(world, absl::StrCat("127.0.0.1:", port), seconds);
}

}  // namespace

absl::Status MeasureCalls(const world::Settings& settings, double seconds,
                          std::vector<Line>* lines) {
  world::World world;
  world.settings = settings;
  world.settings.folder = absl::StrCat(settings.folder, "/calls");
  std::filesystem::create_directories(world.settings.folder);
  const absl::Status agreed = world::BuildAgreed(world, "always", 256);
  if (!agreed.ok()) return agreed;
  const auto rate = EnrolRate(world, world.address, seconds);
  if (!rate.ok()) return rate.status();
  const auto echo = EchoRate(world, seconds);
  if (!echo.ok()) return echo.status();
  lines->push_back({"small_calls", "durable small calls, 64 at once", *rate,
                    "per s", *echo, "a gRPC echo over mutual TLS"});
  return absl::OkStatus();
}

}  // namespace entente::bench

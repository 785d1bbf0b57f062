#include "client/witness_server.h"

#include <httplib.h>

#include <atomic>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "crypto/add_checkpoint.h"

namespace entente::client {
namespace {

// How often an idle server sees whether it was stopped.
constexpr absl::Duration kLookAround = absl::Milliseconds(200);

struct ListenAddress {
  std::string host;
  int port = 0;
};

absl::StatusOr<ListenAddress> ParseListen(absl::string_view listen) {
  const size_t colon = listen.rfind(':');
  ListenAddress address;
  if (colon == absl::string_view::npos || colon == 0 ||
      !absl::SimpleAtoi(listen.substr(colon + 1), &address.port) ||
      address.port < 0 || address.port > 65535) {
    return absl::InvalidArgumentError(
        absl::StrCat("\"", listen, "\" is not ADDRESS:PORT"));
  }
  address.host = std::string(listen.substr(0, colon));
  if (address.host.size() > 2 && address.host.front() == '[' &&
      address.host.back() == ']') {
    address.host = address.host.substr(1, address.host.size() - 2);
  }
  return address;
}

void Answer(const WitnessAnswer& answer, httplib::Response* response) {
  response->status = answer.status;
  response->set_content(answer.body, answer.content_type);
}

}  // namespace

struct WitnessServer::Impl {
  httplib::Server http;
  std::atomic<bool> is_stopped = false;
};

// The server's own stop is lost on one that does not listen yet; this one asks
// again whenever there is nothing to do.
class WitnessServer::Pool final : public httplib::ThreadPool {
 public:
  explicit Pool(Impl* impl)
      : httplib::ThreadPool(kWitnessThreads), impl_(*impl) {}
  void on_idle() override {
    if (impl_.is_stopped) impl_.http.stop();
  }

 private:
  Impl& impl_;
};

WitnessServer::WitnessServer() : impl_(std::make_unique<Impl>()) {}
WitnessServer::~WitnessServer() = default;

absl::StatusOr<std::unique_ptr<WitnessServer>> WitnessServer::Bind(
    absl::string_view listen, Witness* witness,
    std::function<absl::Time()> clock, Heard heard) {
  const absl::StatusOr<ListenAddress> address = ParseListen(listen);
  if (!address.ok()) return address.status();
  std::unique_ptr<WitnessServer> server(new WitnessServer());
  httplib::Server& http = server->impl_->http;
  http.new_task_queue = [impl = server->impl_.get()] { return new Pool(impl); };
  http.set_idle_interval(absl::ToChronoMilliseconds(kLookAround));
  http.set_payload_max_length(crypto::kMaxAddCheckpointBytes);
  http.set_read_timeout(absl::ToChronoSeconds(kWitnessPatience));
  http.set_write_timeout(absl::ToChronoSeconds(kWitnessPatience));
  // One connection must not hold a thread while others wait.
  http.set_keep_alive_max_count(1);
  http.Post("/add-checkpoint", [=](const httplib::Request& request,
                                   httplib::Response& response) {
    const WitnessAnswer answer = witness->AddCheckpoint(request.body, clock());
    heard(request.path, answer);
    Answer(answer, &response);
  });
  http.Get("/([0-9a-f]{64})/checkpoint", [=](const httplib::Request& request,
                                             httplib::Response& response) {
    const WitnessAnswer answer = witness->Latest(request.matches[1].str());
    heard(request.path, answer);
    Answer(answer, &response);
  });
  server->port_ = address->port;
  if (address->port == 0) {
    server->port_ = http.bind_to_any_port(address->host);
  } else if (!http.bind_to_port(address->host, address->port)) {
    server->port_ = -1;
  }
  if (server->port_ < 0) {
    return absl::UnavailableError(
        absl::StrCat("cannot listen on ", listen,
                     ": the port is taken or the address is not this "
                     "machine's"));
  }
  return server;
}

absl::Status WitnessServer::Serve() {
  if (impl_->is_stopped) return absl::OkStatus();
  return impl_->http.listen_after_bind()
             ? absl::OkStatus()
             : absl::UnavailableError("the witness stopped listening");
}

void WitnessServer::Stop() {
  impl_->is_stopped = true;
  impl_->http.stop();
}

}  // namespace entente::client

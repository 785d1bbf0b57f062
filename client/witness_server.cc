#include "client/witness_server.h"

#include <httplib.h>

#include <atomic>
#include <utility>

#include "client/http_port.h"
#include "crypto/add_checkpoint.h"

namespace entente::client {
namespace {

// How often an idle server sees whether it was stopped.
constexpr absl::Duration kLookAround = absl::Milliseconds(200);

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
  const absl::StatusOr<ListenAddress> address = ParseListenAddress(listen);
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
  const absl::StatusOr<int> port = TakePort(*address, &http);
  if (!port.ok()) return port.status();
  server->port_ = *port;
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

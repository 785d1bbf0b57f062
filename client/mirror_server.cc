#include "client/mirror_server.h"

#include <httplib.h>

#include <atomic>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "client/http_port.h"

namespace entente::client {
namespace {

// How soon a Stop is noticed that came before the server was waiting.
constexpr absl::Duration kStopLag = absl::Milliseconds(50);

MirrorPage Refused(int status, std::string why) {
  return {.status = status, .body = std::move(why)};
}

// Whether `host`, as a request names it, is an address or `localhost`.
bool IsPlainHost(absl::string_view host) {
  const auto named = [](absl::string_view with_port) {
    return ParseListenAddress(with_port).ok();
  };
  return host == "localhost" || absl::StartsWith(host, "localhost:") ||
         named(host) || named(absl::StrCat(host, ":0"));
}

MirrorPage PageFor(const MirrorPages& pages, bool alone,
                   const httplib::Request& request) {
  if (request.method != "GET" && request.method != "HEAD") {
    return Refused(405, "a log is read with GET\n");
  }
  if (alone && !IsPlainHost(request.get_header_value("Host"))) {
    return Refused(403, "ask for it by its address\n");
  }
  return pages.Get(request.path);
}

}  // namespace

struct MirrorServer::Impl {
  // Stops the server also if that was asked before it began to wait.
  class Workers final : public httplib::ThreadPool {
   public:
    explicit Workers(Impl* impl)
        : httplib::ThreadPool(kMirrorThreads), impl_(*impl) {}
    void on_idle() override {
      if (impl_.stopped) impl_.http.stop();
    }

   private:
    Impl& impl_;
  };

  std::atomic<bool> stopped = false;
  httplib::Server http;
};

MirrorServer::MirrorServer() : impl_(std::make_unique<Impl>()) {}
MirrorServer::~MirrorServer() = default;

absl::StatusOr<std::unique_ptr<MirrorServer>> MirrorServer::Bind(
    const ListenAddress& address, MirrorPages pages, Heard heard) {
  std::unique_ptr<MirrorServer> server(new MirrorServer());
  Impl* const impl = server->impl_.get();
  httplib::Server& http = impl->http;
  http.new_task_queue = [impl] { return new Impl::Workers(impl); };
  http.set_payload_max_length(kMaxMirrorRequestBytes);
  http.set_read_timeout(absl::ToChronoSeconds(kMirrorPatience));
  http.set_write_timeout(absl::ToChronoSeconds(kMirrorPatience));
  http.set_idle_interval(absl::ToChronoMicroseconds(kStopLag));
  // One connection must not hold a thread while others wait.
  http.set_keep_alive_max_count(1);
  const bool alone = IsLoopback(address.host);
  http.set_pre_routing_handler(
      [pages = std::move(pages), alone, heard = std::move(heard)](
          const httplib::Request& request, httplib::Response& response) {
        const MirrorPage page = PageFor(pages, alone, request);
        heard(request.path, page);
        // Left alone, 200 becomes 206 for who asks for a part.
        if (page.status != 200) response.status = page.status;
        response.set_header("Cache-Control", page.cache_control);
        response.set_header("X-Content-Type-Options", "nosniff");
        if (page.status == 405) response.set_header("Allow", "GET, HEAD");
        response.set_content(page.body, page.content_type);
        return httplib::Server::HandlerResponse::Handled;
      });
  const absl::StatusOr<int> port = TakePort(address, &http);
  if (!port.ok()) return port.status();
  server->port_ = *port;
  return server;
}

absl::Status MirrorServer::Serve() {
  const bool ended = impl_->http.listen_after_bind();
  return ended || impl_->stopped
             ? absl::OkStatus()
             : absl::UnavailableError("the server stopped listening");
}

void MirrorServer::Stop() {
  impl_->stopped = true;
  impl_->http.stop();
}

}  // namespace entente::client

#include "broker/metrics_port.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "absl/cleanup/cleanup.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "broker/loopback.h"

namespace entente::broker {
namespace {

constexpr int kBacklog = 16;
// What may still come after an answer.
constexpr int kMaxIgnoredReads = 32;

absl::Status Failed(absl::string_view what) {
  return absl::ErrnoToStatus(errno, what);
}

std::string Response(absl::string_view status, absl::string_view type,
                     absl::string_view body) {
  return absl::StrCat("HTTP/1.1 ", status, "\r\nContent-Type: ", type,
                      "\r\nContent-Length: ", body.size(),
                      "\r\nCache-Control: no-store\r\n"
                      "X-Content-Type-Options: nosniff\r\n"
                      "Connection: close\r\n\r\n",
                      body);
}

std::string Plain(absl::string_view status, absl::string_view body) {
  return Response(status, "text/plain; charset=utf-8",
                  absl::StrCat(body, "\n"));
}

bool IsWhole(absl::string_view head) {
  return absl::StrContains(head, "\r\n\r\n") || absl::StrContains(head, "\n\n");
}

socklen_t Fill(const LoopbackAddress& from, sockaddr_storage* to) {
  if (from.is_v6) {
    auto* const v6 = reinterpret_cast<sockaddr_in6*>(to);
    v6->sin6_family = AF_INET6;
    v6->sin6_port = htons(from.port);
    v6->sin6_addr = in6addr_loopback;
    return sizeof(*v6);
  }
  auto* const v4 = reinterpret_cast<sockaddr_in*>(to);
  v4->sin_family = AF_INET;
  v4->sin_port = htons(from.port);
  inet_pton(AF_INET, from.host.c_str(), &v4->sin_addr);
  return sizeof(*v4);
}

uint16_t PortOf(const sockaddr_storage& address) {
  return ntohs(address.ss_family == AF_INET6
                   ? reinterpret_cast<const sockaddr_in6&>(address).sin6_port
                   : reinterpret_cast<const sockaddr_in&>(address).sin_port);
}

}  // namespace

absl::StatusOr<std::unique_ptr<MetricsPort>> MetricsPort::Start(
    absl::string_view listen, Answers answers) {
  std::unique_ptr<MetricsPort> port(new MetricsPort(std::move(answers)));
  if (absl::Status bound = port->Listen(listen); !bound.ok()) return bound;
  port->thread_ = std::thread([raw = port.get()] { raw->Serve(); });
  return port;
}

MetricsPort::~MetricsPort() {
  if (thread_.joinable()) {
    eventfd_write(stop_, 1);
    thread_.join();
  }
  if (listener_ >= 0) close(listener_);
  if (stop_ >= 0) close(stop_);
}

absl::Status MetricsPort::Listen(absl::string_view listen) {
  const absl::StatusOr<LoopbackAddress> wanted = ParseLoopback(listen);
  if (!wanted.ok()) return wanted.status();
  stop_ = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  if (stop_ < 0) return Failed("cannot make an eventfd");
  sockaddr_storage address = {};
  socklen_t size = Fill(*wanted, &address);
  listener_ =
      socket(address.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  const int on = 1;
  if (listener_ < 0 ||
      setsockopt(listener_, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) != 0 ||
      bind(listener_, reinterpret_cast<sockaddr*>(&address), size) != 0 ||
      ::listen(listener_, kBacklog) != 0 ||
      getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size) !=
          0) {
    return Failed(absl::StrCat("cannot serve metrics on ", listen));
  }
  address_ =
      absl::StrCat(listen.substr(0, listen.rfind(':')), ":", PortOf(address));
  return absl::OkStatus();
}

bool MetricsPort::Wait(int descriptor, short events, absl::Time until) const {
  while (true) {
    const absl::Duration left = until - absl::Now();
    if (left <= absl::ZeroDuration()) return false;
    // Bounded first: to wait for ever, plus one, is no number.
    const int milliseconds = static_cast<int>(
        absl::ToInt64Milliseconds(std::min(left, absl::Hours(1))) + 1);
    pollfd waited[] = {{descriptor, events, 0}, {stop_, POLLIN, 0}};
    const int ready = poll(waited, 2, milliseconds);
    if (ready < 0 && errno != EINTR) return false;
    if (ready <= 0) continue;
    if (waited[1].revents != 0) return false;
    return true;
  }
}

void MetricsPort::Serve() {
  while (Wait(listener_, POLLIN, absl::InfiniteFuture())) {
    const int connection =
        accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK);
    if (connection >= 0) {
      Answer(connection);
      close(connection);
    } else if (errno == EMFILE || errno == ENFILE || errno == ENOMEM ||
               errno == ENOBUFS) {
      // The connection stays in the queue: look again when there may be room.
      pollfd stopping = {stop_, POLLIN, 0};
      poll(&stopping, 1, 100);
    }
  }
}

void MetricsPort::Answer(int connection) {
  const absl::Time until = absl::Now() + answers_.patience;
  std::string head;
  while (!IsWhole(head)) {
    if (head.size() >= kMaxRequestHead) break;
    if (!Wait(connection, POLLIN, until)) return;
    char buffer[2048];
    const ssize_t got = recv(connection, buffer, sizeof(buffer), 0);
    if (got < 0 && (errno == EAGAIN || errno == EINTR)) continue;
    if (got <= 0) return;
    head.append(buffer, static_cast<size_t>(got));
  }
  const std::string response = ResponseTo(head);
  absl::string_view rest = response;
  while (!rest.empty()) {
    if (!Wait(connection, POLLOUT, until)) return;
    const ssize_t sent =
        send(connection, rest.data(), rest.size(), MSG_NOSIGNAL);
    if (sent < 0 && (errno == EAGAIN || errno == EINTR)) continue;
    if (sent <= 0) return;
    rest.remove_prefix(static_cast<size_t>(sent));
  }
  // Closing with bytes unread would reset the connection and lose the answer.
  shutdown(connection, SHUT_WR);
  char ignored[2048];
  for (int i = 0; i < kMaxIgnoredReads; ++i) {
    if (!Wait(connection, POLLIN, until)) return;
    if (recv(connection, ignored, sizeof(ignored), 0) == 0) return;
  }
}

std::string MetricsPort::ResponseTo(absl::string_view head) const {
  if (!IsWhole(head)) {
    return Plain("431 Request Header Fields Too Large", "too long a request");
  }
  const absl::string_view line = head.substr(0, head.find('\n'));
  const size_t method_end = line.find(' ');
  const size_t target_end = line.rfind(' ');
  if (method_end == absl::string_view::npos || target_end == method_end ||
      !absl::StartsWith(line.substr(target_end + 1), "HTTP/1.")) {
    return Plain("400 Bad Request", "this is no HTTP/1 request");
  }
  const absl::string_view method = line.substr(0, method_end);
  absl::string_view target =
      line.substr(method_end + 1, target_end - method_end - 1);
  target = target.substr(0, target.find('?'));
  if (method != "GET") {
    return Plain("405 Method Not Allowed\r\nAllow: GET", "only GET");
  }
  if (target == "/metrics") {
    return Response("200 OK", "text/plain; version=0.0.4; charset=utf-8",
                    answers_.metrics());
  }
  if (target == "/health") {
    const absl::Status health = answers_.health();
    return health.ok() ? Plain("200 OK", "serving")
                       : Plain("503 Service Unavailable", health.message());
  }
  return Plain("404 Not Found", "there are /metrics and /health");
}

}  // namespace entente::broker

#include "broker/rpc/listening_socket.h"

#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <cerrno>
#include <cstring>
#include <string>
#include <utility>

#include "absl/cleanup/cleanup.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "broker/rpc/connection_limits.h"

namespace entente::broker {
namespace {

// NotFound if this machine has no such address.
absl::Status Failed(absl::string_view what) {
  const int error = errno;
  const std::string message = absl::StrCat(what, ": ", std::strerror(error));
  return error == EAFNOSUPPORT || error == EADDRNOTAVAIL
             ? absl::NotFoundError(message)
             : absl::UnavailableError(message);
}

absl::Status SetOption(int fd, int level, int name, int value) {
  if (setsockopt(fd, level, name, &value, sizeof(value)) != 0) {
    return Failed("setsockopt");
  }
  return absl::OkStatus();
}

void SetPort(sockaddr_storage* address, uint16_t port) {
  if (address->ss_family == AF_INET6) {
    reinterpret_cast<sockaddr_in6*>(address)->sin6_port = htons(port);
  } else {
    reinterpret_cast<sockaddr_in*>(address)->sin_port = htons(port);
  }
}

absl::StatusOr<uint16_t> BoundPort(int fd) {
  sockaddr_storage bound = {};
  socklen_t size = sizeof(bound);
  if (getsockname(fd, reinterpret_cast<sockaddr*>(&bound), &size) != 0) {
    return Failed("getsockname");
  }
  return ntohs(bound.ss_family == AF_INET6
                   ? reinterpret_cast<sockaddr_in6*>(&bound)->sin6_port
                   : reinterpret_cast<sockaddr_in*>(&bound)->sin_port);
}

// `only_v6`: other sockets serve IPv4.
absl::StatusOr<Descriptor> ListenOn(const addrinfo& info, uint16_t port,
                                    bool only_v6) {
  Descriptor fd(
      socket(info.ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!fd.ok()) return Failed("socket");
  // Accepted sockets take over TCP_NODELAY, which gRPC counts on.
  for (const auto& [level, name] :
       {std::pair<int, int>(SOL_SOCKET, SO_REUSEADDR),
        std::pair<int, int>(IPPROTO_TCP, TCP_NODELAY)}) {
    if (absl::Status set = SetOption(fd.get(), level, name, 1); !set.ok()) {
      return set;
    }
  }
  if (info.ai_family == AF_INET6) {
    if (absl::Status set =
            SetOption(fd.get(), IPPROTO_IPV6, IPV6_V6ONLY, only_v6 ? 1 : 0);
        !set.ok()) {
      return set;
    }
  }
  sockaddr_storage address = {};
  std::memcpy(&address, info.ai_addr, info.ai_addrlen);
  SetPort(&address, port);
  if (bind(fd.get(), reinterpret_cast<sockaddr*>(&address), info.ai_addrlen) !=
      0) {
    return Failed("bind");
  }
  if (listen(fd.get(), kListenBacklog) != 0) return Failed("listen");
  return fd;
}

}  // namespace

absl::StatusOr<ListeningSockets> Listen(absl::string_view listen) {
  const size_t colon = listen.rfind(':');
  int port = -1;
  if (colon == absl::string_view::npos || colon == 0 ||
      !absl::SimpleAtoi(listen.substr(colon + 1), &port) || port < 0 ||
      port > 65535) {
    return absl::InvalidArgumentError("not host:port");
  }
  std::string host(listen.substr(0, colon));
  if (host.size() > 2 && host.front() == '[' && host.back() == ']') {
    host = host.substr(1, host.size() - 2);
  }
  addrinfo hints = {};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_PASSIVE;
  addrinfo* found = nullptr;
  if (const int error = getaddrinfo(host.c_str(), nullptr, &hints, &found);
      error != 0) {
    return absl::InvalidArgumentError(gai_strerror(error));
  }
  const absl::Cleanup free = [found] { freeaddrinfo(found); };
  ListeningSockets all;
  all.port = static_cast<uint16_t>(port);
  std::string missing = "the host has no IP address";
  for (const addrinfo* info = found; info != nullptr; info = info->ai_next) {
    if (info->ai_family != AF_INET && info->ai_family != AF_INET6) continue;
    absl::StatusOr<Descriptor> fd =
        ListenOn(*info, all.port, /*only_v6=*/found->ai_next != nullptr);
    if (absl::IsNotFound(fd.status())) {
      // A name may stand for an address of a family that is switched off.
      missing = std::string(fd.status().message());
      continue;
    }
    if (!fd.ok()) return fd.status();
    if (all.port == 0) {
      const absl::StatusOr<uint16_t> bound = BoundPort(fd->get());
      if (!bound.ok()) return bound.status();
      all.port = *bound;
    }
    all.sockets.push_back(*std::move(fd));
  }
  if (all.sockets.empty()) return absl::UnavailableError(missing);
  return all;
}

}  // namespace entente::broker

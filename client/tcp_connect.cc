#include "client/tcp_connect.h"

#include <fcntl.h>
#include <netdb.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <memory>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"

namespace entente::client {
namespace {

using Addresses = std::unique_ptr<addrinfo, decltype(&freeaddrinfo)>;

absl::StatusOr<Addresses> Resolve(const std::string& address) {
  const size_t colon = address.rfind(':');
  if (colon == std::string::npos || colon == 0) {
    return absl::InvalidArgumentError(
        absl::StrCat("\"", address, "\" is not HOST:PORT"));
  }
  std::string host = address.substr(0, colon);
  const std::string port = address.substr(colon + 1);
  uint32_t number = 0;
  if (!absl::SimpleAtoi(port, &number) || number == 0 || number > 65535) {
    return absl::InvalidArgumentError(
        absl::StrCat("\"", port, "\" is no port number"));
  }
  if (absl::StartsWith(host, "[") && absl::EndsWith(host, "]")) {
    host = host.substr(1, host.size() - 2);
  }
  addrinfo hints = {};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_NUMERICSERV;
  addrinfo* found = nullptr;
  const int error = getaddrinfo(host.c_str(), port.c_str(), &hints, &found);
  if (error != 0) {
    return absl::NotFoundError(absl::StrCat(host, ": ", gai_strerror(error)));
  }
  return Addresses(found, &freeaddrinfo);
}

std::string PeerText(const addrinfo& address) {
  std::array<char, NI_MAXHOST> host = {};
  std::array<char, NI_MAXSERV> port = {};
  if (getnameinfo(address.ai_addr, address.ai_addrlen, host.data(), host.size(),
                  port.data(), port.size(),
                  NI_NUMERICHOST | NI_NUMERICSERV) != 0) {
    return "";
  }
  return address.ai_family == AF_INET6
             ? absl::StrCat("[", host.data(), "]:", port.data())
             : absl::StrCat(host.data(), ":", port.data());
}

absl::Status Told(int error, const std::string& peer) {
  const std::string text = absl::StrCat(peer, ": ", strerror(error));
  if (error == ECONNREFUSED) return absl::AbortedError(text);
  if (error == ETIMEDOUT) return absl::DeadlineExceededError(text);
  return absl::FailedPreconditionError(text);
}

// The error of connecting `fd`, or 0.
int Connect(int fd, const addrinfo& address, absl::Duration patience) {
  if (connect(fd, address.ai_addr, address.ai_addrlen) == 0) return 0;
  if (errno != EINPROGRESS) return errno;
  if (!WaitFor(fd, POLLOUT, absl::Now() + patience)) return ETIMEDOUT;
  int error = 0;
  socklen_t size = sizeof(error);
  if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size) != 0) return errno;
  return error;
}

}  // namespace

bool WaitFor(int fd, short events, absl::Time deadline) {
  for (;;) {
    const int64_t left = absl::ToInt64Milliseconds(deadline - absl::Now());
    pollfd waiting = {fd, events, 0};
    const int ready =
        poll(&waiting, 1, static_cast<int>(std::clamp<int64_t>(left, 0, 1000)));
    if (ready > 0) return true;
    if (ready < 0 && errno != EINTR) return false;
    if (left <= 0) return false;
  }
}

absl::StatusOr<TcpConnection> TcpConnection::Open(const std::string& address,
                                                  absl::Duration patience) {
  const absl::StatusOr<Addresses> found = Resolve(address);
  if (!found.ok()) return found.status();
  absl::Status last = absl::NotFoundError("the name has no address");
  for (const addrinfo* one = found->get(); one != nullptr; one = one->ai_next) {
    const int fd =
        socket(one->ai_family, one->ai_socktype | SOCK_CLOEXEC | SOCK_NONBLOCK,
               one->ai_protocol);
    if (fd < 0) {
      last = Told(errno, PeerText(*one));
      continue;
    }
    TcpConnection connection(fd, PeerText(*one));
    const int error = Connect(fd, *one, patience);
    if (error == 0) return connection;
    last = Told(error, connection.peer());
  }
  return last;
}

TcpConnection::~TcpConnection() {
  if (fd_ >= 0) close(fd_);
}

}  // namespace entente::client

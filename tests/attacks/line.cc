#include "tests/attacks/line.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"

namespace entente::attacks {
namespace {

absl::Status Failed(absl::string_view what) {
  return absl::UnavailableError(absl::StrCat(what, ": ", std::strerror(errno)));
}

sockaddr_in Address(const std::string& host, int port) {
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<uint16_t>(port));
  inet_pton(AF_INET, host.c_str(), &address.sin_addr);
  return address;
}

// Whether there is something to read before `deadline`.
bool Readable(int fd, absl::Time deadline) {
  const auto left = absl::ToInt64Milliseconds(deadline - absl::Now());
  pollfd one = {fd, POLLIN, 0};
  return poll(&one, 1, static_cast<int>(std::max<int64_t>(left, 0))) == 1;
}

}  // namespace

absl::StatusOr<std::unique_ptr<Line>> Line::Connect(const std::string& address,
                                                    const std::string& source) {
  const size_t colon = address.rfind(':');
  int port = 0;
  if (!absl::SimpleAtoi(address.substr(colon + 1), &port)) {
    return absl::InvalidArgumentError(address);
  }
  std::unique_ptr<Line> line(
      new Line(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)));
  if (line->fd_ < 0) return Failed("socket");
  const int yes = 1;
  // Only the pair of addresses need be unique, not our port.
  setsockopt(line->fd_, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &yes, sizeof(yes));
  setsockopt(line->fd_, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof(yes));
  // Whoever reads no more must not hold the attacker.
  const timeval patience = {10, 0};
  if (setsockopt(line->fd_, SOL_SOCKET, SO_SNDTIMEO, &patience,
                 sizeof(patience)) != 0) {
    return Failed("setsockopt");
  }
  const sockaddr_in from = Address(source, 0);
  if (bind(line->fd_, reinterpret_cast<const sockaddr*>(&from), sizeof(from)) !=
      0) {
    return Failed("bind");
  }
  const sockaddr_in to = Address(address.substr(0, colon), port);
  if (connect(line->fd_, reinterpret_cast<const sockaddr*>(&to), sizeof(to)) !=
      0) {
    return Failed("connect");
  }
  return line;
}

Line::~Line() {
  if (fd_ >= 0) close(fd_);
}

bool Line::Send(absl::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t sent = send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent <= 0) return false;
    bytes.remove_prefix(static_cast<size_t>(sent));
  }
  return true;
}

bool Line::WaitForEnd(absl::Duration patience) {
  const absl::Time deadline = absl::Now() + patience;
  std::array<char, 4096> some = {};
  while (Readable(fd_, deadline)) {
    if (recv(fd_, some.data(), some.size(), 0) <= 0) return true;
  }
  return false;
}

absl::StatusOr<std::unique_ptr<TlsLine>> TlsLine::Connect(
    const std::string& address, const std::string& source,
    const Credentials& credentials, SSL_SESSION* session) {
  std::unique_ptr<TlsLine> tls(new TlsLine);
  absl::StatusOr<std::unique_ptr<Line>> line = Line::Connect(address, source);
  if (!line.ok()) return line.status();
  tls->line_ = *std::move(line);
  tls->context_ = SSL_CTX_new(TLS_client_method());
  SSL_CTX* const context = tls->context_;
  static constexpr uint8_t kProtocol[] = "\2h2";
  SSL_CTX_set_alpn_protos(context, kProtocol, 3);
  SSL_CTX_set_max_proto_version(context, credentials.max_version);
  SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_CLIENT);
  SSL_CTX_sess_set_new_cb(context, CountTicket);
  if (SSL_CTX_use_certificate_chain_file(
          context, credentials.certificate_file.c_str()) != 1 ||
      SSL_CTX_use_PrivateKey_file(context, credentials.key_file.c_str(),
                                  SSL_FILETYPE_PEM) != 1) {
    return absl::InvalidArgumentError(credentials.certificate_file);
  }
  tls->ssl_ = SSL_new(context);
  SSL_set_app_data(tls->ssl_, tls.get());
  if (session != nullptr) SSL_set_session(tls->ssl_, session);
  SSL_set_fd(tls->ssl_, tls->line_->fd());
  if (SSL_connect(tls->ssl_) != 1) {
    const uint64_t error = ERR_peek_last_error();
    ERR_clear_error();
    return absl::PermissionDeniedError(error == 0
                                           ? "closed in the handshake"
                                           : ERR_reason_error_string(error));
  }
  return tls;
}

TlsLine::~TlsLine() {
  SSL_free(ssl_);
  SSL_CTX_free(context_);
}

int TlsLine::CountTicket(SSL* ssl, SSL_SESSION* /*session*/) {
  ++static_cast<TlsLine*>(SSL_get_app_data(ssl))->tickets_;
  return 0;
}

bool TlsLine::Send(absl::string_view bytes) {
  if (ended_) return false;
  const int sent =
      SSL_write(ssl_, bytes.data(), static_cast<int>(bytes.size()));
  ended_ = sent <= 0;
  if (ended_) ERR_clear_error();
  return !ended_;
}

bool TlsLine::ReadSome(absl::Time deadline) {
  if (ended_) return false;
  if (SSL_pending(ssl_) == 0 && !Readable(line_->fd(), deadline)) return false;
  std::array<char, 16384> some = {};
  const int got = SSL_read(ssl_, some.data(), static_cast<int>(some.size()));
  ended_ = got <= 0;
  if (ended_) {
    ERR_clear_error();
    return false;
  }
  heard_.append(some.data(), static_cast<size_t>(got));
  return true;
}

bool TlsLine::WaitForText(absl::string_view text, absl::Duration patience) {
  const absl::Time deadline = absl::Now() + patience;
  while (!absl::StrContains(heard_, text)) {
    if (!ReadSome(deadline)) return false;
  }
  return true;
}

bool TlsLine::WaitForEnd(absl::Duration patience) {
  const absl::Time deadline = absl::Now() + patience;
  while (ReadSome(deadline)) {
  }
  return ended_;
}

}  // namespace entente::attacks

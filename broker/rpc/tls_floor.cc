#include "broker/rpc/tls_floor.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <openssl/ssl.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/time.h>

#include <cerrno>
#include <memory>

#include "absl/strings/string_view.h"
#include "broker/rpc/descriptor.h"

namespace entente::broker {
namespace {

struct ConnectedPair {
  Descriptor client;
  Descriptor server;
};

absl::Status NoConnection(absl::string_view doing) {
  return absl::ErrnoToStatus(errno, doing);
}

// Two ends of a TCP connection on the loopback.
absl::StatusOr<ConnectedPair> Connect() {
  const Descriptor listener(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof(address);
  auto* const generic = reinterpret_cast<sockaddr*>(&address);
  if (!listener.ok() || bind(listener.get(), generic, size) != 0 ||
      listen(listener.get(), 1) != 0 ||
      getsockname(listener.get(), generic, &size) != 0) {
    return NoConnection("cannot listen on the loopback");
  }
  ConnectedPair pair;
  pair.client = Descriptor(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (!pair.client.ok() || connect(pair.client.get(), generic, size) != 0) {
    return NoConnection("cannot connect on the loopback");
  }
  pair.server = Descriptor(
      accept4(listener.get(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
  if (!pair.server.ok()) return NoConnection("cannot accept on the loopback");
  return pair;
}

// OpenSSL writes without MSG_NOSIGNAL, also to who has hung up.
class NoBrokenPipes {
 public:
  NoBrokenPipes() {
    sigemptyset(&pipe_);
    sigaddset(&pipe_, SIGPIPE);
    pthread_sigmask(SIG_BLOCK, &pipe_, &before_);
  }
  ~NoBrokenPipes() {
    constexpr timespec kNow = {};
    while (sigtimedwait(&pipe_, nullptr, &kNow) == SIGPIPE) {
    }
    pthread_sigmask(SIG_SETMASK, &before_, nullptr);
  }
  NoBrokenPipes(const NoBrokenPipes&) = delete;
  NoBrokenPipes& operator=(const NoBrokenPipes&) = delete;

 private:
  sigset_t pipe_;
  sigset_t before_;
};

}  // namespace

absl::StatusOr<bool> TakesTls12(
    const std::function<void(int connection)>& hand_over,
    absl::Duration patience) {
  absl::StatusOr<ConnectedPair> pair = Connect();
  if (!pair.ok()) return absl::UnavailableError(pair.status().message());
  const timeval timeout = absl::ToTimeval(patience);
  setsockopt(pair->client.get(), SOL_SOCKET, SO_RCVTIMEO, &timeout,
             sizeof(timeout));
  const std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)> context(
      SSL_CTX_new(TLS_client_method()), SSL_CTX_free);
  if (context == nullptr) return absl::UnavailableError("no TLS context");
  // The process's own policy is not the server's.
  SSL_CTX_clear_options(context.get(), SSL_OP_NO_TLSv1_2);
  const std::unique_ptr<SSL, decltype(&SSL_free)> client(SSL_new(context.get()),
                                                         SSL_free);
  static constexpr unsigned char kHttp2[] = {2, 'h', '2'};
  if (client == nullptr ||
      SSL_set_min_proto_version(client.get(), TLS1_2_VERSION) != 1 ||
      SSL_set_max_proto_version(client.get(), TLS1_2_VERSION) != 1 ||
      SSL_set_alpn_protos(client.get(), kHttp2, sizeof(kHttp2)) != 0 ||
      SSL_set_fd(client.get(), pair->client.get()) != 1) {
    return absl::UnavailableError("no client of TLS 1.2");
  }
  const NoBrokenPipes quietly;
  hand_over(pair->server.Release());
  errno = 0;
  const int connected = SSL_connect(client.get());
  // It chose a cipher if it went into the handshake, however that ended.
  if (connected == 1 || SSL_get_pending_cipher(client.get()) != nullptr) {
    return true;
  }
  if (errno == EAGAIN) {
    return absl::UnavailableError("the server does not answer a handshake");
  }
  return false;
}

}  // namespace entente::broker

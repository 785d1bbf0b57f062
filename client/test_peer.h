// For tests: a TCP or TLS server on a port of its own, for one connection.
#ifndef ENTENTE_CLIENT_TEST_PEER_H_
#define ENTENTE_CLIENT_TEST_PEER_H_

#include <arpa/inet.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <utility>

#include "certs/test_agency.h"

namespace entente::client {

class TestPeer {
 public:
  // Runs `serve` with the first connection, then closes it.
  explicit TestPeer(std::function<void(int fd)> serve) {
    listening_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address = {};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof(address);
    bind(listening_, reinterpret_cast<sockaddr*>(&address), size);
    listen(listening_, 1);
    getsockname(listening_, reinterpret_cast<sockaddr*>(&address), &size);
    address_ = "127.0.0.1:" + std::to_string(ntohs(address.sin_port));
    thread_ = std::thread([this, serve = std::move(serve)] {
      // The other side may hang up first.
      sigset_t pipe;
      sigemptyset(&pipe);
      sigaddset(&pipe, SIGPIPE);
      pthread_sigmask(SIG_BLOCK, &pipe, nullptr);
      const int fd = accept(listening_, nullptr, nullptr);
      if (fd < 0) return;
      serve(fd);
      close(fd);
    });
  }
  ~TestPeer() {
    shutdown(listening_, SHUT_RDWR);  // ends an accept that waits
    thread_.join();
    close(listening_);
  }
  TestPeer(const TestPeer&) = delete;
  TestPeer& operator=(const TestPeer&) = delete;

  const std::string& address() const { return address_; }

 private:
  int listening_ = -1;
  std::string address_;
  std::thread thread_;
};

// How a TLS server of a test behaves.
struct TestTls {
  int version = TLS1_3_VERSION;
  bool http2 = true;            // chooses h2
  bool ask_certificate = true;  // and refuses a connection without one
  std::string then = {};        // written after the handshake
};

// Serves one TLS connection with `holder`'s certificate; true once the client
// has finished the handshake. Waits for the client to close if it wrote.
inline bool ServeTls(int fd, const certs::TestHolder& holder,
                     const TestTls& how) {
  const std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)> context(
      SSL_CTX_new(TLS_server_method()), SSL_CTX_free);
  SSL_CTX_set_min_proto_version(context.get(), how.version);
  SSL_CTX_set_max_proto_version(context.get(), how.version);
  SSL_CTX_use_certificate(context.get(), holder.chain[0].handle());
  SSL_CTX_use_PrivateKey(context.get(), holder.key.handle());
  if (how.ask_certificate) {
    SSL_CTX_set_verify(context.get(),
                       SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT,
                       [](int, X509_STORE_CTX*) { return 1; });
  }
  if (how.http2) {
    SSL_CTX_set_alpn_select_cb(
        context.get(),
        [](SSL*, const unsigned char** out, unsigned char* length,
           const unsigned char* in, unsigned, void*) {
          *out = in + 1;
          *length = in[0];
          return SSL_TLSEXT_ERR_OK;
        },
        nullptr);
  }
  const std::unique_ptr<SSL, decltype(&SSL_free)> ssl(SSL_new(context.get()),
                                                      SSL_free);
  SSL_set_fd(ssl.get(), fd);
  if (SSL_accept(ssl.get()) != 1) return false;
  if (!how.then.empty()) {
    SSL_write(ssl.get(), how.then.data(), static_cast<int>(how.then.size()));
    char ignored[256];
    while (read(fd, ignored, sizeof(ignored)) > 0) {
    }
  }
  return true;
}

// An empty SETTINGS frame, with which every HTTP/2 server begins.
inline std::string SettingsFrame() {
  return std::string("\x00\x00\x00\x04\x00\x00\x00\x00\x00", 9);
}

}  // namespace entente::client

#endif  // ENTENTE_CLIENT_TEST_PEER_H_

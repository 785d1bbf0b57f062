#include "client/tls_probe.h"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <signal.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <memory>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "client/tcp_connect.h"

namespace entente::client {
namespace {

constexpr unsigned char kAlpn[] = {2, 'h', '2'};
constexpr uint8_t kSettingsFrame = 4;
constexpr int kFrameHeader = 9;

// OpenSSL writes to sockets that may be closed: no signal for this thread.
class WithoutSigpipe {
 public:
  WithoutSigpipe() {
    sigemptyset(&pipe_);
    sigaddset(&pipe_, SIGPIPE);
    pthread_sigmask(SIG_BLOCK, &pipe_, &before_);
  }
  ~WithoutSigpipe() {
    const timespec none = {0, 0};
    while (sigtimedwait(&pipe_, nullptr, &none) > 0) {
    }
    pthread_sigmask(SIG_SETMASK, &before_, nullptr);
  }
  WithoutSigpipe(const WithoutSigpipe&) = delete;
  WithoutSigpipe& operator=(const WithoutSigpipe&) = delete;

 private:
  sigset_t pipe_;
  sigset_t before_;
};

TlsOutcome OutcomeOf(const absl::Status& connecting) {
  switch (connecting.code()) {
    case absl::StatusCode::kInvalidArgument:
      return TlsOutcome::kBadAddress;
    case absl::StatusCode::kNotFound:
      return TlsOutcome::kNameNotFound;
    case absl::StatusCode::kAborted:
      return TlsOutcome::kNobodyListens;
    case absl::StatusCode::kDeadlineExceeded:
      return TlsOutcome::kNoAnswer;
    default:
      return TlsOutcome::kNoRoute;
  }
}

// The oldest error of OpenSSL's queue, in its words.
std::string ReasonText(unsigned long error) {
  const char* reason = ERR_reason_error_string(error);
  return reason == nullptr ? "" : reason;
}

// Why the handshake failed with an error of OpenSSL's own.
TlsOutcome OutcomeOf(unsigned long error) {
  if (ERR_SYSTEM_ERROR(error)) return TlsOutcome::kClosedEarly;
  switch (ERR_GET_REASON(error)) {
    case SSL_R_WRONG_VERSION_NUMBER:
    case SSL_R_PACKET_LENGTH_TOO_LONG:
    case SSL_R_DATA_LENGTH_TOO_LONG:
    case SSL_R_UNEXPECTED_MESSAGE:
    case SSL_R_HTTP_REQUEST:
      return TlsOutcome::kNotTls;
    case SSL_R_UNSUPPORTED_PROTOCOL:
    case SSL_R_TLSV1_ALERT_PROTOCOL_VERSION:
      return TlsOutcome::kOldTls;
    case SSL_R_CERTIFICATE_VERIFY_FAILED:
      return TlsOutcome::kNotAccepted;
    case SSL_R_TLSV1_ALERT_NO_APPLICATION_PROTOCOL:
      return TlsOutcome::kNotHttp2;
    case SSL_R_UNEXPECTED_EOF_WHILE_READING:
      return TlsOutcome::kClosedEarly;
    default:
      return TlsOutcome::kHandshakeError;
  }
}

// One connection's TLS.
class Handshake {
 public:
  Handshake(const TlsTarget& target, TcpConnection connection,
            TlsFinding* finding)
      : target_(target),
        connection_(std::move(connection)),
        finding_(*finding),
        context_(SSL_CTX_new(TLS_client_method()), SSL_CTX_free),
        ssl_(nullptr, SSL_free) {}

  void Run() {
    if (!SetUp()) {
      return End(TlsOutcome::kHandshakeError, "OpenSSL cannot use the files");
    }
    if (!Repeat([this] { return SSL_connect(ssl_.get()); })) {
      return End(Failure());
    }
    const unsigned char* protocol = nullptr;
    unsigned length = 0;
    SSL_get0_alpn_selected(ssl_.get(), &protocol, &length);
    if (length != 2 || std::memcmp(protocol, "h2", 2) != 0) {
      return End(TlsOutcome::kNotHttp2, "it did not choose HTTP/2");
    }
    ReadFirstFrame();
  }

 private:
  static int Judge(X509_STORE_CTX* context, void* self) {
    return static_cast<Handshake*>(self)->ReadChain(context) ? 1 : 0;
  }

  bool ReadChain(X509_STORE_CTX* context) {
    STACK_OF(X509)* sent = X509_STORE_CTX_get0_untrusted(context);
    const int count =
        std::min(sk_X509_num(sent), static_cast<int>(certs::kMaxChain));
    for (int i = 0; i < count; ++i) {
      unsigned char* der = nullptr;
      const int size = i2d_X509(sk_X509_value(sent, i), &der);
      if (size <= 0) return false;
      auto certificate =
          certs::Certificate::FromDer({der, static_cast<size_t>(size)});
      OPENSSL_free(der);
      if (!certificate.ok()) return false;
      finding_.chain.push_back(*std::move(certificate));
    }
    return target_.accept(finding_.chain);
  }

  bool SetUp() {
    SSL_CTX* context = context_.get();
    if (context == nullptr) return false;
    SSL_CTX_set_min_proto_version(context, TLS1_3_VERSION);
    SSL_CTX_set_verify(context, SSL_VERIFY_PEER, nullptr);
    SSL_CTX_set_cert_verify_callback(context, &Handshake::Judge, this);
    if (SSL_CTX_set_alpn_protos(context, kAlpn, sizeof(kAlpn)) != 0) {
      return false;
    }
    if (!target_.chain.empty() && target_.key.has_value()) {
      if (SSL_CTX_use_certificate(context, target_.chain[0].handle()) != 1 ||
          SSL_CTX_use_PrivateKey(context, target_.key->handle()) != 1) {
        return false;
      }
      for (size_t i = 1; i < target_.chain.size(); ++i) {
        if (SSL_CTX_add1_chain_cert(context, target_.chain[i].handle()) != 1) {
          return false;
        }
      }
    }
    ssl_.reset(SSL_new(context));
    return ssl_ != nullptr && SSL_set_fd(ssl_.get(), connection_.fd()) == 1;
  }

  // Repeats `step` until it gives a positive number. False on failure, or when
  // patience ended; `error_` is SSL_ERROR_NONE then.
  template <typename Step>
  bool Repeat(const Step& step) {
    const absl::Time deadline = absl::Now() + target_.patience;
    for (;;) {
      ERR_clear_error();
      const int result = step();
      if (result > 0) return true;
      error_ = SSL_get_error(ssl_.get(), result);
      if (error_ != SSL_ERROR_WANT_READ && error_ != SSL_ERROR_WANT_WRITE) {
        return false;
      }
      if (!WaitFor(connection_.fd(),
                   error_ == SSL_ERROR_WANT_READ ? POLLIN : POLLOUT,
                   deadline)) {
        error_ = SSL_ERROR_NONE;
        return false;
      }
    }
  }

  // What a failed Repeat in the handshake means.
  TlsOutcome Failure() {
    if (error_ == SSL_ERROR_NONE) return TlsOutcome::kSilent;
    const unsigned long error = ERR_peek_error();
    finding_.detail = error == 0 ? "closed without a word" : ReasonText(error);
    return error_ == SSL_ERROR_SSL && error != 0 ? OutcomeOf(error)
                                                 : TlsOutcome::kClosedEarly;
  }

  // A server begins by itself (RFC 9113, 3.4), and what it says before it hangs
  // up is lost if we write meanwhile.
  void ReadFirstFrame() {
    std::array<uint8_t, kFrameHeader> frame = {};
    size_t got = 0;
    while (got < frame.size()) {
      const bool more = Repeat([&] {
        const int read = SSL_read(ssl_.get(), frame.data() + got,
                                  static_cast<int>(frame.size() - got));
        if (read > 0) got += static_cast<size_t>(read);
        return read;
      });
      if (more) continue;
      return End(Failure() == TlsOutcome::kSilent ? TlsOutcome::kSilent
                                                  : TlsOutcome::kHungUp);
    }
    End(frame[3] == kSettingsFrame ? TlsOutcome::kServed
                                   : TlsOutcome::kNotHttp2);
  }

  void End(TlsOutcome outcome) {
    finding_.outcome = outcome;
    ERR_clear_error();
  }
  void End(TlsOutcome outcome, absl::string_view detail) {
    finding_.detail = std::string(detail);
    End(outcome);
  }

  const TlsTarget& target_;
  const TcpConnection connection_;
  TlsFinding& finding_;
  const std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)> context_;
  std::unique_ptr<SSL, decltype(&SSL_free)> ssl_;
  int error_ = SSL_ERROR_NONE;
};

}  // namespace

TlsFinding ProbeTls(const TlsTarget& target) {
  TlsFinding finding;
  auto connection = TcpConnection::Open(target.address, target.patience);
  if (!connection.ok()) {
    finding.outcome = OutcomeOf(connection.status());
    finding.detail = std::string(connection.status().message());
    return finding;
  }
  finding.peer = connection->peer();
  const WithoutSigpipe quiet;
  Handshake(target, *std::move(connection), &finding).Run();
  return finding;
}

}  // namespace entente::client

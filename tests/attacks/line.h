// Connections to the broker, with and without TLS.
#ifndef ENTENTE_TESTS_ATTACKS_LINE_H_
#define ENTENTE_TESTS_ATTACKS_LINE_H_

#include <openssl/ssl.h>

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace entente::attacks {

// A TCP connection from one of this machine's loopback addresses.
class Line {
 public:
  // Connects `source` (127.0.0.0/8) to `address`, host:port; Unavailable with
  // the cause.
  static absl::StatusOr<std::unique_ptr<Line>> Connect(
      const std::string& address, const std::string& source);
  Line(const Line&) = delete;
  ~Line();

  int fd() const { return fd_; }
  // Sends all of it; false once the connection has ended.
  bool Send(absl::string_view bytes);
  // Waits until the other end has closed; false after `patience`. What comes
  // before that is thrown away.
  bool WaitForEnd(absl::Duration patience);

 private:
  explicit Line(int fd) : fd_(fd) {}
  const int fd_;
};

// What a TLS client is made of.
struct Credentials {
  std::string certificate_file;
  std::string key_file;
  int max_version = TLS1_3_VERSION;
};

// A TLS client that speaks as it likes afterwards. Not thread-safe.
class TlsLine {
 public:
  // Unavailable if there is no connection, PermissionDenied if the handshake
  // fails. `session`, if not null, is offered for resumption.
  static absl::StatusOr<std::unique_ptr<TlsLine>> Connect(
      const std::string& address, const std::string& source,
      const Credentials& credentials, SSL_SESSION* session = nullptr);
  TlsLine(const TlsLine&) = delete;
  ~TlsLine();

  // Sends all of it; false once the connection has ended.
  bool Send(absl::string_view bytes);
  // Reads until what came has `text`; false at the end, or after `patience`.
  bool WaitForText(absl::string_view text, absl::Duration patience);
  // Reads until the end; false after `patience`.
  bool WaitForEnd(absl::Duration patience);
  // All that was read.
  const std::string& heard() const { return heard_; }

  SSL* ssl() const { return ssl_; }
  // Tickets that came so far.
  int tickets() const { return tickets_; }

 private:
  TlsLine() = default;
  // What came next into heard_; false at the end, or after `deadline`.
  bool ReadSome(absl::Time deadline);
  static int CountTicket(SSL* ssl, SSL_SESSION* session);

  std::unique_ptr<Line> line_;
  SSL_CTX* context_ = nullptr;
  SSL* ssl_ = nullptr;
  std::string heard_;
  bool ended_ = false;
  int tickets_ = 0;
};

}  // namespace entente::attacks

#endif  // ENTENTE_TESTS_ATTACKS_LINE_H_

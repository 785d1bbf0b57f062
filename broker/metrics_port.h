// A port of this machine alone, on which Prometheus reads the metrics.
#ifndef ENTENTE_BROKER_METRICS_PORT_H_
#define ENTENTE_BROKER_METRICS_PORT_H_

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <thread>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace entente::broker {

// Answers `GET /metrics` and `GET /health` (HTTP/1.1) on a thread of its own,
// one connection at a time, one request each. It never delays a call: whatever
// comes here costs at most this one thread, kMaxRequestHead of memory, and
// kPatience a connection.
//
// It is written here because the library's own server (civetweb) listens
// wherever it is told, parses far more of HTTP than this needs, and would be
// one more server to keep safe.
class MetricsPort {
 public:
  static constexpr size_t kMaxRequestHead = 8 << 10;
  static constexpr absl::Duration kPatience = absl::Seconds(2);

  struct Answers {
    std::function<std::string()> metrics;  // text format 0.0.4
    std::function<absl::Status()> health;  // OK: 200, otherwise 503
    // How long a connection may take, from its acceptance to its end.
    absl::Duration patience = kPatience;
  };

  // `listen` as ParseLoopback reads it; port 0: any. InvalidArgument for an
  // address that is not loopback; otherwise what errno told.
  static absl::StatusOr<std::unique_ptr<MetricsPort>> Start(
      absl::string_view listen, Answers answers);
  ~MetricsPort();  // ends the connection that is open, and joins

  // address:port, with the port that was bound.
  const std::string& address() const { return address_; }

 private:
  explicit MetricsPort(Answers answers) : answers_(std::move(answers)) {}
  absl::Status Listen(absl::string_view listen);
  void Serve();
  void Answer(int connection);
  std::string ResponseTo(absl::string_view head) const;
  // Waits for `events` on `descriptor`; false at `until` or when stopping.
  bool Wait(int descriptor, short events, absl::Time until) const;

  const Answers answers_;
  std::string address_;
  int listener_ = -1;
  int stop_ = -1;  // an eventfd, readable once stopping
  std::thread thread_;
};

}  // namespace entente::broker

#endif  // ENTENTE_BROKER_METRICS_PORT_H_

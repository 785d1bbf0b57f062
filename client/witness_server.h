// A witness on the network.
#ifndef ENTENTE_CLIENT_WITNESS_SERVER_H_
#define ENTENTE_CLIENT_WITNESS_SERVER_H_

#include <functional>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "client/witness.h"

namespace entente::client {

// Connections at work at once; others wait.
inline constexpr int kWitnessThreads = 8;
// Waiting for a request, or for its answer to be taken.
inline constexpr absl::Duration kWitnessPatience = absl::Seconds(10);

// Serves `POST /add-checkpoint` and `GET /<hex>/checkpoint` over HTTP, which
// needs no secrecy: what comes in is signed by the log and what goes out by the
// witness. Put it behind a proxy for TLS.
class WitnessServer {
 public:
  // What was asked, and what was answered. From any thread.
  using Heard =
      std::function<void(absl::string_view path, const WitnessAnswer& answer)>;

  // Takes `listen`, `ADDRESS:PORT`; port 0 is one that is free. `witness` is
  // borrowed. InvalidArgument if it is no address; Unavailable if it is taken.
  static absl::StatusOr<std::unique_ptr<WitnessServer>> Bind(
      absl::string_view listen, Witness* witness,
      std::function<absl::Time()> clock, Heard heard);
  ~WitnessServer();

  // The port that was taken.
  int port() const { return port_; }
  // Serves until Stop, which may come first.
  absl::Status Serve();
  // From any thread.
  void Stop();

 private:
  struct Impl;
  class Pool;

  WitnessServer();

  std::unique_ptr<Impl> impl_;
  int port_ = 0;
};

}  // namespace entente::client

#endif  // ENTENTE_CLIENT_WITNESS_SERVER_H_

// The broker's port.
#ifndef ENTENTE_BROKER_RPC_SERVER_H_
#define ENTENTE_BROKER_RPC_SERVER_H_

#include <grpcpp/server.h>
#include <grpcpp/server_builder.h>

#include <atomic>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/synchronization/notification.h"
#include "broker/broker.h"
#include "broker/config.h"
#include "broker/rpc/accept_loop.h"
#include "broker/rpc/adapters.h"
#include "broker/rpc/connection_guard.h"
#include "broker/rpc/gate.h"
#include "broker/rpc/socket_state.h"
#include "broker/rpc/steady_clock.h"
#include "broker/rpc/stream_watch.h"
#include "broker/rpc/tls_identity.h"
#include "broker/rpc/unknown_methods.h"
#include "broker/worker_pool.h"

namespace entente::broker {

// How often open streams are looked at.
inline constexpr absl::Duration kLookInterval = absl::Milliseconds(250);
// And at least, when something has come for them.
inline constexpr absl::Duration kNudgeInterval = absl::Milliseconds(5);

// How often a write is tried, for grpc.health.v1.
inline constexpr absl::Duration kHealthInterval = absl::Seconds(5);

// Serves one broker over mutual TLS 1.3. Thread-safe.
class Server {
 public:
  // Binds `config.listen` (port 0: any) with the certificate and key that
  // `config` names, after checking that they belong together and name this
  // broker. Errors name the port that is taken or the file that is wrong.
  static absl::StatusOr<std::unique_ptr<Server>> Start(const Config& config,
                                                       Broker* broker);
  // As Stop without patience.
  ~Server();

  // Tries a handshake of TLS 1.2 with itself. FailedPrecondition if it is
  // taken: the process's TLS policy does not hold for gRPC, and nobody may be
  // served. Unavailable as TakesTls12. Blocks.
  absl::Status ProveTlsFloor();

  // host:port, with the port that was bound.
  const std::string& address() const { return address_; }

  // Refuses new calls, lets running ones end for at most `patience`, then
  // cancels them. Blocks.
  void Stop(absl::Duration patience);

  // Has the certificate and key files read again within kLookInterval, as a
  // change of theirs does by itself; see TlsIdentity.
  void RenewCertificate() { identity_->Ask(); }

 private:
  Server(const Config& config, Broker* broker);
  absl::Status Listen(const Config& config);
  void TickLoop();
  // Says SERVING while the store takes writes and nothing drains. Of the
  // ticker's thread.
  void LookAtHealth();

  Broker& broker_;
  Gate gate_;
  UnknownMethods unknown_methods_;
  const SteadyClock steady_clock_;
  const KernelSockets kernel_sockets_;
  ConnectionGuard guard_;
  WorkerPool workers_;
  StreamWatch watch_;
  std::unique_ptr<TlsIdentity> identity_;
  std::vector<std::unique_ptr<grpc::Service>> services_;
  std::unique_ptr<grpc::Server> server_;
  std::unique_ptr<grpc::experimental::ExternalConnectionAcceptor> acceptor_;
  std::unique_ptr<AcceptLoop> accept_loop_;
  std::string address_;
  absl::Notification stopping_;
  std::atomic<bool> draining_{false};
  bool is_healthy_ = true;  // of the ticker's thread
  std::thread ticker_;
};

}  // namespace entente::broker

#endif  // ENTENTE_BROKER_RPC_SERVER_H_

// Accepts connections, in place of gRPC.
#ifndef ENTENTE_BROKER_RPC_ACCEPT_LOOP_H_
#define ENTENTE_BROKER_RPC_ACCEPT_LOOP_H_

#include <atomic>
#include <functional>
#include <memory>
#include <thread>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/synchronization/notification.h"
#include "absl/time/time.h"
#include "broker/json_log.h"
#include "broker/rpc/connection_guard.h"
#include "broker/rpc/descriptor.h"
#include "broker/rpc/listening_socket.h"

namespace entente::broker {

// One thread that accepts from all sockets, asks the guard, hands over what
// it admits, closes the rest, and lets the guard look at all every
// kSweepInterval. gRPC 1.51 itself stops accepting for good once descriptors
// have run out (CVE-2023-4785); this goes on as soon as there is one, and
// meanwhile closes whoever comes with a descriptor kept for that.
class AcceptLoop {
 public:
  // Gets a listening socket and a connection, which it owns from then on. Must
  // not block.
  using HandOver = std::function<void(int listener, int connection)>;

  // Internal if no descriptor is left for the loop itself. `guard` is the
  // loop's alone.
  static absl::StatusOr<std::unique_ptr<AcceptLoop>> Start(
      ListeningSockets sockets, ConnectionGuard* guard, JsonLog* log,
      HandOver hand_over);
  // Ends the thread. Connections stay.
  ~AcceptLoop();

  // Closes the listening sockets; after this nothing is handed over. The guard
  // goes on. Blocks until that is so. Not from several threads at once.
  void StopAccepting();

 private:
  enum class Wish { kAccept, kWatch, kEnd };

  AcceptLoop(ListeningSockets sockets, Descriptor wake, Descriptor spare,
             ConnectionGuard* guard, JsonLog* log, HandOver hand_over);
  void Run();
  void Tell(Wish wish);
  // Waits for a client, a wish, or `patience`.
  void WaitAndAccept(absl::Duration patience);
  // False if none waits, or none can be had now.
  bool AcceptOne(int listener);
  // Without descriptors: lets one client go that would wait in vain. False if
  // not even that can be done.
  bool CloseOne(int listener);

  ListeningSockets sockets_;
  const Descriptor wake_;  // an eventfd
  Descriptor spare_;       // none: nothing is accepted until the next sweep
  ConnectionGuard& guard_;
  JsonLog& log_;
  const HandOver hand_over_;
  bool exhausted_ = false;  // descriptors ran out since the last sweep
  std::atomic<Wish> wish_ = Wish::kAccept;
  absl::Notification accepting_ended_;
  std::thread thread_;
};

}  // namespace entente::broker

#endif  // ENTENTE_BROKER_RPC_ACCEPT_LOOP_H_

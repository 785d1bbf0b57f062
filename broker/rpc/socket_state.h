// What the kernel knows about a connection.
#ifndef ENTENTE_BROKER_RPC_SOCKET_STATE_H_
#define ENTENTE_BROKER_RPC_SOCKET_STATE_H_

#include <cstdint>

namespace entente::broker {

struct SocketState {
  bool open = false;      // false: our side has closed it, or it was reset
  uint64_t received = 0;  // bytes that came, read or not
  uint64_t answered = 0;  // bytes of ours that the peer's kernel has
};

// Reads and cuts connections. Tests have their own.
class Sockets {
 public:
  virtual ~Sockets() = default;
  // Does not block; not open if `fd` is no TCP connection.
  virtual SocketState Look(int fd) const = 0;
  // Ends the connection for everyone who holds it, and throws away what nobody
  // has read yet; `fd` stays valid.
  virtual void Cut(int fd) const = 0;
};

// TCP_INFO and shutdown(). Thread-safe.
class KernelSockets final : public Sockets {
 public:
  SocketState Look(int fd) const override;
  void Cut(int fd) const override;
};

}  // namespace entente::broker

#endif  // ENTENTE_BROKER_RPC_SOCKET_STATE_H_

// A TCP connection with a deadline, and why there is none.
#ifndef ENTENTE_CLIENT_TCP_CONNECT_H_
#define ENTENTE_CLIENT_TCP_CONNECT_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace entente::client {

// Closed with the object. Non-blocking. Move-only.
class TcpConnection {
 public:
  // Tries every address of HOST:PORT, each for `patience`. InvalidArgument if
  // it is no address; NotFound if the name has none; Aborted if the last one
  // refused; FailedPrecondition if it is unreachable; DeadlineExceeded if it
  // did not answer. Finding the name takes as long as the resolver does.
  static absl::StatusOr<TcpConnection> Open(const std::string& address,
                                            absl::Duration patience);
  TcpConnection(TcpConnection&& other) noexcept
      : fd_(other.fd_), peer_(std::move(other.peer_)) {
    other.fd_ = -1;
  }
  TcpConnection& operator=(TcpConnection&&) = delete;
  ~TcpConnection();

  int fd() const { return fd_; }
  const std::string& peer() const { return peer_; }  // IP:PORT

 private:
  TcpConnection(int fd, std::string peer) : fd_(fd), peer_(std::move(peer)) {}

  int fd_;
  std::string peer_;
};

// Waits until `fd` can be read or written (POLLIN, POLLOUT), at most until
// `deadline`. False if it cannot by then.
bool WaitFor(int fd, short events, absl::Time deadline);

}  // namespace entente::client

#endif  // ENTENTE_CLIENT_TCP_CONNECT_H_

#include "broker/rpc/socket_state.h"

#include <linux/tcp.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <cstddef>

namespace entente::broker {
namespace {

// <netinet/tcp.h> has these, but not the byte counts of tcp_info.
constexpr uint8_t kEstablished = 1;
constexpr uint8_t kCloseWait = 8;
constexpr size_t kDiscardBytes = 1 << 20;
// A peer that goes on sending must not keep the guard.
constexpr int kMostDiscards = 8;

}  // namespace

SocketState KernelSockets::Look(int fd) const {
  tcp_info info = {};
  socklen_t size = sizeof(info);
  SocketState state;
  if (getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &size) != 0 ||
      size < offsetof(tcp_info, tcpi_segs_out)) {
    return state;
  }
  // In CLOSE_WAIT the peer has ended and gRPC has not yet.
  state.open = info.tcpi_state == kEstablished || info.tcpi_state == kCloseWait;
  state.received = info.tcpi_bytes_received;
  state.answered = info.tcpi_bytes_acked;
  return state;
}

void KernelSockets::Cut(int fd) const {
  shutdown(fd, SHUT_RDWR);
  // What has come already could still be read, and gRPC would. TCP throws it
  // away without copying.
  for (int i = 0; i < kMostDiscards; ++i) {
    if (recv(fd, nullptr, kDiscardBytes, MSG_TRUNC | MSG_DONTWAIT) <= 0) break;
  }
}

}  // namespace entente::broker

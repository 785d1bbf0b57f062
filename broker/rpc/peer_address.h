// The other end of a connection.
#ifndef ENTENTE_BROKER_RPC_PEER_ADDRESS_H_
#define ENTENTE_BROKER_RPC_PEER_ADDRESS_H_

#include <sys/socket.h>

#include <array>
#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"
#include "absl/types/optional.h"

namespace entente::broker {

// An IP address and a port. IPv4 is kept as a mapped IPv6 address, so both
// spellings of one peer are equal.
struct PeerAddress {
  std::array<uint8_t, 16> ip = {};
  uint16_t port = 0;

  // From what accept() said; nothing for other families.
  static absl::optional<PeerAddress> FromSocket(const sockaddr_storage& from);
  // From gRPC's peer(): `ipv4:192.0.2.1:80`, `ipv6:%5B2001:db8::1%5D:80`.
  // Nothing for other text. A zone is left out.
  static absl::optional<PeerAddress> FromGrpc(absl::string_view peer);

  // Who counts as one neighbour: the IPv4 address, or the first 64 bits of an
  // IPv6 address. The port is 0.
  PeerAddress Network() const;

  // `192.0.2.1:80` or `[2001:db8::1]:80`.
  std::string ToString() const;

  friend bool operator==(const PeerAddress& a, const PeerAddress& b) {
    return a.ip == b.ip && a.port == b.port;
  }
  template <typename H>
  friend H AbslHashValue(H hash, const PeerAddress& peer) {
    return H::combine(std::move(hash), peer.ip, peer.port);
  }

 private:
  bool IsMapped() const;
};

}  // namespace entente::broker

#endif  // ENTENTE_BROKER_RPC_PEER_ADDRESS_H_

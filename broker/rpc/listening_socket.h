// Sockets that wait for clients.
#ifndef ENTENTE_BROKER_RPC_LISTENING_SOCKET_H_
#define ENTENTE_BROKER_RPC_LISTENING_SOCKET_H_

#include <cstdint>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "broker/rpc/descriptor.h"

namespace entente::broker {

// One socket for each address of a host, all on one port, non-blocking.
struct ListeningSockets {
  std::vector<Descriptor> sockets;  // never empty
  uint16_t port = 0;
};

// Listens on `listen`, as host:port; an IPv6 host may stand in brackets, and
// `[::]` means IPv4 too. Port 0: any. No other process can listen on the same
// port. Blocks while a name is looked up.
//
// InvalidArgument if that is no host:port or the host is unknown; Unavailable
// if the port is taken or the address is not this machine's.
absl::StatusOr<ListeningSockets> Listen(absl::string_view listen);

}  // namespace entente::broker

#endif  // ENTENTE_BROKER_RPC_LISTENING_SOCKET_H_

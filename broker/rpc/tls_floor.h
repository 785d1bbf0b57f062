// The lowest TLS version that a server really takes.
#ifndef ENTENTE_BROKER_RPC_TLS_FLOOR_H_
#define ENTENTE_BROKER_RPC_TLS_FLOOR_H_

#include <functional>

#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace entente::broker {

// Whether a server goes into a handshake of TLS 1.2, tried over a connection of
// this machine with itself whose other end `hand_over` gets and owns: gRPC sets
// what it likes, so only a handshake shows it. Unavailable if there is no
// connection, or no answer for `patience`. Blocks.
absl::StatusOr<bool> TakesTls12(
    const std::function<void(int connection)>& hand_over,
    absl::Duration patience = absl::Seconds(5));

}  // namespace entente::broker

#endif  // ENTENTE_BROKER_RPC_TLS_FLOOR_H_

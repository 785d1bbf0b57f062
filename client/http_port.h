// The port of a small server of ours.
#ifndef ENTENTE_CLIENT_HTTP_PORT_H_
#define ENTENTE_CLIENT_HTTP_PORT_H_

#include "absl/status/statusor.h"
#include "client/listen_address.h"

namespace httplib {
class Server;
}

namespace entente::client {

// Binds `http` to `address`, for this program alone; the port that was taken.
// Unavailable if it cannot be had.
absl::StatusOr<int> TakePort(const ListenAddress& address,
                             httplib::Server* http);

}  // namespace entente::client

#endif  // ENTENTE_CLIENT_HTTP_PORT_H_

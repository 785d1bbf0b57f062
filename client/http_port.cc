#include "client/http_port.h"

#include <httplib.h>

#include "absl/strings/str_cat.h"

namespace entente::client {

absl::StatusOr<int> TakePort(const ListenAddress& address,
                             httplib::Server* http) {
  // The library would share the port with another program of this user.
  http->set_socket_options([](socket_t socket) {
    const int yes = 1;
    setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
  });
  int port = address.port;
  if (port == 0) {
    port = http->bind_to_any_port(address.host);
  } else if (!http->bind_to_port(address.host, port)) {
    port = -1;
  }
  if (port >= 0) return port;
  return absl::UnavailableError(
      absl::StrCat("cannot listen on ", address.host, ":", address.port,
                   ": the port is taken or the address is not this machine's"));
}

}  // namespace entente::client

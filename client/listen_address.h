// Where a small server of ours listens.
#ifndef ENTENTE_CLIENT_LISTEN_ADDRESS_H_
#define ENTENTE_CLIENT_LISTEN_ADDRESS_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace entente::client {

struct ListenAddress {
  std::string host;  // an IPv4 or IPv6 address, without brackets
  int port = 0;      // 0: one that is free
};

// Reads `127.0.0.1:7381` or `[::1]:7381`. InvalidArgument for anything else, a
// host's name among it.
absl::StatusOr<ListenAddress> ParseListenAddress(absl::string_view text);

// Whether only this machine reaches `host`: 127.0.0.0/8 or ::1.
bool IsLoopback(const std::string& host);

}  // namespace entente::client

#endif  // ENTENTE_CLIENT_LISTEN_ADDRESS_H_

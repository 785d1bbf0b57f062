// Addresses that only this machine reaches.
#ifndef ENTENTE_BROKER_LOOPBACK_H_
#define ENTENTE_BROKER_LOOPBACK_H_

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace entente::broker {

struct LoopbackAddress {
  bool is_v6 = false;
  std::string host;   // numeric, without brackets
  uint16_t port = 0;  // 0: any
};

// `127.x.y.z:port` or `[::1]:port`. InvalidArgument for any other address, and
// for names: what a name means is decided elsewhere, and may change.
absl::StatusOr<LoopbackAddress> ParseLoopback(absl::string_view text);

}  // namespace entente::broker

#endif  // ENTENTE_BROKER_LOOPBACK_H_

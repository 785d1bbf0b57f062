// How the broker reaches witnesses, so that tests can be one.
#ifndef ENTENTE_BROKER_WITNESS_PORT_H_
#define ENTENTE_BROKER_WITNESS_PORT_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace entente::broker {

// Thread-safe.
class WitnessPort {
 public:
  struct Answer {
    int status = 0;  // of HTTP
    std::string body;
  };

  virtual ~WitnessPort() = default;

  // Posts `body` to `url`, which is https, or http on loopback. Blocks.
  // Unavailable if there is no answer in time or it is too long.
  virtual absl::StatusOr<Answer> Post(const std::string& url,
                                      const std::string& body) = 0;
};

}  // namespace entente::broker

#endif  // ENTENTE_BROKER_WITNESS_PORT_H_

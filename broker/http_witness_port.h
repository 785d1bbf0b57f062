#ifndef ENTENTE_BROKER_HTTP_WITNESS_PORT_H_
#define ENTENTE_BROKER_HTTP_WITNESS_PORT_H_

#include <cstddef>
#include <string>

#include "absl/time/time.h"
#include "broker/witness_port.h"

namespace entente::broker {

// A witness must take the connection, and then each piece of the exchange,
// within so long.
inline constexpr absl::Duration kWitnessConnectTime = absl::Seconds(3);
inline constexpr absl::Duration kWitnessAnswerTime = absl::Seconds(5);
// An answer is a few lines.
inline constexpr size_t kMaxWitnessAnswerBytes = 16 << 10;

// Over HTTP/1.1, a connection for each question. A certificate must be valid
// under this machine's roots. No redirect is followed.
class HttpWitnessPort final : public WitnessPort {
 public:
  absl::StatusOr<Answer> Post(const std::string& url,
                              const std::string& body) override;
};

}  // namespace entente::broker

#endif  // ENTENTE_BROKER_HTTP_WITNESS_PORT_H_

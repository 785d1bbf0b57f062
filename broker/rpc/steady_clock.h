// Time that only goes forward.
#ifndef ENTENTE_BROKER_RPC_STEADY_CLOCK_H_
#define ENTENTE_BROKER_RPC_STEADY_CLOCK_H_

#include <chrono>

#include "absl/time/time.h"
#include "broker/clock.h"

namespace entente::broker {

// For what is measured, not dated: setting the system's clock does not move
// it. Only differences mean anything. Thread-safe.
class SteadyClock final : public Clock {
 public:
  absl::Time Now() const override {
    return absl::UnixEpoch() +
           absl::FromChrono(
               std::chrono::steady_clock::now().time_since_epoch());
  }
};

}  // namespace entente::broker

#endif  // ENTENTE_BROKER_RPC_STEADY_CLOCK_H_

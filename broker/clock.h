// The broker's time, so that tests can say what it is.
#ifndef ENTENTE_BROKER_CLOCK_H_
#define ENTENTE_BROKER_CLOCK_H_

#include "absl/time/clock.h"
#include "absl/time/time.h"

namespace entente::broker {

// Thread-safe.
class Clock {
 public:
  virtual ~Clock() = default;
  virtual absl::Time Now() const = 0;
};

// The system's clock.
class SystemClock final : public Clock {
 public:
  absl::Time Now() const override { return absl::Now(); }
};

}  // namespace entente::broker

#endif  // ENTENTE_BROKER_CLOCK_H_

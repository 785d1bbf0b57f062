// How long to wait before something is tried again.
#ifndef ENTENTE_CLIENT_BACKOFF_H_
#define ENTENTE_CLIENT_BACKOFF_H_

#include <algorithm>
#include <functional>
#include <utility>

#include "absl/time/time.h"

namespace entente::client {

// The waits double from the first to the longest.
inline constexpr absl::Duration kFirstWait = absl::Seconds(1);
inline constexpr absl::Duration kLongestWait = absl::Seconds(60);

// Not thread-safe.
class Backoff {
 public:
  // `random` gives numbers from 0 to 1, evenly.
  explicit Backoff(std::function<double()> random)
      : random_(std::move(random)) {}

  // The next wait: at least half of what it would be without chance, so that
  // clients that broke off together do not come back together.
  absl::Duration Next() {
    const absl::Duration whole = wait_;
    wait_ = std::min(2 * wait_, kLongestWait);
    return whole / 2 + random_() * (whole / 2);
  }
  // It worked.
  void Reset() { wait_ = kFirstWait; }

 private:
  const std::function<double()> random_;
  absl::Duration wait_ = kFirstWait;
};

}  // namespace entente::client

#endif  // ENTENTE_CLIENT_BACKOFF_H_

// How long the disk lasts at the rate at which it has been filling.
#ifndef ENTENTE_BROKER_DISK_RUNWAY_H_
#define ENTENTE_BROKER_DISK_RUNWAY_H_

#include <cstdint>
#include <deque>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"

namespace entente::broker {

// Bytes that the process's user may still write to the file system of `path`.
absl::StatusOr<uint64_t> AvailableBytes(const std::string& path);

// A straight line through the available space of the last day. Whoever fills
// the disk counts, not the broker alone. Thread-safe; 24 KiB.
class DiskRunway {
 public:
  // Between two samples that are kept, and how far back they reach.
  static constexpr absl::Duration kInterval = absl::Minutes(1);
  static constexpr absl::Duration kWindow = absl::Hours(24);
  // Over less than this no rate is told.
  static constexpr absl::Duration kLeast = absl::Minutes(10);

  // Keeps a sample, unless the last one is younger than kInterval. A clock that
  // was set back begins the window anew.
  void Sample(absl::Time now, uint64_t available) ABSL_LOCKS_EXCLUDED(mu_);

  // Until nothing is available. Infinite while space does not shrink, and while
  // less than kLeast has been seen.
  absl::Duration Left() const ABSL_LOCKS_EXCLUDED(mu_);

 private:
  struct Point {
    absl::Time at;
    uint64_t available;
  };

  mutable absl::Mutex mu_;
  std::deque<Point> points_ ABSL_GUARDED_BY(mu_);
};

}  // namespace entente::broker

#endif  // ENTENTE_BROKER_DISK_RUNWAY_H_

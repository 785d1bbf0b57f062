// Long arithmetic on more than one core.
#ifndef ENTENTE_CLIENT_PARALLEL_RANGES_H_
#define ENTENTE_CLIENT_PARALLEL_RANGES_H_

#include <cstddef>
#include <functional>

#include "absl/status/status.h"

namespace entente::client {

// Calls `work(begin, end)` for ranges that together are [0, count), some on
// other threads, and returns when all are done: the error of the first range
// that failed. `work` must be safe to call concurrently and must not throw. If
// no thread can be started, everything runs on the caller's.
absl::Status InParallel(
    size_t count, const std::function<absl::Status(size_t, size_t)>& work);

}  // namespace entente::client

#endif  // ENTENTE_CLIENT_PARALLEL_RANGES_H_

#include "client/parallel_ranges.h"

#include <algorithm>
#include <system_error>
#include <thread>
#include <vector>

namespace entente::client {
namespace {

// More would take what other programs of the agency's machine need.
constexpr size_t kMaxThreads = 4;

}  // namespace

absl::Status InParallel(
    size_t count, const std::function<absl::Status(size_t, size_t)>& work) {
  const size_t threads =
      std::min({count, kMaxThreads,
                std::max<size_t>(1, std::thread::hardware_concurrency())});
  if (threads <= 1) return work(0, count);
  std::vector<absl::Status> results(threads);
  const auto run = [&](size_t part) {
    results[part] = work(part * count / threads, (part + 1) * count / threads);
  };
  std::vector<std::thread> started;
  for (size_t part = 1; part < threads; ++part) {
    try {
      started.emplace_back(run, part);
    } catch (const std::system_error&) {
      run(part);
    }
  }
  run(0);
  for (std::thread& thread : started) thread.join();
  for (const absl::Status& result : results) {
    if (!result.ok()) return result;
  }
  return absl::OkStatus();
}

}  // namespace entente::client

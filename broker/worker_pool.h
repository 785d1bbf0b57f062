// Threads for what must not run on gRPC's own: arithmetic, disk, database.
#ifndef ENTENTE_BROKER_WORKER_POOL_H_
#define ENTENTE_BROKER_WORKER_POOL_H_

#include <cstddef>
#include <deque>
#include <functional>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"

namespace entente::broker {

// Runs tasks on a fixed number of threads, oldest first. Thread-safe.
class WorkerPool {
 public:
  // `threads` and `max_queued` are at least 1.
  WorkerPool(int threads, size_t max_queued);
  ~WorkerPool();  // runs what is queued, then joins
  WorkerPool(const WorkerPool&) = delete;
  WorkerPool& operator=(const WorkerPool&) = delete;

  // ResourceExhausted when `max_queued` tasks wait; the task is not run.
  absl::Status Submit(std::function<void()> task) ABSL_LOCKS_EXCLUDED(mu_);

  // Tasks that wait now.
  size_t queued() const ABSL_LOCKS_EXCLUDED(mu_);

 private:
  void Work() ABSL_LOCKS_EXCLUDED(mu_);
  bool HasWorkOrStops() const ABSL_SHARED_LOCKS_REQUIRED(mu_) {
    return stopping_ || !queue_.empty();
  }

  const size_t max_queued_;
  mutable absl::Mutex mu_;
  std::deque<std::function<void()>> queue_ ABSL_GUARDED_BY(mu_);
  bool stopping_ ABSL_GUARDED_BY(mu_) = false;
  std::vector<std::thread> threads_;
};

}  // namespace entente::broker

#endif  // ENTENTE_BROKER_WORKER_POOL_H_

#include "client/cancellation.h"

#include <cstdint>
#include <map>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"

namespace entente::client {

struct Cancellation::State {
  absl::Mutex mu;
  bool cancelled ABSL_GUARDED_BY(mu) = false;
  uint64_t next ABSL_GUARDED_BY(mu) = 0;
  // Run under `mu`, so that a watch cannot go while it stops something.
  std::map<uint64_t, std::function<void()>> stops ABSL_GUARDED_BY(mu);
};

struct Cancellation::Watch::Impl {
  std::shared_ptr<State> state;
  uint64_t number = 0;
};

Cancellation::Cancellation() : state_(std::make_shared<State>()) {}

void Cancellation::Cancel() const {
  absl::MutexLock lock(&state_->mu);
  if (std::exchange(state_->cancelled, true)) return;
  for (const auto& [number, stop] : state_->stops) stop();
}

bool Cancellation::cancelled() const {
  absl::MutexLock lock(&state_->mu);
  return state_->cancelled;
}

Cancellation::Watch::Watch(const Cancellation& cancellation,
                           std::function<void()> stop)
    : impl_(std::make_unique<Impl>()) {
  impl_->state = cancellation.state_;
  absl::MutexLock lock(&impl_->state->mu);
  impl_->number = impl_->state->next++;
  if (impl_->state->cancelled) stop();
  impl_->state->stops.emplace(impl_->number, std::move(stop));
}

Cancellation::Watch::~Watch() {
  absl::MutexLock lock(&impl_->state->mu);
  impl_->state->stops.erase(impl_->number);
}

}  // namespace entente::client

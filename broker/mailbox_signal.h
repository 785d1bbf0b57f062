// Wakes those who wait for a batch.
#ifndef ENTENTE_BROKER_MAILBOX_SIGNAL_H_
#define ENTENTE_BROKER_MAILBOX_SIGNAL_H_

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/functional/function_ref.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"

namespace entente::broker {

// Who is told of arrivals for one recipient under one agreement. It says only
// that there may be something: the store has the truth. Thread-safe.
class MailboxSignal {
 public:
  // For Notify: no batch is new, but one that was waited for may go.
  static constexpr int64_t kNothingNew = INT64_MAX;
  // Gets a sequence number: a batch with this one, or any after it, may have
  // become deliverable, or free.
  using Callback = std::function<void(int64_t first)>;

  // Calls `wake` on the notifier's thread at every call of Notify and NotifyAll
  // that concerns it, until Unwatch of the
  // number returned. `wake` must be quick, and must not call this object.
  uint64_t Watch(absl::string_view recipient, absl::string_view agreement,
                 Callback wake) ABSL_LOCKS_EXCLUDED(mu_) {
    const absl::MutexLock lock(&mu_);
    const uint64_t id = ++last_id_;
    watchers_.emplace(id, Watcher{std::string(recipient),
                                  std::string(agreement), std::move(wake)});
    return id;
  }

  // When this returns, `wake` neither runs nor will.
  void Unwatch(uint64_t id) ABSL_LOCKS_EXCLUDED(mu_) {
    const absl::MutexLock lock(&mu_);
    watchers_.erase(id);
  }

  void Notify(absl::string_view recipient, absl::string_view agreement,
              int64_t first) ABSL_LOCKS_EXCLUDED(mu_) {
    const absl::MutexLock lock(&mu_);
    for (const auto& [id, watcher] : watchers_) {
      if (watcher.recipient == recipient && watcher.agreement == agreement) {
        watcher.wake(first);
      }
    }
  }

  // The state of the agreements for which `changed` says so has changed, for
  // everyone who waits under them: batches that were held may go. `changed`
  // must be quick, and must not call this object.
  void NotifyAll(absl::FunctionRef<bool(absl::string_view agreement)> changed)
      ABSL_LOCKS_EXCLUDED(mu_) {
    const absl::MutexLock lock(&mu_);
    for (const auto& [id, watcher] : watchers_) {
      if (changed(watcher.agreement)) watcher.wake(0);
    }
  }

 private:
  struct Watcher {
    std::string recipient;
    std::string agreement;
    Callback wake;
  };

  absl::Mutex mu_;
  uint64_t last_id_ ABSL_GUARDED_BY(mu_) = 0;
  std::map<uint64_t, Watcher> watchers_ ABSL_GUARDED_BY(mu_);
};

}  // namespace entente::broker

#endif  // ENTENTE_BROKER_MAILBOX_SIGNAL_H_

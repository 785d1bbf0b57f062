// Keeps an eye on open streams.
#ifndef ENTENTE_BROKER_RPC_STREAM_WATCH_H_
#define ENTENTE_BROKER_RPC_STREAM_WATCH_H_

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_set.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"

namespace entente::broker {

// A stream that must be looked at while it is open.
class WatchedStream {
 public:
  virtual ~WatchedStream() = default;
  // Ends the stream if its caller's rights have ended, and looks for more to
  // send. Must not block, and must not add or remove streams.
  virtual void Look() = 0;
};

// Every open stream, looked at several times a second, so that a revocation or
// a suspension cuts it within one; and when somebody nudges. Thread-safe.
class StreamWatch {
 public:
  void Add(WatchedStream* stream) ABSL_LOCKS_EXCLUDED(mu_) {
    const absl::MutexLock lock(&mu_);
    streams_.insert(stream);
  }
  // After this returns the stream is not looked at any more.
  void Remove(WatchedStream* stream) ABSL_LOCKS_EXCLUDED(mu_) {
    const absl::MutexLock lock(&mu_);
    streams_.erase(stream);
  }
  void LookAtAll() ABSL_LOCKS_EXCLUDED(mu_) {
    const absl::MutexLock lock(&mu_);
    for (WatchedStream* stream : streams_) stream->Look();
  }

  // Asks for a look before its time. May be called with any lock held.
  void Nudge() ABSL_LOCKS_EXCLUDED(nudge_mu_) {
    const absl::MutexLock lock(&nudge_mu_);
    nudged_ = true;
  }
  // Waits for a nudge, at most for `patience`.
  void AwaitNudge(absl::Duration patience) ABSL_LOCKS_EXCLUDED(nudge_mu_) {
    const absl::MutexLock lock(&nudge_mu_);
    nudge_mu_.AwaitWithTimeout(absl::Condition(&nudged_), patience);
    nudged_ = false;
  }

 private:
  absl::Mutex nudge_mu_;
  bool nudged_ ABSL_GUARDED_BY(nudge_mu_) = false;
  absl::Mutex mu_;
  absl::flat_hash_set<WatchedStream*> streams_ ABSL_GUARDED_BY(mu_);
};

}  // namespace entente::broker

#endif  // ENTENTE_BROKER_RPC_STREAM_WATCH_H_

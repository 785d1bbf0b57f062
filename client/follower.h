// Receiving for as long as somebody wants, over connections that break.
#ifndef ENTENTE_CLIENT_FOLLOWER_H_
#define ENTENTE_CLIENT_FOLLOWER_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "client/cancellation.h"
#include "client/profile.h"
#include "client/receiver.h"

namespace entente::client {

// A broker that restarts, or is full, may close a connection as it does for a
// certificate that does not count: so often in a row is believed to be that.
inline constexpr int kRefusedLogins = 5;

// Whether a later call may fare better: the broker cannot be reached or is
// busy. False for everything that it refuses, for what does not verify, and for
// what is wrong here. LOGIN_REFUSED is for Follow to count.
bool IsPassing(const absl::Status& status);

// What Follow works with, and whom it tells. None may be null.
struct Following {
  // For every stream anew, so that renewed certificates and keys count.
  std::function<absl::StatusOr<std::unique_ptr<Receiver>>()> open;
  // Before the first stream, and before every other.
  std::function<void(Receiver&)> opened;
  ReceiveListener listener;
  // The connection broke, for a reason that passes; once until `opened` again.
  std::function<void(const absl::Status&)> broken;
  // Waits; false if it was cut short by `stop`.
  std::function<bool(absl::Duration, const Cancellation&)> wait;
  std::function<absl::Time()> now;
  std::function<double()> random;  // as Backoff
};

// Opens `profile` and receives under `agreement`, by the clock and by chance;
// whoever listens to nothing has empty functions. They are for the caller to
// set.
Following FollowingOf(const Profile& profile, const std::string& agreement);

// Hands over what waits and what comes, until `stop` is cancelled: then it ends
// after the batch at hand, OK. A stream that breaks is opened again after a
// wait (client/backoff.h), a batch that was not acknowledged comes again and is
// not handed over again, and one that was refused is told once for as long as
// it stays. Any other error, and any of `sink`, ends it. Blocks.
absl::Status Follow(const Following& following, BatchSink& sink,
                    const Cancellation& stop);

// What came, in numbers.
struct FollowTotals {
  uint64_t batches = 0;
  uint64_t records = 0;   // that were handed over
  uint64_t matched = 0;   // of them, with a match
  uint64_t withheld = 0;  // that were not as agreed
  uint64_t refused = 0;   // batches
  void Add(const ReceivedSummary& batch);
};

}  // namespace entente::client

#endif  // ENTENTE_CLIENT_FOLLOWER_H_

#include "client/follower.h"

#include <random>
#include <set>
#include <utility>

#include "absl/synchronization/notification.h"
#include "absl/time/clock.h"
#include "client/backoff.h"
#include "client/error.h"
#include "client/rpc/call_limits.h"
#include "policy/reason.h"

namespace entente::client {
namespace {

constexpr char kLoginRefused[] = "LOGIN_REFUSED";

// Remembers what the application could not do: that is not the broker's.
class WatchedSink final : public BatchSink {
 public:
  explicit WatchedSink(BatchSink* sink) : sink_(*sink) {}

  absl::StatusOr<std::string> Take(const std::string& batch,
                                   const std::string& sender,
                                   const OpenedBatch& opened) override {
    absl::StatusOr<std::string> file = sink_.Take(batch, sender, opened);
    // These two are about one batch.
    failed_ = !file.ok() && !absl::IsDataLoss(file.status()) &&
              !absl::IsAlreadyExists(file.status());
    return file;
  }
  bool failed() const { return failed_; }

 private:
  BatchSink& sink_;
  bool failed_ = false;
};

// Lets each refused batch through once: every stream brings it again.
class Told {
 public:
  // A stream begins. What the last one did not bring is forgotten.
  void Begin() { before_ = std::exchange(now_, {}); }
  bool IsNew(const RefusedSummary& batch) {
    const std::string key = batch.sender + "/" + batch.batch;
    const bool is_new = before_.count(key) + now_.count(key) == 0;
    now_.insert(key);
    return is_new;
  }

 private:
  std::set<std::string> before_;
  std::set<std::string> now_;
};

bool HasFailure(const absl::Status& status) {
  bool has = false;
  status.ForEachPayload(
      [&has](absl::string_view, const absl::Cord&) { has = true; });
  return has;
}

bool WaitOrStop(absl::Duration wait, const Cancellation& stop) {
  absl::Notification stopped;
  const Cancellation::Watch watch(stop, [&stopped] { stopped.Notify(); });
  return !stopped.WaitForNotificationWithTimeout(wait);
}

}  // namespace

bool IsPassing(const absl::Status& status) {
  if (status.ok()) return false;
  const std::string code = FromStatus(status).code;
  const auto reason = policy::ReasonOf(code.substr(0, code.find(':')));
  // A bare status has the name of its code, which may be a reason's too.
  if (!reason.has_value() || !HasFailure(status)) {
    return absl::IsUnavailable(status);
  }
  return policy::InfoOf(*reason).status == absl::StatusCode::kUnavailable ||
         *reason == policy::Reason::kChunkOrder ||
         *reason == policy::Reason::kInternal ||
         *reason == policy::Reason::kOverloaded;
}

Following FollowingOf(const Profile& profile, const std::string& agreement) {
  Following following;
  following.open = [folder = profile.folder(),
                    agreement]() -> absl::StatusOr<std::unique_ptr<Receiver>> {
    const absl::StatusOr<Profile> fresh = Profile::Open(folder);
    if (!fresh.ok()) return fresh.status();
    return Receiver::Open(*fresh, agreement);
  };
  following.opened = [](Receiver&) {};
  following.listener = {[](const ReceivedSummary&) {},
                        [](const RefusedSummary&) {}};
  following.broken = [](const absl::Status&) {};
  following.wait = WaitOrStop;
  following.now = absl::Now;
  following.random =
      [bits = std::make_shared<std::mt19937>(std::random_device()())] {
        return std::uniform_real_distribution<>(0, 1)(*bits);
      };
  return following;
}

absl::Status Follow(const Following& following, BatchSink& sink,
                    const Cancellation& stop) {
  Backoff backoff(following.random);
  WatchedSink watched(&sink);
  Told told;
  bool is_told_broken = false;
  int refused_logins = 0;
  absl::Duration lasted;
  ReceiveListener listener;
  listener.received = [&](const ReceivedSummary& batch) {
    backoff.Reset();
    following.listener.received(batch);
  };
  listener.refused = [&](const RefusedSummary& batch) {
    if (told.IsNew(batch)) following.listener.refused(batch);
  };
  const auto stream = [&]() -> absl::Status {
    absl::StatusOr<std::unique_ptr<Receiver>> receiver = [&] {
      // Nothing is at hand yet that should be finished first.
      const CallLimits limits(absl::InfiniteFuture(), &stop);
      auto opened = following.open();
      if (opened.ok()) following.opened(**opened);
      return opened;
    }();
    if (!receiver.ok()) return receiver.status();
    is_told_broken = false;
    refused_logins = 0;
    told.Begin();
    const absl::Time began = following.now();
    const absl::Status ended = (*receiver)->Follow(watched, listener, stop);
    lasted = following.now() - began;
    if (lasted >= kLongestWait) backoff.Reset();
    return ended;
  };
  while (true) {
    const absl::Status ended = stream();
    if (watched.failed() && !ended.ok()) return ended;
    if (stop.cancelled()) return absl::OkStatus();
    if (ended.ok()) {
      // The broker has its own reasons, but is not to be pressed.
      if (lasted >= kFirstWait) continue;
      if (!following.wait(backoff.Next(), stop)) return absl::OkStatus();
      continue;
    }
    const bool is_refused_login = FromStatus(ended).code == kLoginRefused;
    if (is_refused_login ? ++refused_logins >= kRefusedLogins
                         : !IsPassing(ended)) {
      return ended;
    }
    if (!std::exchange(is_told_broken, true)) following.broken(ended);
    if (!following.wait(backoff.Next(), stop)) return absl::OkStatus();
  }
}

void FollowTotals::Add(const ReceivedSummary& batch) {
  if (batch.before) return;
  ++batches;
  records += batch.records - batch.withheld;
  matched += batch.matched;
  withheld += batch.withheld;
}

}  // namespace entente::client

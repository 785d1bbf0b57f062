#include "broker/rpc/connection_guard.h"

#include <fcntl.h>

#include <algorithm>
#include <utility>

namespace entente::broker {

std::shared_ptr<ConnectionCalls> CallTable::Find(
    const PeerAddress& peer) const {
  const absl::MutexLock lock(&mu_);
  const auto found = by_peer_.find(peer);
  return found == by_peer_.end() ? nullptr : found->second;
}

std::shared_ptr<ConnectionCalls> CallTable::Add(const PeerAddress& peer) {
  auto calls = std::make_shared<ConnectionCalls>();
  const absl::MutexLock lock(&mu_);
  by_peer_[peer] = calls;
  return calls;
}

void CallTable::Remove(const PeerAddress& peer, const ConnectionCalls* calls) {
  const absl::MutexLock lock(&mu_);
  const auto found = by_peer_.find(peer);
  if (found != by_peer_.end() && found->second.get() == calls) {
    by_peer_.erase(found);
  }
}

ConnectionGuard::ConnectionGuard(const ConnectionLimits& limits,
                                 const Clock* clock, const Sockets* sockets,
                                 JsonLog* log)
    : limits_(limits), clock_(*clock), sockets_(*sockets), log_(*log) {}

bool ConnectionGuard::MayLog() {
  if (lines_left_ > 0) {
    --lines_left_;
    return true;
  }
  ++unlogged_;
  return false;
}

ConnectionGuard::Table::iterator ConnectionGuard::Spare(
    const absl::optional<PeerAddress>& network, absl::Time now) {
  auto idle = watched_.end();
  for (auto it = watched_.begin(); it != watched_.end(); ++it) {
    const Watched& one = it->second;
    if (network.has_value() && !(one.peer.Network() == *network)) continue;
    if (one.calls->begun == 0) return it;
    if (one.calls->open == 0 && now - one.last_busy >= kSpareTime &&
        (idle == watched_.end() || one.last_busy < idle->second.last_busy)) {
      idle = it;
    }
  }
  return idle;
}

absl::string_view ConnectionGuard::MakeRoom(const PeerAddress& network,
                                            absl::Time now) {
  Neighbour& neighbour = neighbours_[network];
  neighbour.allowance = std::min(
      kNewConnectionsBurst,
      neighbour.allowance + absl::ToDoubleSeconds(now - neighbour.counted) *
                                kNewConnectionsPerSecond);
  neighbour.counted = now;
  if (neighbour.allowance < 1) return "too_fast";
  neighbour.allowance -= 1;
  if (neighbour.open >= limits_.max_per_address) {
    const auto spare = Spare(network, now);
    if (spare == watched_.end()) return "too_many_from_address";
    Cut(&spare->second, "made_room", now);
    Forget(spare);
  }
  if (watched_.size() >= limits_.max_connections) {
    const auto spare = Spare(absl::nullopt, now);
    if (spare == watched_.end()) return "too_many";
    Cut(&spare->second, "made_room", now);
    Forget(spare);
  }
  return "";
}

bool ConnectionGuard::Admit(int fd, const PeerAddress& peer) {
  const absl::Time now = clock_.Now();
  const PeerAddress network = peer.Network();
  absl::string_view refused = MakeRoom(network, now);
  Descriptor copy;
  if (refused.empty()) {
    copy = Descriptor(fcntl(fd, F_DUPFD_CLOEXEC, 0));
    if (!copy.ok()) refused = "no_descriptor";
  }
  if (!refused.empty()) {
    if (MayLog()) {
      log_.Warning("connection_refused",
                   {{"address", peer.ToString()}, {"reason", refused}});
    }
    return false;
  }
  ++neighbours_[network].open;
  Watched one;
  one.fd = std::move(copy);
  one.peer = peer;
  one.calls = calls_.Add(peer);
  one.accepted = one.last_busy = one.window_start = now;
  watched_.emplace(next_id_++, std::move(one));
  return true;
}

void ConnectionGuard::Cut(Watched* one, absl::string_view reason,
                          absl::Time now) {
  const SocketState state = sockets_.Look(one->fd.get());
  sockets_.Cut(one->fd.get());
  if (!MayLog()) return;
  log_.Warning("connection_cut",
               {{"address", one->peer.ToString()},
                {"reason", reason},
                {"seconds", absl::ToInt64Seconds(now - one->accepted)},
                {"received_bytes", state.received},
                {"calls", one->calls->begun.load()}});
}

ConnectionGuard::Table::iterator ConnectionGuard::Forget(Table::iterator one) {
  calls_.Remove(one->second.peer, one->second.calls.get());
  --neighbours_[one->second.peer.Network()].open;
  return watched_.erase(one);
}

absl::string_view ConnectionGuard::CallsVerdict(Watched* one, absl::Time now) {
  const uint64_t begun = one->calls->begun;
  const uint64_t cancelled = one->calls->cancelled;
  if (now - one->window_start >= kCallWindow) {
    one->window_start = now;
    one->window_begun = begun;
    one->window_cancelled = cancelled;
  }
  if (begun - one->window_begun > kMaxCallsPerWindow) return "too_many_calls";
  if (cancelled - one->window_cancelled > kMaxCancelledPerWindow) {
    return "too_many_cancelled";
  }
  return "";
}

absl::string_view ConnectionGuard::Verdict(Watched* one,
                                           const SocketState& state,
                                           absl::Time now) {
  const uint64_t progress = one->calls->progress;
  const bool progressed = progress != one->progress;
  if (progressed) {
    one->progress = progress;
    one->at_progress = state;
  }
  if (progressed || state.answered != one->at_answer.answered) {
    one->at_answer = state;
  }
  if (progressed || one->calls->open > 0 ||
      state.received - one->busy_received >= kBusyBytes) {
    one->last_busy = now;
    one->busy_received = state.received;
  }
  const uint64_t received = state.received - one->at_progress.received;
  if (state.received - one->at_answer.received > kMaxUnansweredBytes) {
    return "unanswered_bytes";
  }
  if (received > kMaxBytesWithoutProgress) return "no_progress";
  if (received > kMaxRefusedBytes &&
      (state.answered - one->at_progress.answered) * kRefusedRatio >=
          received) {
    return "refused_calls";
  }
  if (one->calls->begun == 0 && now - one->last_busy >= kFirstCallTime) {
    return "no_first_call";
  }
  if (now - one->last_busy >= kIdleTime) return "idle";
  return CallsVerdict(one, now);
}

void ConnectionGuard::ForgetQuietNeighbours(absl::Time now) {
  for (auto it = neighbours_.begin(); it != neighbours_.end();) {
    const Neighbour& neighbour = it->second;
    const bool full =
        neighbour.allowance + absl::ToDoubleSeconds(now - neighbour.counted) *
                                  kNewConnectionsPerSecond >=
        kNewConnectionsBurst;
    if (neighbour.open == 0 && full) {
      neighbours_.erase(it++);
    } else {
      ++it;
    }
  }
}

void ConnectionGuard::Sweep() {
  const absl::Time now = clock_.Now();
  for (auto it = watched_.begin(); it != watched_.end();) {
    Watched& one = it->second;
    const SocketState state = sockets_.Look(one.fd.get());
    if (!state.open) {
      // gRPC does not say whose handshake failed.
      if (one.calls->begun == 0 && MayLog()) {
        log_.Info("connection_without_call",
                  {{"address", one.peer.ToString()},
                   {"seconds", absl::ToInt64Seconds(now - one.accepted)},
                   {"received_bytes", state.received}});
      }
      it = Forget(it);
      continue;
    }
    const absl::string_view reason = Verdict(&one, state, now);
    if (reason.empty()) {
      ++it;
      continue;
    }
    Cut(&one, reason, now);
    it = Forget(it);
  }
  ForgetQuietNeighbours(now);
  if (unlogged_ > 0) {
    log_.Warning("connections_unlogged", {{"count", unlogged_}});
  }
  unlogged_ = 0;
  lines_left_ = kMaxLinesPerSweep;
}

}  // namespace entente::broker

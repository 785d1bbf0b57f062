// Decides which connections may be, and ends those that abuse it.
#ifndef ENTENTE_BROKER_RPC_CONNECTION_GUARD_H_
#define ENTENTE_BROKER_RPC_CONNECTION_GUARD_H_

#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "absl/types/optional.h"
#include "broker/clock.h"
#include "broker/json_log.h"
#include "broker/rpc/connection_limits.h"
#include "broker/rpc/descriptor.h"
#include "broker/rpc/peer_address.h"
#include "broker/rpc/socket_state.h"

namespace entente::broker {

// What the calls of one connection did, counted from its start. Thread-safe.
struct ConnectionCalls {
  std::atomic<uint64_t> begun = 0;
  std::atomic<uint64_t> cancelled = 0;
  // Messages and answers that passed whole, either way.
  std::atomic<uint64_t> progress = 0;
  std::atomic<int64_t> open = 0;
};

// Finds the calls of a connection by its peer. Thread-safe.
class CallTable {
 public:
  // Null if no connection from there is watched.
  std::shared_ptr<ConnectionCalls> Find(const PeerAddress& peer) const
      ABSL_LOCKS_EXCLUDED(mu_);
  std::shared_ptr<ConnectionCalls> Add(const PeerAddress& peer)
      ABSL_LOCKS_EXCLUDED(mu_);
  // Unless another connection has taken the peer's place since.
  void Remove(const PeerAddress& peer, const ConnectionCalls* calls)
      ABSL_LOCKS_EXCLUDED(mu_);

 private:
  mutable absl::Mutex mu_;
  absl::flat_hash_map<PeerAddress, std::shared_ptr<ConnectionCalls>> by_peer_
      ABSL_GUARDED_BY(mu_);
};

// Watches every connection of a port through a duplicate of its descriptor,
// so that whoever speaks HTTP/2 on it need not help. One thread uses it; only
// `calls()` is for all. Never blocks.
//
// Every cut and refusal is in the log with the peer's address and a reason:
// `unanswered_bytes`, `no_progress`, `refused_calls`, `too_many_calls`,
// `too_many_cancelled`, `no_first_call`, `idle`, `made_room`, and, for new
// ones, `too_many`, `too_many_from_address`, `too_fast`, `no_descriptor`.
class ConnectionGuard {
 public:
  // `clock` goes only forward.
  ConnectionGuard(const ConnectionLimits& limits, const Clock* clock,
                  const Sockets* sockets, JsonLog* log);

  // Whether the new connection `fd` from `peer` may be served. It is watched
  // from then on, until it ends; `fd` stays the caller's. At a limit the
  // oldest that has made no call goes first, then the one longest without a
  // call, if that is kSpareTime; if there is neither, the new one is refused.
  bool Admit(int fd, const PeerAddress& peer);

  // Looks at every connection: forgets those that ended and cuts those that
  // broke a limit. Meant for every kSweepInterval.
  void Sweep();

  // Connections that are watched.
  size_t size() const { return watched_.size(); }
  // Where calls are counted.
  CallTable& calls() { return calls_; }

 private:
  struct Watched {
    Descriptor fd;
    PeerAddress peer;
    std::shared_ptr<ConnectionCalls> calls;
    absl::Time accepted;
    absl::Time last_busy;
    uint64_t busy_received = 0;  // at last_busy
    // Since when no message passed, and no byte of ours was taken.
    uint64_t progress = 0;
    SocketState at_progress;
    SocketState at_answer;
    absl::Time window_start;
    uint64_t window_begun = 0;
    uint64_t window_cancelled = 0;
  };
  struct Neighbour {
    size_t open = 0;
    double allowance = kNewConnectionsBurst;
    absl::Time counted;
  };
  using Table = std::map<uint64_t, Watched>;  // oldest first

  // Empty, or why a connection from `network` is refused.
  absl::string_view MakeRoom(const PeerAddress& network, absl::Time now);
  // The one that goes for a new one; end() if all must stay. Among those of
  // `network`, if it is given.
  Table::iterator Spare(const absl::optional<PeerAddress>& network,
                        absl::Time now);
  // Empty, or the limit that `one` broke.
  absl::string_view Verdict(Watched* one, const SocketState& state,
                            absl::Time now);
  absl::string_view CallsVerdict(Watched* one, absl::Time now);
  void Cut(Watched* one, absl::string_view reason, absl::Time now);
  Table::iterator Forget(Table::iterator one);
  void ForgetQuietNeighbours(absl::Time now);
  // Whether this line may still be written.
  bool MayLog();

  const ConnectionLimits limits_;
  const Clock& clock_;
  const Sockets& sockets_;
  JsonLog& log_;
  CallTable calls_;
  Table watched_;
  uint64_t next_id_ = 0;
  absl::flat_hash_map<PeerAddress, Neighbour> neighbours_;
  int lines_left_ = kMaxLinesPerSweep;
  int64_t unlogged_ = 0;
};

}  // namespace entente::broker

#endif  // ENTENTE_BROKER_RPC_CONNECTION_GUARD_H_

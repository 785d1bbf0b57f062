#include "broker/rpc/accept_loop.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include "absl/strings/str_cat.h"
#include "broker/rpc/steady_clock.h"

namespace entente::broker {
namespace {

Descriptor OpenSpare() {
  return Descriptor(open("/dev/null", O_RDONLY | O_CLOEXEC));
}

}  // namespace

absl::StatusOr<std::unique_ptr<AcceptLoop>> AcceptLoop::Start(
    ListeningSockets sockets, ConnectionGuard* guard, JsonLog* log,
    HandOver hand_over) {
  Descriptor wake(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  Descriptor spare = OpenSpare();
  if (!wake.ok() || !spare.ok()) {
    return absl::InternalError(
        absl::StrCat("cannot watch the port: ", std::strerror(errno)));
  }
  return std::unique_ptr<AcceptLoop>(
      new AcceptLoop(std::move(sockets), std::move(wake), std::move(spare),
                     guard, log, std::move(hand_over)));
}

AcceptLoop::AcceptLoop(ListeningSockets sockets, Descriptor wake,
                       Descriptor spare, ConnectionGuard* guard, JsonLog* log,
                       HandOver hand_over)
    : sockets_(std::move(sockets)),
      wake_(std::move(wake)),
      spare_(std::move(spare)),
      guard_(*guard),
      log_(*log),
      hand_over_(std::move(hand_over)),
      thread_([this] { Run(); }) {}

AcceptLoop::~AcceptLoop() {
  Tell(Wish::kEnd);
  thread_.join();
}

void AcceptLoop::StopAccepting() {
  Tell(Wish::kWatch);
  accepting_ended_.WaitForNotification();
}

void AcceptLoop::Tell(Wish wish) {
  wish_ = wish;
  const uint64_t one = 1;
  // Full means that there is news already.
  [[maybe_unused]] const ssize_t told = write(wake_.get(), &one, sizeof(one));
}

bool AcceptLoop::CloseOne(int listener) {
  if (!spare_.ok()) return false;
  spare_.Reset();
  Descriptor client(accept4(listener, nullptr, nullptr, SOCK_CLOEXEC));
  const bool closed = client.ok();
  client.Reset();
  spare_ = OpenSpare();
  return closed;
}

bool AcceptLoop::AcceptOne(int listener) {
  sockaddr_storage from = {};
  socklen_t size = sizeof(from);
  Descriptor connection(accept4(listener, reinterpret_cast<sockaddr*>(&from),
                                &size, SOCK_NONBLOCK | SOCK_CLOEXEC));
  if (!connection.ok()) {
    const int error = errno;
    if (error == EAGAIN || error == EWOULDBLOCK) return false;
    // What went wrong with this client alone.
    if (error != EMFILE && error != ENFILE && error != ENOBUFS &&
        error != ENOMEM) {
      return error == ECONNABORTED || error == EINTR || error == EPROTO;
    }
    if (!exhausted_) {
      log_.Error("cannot_accept", {{"reason", std::strerror(error)}});
    }
    exhausted_ = true;
    return CloseOne(listener);
  }
  const absl::optional<PeerAddress> peer = PeerAddress::FromSocket(from);
  if (peer.has_value() && guard_.Admit(connection.get(), *peer)) {
    hand_over_(listener, connection.Release());
  }
  return true;
}

void AcceptLoop::WaitAndAccept(absl::Duration patience) {
  std::vector<pollfd> waiting = {{wake_.get(), POLLIN, 0}};
  if (spare_.ok()) {
    for (const Descriptor& socket : sockets_.sockets) {
      waiting.push_back({socket.get(), POLLIN, 0});
    }
  }
  const int milliseconds =
      static_cast<int>(absl::ToInt64Milliseconds(patience)) + 1;
  if (poll(waiting.data(), waiting.size(), milliseconds) <= 0) return;
  if (waiting[0].revents != 0) {
    uint64_t news = 0;
    [[maybe_unused]] const ssize_t heard =
        read(wake_.get(), &news, sizeof(news));
  }
  for (size_t i = 1; i < waiting.size(); ++i) {
    if (waiting[i].revents == 0) continue;
    for (int turn = 0; turn < kMaxAcceptsPerTurn; ++turn) {
      if (wish_ != Wish::kAccept || !AcceptOne(waiting[i].fd)) break;
    }
  }
}

void AcceptLoop::Run() {
  const SteadyClock clock;
  absl::Time next_sweep = clock.Now() + kSweepInterval;
  while (wish_ != Wish::kEnd) {
    WaitAndAccept(std::max(next_sweep - clock.Now(), absl::ZeroDuration()));
    if (wish_ == Wish::kWatch && !sockets_.sockets.empty()) {
      sockets_.sockets.clear();
      accepting_ended_.Notify();
    }
    const absl::Time now = clock.Now();
    if (now < next_sweep) continue;
    next_sweep = now + kSweepInterval;
    guard_.Sweep();
    exhausted_ = false;
    if (!spare_.ok()) spare_ = OpenSpare();
  }
}

}  // namespace entente::broker

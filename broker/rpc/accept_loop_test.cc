#include "broker/rpc/accept_loop.h"

#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <array>
#include <deque>
#include <string>
#include <utility>

#include "absl/synchronization/mutex.h"
#include "broker/fake_clock.h"
#include "broker/rpc/test_log.h"
#include "broker/rpc/test_loopback.h"
#include "gtest/gtest.h"

namespace entente::broker {
namespace {

// Where the loop hands connections over.
class Arrivals {
 public:
  void Put(int connection) ABSL_LOCKS_EXCLUDED(mu_) {
    const absl::MutexLock lock(&mu_);
    here_.emplace_back(connection);
  }
  // Waits for one.
  Descriptor Take() ABSL_LOCKS_EXCLUDED(mu_) {
    const absl::MutexLock lock(&mu_);
    mu_.Await(absl::Condition(
        +[](std::deque<Descriptor>* here) { return !here->empty(); }, &here_));
    Descriptor first = std::move(here_.front());
    here_.pop_front();
    return first;
  }
  size_t size() const ABSL_LOCKS_EXCLUDED(mu_) {
    const absl::MutexLock lock(&mu_);
    return here_.size();
  }

 private:
  mutable absl::Mutex mu_;
  std::deque<Descriptor> here_ ABSL_GUARDED_BY(mu_);
};

class AcceptLoopTest : public ::testing::Test {
 protected:
  void Start(size_t most) {
    guard_ = std::make_unique<ConnectionGuard>(ConnectionLimits{most, most},
                                               &clock_, &sockets_, &log_.log());
    auto listening = Listen("127.0.0.1:0");
    ASSERT_TRUE(listening.ok()) << listening.status();
    port_ = listening->port;
    auto loop = AcceptLoop::Start(
        *std::move(listening), guard_.get(), &log_.log(),
        [this](int, int connection) { arrivals_.Put(connection); });
    ASSERT_TRUE(loop.ok()) << loop.status();
    loop_ = *std::move(loop);
  }
  void WaitForLog(absl::string_view text) { log_.WaitFor(text); }
  static PeerAddress PeerOf(const Descriptor& connection) {
    sockaddr_storage from = {};
    socklen_t size = sizeof(from);
    EXPECT_EQ(getpeername(connection.get(), reinterpret_cast<sockaddr*>(&from),
                          &size),
              0);
    return *PeerAddress::FromSocket(from);
  }

  FakeClock clock_{absl::UnixEpoch()};
  const KernelSockets sockets_{};
  TestLog log_{&clock_};
  Arrivals arrivals_;
  std::unique_ptr<ConnectionGuard> guard_;
  std::unique_ptr<AcceptLoop> loop_;
  uint16_t port_ = 0;
};

TEST_F(AcceptLoopTest, HandsOverAWorkingConnectionThatDoesNotBlock) {
  Start(4);
  const Descriptor client = ClientSocket();
  ASSERT_EQ(ConnectTo(client, port_), 0);
  const Descriptor connection = arrivals_.Take();
  EXPECT_NE(fcntl(connection.get(), F_GETFL) & O_NONBLOCK, 0);
  EXPECT_NE(fcntl(connection.get(), F_GETFD) & FD_CLOEXEC, 0);
  EXPECT_NE(guard_->calls().Find(PeerOf(connection)), nullptr);
  ASSERT_EQ(send(connection.get(), "x", 1, 0), 1);
  char byte = 0;
  EXPECT_EQ(recv(client.get(), &byte, 1, 0), 1);
}

TEST_F(AcceptLoopTest, ClosesWhatTheGuardRefuses) {
  Start(1);
  const Descriptor first = ClientSocket();
  ASSERT_EQ(ConnectTo(first, port_), 0);
  const Descriptor kept = arrivals_.Take();
  ++guard_->calls().Find(PeerOf(kept))->begun;
  const Descriptor second = ClientSocket();
  ASSERT_EQ(ConnectTo(second, port_), 0);
  EXPECT_TRUE(WaitForEnd(second));
  EXPECT_EQ(arrivals_.size(), 0u);
}

TEST_F(AcceptLoopTest, LooksAtConnectionsWithoutBeingAsked) {
  Start(4);
  const Descriptor client = ClientSocket();
  ASSERT_EQ(ConnectTo(client, port_), 0);
  Descriptor connection = arrivals_.Take();
  shutdown(connection.get(), SHUT_RDWR);
  WaitForLog("connection_without_call");
}

TEST_F(AcceptLoopTest, GoesOnAfterDescriptorsRanOut) {
  Start(100);
  // Made before there is no descriptor left.
  std::vector<Descriptor> clients;
  for (int i = 0; i < 12; ++i) clients.push_back(ClientSocket());
  rlimit before = {};
  ASSERT_EQ(getrlimit(RLIMIT_NOFILE, &before), 0);
  const Descriptor lowest(dup(0));
  // Room for two connections, each with the guard's copy.
  const rlimit few = {static_cast<rlim_t>(lowest.get()) + 5, before.rlim_max};
  ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &few), 0);
  for (size_t i = 0; i + 1 < clients.size(); ++i) {
    ASSERT_EQ(ConnectTo(clients[i], port_), 0);
  }
  Descriptor first = arrivals_.Take();
  Descriptor second = arrivals_.Take();
  // All the others are let go, though there is nothing to accept them with.
  for (size_t i = 2; i + 1 < clients.size(); ++i) {
    EXPECT_TRUE(WaitForEnd(clients[i])) << i;
  }
  WaitForLog("cannot_accept");
  // Two end, and the next is served.
  for (Descriptor* ended : {&first, &second}) {
    shutdown(ended->get(), SHUT_RDWR);
    ended->Reset();
  }
  WaitForLog("connection_without_call");
  ASSERT_EQ(ConnectTo(clients.back(), port_), 0);
  EXPECT_TRUE(arrivals_.Take().ok());
  ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &before), 0);
}

TEST_F(AcceptLoopTest, AfterStopAcceptingThePortIsClosedAndTheGuardGoesOn) {
  Start(4);
  const Descriptor client = ClientSocket();
  ASSERT_EQ(ConnectTo(client, port_), 0);
  Descriptor connection = arrivals_.Take();
  loop_->StopAccepting();
  EXPECT_EQ(ConnectTo(ClientSocket(), port_), ECONNREFUSED);
  shutdown(connection.get(), SHUT_RDWR);
  WaitForLog("connection_without_call");
}

TEST_F(AcceptLoopTest, EndsWithOpenConnections) {
  Start(4);
  const Descriptor client = ClientSocket();
  ASSERT_EQ(ConnectTo(client, port_), 0);
  const Descriptor connection = arrivals_.Take();
  loop_.reset();
  ASSERT_EQ(send(connection.get(), "x", 1, 0), 1);
  EXPECT_FALSE(WaitForEnd(client));
}

}  // namespace
}  // namespace entente::broker

#include "broker/rpc/connection_guard.h"

#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <map>
#include <string>

#include "absl/strings/str_cat.h"
#include "broker/fake_clock.h"
#include "broker/rpc/test_log.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace entente::broker {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

// What tests say about sockets, by what the descriptors share.
class FakeSockets final : public Sockets {
 public:
  static uint64_t Inode(int fd) {
    struct stat about = {};
    EXPECT_EQ(fstat(fd, &about), 0);
    return about.st_ino;
  }
  SocketState Look(int fd) const override {
    const auto found = states.find(Inode(fd));
    return found == states.end() ? SocketState() : found->second;
  }
  void Cut(int fd) const override { states[Inode(fd)].open = false; }

  mutable std::map<uint64_t, SocketState> states;
};

// Divides kMaxBytesWithoutProgress, and is less than may go unanswered.
constexpr uint64_t kStepBytes = 256 << 10;

PeerAddress Peer(int host, int port = 1000) {
  return *PeerAddress::FromGrpc(absl::StrCat("ipv4:192.0.2.", host, ":", port));
}

class ConnectionGuardTest : public ::testing::Test {
 protected:
  // One end of a pair that stands for a connection.
  class Line {
   public:
    Line(FakeSockets* sockets, PeerAddress from)
        : peer(from), sockets_(*sockets) {
      std::array<int, 2> ends = {};
      EXPECT_EQ(socketpair(AF_UNIX, SOCK_STREAM, 0, ends.data()), 0);
      fd_ = Descriptor(ends[0]);
      other_ = Descriptor(ends[1]);
      state().open = true;
    }
    ~Line() { sockets_.states.erase(FakeSockets::Inode(fd_.get())); }
    int fd() const { return fd_.get(); }
    SocketState& state() {
      return sockets_.states[FakeSockets::Inode(fd_.get())];
    }
    bool open() { return state().open; }

    const PeerAddress peer;

   private:
    FakeSockets& sockets_;
    Descriptor fd_;
    Descriptor other_;
  };

  std::unique_ptr<Line> Connect(ConnectionGuard* guard, PeerAddress from) {
    auto line = std::make_unique<Line>(&sockets_, from);
    return guard->Admit(line->fd(), from) ? std::move(line) : nullptr;
  }
  std::string Log() { return log_.Read(); }
  ConnectionGuard Guard(size_t most = 8, size_t most_per_address = 8) {
    return ConnectionGuard({most, most_per_address}, &clock_, &sockets_,
                           &log_.log());
  }

  FakeClock clock_{absl::UnixEpoch() + absl::Hours(1)};
  FakeSockets sockets_;
  TestLog log_{&clock_};
};

TEST_F(ConnectionGuardTest, TheOldestWithoutACallMakesRoom) {
  ConnectionGuard guard = Guard(3);
  auto first = Connect(&guard, Peer(1));
  auto second = Connect(&guard, Peer(2));
  auto third = Connect(&guard, Peer(3));
  ++guard.calls().Find(first->peer)->begun;
  auto fourth = Connect(&guard, Peer(4));
  ASSERT_NE(fourth, nullptr);
  EXPECT_TRUE(first->open());
  EXPECT_FALSE(second->open());
  EXPECT_TRUE(third->open());
  EXPECT_EQ(guard.size(), 3u);
  EXPECT_EQ(guard.calls().Find(second->peer), nullptr);
  const std::string log = Log();
  EXPECT_THAT(log, HasSubstr("\"connection_cut\",\"address\":\"192.0.2.2:1000\""
                             ",\"reason\":\"made_room\""));
}

TEST_F(ConnectionGuardTest, ThenTheOneLongestIdleAndThenNone) {
  ConnectionGuard guard = Guard(2);
  auto busy = Connect(&guard, Peer(1));
  auto idle = Connect(&guard, Peer(2));
  const auto busy_calls = guard.calls().Find(busy->peer);
  ++busy_calls->begun;
  ++busy_calls->open;
  ++guard.calls().Find(idle->peer)->begun;
  clock_.Advance(kSpareTime - absl::Milliseconds(1));
  guard.Sweep();
  EXPECT_EQ(Connect(&guard, Peer(3)), nullptr);
  EXPECT_THAT(Log(), HasSubstr("\"connection_refused\",\"address\":"
                               "\"192.0.2.3:1000\",\"reason\":\"too_many\""));
  clock_.Advance(absl::Milliseconds(1));
  EXPECT_NE(Connect(&guard, Peer(4)), nullptr);
  EXPECT_FALSE(idle->open());
  EXPECT_TRUE(busy->open());
}

TEST_F(ConnectionGuardTest, OneAddressCannotDriveOutOthers) {
  ConnectionGuard guard = Guard(8, 2);
  auto honest = Connect(&guard, Peer(1));
  auto first = Connect(&guard, Peer(2, 1));
  auto second = Connect(&guard, Peer(2, 2));
  auto third = Connect(&guard, Peer(2, 3));
  ASSERT_NE(third, nullptr);
  EXPECT_TRUE(honest->open());
  EXPECT_FALSE(first->open());
  EXPECT_TRUE(second->open());
  for (const auto* line : {&second, &third}) {
    ++guard.calls().Find((*line)->peer)->begun;
  }
  EXPECT_EQ(Connect(&guard, Peer(2, 4)), nullptr);
  EXPECT_THAT(Log(), HasSubstr("too_many_from_address"));
  EXPECT_EQ(guard.size(), 3u);
  second->state().open = false;
  guard.Sweep();
  EXPECT_NE(Connect(&guard, Peer(2, 5)), nullptr);
}

TEST_F(ConnectionGuardTest, OneAddressConnectsOnlySoFast) {
  ConnectionGuard guard = Guard(10'000, 10'000);
  std::vector<std::unique_ptr<Line>> lines;
  const int burst = static_cast<int>(kNewConnectionsBurst);
  for (int i = 0; i < burst; ++i) {
    lines.push_back(Connect(&guard, Peer(1, i)));
    ASSERT_NE(lines.back(), nullptr) << i;
  }
  EXPECT_EQ(Connect(&guard, Peer(1, burst)), nullptr);
  EXPECT_THAT(Log(), HasSubstr("too_fast"));
  EXPECT_NE(Connect(&guard, Peer(2)), nullptr);
  // One more for each part of a second, also when nobody is connected.
  lines.clear();
  guard.Sweep();
  clock_.Advance(absl::Seconds(1.01 / kNewConnectionsPerSecond));
  guard.Sweep();
  EXPECT_NE(Connect(&guard, Peer(1)), nullptr);
  EXPECT_EQ(Connect(&guard, Peer(1, 2)), nullptr);
  clock_.Advance(absl::Hours(1));
  guard.Sweep();
  for (int i = 0; i < burst; ++i) {
    lines.push_back(Connect(&guard, Peer(1, i)));
    ASSERT_NE(lines.back(), nullptr) << i;
  }
  EXPECT_EQ(Connect(&guard, Peer(1, burst)), nullptr);
}

TEST_F(ConnectionGuardTest, CutsWhoSendsMuchWithoutAnAnswer) {
  ConnectionGuard guard = Guard();
  auto line = Connect(&guard, Peer(1));
  line->state().received = kMaxUnansweredBytes;
  guard.Sweep();
  EXPECT_TRUE(line->open());
  // An answer of one byte, or a message, begins anew.
  line->state().answered = 1;
  guard.Sweep();
  line->state().received += kMaxUnansweredBytes;
  guard.Sweep();
  ++guard.calls().Find(line->peer)->progress;
  guard.Sweep();
  line->state().received += kMaxUnansweredBytes;
  guard.Sweep();
  EXPECT_TRUE(line->open());
  line->state().received += 1;
  guard.Sweep();
  EXPECT_FALSE(line->open());
  EXPECT_THAT(Log(), HasSubstr("\"unanswered_bytes\""));
  EXPECT_EQ(guard.size(), 0u);
}

TEST_F(ConnectionGuardTest, CutsWhoSendsMuchAndCallsNothing) {
  ConnectionGuard guard = Guard();
  auto line = Connect(&guard, Peer(1));
  while (line->state().received < kMaxBytesWithoutProgress) {
    line->state().received += kStepBytes;
    line->state().answered += 100;
    guard.Sweep();
  }
  ASSERT_TRUE(line->open());
  line->state().received += 1;
  line->state().answered += 100;
  guard.Sweep();
  EXPECT_FALSE(line->open());
  EXPECT_THAT(Log(), HasSubstr("\"no_progress\""));
}

TEST_F(ConnectionGuardTest, MessagesKeepAnUploadGoing) {
  ConnectionGuard guard = Guard();
  auto line = Connect(&guard, Peer(1));
  for (uint64_t sent = 0; sent < 3 * kMaxBytesWithoutProgress;
       sent += kStepBytes) {
    line->state().received += kStepBytes;
    line->state().answered += 100;
    if (sent % kMaxRequestBytes == 0) {
      ++guard.calls().Find(line->peer)->progress;
    }
    guard.Sweep();
  }
  EXPECT_TRUE(line->open());
}

TEST_F(ConnectionGuardTest, CutsWhoIsRefusedCallAfterCall) {
  ConnectionGuard guard = Guard();
  auto line = Connect(&guard, Peer(1));
  line->state().received = kMaxRefusedBytes;
  line->state().answered = kMaxRefusedBytes;
  guard.Sweep();
  EXPECT_TRUE(line->open());
  line->state().received += kRefusedRatio;
  line->state().answered += 1;
  guard.Sweep();
  EXPECT_FALSE(line->open());
  EXPECT_THAT(Log(), HasSubstr("\"refused_calls\""));
}

TEST_F(ConnectionGuardTest, CutsWhoMakesNoFirstCall) {
  ConnectionGuard guard = Guard();
  auto silent = Connect(&guard, Peer(1));
  auto slow = Connect(&guard, Peer(2));
  clock_.Advance(kFirstCallTime - absl::Milliseconds(1));
  slow->state().received += kBusyBytes;
  guard.Sweep();
  EXPECT_TRUE(silent->open());
  silent->state().received += kBusyBytes - 1;
  clock_.Advance(absl::Milliseconds(1));
  guard.Sweep();
  EXPECT_FALSE(silent->open());
  EXPECT_TRUE(slow->open());
  EXPECT_THAT(Log(), HasSubstr("\"no_first_call\",\"seconds\":60"));
}

TEST_F(ConnectionGuardTest, CutsTheIdleAndNeverAnOpenCall) {
  ConnectionGuard guard = Guard();
  auto idle = Connect(&guard, Peer(1));
  auto waiting = Connect(&guard, Peer(2));
  ++guard.calls().Find(idle->peer)->begun;
  ++guard.calls().Find(waiting->peer)->begun;
  ++guard.calls().Find(waiting->peer)->open;
  guard.Sweep();
  clock_.Advance(kIdleTime - absl::Milliseconds(1));
  guard.Sweep();
  EXPECT_TRUE(idle->open());
  clock_.Advance(absl::Milliseconds(1));
  guard.Sweep();
  EXPECT_FALSE(idle->open());
  EXPECT_THAT(Log(), HasSubstr("\"idle\""));
  clock_.Advance(absl::Hours(24));
  guard.Sweep();
  EXPECT_TRUE(waiting->open());
}

TEST_F(ConnectionGuardTest, BoundsCallsAndThoseTakenBack) {
  ConnectionGuard guard = Guard();
  const struct {
    std::atomic<uint64_t> ConnectionCalls::*counter;
    uint64_t most;
    const char* reason;
  } cases[] = {
      {&ConnectionCalls::begun, kMaxCallsPerWindow, "\"too_many_calls\""},
      {&ConnectionCalls::cancelled, kMaxCancelledPerWindow,
       "\"too_many_cancelled\""},
  };
  for (const auto& one : cases) {
    auto line = Connect(&guard, Peer(1));
    auto& counter = *guard.calls().Find(line->peer).*one.counter;
    counter += one.most;
    guard.Sweep();
    clock_.Advance(kCallWindow);
    guard.Sweep();
    counter += one.most;
    guard.Sweep();
    EXPECT_TRUE(line->open()) << one.reason;
    ++counter;
    guard.Sweep();
    EXPECT_FALSE(line->open()) << one.reason;
    EXPECT_THAT(Log(), HasSubstr(one.reason));
  }
}

TEST_F(ConnectionGuardTest, ForgetsWhatEndedAndNamesWhoNeverCalled) {
  ConnectionGuard guard = Guard();
  auto stranger = Connect(&guard, Peer(1));
  auto client = Connect(&guard, Peer(2));
  ++guard.calls().Find(client->peer)->begun;
  stranger->state().received = 517;
  stranger->state().open = client->state().open = false;
  clock_.Advance(absl::Seconds(3));
  guard.Sweep();
  EXPECT_EQ(guard.size(), 0u);
  EXPECT_EQ(guard.calls().Find(stranger->peer), nullptr);
  const std::string log = Log();
  EXPECT_THAT(log, HasSubstr("\"connection_without_call\",\"address\":"
                             "\"192.0.2.1:1000\",\"seconds\":3,"
                             "\"received_bytes\":517"));
  EXPECT_THAT(log, Not(HasSubstr("192.0.2.2")));
}

TEST_F(ConnectionGuardTest, AFloodDoesNotFillTheLog) {
  ConnectionGuard guard = Guard(20, 20);
  std::vector<std::unique_ptr<Line>> lines;
  for (int i = 0; i < kMaxLinesPerSweep + 7; ++i) {
    lines.push_back(Connect(&guard, Peer(1, i)));
    lines.back()->state().open = false;
  }
  guard.Sweep();
  const std::string log = Log();
  EXPECT_EQ(std::count(log.begin(), log.end(), '\n'), kMaxLinesPerSweep + 1);
  EXPECT_THAT(log, HasSubstr("\"connections_unlogged\",\"count\":7"));
  guard.Sweep();
  EXPECT_EQ(Log(), "");
}

TEST_F(ConnectionGuardTest, RefusesWhatCannotBeWatched) {
  ConnectionGuard guard = Guard();
  EXPECT_FALSE(guard.Admit(-1, Peer(1)));
  EXPECT_THAT(Log(), HasSubstr("\"no_descriptor\""));
  EXPECT_EQ(guard.size(), 0u);
}

TEST(CallTable, TheLaterConnectionOfAPeerStays) {
  CallTable table;
  const auto early = table.Add(Peer(1));
  const auto late = table.Add(Peer(1));
  table.Remove(Peer(1), early.get());
  EXPECT_EQ(table.Find(Peer(1)), late);
  table.Remove(Peer(1), late.get());
  EXPECT_EQ(table.Find(Peer(1)), nullptr);
}

TEST(ConnectionsFor, LeavesDescriptorsForTheRest) {
  EXPECT_EQ(ConnectionsFor(1 << 20, 1024), 1024u);
  EXPECT_EQ(ConnectionsFor(128, 1024), (128 - kReservedDescriptors) / 2);
  EXPECT_EQ(ConnectionsFor(kReservedDescriptors, 1024), 1u);
  EXPECT_EQ(ConnectionsFor(0, 1024), 1u);
}

}  // namespace
}  // namespace entente::broker

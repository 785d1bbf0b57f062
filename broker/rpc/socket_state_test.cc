#include "broker/rpc/socket_state.h"

#include <poll.h>

#include <array>
#include <string>

#include "broker/rpc/listening_socket.h"
#include "broker/rpc/test_loopback.h"
#include "gtest/gtest.h"

namespace entente::broker {
namespace {

class KernelSocketsTest : public ::testing::Test {
 protected:
  void SetUp() override {
    const auto listening = Listen("127.0.0.1:0");
    ASSERT_TRUE(listening.ok());
    client_ = ClientSocket();
    ASSERT_EQ(ConnectTo(client_, listening->port), 0);
    server_ =
        Descriptor(accept(listening->sockets.front().get(), nullptr, nullptr));
    ASSERT_TRUE(server_.ok());
  }
  static void Send(const Descriptor& from, const Descriptor& to, size_t bytes) {
    const std::string text(bytes, 'x');
    ASSERT_EQ(send(from.get(), text.data(), bytes, 0),
              static_cast<ssize_t>(bytes));
    pollfd there = {to.get(), POLLIN, 0};
    ASSERT_EQ(poll(&there, 1, -1), 1);
  }

  const KernelSockets sockets_{};
  Descriptor client_;
  Descriptor server_;
};

TEST_F(KernelSocketsTest, CountsBytesBothWaysReadOrNot) {
  SocketState state = sockets_.Look(server_.get());
  EXPECT_TRUE(state.open);
  EXPECT_EQ(state.received, 0u);
  const uint64_t before = state.answered;
  Send(client_, server_, 1000);
  Send(server_, client_, 10);
  // The acknowledgement comes with the next bytes, if not before.
  Send(client_, server_, 1);
  state = sockets_.Look(server_.get());
  EXPECT_EQ(state.received, 1001u);
  EXPECT_EQ(state.answered - before, 10u);
}

TEST_F(KernelSocketsTest, CutEndsItForEveryHolder) {
  const Descriptor copy(dup(server_.get()));
  sockets_.Cut(copy.get());
  EXPECT_TRUE(WaitForEnd(client_));
  EXPECT_FALSE(sockets_.Look(copy.get()).open);
  EXPECT_FALSE(sockets_.Look(server_.get()).open);
}

TEST_F(KernelSocketsTest, CutThrowsAwayWhatNobodyRead) {
  const Descriptor copy(dup(server_.get()));
  Send(client_, server_, 50'000);
  sockets_.Cut(copy.get());
  char byte = 0;
  EXPECT_EQ(recv(server_.get(), &byte, 1, 0), 0);
}

TEST_F(KernelSocketsTest, WhatThePeerEndedIsOpenUntilWeEndItToo) {
  client_.Reset();
  EXPECT_TRUE(WaitForEnd(server_));
  EXPECT_TRUE(sockets_.Look(server_.get()).open);
  shutdown(server_.get(), SHUT_RDWR);
  EXPECT_FALSE(sockets_.Look(server_.get()).open);
}

TEST_F(KernelSocketsTest, OtherDescriptorsAreNotOpen) {
  std::array<int, 2> ends = {};
  ASSERT_EQ(socketpair(AF_UNIX, SOCK_STREAM, 0, ends.data()), 0);
  const Descriptor first(ends[0]);
  const Descriptor second(ends[1]);
  EXPECT_FALSE(sockets_.Look(first.get()).open);
  EXPECT_FALSE(sockets_.Look(-1).open);
}

}  // namespace
}  // namespace entente::broker

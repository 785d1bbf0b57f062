#include "broker/rpc/listening_socket.h"

#include <netinet/tcp.h>

#include "absl/strings/str_cat.h"
#include "broker/rpc/test_loopback.h"
#include "gtest/gtest.h"

namespace entente::broker {
namespace {

Descriptor Accept(const ListeningSockets& listening) {
  return Descriptor(accept(listening.sockets.front().get(), nullptr, nullptr));
}

TEST(Listen, TakesAnyPortAndSaysWhich) {
  const auto listening = Listen("127.0.0.1:0");
  ASSERT_TRUE(listening.ok()) << listening.status();
  EXPECT_NE(listening->port, 0);
  const Descriptor client = ClientSocket();
  ASSERT_EQ(ConnectTo(client, listening->port), 0);
  const Descriptor accepted = Accept(*listening);
  ASSERT_TRUE(accepted.ok());
  int without_delay = 0;
  socklen_t size = sizeof(without_delay);
  getsockopt(accepted.get(), IPPROTO_TCP, TCP_NODELAY, &without_delay, &size);
  EXPECT_NE(without_delay, 0);
}

TEST(Listen, DoesNotWaitInAccept) {
  const auto listening = Listen("127.0.0.1:0");
  ASSERT_TRUE(listening.ok());
  EXPECT_FALSE(Accept(*listening).ok());
  EXPECT_EQ(errno, EAGAIN);
}

TEST(Listen, SharesItsPortWithNobody) {
  const auto first = Listen("127.0.0.1:0");
  ASSERT_TRUE(first.ok());
  const auto second = Listen(absl::StrCat("127.0.0.1:", first->port));
  EXPECT_EQ(second.status().code(), absl::StatusCode::kUnavailable);
}

TEST(Listen, AnyIpV6AddressMeansIpV4Too) {
  const auto listening = Listen("[::]:0");
  if (!listening.ok()) GTEST_SKIP() << "no IPv6 here: " << listening.status();
  for (const int family : {AF_INET, AF_INET6}) {
    const Descriptor client = ClientSocket(family);
    EXPECT_EQ(ConnectTo(client, listening->port, family), 0);
    EXPECT_TRUE(Accept(*listening).ok());
  }
}

TEST(Listen, ANameMayStandForSeveralAddressesOnOnePort) {
  const auto listening = Listen("localhost:0");
  ASSERT_TRUE(listening.ok()) << listening.status();
  const Descriptor client = ClientSocket();
  EXPECT_EQ(ConnectTo(client, listening->port), 0);
}

TEST(Listen, RefusesWhatIsNotHere) {
  for (const char* text : {"", "127.0.0.1", ":80", "127.0.0.1:x",
                           "127.0.0.1:65536", "127.0.0.1:-1"}) {
    EXPECT_EQ(Listen(text).status().code(), absl::StatusCode::kInvalidArgument)
        << text;
  }
  // Reserved for documentation: no machine has it.
  EXPECT_EQ(Listen("192.0.2.1:0").status().code(),
            absl::StatusCode::kUnavailable);
  EXPECT_EQ(Listen("[::1::2]:0").status().code(),
            absl::StatusCode::kInvalidArgument);
}

}  // namespace
}  // namespace entente::broker

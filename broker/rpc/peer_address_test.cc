#include "broker/rpc/peer_address.h"

#include <arpa/inet.h>
#include <netinet/in.h>

#include <cstring>

#include "absl/hash/hash_testing.h"
#include "gtest/gtest.h"

namespace entente::broker {
namespace {

sockaddr_storage V4(const char* ip, uint16_t port) {
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  EXPECT_EQ(inet_pton(AF_INET, ip, &address.sin_addr), 1);
  sockaddr_storage storage = {};
  std::memcpy(&storage, &address, sizeof(address));
  return storage;
}

sockaddr_storage V6(const char* ip, uint16_t port) {
  sockaddr_in6 address = {};
  address.sin6_family = AF_INET6;
  address.sin6_port = htons(port);
  EXPECT_EQ(inet_pton(AF_INET6, ip, &address.sin6_addr), 1);
  sockaddr_storage storage = {};
  std::memcpy(&storage, &address, sizeof(address));
  return storage;
}

TEST(PeerAddress, IsTheSameFromTheSocketAndFromGrpc) {
  const struct {
    sockaddr_storage socket;
    const char* grpc;
    const char* text;
  } cases[] = {
      {V4("192.0.2.7", 65535), "ipv4:192.0.2.7:65535", "192.0.2.7:65535"},
      {V6("::1", 80), "ipv6:%5B::1%5D:80", "[::1]:80"},
      {V6("::1", 80), "ipv6:[::1]:80", "[::1]:80"},
      {V6("2001:db8::5", 1), "ipv6:%5b2001:db8::5%5d:1", "[2001:db8::5]:1"},
      {V6("fe80::9", 2), "ipv6:%5Bfe80::9%25eth0%5D:2", "[fe80::9]:2"},
      {V6("::ffff:192.0.2.7", 9), "ipv4:192.0.2.7:9", "192.0.2.7:9"},
  };
  for (const auto& one : cases) {
    const auto socket = PeerAddress::FromSocket(one.socket);
    const auto grpc = PeerAddress::FromGrpc(one.grpc);
    ASSERT_TRUE(socket.has_value()) << one.grpc;
    ASSERT_TRUE(grpc.has_value()) << one.grpc;
    EXPECT_EQ(*socket, *grpc) << one.grpc;
    EXPECT_EQ(grpc->ToString(), one.text);
  }
}

TEST(PeerAddress, RefusesOtherText) {
  for (const char* text :
       {"", "unix:/tmp/x", "ipv4:", "ipv4:1.2.3:4", "ipv4:1.2.3.4",
        "ipv4:1.2.3.4:", "ipv4:1.2.3.4:65536", "ipv4:1.2.3.4:-1", "ipv6:::1:80",
        "ipv6:[]:80", "ipv6:[::1:80", "ipv6:[1.2.3.4]:80", "1.2.3.4:80"}) {
    EXPECT_FALSE(PeerAddress::FromGrpc(text).has_value()) << text;
  }
  sockaddr_storage local = {};
  local.ss_family = AF_UNIX;
  EXPECT_FALSE(PeerAddress::FromSocket(local).has_value());
}

TEST(PeerAddress, AHostIsOneNeighbourWhateverItsPort) {
  const auto network = [](const char* peer) {
    return PeerAddress::FromGrpc(peer)->Network();
  };
  EXPECT_EQ(network("ipv4:192.0.2.7:1"), network("ipv4:192.0.2.7:2"));
  EXPECT_FALSE(network("ipv4:192.0.2.7:1") == network("ipv4:192.0.2.8:1"));
  EXPECT_EQ(network("ipv6:[2001:db8::1]:1"),
            network("ipv6:[2001:db8::ffff:1:2]:7"));
  EXPECT_FALSE(network("ipv6:[2001:db8::1]:1") ==
               network("ipv6:[2001:db8:0:1::1]:1"));
}

TEST(PeerAddress, HashesByAllOfIt) {
  EXPECT_TRUE(absl::VerifyTypeImplementsAbslHashCorrectly(
      {PeerAddress(), *PeerAddress::FromGrpc("ipv4:192.0.2.7:1"),
       *PeerAddress::FromGrpc("ipv4:192.0.2.7:2"),
       *PeerAddress::FromGrpc("ipv6:[::1]:1")}));
}

}  // namespace
}  // namespace entente::broker

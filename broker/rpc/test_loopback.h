// Loopback clients, as tests of the port need them.
#ifndef ENTENTE_BROKER_RPC_TEST_LOOPBACK_H_
#define ENTENTE_BROKER_RPC_TEST_LOOPBACK_H_

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <cerrno>
#include <cstdint>

#include "broker/rpc/descriptor.h"
#include "gtest/gtest.h"

namespace entente::broker {

// A TCP socket that is not connected yet.
inline Descriptor ClientSocket(int family = AF_INET) {
  Descriptor fd(socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0));
  EXPECT_TRUE(fd.ok());
  return fd;
}

// Connects to 127.0.0.1 (or ::1); 0 or errno.
inline int ConnectTo(const Descriptor& client, uint16_t port,
                     int family = AF_INET) {
  sockaddr_in v4 = {};
  v4.sin_family = AF_INET;
  v4.sin_port = htons(port);
  v4.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  sockaddr_in6 v6 = {};
  v6.sin6_family = AF_INET6;
  v6.sin6_port = htons(port);
  v6.sin6_addr = in6addr_loopback;
  const int result =
      family == AF_INET
          ? connect(client.get(), reinterpret_cast<sockaddr*>(&v4), sizeof(v4))
          : connect(client.get(), reinterpret_cast<sockaddr*>(&v6), sizeof(v6));
  return result == 0 ? 0 : errno;
}

// Waits until the other end closes, and returns whether it sent nothing.
inline bool WaitForEnd(const Descriptor& client) {
  char byte = 0;
  return recv(client.get(), &byte, 1, 0) <= 0;
}

}  // namespace entente::broker

#endif  // ENTENTE_BROKER_RPC_TEST_LOOPBACK_H_

// Every limit on connections, in one place.
#ifndef ENTENTE_BROKER_RPC_CONNECTION_LIMITS_H_
#define ENTENTE_BROKER_RPC_CONNECTION_LIMITS_H_

#include <cstddef>
#include <cstdint>

#include "absl/time/time.h"

namespace entente::broker {

// The largest request: a chunk of 1 MiB with its header.
inline constexpr int kMaxRequestBytes = 2 << 20;
inline constexpr int kMaxMetadataBytes = 8 << 10;

// Connections at once, in all. An idle one costs gRPC about 105 KiB once its
// handshake is done, so this bounds what idle ones cost at about 110 MiB.
inline constexpr int kMaxConnections = 1024;
// From one IPv4 address or one IPv6 network of 64 bits, so that one host
// cannot take all.
inline constexpr int kMaxConnectionsPerAddress = 256;
// From one address, at once after a quiet time and then each second: a TLS
// handshake costs about 2.6 ms of a core.
inline constexpr double kNewConnectionsBurst = 512;
inline constexpr double kNewConnectionsPerSecond = 64;
// Descriptors of the store, the log and the event loops. Each connection takes
// kDescriptorsPerConnection of the others: gRPC's and the guard's.
inline constexpr uint64_t kReservedDescriptors = 64;
inline constexpr uint64_t kDescriptorsPerConnection = 2;

// Time for TLS and the HTTP/2 greeting, however slowly the bytes come. gRPC's
// own timer.
inline constexpr int kHandshakeTimeoutMs = 3000;
// Time for the first call after the connection was accepted.
inline constexpr absl::Duration kFirstCallTime = absl::Seconds(60);
// Time without an open call before a connection is told to go, by GOAWAY.
inline constexpr int kIdleGoAwayMs = 300000;
// The same, for those that do not go.
inline constexpr absl::Duration kIdleTime = absl::Seconds(360);
// Fewer bytes than these do not count as being busy.
inline constexpr uint64_t kBusyBytes = 16 << 10;
// A connection idle for this long may have to make room for a new one.
inline constexpr absl::Duration kSpareTime = absl::Seconds(10);

// What a client may send while the broker sends nothing at all: one of the
// largest requests. Whoever has many under way waits for window updates (with
// 32 chunks at once over slow links, 1 MiB was the most that was seen); an
// endless header does not, and gRPC's time for it grows with the square of its
// length.
inline constexpr uint64_t kMaxUnansweredBytes = kMaxRequestBytes + (256 << 10);
// What a client may send while no message and no answer passes: 32 of the
// largest requests at once.
inline constexpr uint64_t kMaxBytesWithoutProgress = 32ULL * kMaxRequestBytes;
// What it may send if the broker sends back one byte or more for every
// kRefusedRatio: it is being refused, call after call.
inline constexpr uint64_t kMaxRefusedBytes = 256 << 10;
inline constexpr uint64_t kRefusedRatio = 8;

// Calls that one connection may begin, and take back or let time out, in
// kCallWindow.
inline constexpr absl::Duration kCallWindow = absl::Seconds(10);
inline constexpr uint64_t kMaxCallsPerWindow = 200'000;
inline constexpr uint64_t kMaxCancelledPerWindow = 2'000;

// How often the guard looks at every connection, each time at the cost of one
// system call for each. A flood of resets makes gRPC hold up to 0.3 MiB more
// for each millisecond until then.
inline constexpr absl::Duration kSweepInterval = absl::Milliseconds(50);
// Lines that one look may write to the log; the rest is counted.
inline constexpr int kMaxLinesPerSweep = 2;
// Connections that the kernel holds for us, and that one turn accepts.
inline constexpr int kListenBacklog = 1024;
inline constexpr int kMaxAcceptsPerTurn = 64;

// The limits that an operator can set.
struct ConnectionLimits {
  size_t max_connections = kMaxConnections;
  size_t max_per_address = kMaxConnectionsPerAddress;
};

// How many connections `descriptors` (the process's limit) can carry: never
// more than `wanted`, and never fewer than 1.
constexpr size_t ConnectionsFor(uint64_t descriptors, size_t wanted) {
  const uint64_t free = descriptors > kReservedDescriptors
                            ? descriptors - kReservedDescriptors
                            : 0;
  const uint64_t possible = free / kDescriptorsPerConnection;
  if (possible < 1) return 1;
  return possible < wanted ? static_cast<size_t>(possible) : wanted;
}

}  // namespace entente::broker

#endif  // ENTENTE_BROKER_RPC_CONNECTION_LIMITS_H_

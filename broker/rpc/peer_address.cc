#include "broker/rpc/peer_address.h"

#include <arpa/inet.h>
#include <netinet/in.h>

#include <algorithm>
#include <cstring>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/strip.h"

namespace entente::broker {
namespace {

constexpr std::array<uint8_t, 12> kMappedPrefix = {0, 0, 0, 0, 0,    0,
                                                   0, 0, 0, 0, 0xff, 0xff};

std::array<uint8_t, 16> Mapped(const in_addr& address) {
  std::array<uint8_t, 16> ip = {};
  std::copy(kMappedPrefix.begin(), kMappedPrefix.end(), ip.begin());
  std::memcpy(ip.data() + kMappedPrefix.size(), &address, sizeof(address));
  return ip;
}

}  // namespace

absl::optional<PeerAddress> PeerAddress::FromSocket(
    const sockaddr_storage& from) {
  PeerAddress peer;
  if (from.ss_family == AF_INET) {
    sockaddr_in v4 = {};
    std::memcpy(&v4, &from, sizeof(v4));
    peer.ip = Mapped(v4.sin_addr);
    peer.port = ntohs(v4.sin_port);
    return peer;
  }
  if (from.ss_family == AF_INET6) {
    sockaddr_in6 v6 = {};
    std::memcpy(&v6, &from, sizeof(v6));
    std::memcpy(peer.ip.data(), &v6.sin6_addr, peer.ip.size());
    peer.port = ntohs(v6.sin6_port);
    return peer;
  }
  return absl::nullopt;
}

absl::optional<PeerAddress> PeerAddress::FromGrpc(absl::string_view text) {
  PeerAddress peer;
  const bool is_v4 = absl::ConsumePrefix(&text, "ipv4:");
  if (!is_v4 && !absl::ConsumePrefix(&text, "ipv6:")) return absl::nullopt;
  const size_t colon = text.rfind(':');
  int port = 0;
  if (colon == absl::string_view::npos ||
      !absl::SimpleAtoi(text.substr(colon + 1), &port) || port < 0 ||
      port > 65535) {
    return absl::nullopt;
  }
  peer.port = static_cast<uint16_t>(port);
  std::string host(text.substr(0, colon));
  if (is_v4) {
    in_addr v4 = {};
    if (inet_pton(AF_INET, host.c_str(), &v4) != 1) return absl::nullopt;
    peer.ip = Mapped(v4);
    return peer;
  }
  host = absl::StrReplaceAll(
      host, {{"%5B", "["}, {"%5b", "["}, {"%5D", "]"}, {"%5d", "]"}});
  if (host.size() < 2 || host.front() != '[' || host.back() != ']') {
    return absl::nullopt;
  }
  host = host.substr(1, host.size() - 2);
  host = host.substr(0, host.find('%'));
  if (inet_pton(AF_INET6, host.c_str(), peer.ip.data()) != 1) {
    return absl::nullopt;
  }
  return peer;
}

bool PeerAddress::IsMapped() const {
  return std::equal(kMappedPrefix.begin(), kMappedPrefix.end(), ip.begin());
}

PeerAddress PeerAddress::Network() const {
  PeerAddress network = *this;
  network.port = 0;
  if (!IsMapped()) std::fill(network.ip.begin() + 8, network.ip.end(), 0);
  return network;
}

std::string PeerAddress::ToString() const {
  std::array<char, INET6_ADDRSTRLEN> text = {};
  if (IsMapped()) {
    inet_ntop(AF_INET, ip.data() + kMappedPrefix.size(), text.data(),
              text.size());
    return absl::StrCat(text.data(), ":", port);
  }
  inet_ntop(AF_INET6, ip.data(), text.data(), text.size());
  return absl::StrCat("[", text.data(), "]:", port);
}

}  // namespace entente::broker

#include "broker/loopback.h"

#include <arpa/inet.h>
#include <netinet/in.h>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"

namespace entente::broker {
namespace {

absl::Status NotLoopback() {
  return absl::InvalidArgumentError(
      "must be a loopback address in numbers and a port, as 127.0.0.1:9464 or "
      "[::1]:9464; there is nothing to authenticate whoever asks");
}

bool IsLoopbackV4(const std::string& host) {
  in_addr address = {};
  return inet_pton(AF_INET, host.c_str(), &address) == 1 &&
         (ntohl(address.s_addr) >> 24) == 127;
}

bool IsLoopbackV6(const std::string& host) {
  in6_addr address = {};
  return inet_pton(AF_INET6, host.c_str(), &address) == 1 &&
         IN6_IS_ADDR_LOOPBACK(&address);
}

bool IsDecimal(absl::string_view text) {
  for (const char c : text) {
    if (!absl::ascii_isdigit(static_cast<unsigned char>(c))) return false;
  }
  return !text.empty();
}

}  // namespace

absl::StatusOr<LoopbackAddress> ParseLoopback(absl::string_view text) {
  const size_t colon = text.rfind(':');
  if (colon == absl::string_view::npos) return NotLoopback();
  const absl::string_view number = text.substr(colon + 1);
  uint32_t port = 0;
  if (!IsDecimal(number) || !absl::SimpleAtoi(number, &port) || port > 65535) {
    return NotLoopback();
  }
  LoopbackAddress address;
  address.port = static_cast<uint16_t>(port);
  absl::string_view host = text.substr(0, colon);
  address.is_v6 = absl::StartsWith(host, "[") && absl::EndsWith(host, "]");
  if (address.is_v6) host = host.substr(1, host.size() - 2);
  address.host = std::string(host);
  const bool is_loopback =
      address.is_v6 ? IsLoopbackV6(address.host) : IsLoopbackV4(address.host);
  if (!is_loopback) return NotLoopback();
  return address;
}

}  // namespace entente::broker

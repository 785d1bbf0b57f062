#include "client/listen_address.h"

#include <arpa/inet.h>
#include <netinet/in.h>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"

namespace entente::client {
namespace {

constexpr int kMaxPort = 65'535;

bool IsAddress(int family, const std::string& host) {
  in6_addr ignored = {};  // the larger of the two
  return inet_pton(family, host.c_str(), &ignored) == 1;
}

}  // namespace

absl::StatusOr<ListenAddress> ParseListenAddress(absl::string_view text) {
  const size_t colon = text.rfind(':');
  ListenAddress address;
  const bool has_port =
      colon != absl::string_view::npos &&
      absl::SimpleAtoi(text.substr(colon + 1), &address.port) &&
      address.port >= 0 && address.port <= kMaxPort;
  absl::string_view host = text.substr(0, has_port ? colon : 0);
  const bool is_six = absl::StartsWith(host, "[") && absl::EndsWith(host, "]");
  if (is_six) host = host.substr(1, host.size() - 2);
  address.host = std::string(host);
  if (!has_port || !IsAddress(is_six ? AF_INET6 : AF_INET, address.host)) {
    return absl::InvalidArgumentError(
        absl::StrCat("\"", text, "\" is not ADDRESS:PORT"));
  }
  return address;
}

bool IsLoopback(const std::string& host) {
  in_addr four = {};
  if (inet_pton(AF_INET, host.c_str(), &four) == 1) {
    return ntohl(four.s_addr) >> IN_CLASSA_NSHIFT == IN_LOOPBACKNET;
  }
  in6_addr six = {};
  return inet_pton(AF_INET6, host.c_str(), &six) == 1 &&
         IN6_IS_ADDR_LOOPBACK(&six);
}

}  // namespace entente::client

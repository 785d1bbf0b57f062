#include "broker/http_witness_port.h"

#include <httplib.h>

#include <utility>

#include "absl/strings/str_cat.h"

namespace entente::broker {

absl::StatusOr<WitnessPort::Answer> HttpWitnessPort::Post(
    const std::string& url, const std::string& body) {
  const size_t scheme = url.find("://");
  if (scheme == std::string::npos) {
    return absl::InvalidArgumentError(absl::StrCat(url, " is no URL"));
  }
  const size_t path = std::min(url.find('/', scheme + 3), url.size());
  httplib::Client client(url.substr(0, path));
  if (!client.is_valid()) {
    return absl::InvalidArgumentError(absl::StrCat(url, " is no URL"));
  }
  client.set_connection_timeout(absl::ToChronoSeconds(kWitnessConnectTime));
  client.set_read_timeout(absl::ToChronoSeconds(kWitnessAnswerTime));
  client.set_write_timeout(absl::ToChronoSeconds(kWitnessAnswerTime));
  client.set_follow_location(false);
  client.enable_server_certificate_verification(true);
  Answer answer;
  httplib::Request request;
  request.method = "POST";
  request.path = path == url.size() ? "/" : url.substr(path);
  request.body = body;
  request.set_header("Content-Type", "text/plain; charset=utf-8");
  request.content_receiver = [&answer](const char* data, size_t size, uint64_t,
                                       uint64_t) {
    if (answer.body.size() + size > kMaxWitnessAnswerBytes) return false;
    answer.body.append(data, size);
    return true;
  };
  const httplib::Result result = client.send(request);
  if (!result) {
    return absl::UnavailableError(
        absl::StrCat(url, ": ", httplib::to_string(result.error())));
  }
  answer.status = result->status;
  return answer;
}

}  // namespace entente::broker

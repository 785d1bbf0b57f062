// What an operator watches.
#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <regex>
#include <set>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "tests/end_to_end/shared_world.h"

namespace entente::end_to_end {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

// The answer to `GET path` at 127.0.0.1:PORT, whole.
std::string Get(const std::string& address, const std::string& path) {
  int port = 0;
  EXPECT_TRUE(absl::SimpleAtoi(address.substr(address.rfind(':') + 1), &port));
  sockaddr_in to = {};
  to.sin_family = AF_INET;
  to.sin_port = htons(static_cast<uint16_t>(port));
  to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  EXPECT_EQ(connect(fd, reinterpret_cast<sockaddr*>(&to), sizeof to), 0);
  const std::string request =
      absl::StrCat("GET ", path, " HTTP/1.1\r\nHost: ", address, "\r\n\r\n");
  EXPECT_EQ(send(fd, request.data(), request.size(), MSG_NOSIGNAL),
            static_cast<ssize_t>(request.size()));
  std::string answer;
  char some[4096];
  for (ssize_t got; (got = recv(fd, some, sizeof some, 0)) > 0;) {
    answer.append(some, static_cast<size_t>(got));
  }
  close(fd);
  return answer;
}

// The metrics that the run book names.
std::set<std::string> InTheRunBook() {
  const std::string book = ReadAll(ENTENTE_RUN_BOOK);
  const std::regex metric("`(entente_[a-z_]+)[`{]");
  std::set<std::string> names;
  for (std::sregex_iterator it(book.begin(), book.end(), metric), end;
       it != end; ++it) {
    if ((*it)[1] != "entente_attacks_test") names.insert((*it)[1]);
  }
  return names;
}

class Operating : public EndToEnd {
 protected:
  // The shared broker again, with a port for metrics; its address.
  std::string ServeWithMetrics() {
    EXPECT_EQ(world().broker->Stop(), 0);
    auto started = world::Background::Start(
        world().BrokerCommand(world().address,
                              {{"--metrics-listen", "127.0.0.1:0"}}),
        Folder() + "/broker.log");
    EXPECT_TRUE(started.ok()) << started.status();
    if (!started.ok()) return "";
    world().broker = *std::move(started);
    const std::string at = AddressIn("metrics_serving");
    AddressIn("serving");
    return at;
  }
  // The address in the line of the log that tells of `event`.
  std::string AddressIn(const std::string& event) {
    const auto line = world().broker->WaitForLine(
        [&](const std::string& said) {
          return json::parse(said, nullptr, false).is_object() &&
                 json::parse(said).value("event", "") == event;
        },
        kPatience);
    EXPECT_TRUE(line.ok()) << line.status();
    return line.ok() ? json::parse(*line).value("address", "") : "";
  }
};

TEST_F(Operating, MetricsAndHealthAreAsTheRunBookSays) {
  const std::string at = ServeWithMetrics();
  ASSERT_NE(at, "");
  EXPECT_THAT(Get(at, "/health"), StartsWith("HTTP/1.1 200 "));
  EXPECT_THAT(Get(at, "/other"), StartsWith("HTTP/1.1 404 "));
  // One call of each kind that counts: allowed, refused, no certificate's.
  ASSERT_EQ(
      Send(kPersons, kPurpose, Write("rows.csv", People(1)), {"--case", "C1"})
          .exit_code,
      0);
  ASSERT_EQ(Send(kPersons, kPurpose, Write("rows.csv", People(1))).exit_code,
            3);

  const std::string text = Get(at, "/metrics");
  EXPECT_THAT(text, StartsWith("HTTP/1.1 200 "));
  const std::set<std::string> names = InTheRunBook();
  EXPECT_GE(names.size(), 17u) << "the table was not found";
  EXPECT_EQ(names.count("entente_certificate_days"), 1u);
  EXPECT_EQ(names.count("entente_queued_calls"), 1u);
  for (const std::string& name : names) {
    EXPECT_THAT(text, HasSubstr(absl::StrCat("\n# TYPE ", name, " ")));
    EXPECT_TRUE(std::regex_search(
        text, std::regex(absl::StrCat("\n", name,
                                      "(_bucket|_sum|_count)?(\\{[^\n]*\\})? "
                                      "[-+0-9.eInfNa]+\n"))))
        << name << " has no value";
  }
  EXPECT_THAT(text, HasSubstr("reason=\"MISSING:case_reference\""));
  // Labels name nobody.
  for (const std::string& nobody :
       {std::string(kLeft), std::string(kRight), std::string(kAgreement)}) {
    EXPECT_EQ(text.find(nobody), std::string::npos) << nobody;
  }
}

}  // namespace
}  // namespace entente::end_to_end

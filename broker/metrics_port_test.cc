#include "broker/metrics_port.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "gtest/gtest.h"

namespace entente::broker {
namespace {

// A client that says exactly what it is told to.
class Peer {
 public:
  explicit Peer(const std::string& address) {
    int port = 0;
    EXPECT_TRUE(
        absl::SimpleAtoi(address.substr(address.rfind(':') + 1), &port));
    sockaddr_in to = {};
    to.sin_family = AF_INET;
    to.sin_port = htons(static_cast<uint16_t>(port));
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    fd_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    EXPECT_EQ(connect(fd_, reinterpret_cast<sockaddr*>(&to), sizeof(to)), 0);
  }
  ~Peer() { close(fd_); }

  void Say(const std::string& text) const {
    send(fd_, text.data(), text.size(), MSG_NOSIGNAL);
  }
  // All that comes, until the port closes.
  std::string Listen() const {
    std::string heard;
    char buffer[4096];
    for (ssize_t got = 0; (got = recv(fd_, buffer, sizeof(buffer), 0)) > 0;) {
      heard.append(buffer, static_cast<size_t>(got));
    }
    return heard;
  }

 private:
  int fd_;
};

class MetricsPortTest : public testing::Test {
 protected:
  void Start(absl::Duration patience = absl::Seconds(30)) {
    MetricsPort::Answers answers;
    answers.metrics = [this] {
      ++asked_;
      return std::string("entente_x 1\n");
    };
    answers.health = [this] { return health_; };
    answers.patience = patience;
    auto port = MetricsPort::Start("127.0.0.1:0", std::move(answers));
    ASSERT_TRUE(port.ok()) << port.status();
    port_ = *std::move(port);
  }
  std::string Ask(const std::string& request) {
    const Peer peer(port_->address());
    peer.Say(request);
    return peer.Listen();
  }

  std::atomic<int> asked_ = 0;
  absl::Status health_;
  std::unique_ptr<MetricsPort> port_;
};

TEST_F(MetricsPortTest, ServesTheTextFormat) {
  Start();
  EXPECT_TRUE(absl::StartsWith(port_->address(), "127.0.0.1:"));
  const std::string answer =
      Ask("GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n");
  EXPECT_TRUE(absl::StartsWith(answer, "HTTP/1.1 200 OK\r\n")) << answer;
  EXPECT_TRUE(absl::StrContains(
      answer, "Content-Type: text/plain; version=0.0.4; charset=utf-8\r\n"));
  EXPECT_TRUE(absl::StrContains(answer, "Content-Length: 12\r\n"));
  EXPECT_TRUE(absl::EndsWith(answer, "\r\n\r\nentente_x 1\n"));
}

TEST_F(MetricsPortTest, TellsHealth) {
  Start();
  EXPECT_TRUE(absl::StartsWith(Ask("GET /health HTTP/1.0\r\n\r\n"),
                               "HTTP/1.1 200 OK\r\n"));
  health_ = absl::UnavailableError("the store stopped");
  const std::string answer = Ask("GET /health HTTP/1.0\r\n\r\n");
  EXPECT_TRUE(absl::StartsWith(answer, "HTTP/1.1 503 ")) << answer;
  EXPECT_TRUE(absl::EndsWith(answer, "the store stopped\n"));
}

TEST_F(MetricsPortTest, RefusesWhatItDoesNotServe) {
  Start();
  const struct {
    std::string request;
    std::string status;
  } cases[] = {
      {"GET / HTTP/1.1\r\n\r\n", "404"},
      {"GET /metrics/../etc HTTP/1.1\r\n\r\n", "404"},
      {"POST /metrics HTTP/1.1\r\n\r\n", "405"},
      {"HEAD /metrics HTTP/1.1\r\n\r\n", "405"},
      {"GET /metrics\r\n\r\n", "400"},
      {"GET\r\n\r\n", "400"},
      {"GET /metrics HTTP/2\r\n\r\n", "400"},
      {std::string("\x16\x03\x01\x00\n\n", 6), "400"},
      {"GET /metrics HTTP/1.1\r\nX: " + std::string(9000, 'x'), "431"},
  };
  for (const auto& one : cases) {
    EXPECT_TRUE(absl::StartsWith(Ask(one.request), "HTTP/1.1 " + one.status))
        << one.request.substr(0, 40);
  }
  EXPECT_EQ(asked_, 0);
}

TEST_F(MetricsPortTest, TakesARequestInPieces) {
  Start();
  const Peer peer(port_->address());
  for (const char* piece : {"GET /met", "rics?x=1 HTTP/1.1\r\n", "\r", "\n"}) {
    peer.Say(piece);
  }
  EXPECT_TRUE(absl::StrContains(peer.Listen(), "entente_x 1"));
}

TEST_F(MetricsPortTest, CutsWhoeverSaysNothing) {
  Start(absl::Milliseconds(50));
  const Peer silent(port_->address());
  EXPECT_EQ(silent.Listen(), "");
  const Peer slow(port_->address());
  slow.Say("GET /metr");
  EXPECT_EQ(slow.Listen(), "");
  EXPECT_TRUE(
      absl::StrContains(Ask("GET /metrics HTTP/1.1\r\n\r\n"), "entente_x 1"));
}

TEST_F(MetricsPortTest, EndsWhileAConnectionIsOpen) {
  Start(absl::Hours(1));
  const Peer silent(port_->address());
  const absl::Time began = absl::Now();
  port_.reset();
  EXPECT_EQ(silent.Listen(), "");
  EXPECT_LT(absl::Now() - began, absl::Minutes(1));
}

TEST(MetricsPort, RefusesAnAddressThatOthersReach) {
  for (const char* address : {"0.0.0.0:0", "10.1.2.3:0", "[::]:0"}) {
    const auto port = MetricsPort::Start(address, {});
    EXPECT_EQ(port.status().code(), absl::StatusCode::kInvalidArgument);
  }
}

TEST_F(MetricsPortTest, SaysThatThePortIsTaken) {
  Start();
  const auto second = MetricsPort::Start(port_->address(), {});
  EXPECT_FALSE(second.ok());
  EXPECT_TRUE(absl::StrContains(second.status().message(),
                                "cannot serve metrics on 127.0.0.1:"))
      << second.status();
}

}  // namespace
}  // namespace entente::broker

#include "client/tls_probe.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>

#include "client/tcp_connect.h"
#include "client/test_peer.h"

namespace entente::client {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

class TlsProbeTest : public testing::Test {
 protected:
  TlsTarget Target(const TestPeer& peer) const {
    TlsTarget target;
    target.address = peer.address();
    target.accept = [](absl::Span<const certs::Certificate>) { return true; };
    target.chain = {ours_.chain[0]};
    target.key = ours_.key;
    return target;
  }
  // One that does not wait for what never comes.
  static TlsTarget Hasty(TlsTarget target) {
    target.patience = absl::Milliseconds(50);
    return target;
  }

  const certs::TestAgency operator_{"operator"};
  const certs::TestAgency northmere_{"northmere"};
  const certs::TestHolder broker_ =
      operator_.Holder("spiffe://demo.example/broker/broker.demo.example");
  const certs::TestHolder ours_ =
      northmere_.Member(certs::Role::kSystem, "records");
};

TEST_F(TlsProbeTest, ServesWhoeverShowsARightCertificate) {
  TestPeer peer(
      [this](int fd) { ServeTls(fd, broker_, {.then = SettingsFrame()}); });
  const TlsFinding finding = ProbeTls(Target(peer));
  EXPECT_EQ(finding.outcome, TlsOutcome::kServed) << finding.detail;
  EXPECT_EQ(finding.peer, peer.address());
  ASSERT_EQ(finding.chain.size(), 1u);
  EXPECT_EQ(finding.chain[0].Fingerprint(), broker_.chain[0].Fingerprint());
}

TEST_F(TlsProbeTest, FrameInPiecesIsAFrame) {
  const std::string frame = SettingsFrame() + "later";
  TestPeer peer([&](int fd) { ServeTls(fd, broker_, {.then = frame}); });
  EXPECT_EQ(ProbeTls(Target(peer)).outcome, TlsOutcome::kServed);
}

TEST_F(TlsProbeTest, TellsThatItWasHungUpOnAfterOurCertificate) {
  TestPeer peer([this](int fd) { ServeTls(fd, broker_, {}); });
  const TlsFinding finding = ProbeTls(Target(peer));
  EXPECT_EQ(finding.outcome, TlsOutcome::kHungUp) << finding.detail;
  EXPECT_FALSE(finding.detail.empty());
}

TEST_F(TlsProbeTest, TellsThatACertificateIsAskedFor) {
  TestPeer peer([this](int fd) { ServeTls(fd, broker_, {}); });
  TlsTarget target = Target(peer);
  target.chain.clear();
  target.key.reset();
  const TlsFinding finding = ProbeTls(target);
  EXPECT_EQ(finding.outcome, TlsOutcome::kHungUp);
  EXPECT_THAT(finding.detail, HasSubstr("certificate required"));
}

TEST_F(TlsProbeTest, ShowsNothingOfOursToAnotherServer) {
  std::atomic<bool> finished{false};
  {
    TestPeer peer([&](int fd) { finished = ServeTls(fd, broker_, {}); });
    TlsTarget target = Target(peer);
    std::string seen;
    target.accept = [&](absl::Span<const certs::Certificate> chain) {
      seen = chain[0].Fingerprint();
      return false;
    };
    const TlsFinding finding = ProbeTls(target);
    EXPECT_EQ(finding.outcome, TlsOutcome::kNotAccepted) << finding.detail;
    EXPECT_EQ(finding.chain.size(), 1u);
    EXPECT_EQ(seen, broker_.chain[0].Fingerprint());
  }
  EXPECT_FALSE(finished);
}

TEST_F(TlsProbeTest, TellsOldTlsApart) {
  TestPeer peer(
      [this](int fd) { ServeTls(fd, broker_, {.version = TLS1_2_VERSION}); });
  EXPECT_EQ(ProbeTls(Target(peer)).outcome, TlsOutcome::kOldTls);
}

TEST_F(TlsProbeTest, TellsOtherServicesApart) {
  for (const std::string greeting :
       {"HTTP/1.1 400 Bad Request\r\n\r\n", "SSH-2.0-OpenSSH_9.2\r\n",
        "220 mail.example ESMTP\r\n"}) {
    TestPeer peer([&](int fd) {
      (void)!write(fd, greeting.data(), greeting.size());
      char ignored[4096];
      while (read(fd, ignored, sizeof(ignored)) > 0) {
      }
    });
    EXPECT_EQ(ProbeTls(Target(peer)).outcome, TlsOutcome::kNotTls) << greeting;
  }
}

TEST_F(TlsProbeTest, TellsThatItIsTlsButNotHttp2) {
  {
    TestPeer peer([this](int fd) {
      ServeTls(fd, broker_, {.http2 = false, .then = "220 mail\r\n"});
    });
    EXPECT_EQ(ProbeTls(Target(peer)).outcome, TlsOutcome::kNotHttp2);
  }
  TestPeer peer([this](int fd) {
    ServeTls(fd, broker_, {.then = "HTTP/1.1 400 Bad\r\n"});
  });
  EXPECT_EQ(ProbeTls(Target(peer)).outcome, TlsOutcome::kNotHttp2);
}

TEST_F(TlsProbeTest, TellsSilenceFromHangingUp) {
  {
    TestPeer peer([](int fd) {
      char ignored[4096];
      while (read(fd, ignored, sizeof(ignored)) > 0) {
      }
    });
    const TlsFinding finding = ProbeTls(Hasty(Target(peer)));
    EXPECT_EQ(finding.outcome, TlsOutcome::kSilent);
    EXPECT_TRUE(finding.chain.empty());
  }
  TestPeer peer([](int fd) {
    char ignored[4096];
    (void)!read(fd, ignored, sizeof(ignored));
  });
  EXPECT_EQ(ProbeTls(Target(peer)).outcome, TlsOutcome::kClosedEarly);
}

TEST_F(TlsProbeTest, TellsThatNobodyListens) {
  std::string address;
  {
    TestPeer gone([](int) {});
    address = gone.address();
  }
  TlsTarget target;
  target.address = address;
  const TlsFinding finding = ProbeTls(target);
  EXPECT_EQ(finding.outcome, TlsOutcome::kNobodyListens);
  EXPECT_THAT(finding.detail, StartsWith(address));
}

TEST_F(TlsProbeTest, TellsAddressesThatAreNone) {
  for (const auto& [address, outcome] :
       std::initializer_list<std::pair<std::string, TlsOutcome>>{
           {"nowhere", TlsOutcome::kBadAddress},
           {":7443", TlsOutcome::kBadAddress},
           {"127.0.0.1:https-port", TlsOutcome::kBadAddress},
           {"no such host:7443", TlsOutcome::kNameNotFound}}) {
    TlsTarget target;
    target.address = address;
    const TlsFinding finding = ProbeTls(target);
    EXPECT_EQ(finding.outcome, outcome) << address << finding.detail;
    EXPECT_FALSE(finding.detail.empty());
  }
}

TEST_F(TlsProbeTest, WaitsNoLongerThanItsDeadline) {
  int pipe_ends[2];
  ASSERT_EQ(pipe(pipe_ends), 0);
  EXPECT_FALSE(WaitFor(pipe_ends[0], POLLIN, absl::InfinitePast()));
  ASSERT_EQ(write(pipe_ends[1], "x", 1), 1);
  EXPECT_TRUE(WaitFor(pipe_ends[0], POLLIN, absl::InfinitePast()));
  close(pipe_ends[0]);
  close(pipe_ends[1]);
}

}  // namespace
}  // namespace entente::client

// Whoever can reach the port, with a certificate or without.
#include <openssl/ssl.h>
#include <sys/resource.h>

#include <algorithm>
#include <string>
#include <vector>

#include "absl/cleanup/cleanup.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "broker/rpc/connection_limits.h"
#include "gtest/gtest.h"
#include "tests/attacks/frames.h"
#include "tests/attacks/line.h"
#include "tests/attacks/scene.h"

namespace entente::attacks {
namespace {

// What a busy machine may add to a time limit of the broker's.
constexpr absl::Duration kMostOverdue = absl::Seconds(10);

class Connections : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    auto scene = Scene::Create();
    ASSERT_TRUE(scene.ok()) << scene.status();
    scene_ = scene->release();
    // Both ends of what is opened here.
    rlimit files = {};
    getrlimit(RLIMIT_NOFILE, &files);
    files.rlim_cur = files.rlim_max;
    setrlimit(RLIMIT_NOFILE, &files);
  }
  static void TearDownTestSuite() {
    delete scene_;
    scene_ = nullptr;
  }
  void SetUp() override { ASSERT_NE(scene_, nullptr); }

  static void ExpectWithin(const Bound& bound, const Bill& bill) {
    attacks::ExpectWithin(bound, bill, *scene_);
  }

  static Scene* scene_;
};

Scene* Connections::scene_ = nullptr;

// CVE-2023-4785: gRPC's own listener never accepts again.
TEST(Descriptors, NewClientsAreServedAfterTheyRanOut) {
  const auto scene = Scene::Create(/*descriptors=*/128);
  ASSERT_TRUE(scene.ok()) << scene.status();
  Measured measured(scene->get());
  std::vector<std::unique_ptr<Line>> lines;
  for (int i = 0; i < 200; ++i) {
    auto line = Line::Connect((*scene)->address(), "127.0.1.1");
    ASSERT_TRUE(line.ok()) << line.status();
    lines.push_back(*std::move(line));
  }
  // The last ones have been accepted, or the broker is deaf.
  EXPECT_TRUE(lines.front()->WaitForEnd(kPatience));
  EXPECT_TRUE(Scene::Check((*scene)->OpenChannel().get()).ok()) << "meanwhile";
  lines.clear();
  ExpectWithin({.cpu_seconds = 2, .peak_mib = 32},
               measured.End("200 TCP, 128 descriptors"), **scene);
}

TEST_F(Connections, ManyWithoutACertificateAreEndedAndHarmNobody) {
  const int wanted = Long() ? 10'000 : 1'500;
  Measured measured(scene_);
  std::vector<std::unique_ptr<Line>> lines;
  for (int i = 0; i < wanted; ++i) {
    auto line =
        Line::Connect(scene_->address(), absl::StrCat("127.0.7.", 1 + i % 200));
    ASSERT_TRUE(line.ok()) << i << ": " << line.status();
    lines.push_back(*std::move(line));
  }
  // What ending them costs is on the bill too.
  for (const auto& line : lines) {
    ASSERT_TRUE(line->WaitForEnd(kPatience));
  }
  const Bill bill = measured.End(absl::StrCat(wanted, " idle TCP"));
  ExpectWithin({.cpu_seconds = Long() ? 20.0 : 5.0, .peak_mib = 110}, bill);
}

TEST_F(Connections, ManyIdleOnesWithACertificateStayWithinTheMemoryBound) {
  const int wanted = Long() ? 1'500 : 150;
  Measured measured(scene_);
  std::vector<std::unique_ptr<TlsLine>> lines;
  for (int i = 0; i < wanted; ++i) {
    auto line = TlsLine::Connect(scene_->address(),
                                 absl::StrCat("127.0.8.", 1 + i % 50),
                                 scene_->credentials());
    ASSERT_TRUE(line.ok()) << i << ": " << line.status();
    ASSERT_TRUE((*line)->Send(Greeting()));
    lines.push_back(*std::move(line));
  }
  const Bill bill = measured.End(absl::StrCat(wanted, " idle TLS"));
  // 105 KiB each was measured; nobody has more than kMaxConnections.
  const double most = std::min(wanted, broker::kMaxConnections) * 0.16 + 20;
  ExpectWithin({.cpu_seconds = wanted * 0.02 + 2, .peak_mib = most}, bill);
}

// 20 connections with 100 streams each, of which nothing is ever read.
TEST_F(Connections, StreamsThatNobodyReadsCostLittle) {
  Measured measured(scene_);
  std::vector<std::unique_ptr<TlsLine>> lines;
  for (int i = 0; i < 20; ++i) {
    auto line =
        TlsLine::Connect(scene_->address(), "127.0.6.1", scene_->credentials());
    ASSERT_TRUE(line.ok()) << line.status();
    std::string streams = Greeting();
    for (uint32_t stream = 1; stream < 200; stream += 2) {
      absl::StrAppend(&streams,
                      HeaderFrames(stream, CallFields(kHealthWatch), 0),
                      DataFrames(stream, Message(""), kEndStream));
    }
    ASSERT_TRUE((*line)->Send(
        absl::StrCat(streams, Frame(FrameType::kPing, 0, 0, "are you?"))));
    lines.push_back(*std::move(line));
  }
  // The pings are answered after the streams were opened.
  for (const auto& line : lines) {
    EXPECT_TRUE(line->WaitForText("are you?", kPatience));
  }
  const int threads = scene_->cost().threads;
  const Bill bill = measured.End("2,000 unread streams");
  EXPECT_LT(threads, 64);
  ExpectWithin({.cpu_seconds = 10, .peak_mib = 96}, bill);
}

TEST_F(Connections, HalfOpenAndSlowHandshakesAreEnded) {
  Measured measured(scene_);
  const absl::Duration allowed =
      absl::Milliseconds(broker::kHandshakeTimeoutMs);
  const absl::Time start = absl::Now();
  std::vector<std::unique_ptr<Line>> silent;
  for (int i = 0; i < 20; ++i) {
    auto line = Line::Connect(scene_->address(), "127.0.9.1");
    ASSERT_TRUE(line.ok());
    silent.push_back(*std::move(line));
  }
  // The first bytes of a TLS record of 512 bytes, and then one at a time.
  auto slow = Line::Connect(scene_->address(), "127.0.9.2");
  ASSERT_TRUE(slow.ok());
  ASSERT_TRUE((*slow)->Send(absl::string_view("\x16\x3\x1\x2\0\x1", 6)));
  while (!(*slow)->WaitForEnd(absl::Milliseconds(100))) {
    if (!(*slow)->Send("x")) break;
    ASSERT_LT(absl::Now() - start, kPatience) << "never cut";
  }
  for (const auto& line : silent) EXPECT_TRUE(line->WaitForEnd(kPatience));
  const absl::Duration taken = absl::Now() - start;
  EXPECT_GE(taken, allowed * 0.9);
  EXPECT_LT(taken, allowed + kMostOverdue);
  ExpectWithin({.cpu_seconds = 2, .peak_mib = 16},
               measured.End("half-open and slow TLS"));
  EXPECT_TRUE(
      scene_->WaitForLog("connection_without_call", "", "127.0.9.1").ok());
}

// TLS is done, and then the greeting comes a byte at a time, or not at all.
TEST_F(Connections, SlowGreetingsAreEnded) {
  Measured measured(scene_);
  const auto silent =
      TlsLine::Connect(scene_->address(), "127.0.9.3", scene_->credentials());
  ASSERT_TRUE(silent.ok()) << silent.status();
  const auto slow =
      TlsLine::Connect(scene_->address(), "127.0.9.4", scene_->credentials());
  ASSERT_TRUE(slow.ok()) << slow.status();
  const absl::Time start = absl::Now();
  const std::string greeting = Greeting();
  for (size_t i = 0; i < greeting.size(); ++i) {
    if (!(*slow)->Send(greeting.substr(i, 1))) break;
    if ((*slow)->WaitForEnd(absl::Milliseconds(200))) break;
  }
  EXPECT_TRUE((*slow)->WaitForEnd(kPatience));
  EXPECT_TRUE((*silent)->WaitForEnd(kPatience));
  EXPECT_LT(absl::Now() - start,
            absl::Milliseconds(broker::kHandshakeTimeoutMs) + kMostOverdue);
  ExpectWithin({.cpu_seconds = 2, .peak_mib = 16},
               measured.End("slow greetings"));
}

TEST_F(Connections, Tls12IsRefused) {
  Credentials old = scene_->credentials();
  old.max_version = TLS1_2_VERSION;
  EXPECT_EQ(
      TlsLine::Connect(scene_->address(), "127.0.10.1", old).status().code(),
      absl::StatusCode::kPermissionDenied);
}

TEST_F(Connections, NoSessionIsResumed) {
  const Credentials mine = scene_->credentials();
  auto first = TlsLine::Connect(scene_->address(), "127.0.10.2", mine);
  ASSERT_TRUE(first.ok()) << first.status();
  // Tickets would come before the answer to this.
  ASSERT_TRUE((*first)->Send(
      absl::StrCat(Greeting(), Frame(FrameType::kPing, 0, 0, "are you?"))));
  ASSERT_TRUE((*first)->WaitForText("are you?", kPatience));
  EXPECT_EQ((*first)->tickets(), 0);
  SSL_SESSION* const session = SSL_get1_session((*first)->ssl());
  const absl::Cleanup free = [session] { SSL_SESSION_free(session); };
  const auto second =
      TlsLine::Connect(scene_->address(), "127.0.10.2", mine, session);
  ASSERT_TRUE(second.ok()) << second.status();
  EXPECT_EQ(SSL_session_reused((*second)->ssl()), 0);
}

}  // namespace
}  // namespace entente::attacks

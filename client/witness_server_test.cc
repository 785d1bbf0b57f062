#include "client/witness_server.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <httplib.h>

#include <mutex>
#include <thread>

#include "absl/strings/match.h"
#include "client/test_folder.h"
#include "client/test_witnessed_log.h"
#include "crypto/hex.h"

namespace entente::client {
namespace {

class WitnessServerTest : public testing::Test {
 protected:
  WitnessServerTest() {
    EXPECT_TRUE(Witness::Create(folder_ / "w", "witness.example/w1").ok());
    folder_.Write("w/logs", absl::StrCat("log ", log_.vkey(), "\n"));
    log_.Grow(9);
    witness_ = *Witness::Open(folder_ / "w");
    server_ = *WitnessServer::Bind(
        "127.0.0.1:0", witness_.get(),
        [] { return absl::FromUnixSeconds(1'790'000'000); },
        [this](absl::string_view path, const WitnessAnswer& answer) {
          const std::lock_guard<std::mutex> lock(mu_);
          heard_.push_back(absl::StrCat(path, " ", answer.status));
        });
    serving_ = std::thread([this] { EXPECT_TRUE(server_->Serve().ok()); });
  }
  ~WitnessServerTest() override {
    server_->Stop();
    serving_.join();
  }

  httplib::Result Post(const std::string& path, const std::string& body) {
    httplib::Client client("127.0.0.1", server_->port());
    return client.Post(path, body, "text/plain");
  }
  httplib::Result Get(const std::string& path) {
    httplib::Client client("127.0.0.1", server_->port());
    return client.Get(path);
  }

  TestFolder folder_;
  WitnessedLog log_{"log.example/1"};
  std::unique_ptr<Witness> witness_;
  std::unique_ptr<WitnessServer> server_;
  std::mutex mu_;
  std::vector<std::string> heard_;
  std::thread serving_;
};

TEST_F(WitnessServerTest, AnswersALogOverHttp) {
  const auto signed_ = Post("/add-checkpoint", log_.Request(0, 5));
  ASSERT_TRUE(signed_);
  EXPECT_EQ(signed_->status, 200);
  EXPECT_TRUE(absl::StartsWith(signed_->body, "\u2014 witness.example/w1 "));
  const auto stale = Post("/add-checkpoint", log_.Request(0, 9));
  ASSERT_TRUE(stale);
  EXPECT_EQ(stale->status, 409);
  EXPECT_EQ(stale->body, "5\n");
  EXPECT_EQ(stale->get_header_value("Content-Type"), "text/x.tlog.size");
  const auto latest = Get(absl::StrCat(
      "/", crypto::ToHex(crypto::Sha256("log.example/1")), "/checkpoint"));
  ASSERT_TRUE(latest);
  EXPECT_EQ(latest->status, 200);
  EXPECT_TRUE(absl::StartsWith(latest->body, "log.example/1\n5\n"));
  const std::lock_guard<std::mutex> lock(mu_);
  EXPECT_EQ(heard_[0], "/add-checkpoint 200");
}

TEST_F(WitnessServerTest, HasNothingElse) {
  for (const char* path : {"/", "/key", "/../key", "/add-checkpoint"}) {
    const auto got = Get(path);
    ASSERT_TRUE(got) << path;
    EXPECT_EQ(got->status, 404) << path;
  }
  EXPECT_EQ(Post("/other", "x")->status, 404);
}

TEST_F(WitnessServerTest, ReadsNoMoreThanARequestCanBe) {
  const auto long_one = Post(
      "/add-checkpoint", std::string(crypto::kMaxAddCheckpointBytes + 1, 'x'));
  // It may hang up before the whole was sent.
  if (long_one) {
    EXPECT_EQ(long_one->status, 413);
  }
  EXPECT_EQ(Post("/add-checkpoint", log_.Request(0, 5))->status, 200);
}

TEST(WitnessServer, StopsAlsoBeforeItServes) {
  const auto server = WitnessServer::Bind(
      "127.0.0.1:0", nullptr, [] { return absl::UnixEpoch(); },
      [](absl::string_view, const WitnessAnswer&) {});
  ASSERT_TRUE(server.ok()) << server.status();
  (*server)->Stop();
  EXPECT_TRUE((*server)->Serve().ok());
}

TEST(WitnessServer, SaysWhereItCannotListen) {
  const auto bind = [](absl::string_view listen) {
    return WitnessServer::Bind(
               listen, nullptr, [] { return absl::UnixEpoch(); },
               [](absl::string_view, const WitnessAnswer&) {})
        .status();
  };
  for (const char* bad : {"", "7380", ":7380", "127.0.0.1:", "127.0.0.1:x",
                          "127.0.0.1:70000", "127.0.0.1:-1"}) {
    EXPECT_TRUE(absl::IsInvalidArgument(bind(bad))) << bad;
  }
  EXPECT_TRUE(absl::IsUnavailable(bind("192.0.2.1:0")));
  const auto first = WitnessServer::Bind(
      "127.0.0.1:0", nullptr, [] { return absl::UnixEpoch(); },
      [](absl::string_view, const WitnessAnswer&) {});
  ASSERT_TRUE(first.ok()) << first.status();
  EXPECT_TRUE(
      absl::IsUnavailable(bind(absl::StrCat("127.0.0.1:", (*first)->port()))));
}

}  // namespace
}  // namespace entente::client

#include "broker/http_witness_port.h"

#include <httplib.h>

#include <memory>
#include <string>
#include <thread>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"

namespace entente::broker {
namespace {

// An HTTP server on loopback that answers what the test says.
class HttpWitnessPortTest : public testing::Test {
 protected:
  HttpWitnessPortTest() {
    http_.Post("/w/add-checkpoint", [this](const httplib::Request& request,
                                           httplib::Response& response) {
      asked_ = request.body;
      response.status = status_;
      response.set_content(answer_, "text/plain");
    });
    http_.Post("/elsewhere",
               [](const httplib::Request&, httplib::Response& response) {
                 response.set_redirect("/w/add-checkpoint");
               });
    port_number_ = http_.bind_to_any_port("127.0.0.1");
    serving_ = std::thread([this] { http_.listen_after_bind(); });
    // Stopping before that would be lost.
    while (!http_.is_running()) std::this_thread::yield();
  }
  ~HttpWitnessPortTest() override {
    http_.stop();
    serving_.join();
  }

  std::string Url(const std::string& path) const {
    return absl::StrCat("http://127.0.0.1:", port_number_, path);
  }

  httplib::Server http_;
  int port_number_ = 0;
  int status_ = 200;
  std::string answer_ = "line\n";
  std::string asked_;
  std::thread serving_;
  HttpWitnessPort port_;
};

TEST_F(HttpWitnessPortTest, PostsTheBodyAndReadsTheAnswer) {
  const auto answer = port_.Post(Url("/w/add-checkpoint"), "old 0\n\nnote");
  ASSERT_TRUE(answer.ok()) << answer.status();
  EXPECT_EQ(answer->status, 200);
  EXPECT_EQ(answer->body, "line\n");
  EXPECT_EQ(asked_, "old 0\n\nnote");
}

TEST_F(HttpWitnessPortTest, AnErrorOfHttpIsAnAnswer) {
  status_ = 409;
  answer_ = "7\n";
  const auto answer = port_.Post(Url("/w/add-checkpoint"), "x");
  ASSERT_TRUE(answer.ok()) << answer.status();
  EXPECT_EQ(answer->status, 409);
  EXPECT_EQ(answer->body, "7\n");
  EXPECT_EQ(port_.Post(Url(""), "x")->status, 404);
}

TEST_F(HttpWitnessPortTest, FollowsNoRedirect) {
  const auto answer = port_.Post(Url("/elsewhere"), "x");
  ASSERT_TRUE(answer.ok()) << answer.status();
  EXPECT_EQ(answer->status, 302);
  EXPECT_EQ(asked_, "");
}

TEST_F(HttpWitnessPortTest, ReadsNoMoreThanAFewLines) {
  answer_ = std::string(kMaxWitnessAnswerBytes, 'x');
  EXPECT_TRUE(port_.Post(Url("/w/add-checkpoint"), "x").ok());
  answer_ += "x";
  EXPECT_TRUE(
      absl::IsUnavailable(port_.Post(Url("/w/add-checkpoint"), "x").status()));
}

TEST_F(HttpWitnessPortTest, NobodyThereIsUnavailable) {
  http_.stop();
  serving_.join();
  EXPECT_TRUE(
      absl::IsUnavailable(port_.Post(Url("/w/add-checkpoint"), "x").status()));
  serving_ = std::thread([] {});
}

// The server speaks no TLS, so that nothing can be proved about it.
TEST_F(HttpWitnessPortTest, TlsIsNotGivenUp) {
  const std::string url =
      absl::StrCat("https://127.0.0.1:", port_number_, "/w/add-checkpoint");
  EXPECT_TRUE(absl::IsUnavailable(port_.Post(url, "x").status()));
  EXPECT_EQ(asked_, "");
  EXPECT_TRUE(absl::IsInvalidArgument(port_.Post("witness", "x").status()));
}

}  // namespace
}  // namespace entente::broker

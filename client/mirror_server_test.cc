#include "client/mirror_server.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <httplib.h>

#include <thread>

#include "absl/synchronization/mutex.h"
#include "client/fake_ledger.h"
#include "client/mirror.h"
#include "client/test_folder.h"

namespace entente::client {
namespace {

using testing::Contains;
using testing::HasSubstr;

class MirrorServerTest : public testing::Test {
 protected:
  MirrorServerTest() {
    ledger_.Grow(258);
    EXPECT_TRUE(
        MirrorLedger(ledger_, folder_ / "m", ledger_.key()).status().ok());
    server_ = *MirrorServer::Bind(
        {"127.0.0.1", 0}, MirrorPages(folder_ / "m"),
        [this](absl::string_view path, const MirrorPage& page) {
          const absl::MutexLock lock(&mu_);
          heard_.push_back(absl::StrCat(path, " ", page.status));
        });
    serving_ = std::thread([this] { EXPECT_TRUE(server_->Serve().ok()); });
  }
  ~MirrorServerTest() override {
    server_->Stop();
    serving_.join();
  }

  httplib::Client Client() {
    return httplib::Client("127.0.0.1", server_->port());
  }
  httplib::Result Get(const std::string& path,
                      const httplib::Headers& headers = {}) {
    return Client().Get(path, headers);
  }

  FakeLedger ledger_{"broker.test/ledgers/pact"};
  TestFolder folder_;
  std::unique_ptr<MirrorServer> server_;
  absl::Mutex mu_;
  std::vector<std::string> heard_;
  std::thread serving_;
};

TEST_F(MirrorServerTest, AnswersWithTheFilesAndTheirTypes) {
  const auto checkpoint = Get("/checkpoint");
  ASSERT_TRUE(checkpoint);
  EXPECT_EQ(checkpoint->status, 200);
  EXPECT_EQ(checkpoint->body, folder_.Read("m/checkpoint"));
  EXPECT_EQ(checkpoint->get_header_value("Content-Type"),
            "text/plain; charset=utf-8");
  EXPECT_EQ(checkpoint->get_header_value("Cache-Control"), "no-cache");
  const auto tile = Get("/tile/0/001.p/2");
  ASSERT_TRUE(tile);
  EXPECT_EQ(tile->body, folder_.Read("m/tile/0/001.p/2"));
  EXPECT_EQ(tile->get_header_value("Content-Type"), "application/octet-stream");
  EXPECT_THAT(tile->get_header_value("Cache-Control"), HasSubstr("immutable"));
  const absl::MutexLock lock(&mu_);
  EXPECT_THAT(heard_, Contains("/tile/0/001.p/2 200"));
}

TEST_F(MirrorServerTest, HeadHasTheHeadersAlone) {
  const auto head = Client().Head("/tile/0/000");
  ASSERT_TRUE(head);
  EXPECT_EQ(head->status, 200);
  EXPECT_EQ(head->get_header_value("Content-Length"), "8192");
  EXPECT_EQ(head->body, "");
}

TEST_F(MirrorServerTest, APartOfAFileIsCalledOne) {
  const auto part = Get("/tile/0/000", {{"Range", "bytes=32-63"}});
  ASSERT_TRUE(part);
  EXPECT_EQ(part->status, 206);
  EXPECT_EQ(part->body, folder_.Read("m/tile/0/000").substr(32, 32));
}

TEST_F(MirrorServerTest, HasNothingElse) {
  folder_.Write("secret", "x");
  for (const char* path : {"/", "/log.vkey", "/../secret", "/%2e%2e/secret",
                           "/tile/%2e%2e/%2e%2e/secret", "/checkpoints/258"}) {
    const auto got = Get(path);
    ASSERT_TRUE(got) << path;
    EXPECT_EQ(got->status, 404) << path;
    EXPECT_EQ(got->get_header_value("Cache-Control"), "no-store") << path;
  }
}

TEST_F(MirrorServerTest, TakesNothingIn) {
  const auto posted = Client().Post("/checkpoint", "x", "text/plain");
  ASSERT_TRUE(posted);
  EXPECT_EQ(posted->status, 405);
  EXPECT_EQ(posted->get_header_value("Allow"), "GET, HEAD");
  EXPECT_EQ(Client().Delete("/tile/0/000")->status, 405);
}

TEST_F(MirrorServerTest, KnowsItselfByItsAddressAlone) {
  for (const char* host : {"evil.example", "evil.example:7381", "127.0.0.1.x",
                           "localhost.evil.example", ""}) {
    const auto got = Get("/checkpoint", {{"Host", host}});
    ASSERT_TRUE(got) << host;
    EXPECT_EQ(got->status, 403) << host;
  }
  for (const char* host : {"127.0.0.1", "127.0.0.1:80", "localhost",
                           "localhost:1", "[::1]:7381"}) {
    EXPECT_EQ(Get("/checkpoint", {{"Host", host}})->status, 200) << host;
  }
}

TEST_F(MirrorServerTest, APortThatIsTakenIsRefused) {
  const auto again =
      MirrorServer::Bind({"127.0.0.1", server_->port()},
                         MirrorPages(folder_ / "m"), [](auto, const auto&) {});
  EXPECT_TRUE(absl::IsUnavailable(again.status())) << again.status();
}

TEST(MirrorServerStopTest, MayComeBeforeServe) {
  const auto server = *MirrorServer::Bind({"127.0.0.1", 0}, MirrorPages("none"),
                                          [](auto, const auto&) {});
  server->Stop();
  EXPECT_TRUE(server->Serve().ok());
}

}  // namespace
}  // namespace entente::client

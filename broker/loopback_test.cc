#include "broker/loopback.h"

#include "absl/strings/match.h"
#include "gtest/gtest.h"

namespace entente::broker {
namespace {

TEST(ParseLoopback, TakesBothFamilies) {
  const auto v4 = ParseLoopback("127.0.0.1:9464");
  ASSERT_TRUE(v4.ok()) << v4.status();
  EXPECT_FALSE(v4->is_v6);
  EXPECT_EQ(v4->host, "127.0.0.1");
  EXPECT_EQ(v4->port, 9464);
  const auto v6 = ParseLoopback("[::1]:0");
  ASSERT_TRUE(v6.ok()) << v6.status();
  EXPECT_TRUE(v6->is_v6);
  EXPECT_EQ(v6->host, "::1");
  EXPECT_EQ(v6->port, 0);
  EXPECT_TRUE(ParseLoopback("127.255.0.3:65535").ok());
}

TEST(ParseLoopback, RefusesWhatOthersCouldReach) {
  for (const char* text :
       {"0.0.0.0:9464", "10.0.0.1:9464", "128.0.0.1:1", "126.255.255.255:1",
        "[::]:9464", "[fe80::1]:9464", "[::ffff:127.0.0.1]:9464",
        "localhost:9464", "::1:9464", "127.1:9464", "[127.0.0.1]:9464"}) {
    const absl::Status status = ParseLoopback(text).status();
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << text;
    EXPECT_TRUE(absl::StrContains(status.message(), "loopback")) << text;
  }
}

TEST(ParseLoopback, RefusesWhatIsNoAddressAndPort) {
  for (const char* text : {"", ":", "9464", "127.0.0.1", "127.0.0.1:",
                           "127.0.0.1:65536", "127.0.0.1:-1", "127.0.0.1:+1",
                           "127.0.0.1: 1", ":9464", "[]:1", "[:1", "]:1"}) {
    EXPECT_FALSE(ParseLoopback(text).ok()) << text;
  }
}

}  // namespace
}  // namespace entente::broker

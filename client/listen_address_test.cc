#include "client/listen_address.h"

#include <gtest/gtest.h>

namespace entente::client {
namespace {

TEST(ListenAddressTest, IsAnAddressAndAPort) {
  EXPECT_EQ(ParseListenAddress("127.0.0.1:7381")->host, "127.0.0.1");
  EXPECT_EQ(ParseListenAddress("127.0.0.1:7381")->port, 7381);
  EXPECT_EQ(ParseListenAddress("[::1]:0")->host, "::1");
  EXPECT_EQ(ParseListenAddress("0.0.0.0:65535")->port, 65535);
}

TEST(ListenAddressTest, NothingElseIsOne) {
  for (const char* bad :
       {"", ":", "7381", ":7381", "127.0.0.1", "127.0.0.1:", "127.0.0.1:65536",
        "127.0.0.1:-1", "127.0.0.1:x", "localhost:7381", "::1:7381", "[::1]",
        "[127.0.0.1]:1", "127.1:80", "127.0.0.1 :1"}) {
    EXPECT_FALSE(ParseListenAddress(bad).ok()) << bad;
  }
}

TEST(ListenAddressTest, KnowsWhatOnlyThisMachineReaches) {
  for (const char* host : {"127.0.0.1", "127.255.0.9", "::1"}) {
    EXPECT_TRUE(IsLoopback(host)) << host;
  }
  for (const char* host : {"0.0.0.0", "128.0.0.1", "192.0.2.1",
                           "::", "::ffff:127.0.0.1", "localhost", ""}) {
    EXPECT_FALSE(IsLoopback(host)) << host;
  }
}

}  // namespace
}  // namespace entente::client

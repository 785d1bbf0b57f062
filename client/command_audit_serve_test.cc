// What `entente audit serve` refuses; tests/foreign has it serve.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "client/fake_ledger.h"
#include "client/mirror.h"
#include "client/test_commands.h"

namespace entente::client {
namespace {

using testing::HasSubstr;

class AuditServeTest : public CommandRunTest {
 protected:
  AuditServeTest() {
    ledger_.Grow(3);
    EXPECT_TRUE(
        MirrorLedger(ledger_, folder_ / "m", ledger_.key()).status().ok());
  }
  Ran Serve(std::vector<std::string> more) {
    more.insert(more.begin(), {"audit", "serve"});
    more.insert(more.end(), {"-o", "json"});
    return Run(more);
  }

  FakeLedger ledger_{"broker.test/ledgers/pact"};
};

TEST_F(AuditServeTest, RefusesAnAddressThatOthersReach) {
  for (const char* listen : {"0.0.0.0:0", "[::]:0", "192.0.2.1:0"}) {
    const Ran ran = Serve({folder_ / "m", "--listen", listen});
    EXPECT_EQ(ran.exit, 2) << listen;
    EXPECT_THAT(ran.err, HasSubstr("--beyond-loopback")) << listen;
    EXPECT_EQ(ran.out, "") << listen;
  }
}

TEST_F(AuditServeTest, RefusesWhatItCannotServe) {
  EXPECT_EQ(Serve({folder_ / "m", "--listen", "localhost:0"}).exit, 2);
  EXPECT_EQ(Serve({folder_ / "m", "--listen", "127.0.0.1"}).exit, 2);
  EXPECT_EQ(Serve({folder_ / "none", "--listen", "127.0.0.1:0"}).Code(),
            "NO_MIRROR");
  folder_.Write("m/log.vkey", "x");
  EXPECT_EQ(Serve({folder_ / "m", "--listen", "127.0.0.1:0"}).exit, 6);
}

}  // namespace
}  // namespace entente::client

// Commands about a ledger that goes on in a new part.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "client/test_commands_at_broker.h"
#include "crypto/hex.h"
#include "crypto/sha.h"

namespace entente::client {
namespace {

using testing::HasSubstr;
using testing::SizeIs;

using CommandsOnPartsTest = CommandsAtBrokerTest;

TEST_F(CommandsOnPartsTest, ALedgerThatGoesOnIsReadMirroredAndVerified) {
  ASSERT_EQ(Enrol(North(), "A1,n-1\n").exit, 0);
  const auto audit = [&](std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), "audit");
    arguments.insert(arguments.end(), {"--agreement", kPact});
    return As(North(), arguments);
  };
  ASSERT_EQ(audit({"mirror", folder_ / "m"}).exit, 0);
  const uint64_t size = broker_.ledger().tree().size();
  broker_.ContinueLedger(size);
  const Ran listed = audit({"list"});
  ASSERT_EQ(listed.exit, 0) << listed.err;
  EXPECT_THAT(listed.Out()["entries"], SizeIs(1));
  EXPECT_THAT(listed.out, HasSubstr("ledger_continued"));
  EXPECT_THAT(audit({"list", "--part", "0"}).Out()["entries"], SizeIs(size));
  const Ran shown = audit({"show", "0"});
  EXPECT_EQ(shown.Out()["ledger"], "isa-small.1");
  const Ran named = As(North(), {"audit", "show", "0", "--agreement",
                                 std::string(kPact) + ".1"});
  EXPECT_EQ(named.out, shown.out);
  const Ran old = audit({"show", "1", "--part", "0"});
  EXPECT_EQ(old.Out()["ledger"], kPact);
  EXPECT_THAT(old.out, HasSubstr("agreement_activated"));
  EXPECT_EQ(audit({"show", "0", "--part", "7"}).exit, 3);
  const Ran mirrored = audit({"mirror", folder_ / "m"});
  ASSERT_EQ(mirrored.exit, 0) << mirrored.err;
  EXPECT_EQ(mirrored.Out()["ledger"], "isa-small.1");
  EXPECT_EQ(mirrored.Out()["fetched"], 1);
  EXPECT_THAT(mirrored.Out()["parts"], SizeIs(2));
  const Ran verified = audit({"verify", folder_ / "m"});
  ASSERT_EQ(verified.exit, 0) << verified.err << verified.out;
  EXPECT_THAT(verified.Out()["parts"], SizeIs(2));
  const Ran at_broker = audit({"verify"});
  EXPECT_EQ(at_broker.exit, 0) << at_broker.err;
  EXPECT_EQ(at_broker.Out()["size"], 1);
  EXPECT_EQ(audit({"accept"}).Error()["code"], "NOTHING_TO_ACCEPT");
}

TEST_F(CommandsOnPartsTest, WhatALedgerLostIsAcceptedByAPersonAlone) {
  ASSERT_EQ(Enrol(North(), "A1,n-1\n").exit, 0);
  const uint64_t size = broker_.ledger().tree().size();
  broker_.ContinueLedger(size - 1);
  const Ran stopped = Enrol(North(), "B2,n-2\n");
  EXPECT_EQ(stopped.exit, 6);
  EXPECT_EQ(stopped.Error()["code"], "LEDGER_ENTRIES_LOST");
  const std::vector<std::string> accept = {"audit", "accept", "--agreement",
                                           kPact};
  const auto with = [&](const std::string& digest) {
    std::vector<std::string> arguments = accept;
    arguments.insert(arguments.end(), {"--digest", digest});
    return As(North(), arguments);
  };
  const Ran asked = As(North(), accept);
  EXPECT_EQ(asked.exit, 2) << "nobody can be asked";
  const std::string digest =
      crypto::ToHex(crypto::Sha256(broker_.ledger().entry(0)));
  EXPECT_THAT(std::string(asked.Error()["next"]),
              HasSubstr("--digest " + digest));
  EXPECT_THAT(asked.err, HasSubstr(absl::StrCat("entries ", size - 1)));
  const Ran other = with(std::string(64, '0'));
  EXPECT_EQ(other.exit, 6);
  EXPECT_EQ(other.Error()["code"], "DIGEST_DIFFERS");
  EXPECT_EQ(Enrol(North(), "B2,n-2\n").exit, 6) << "nothing was accepted";
  const Ran accepted = with(digest);
  ASSERT_EQ(accepted.exit, 0) << accepted.err;
  EXPECT_EQ(accepted.Out()["ledger"], "isa-small.1");
  EXPECT_EQ(accepted.Out()["lost"], 1);
  EXPECT_EQ(accepted.Out()["from"], size - 1);
  EXPECT_EQ(Enrol(North(), "B2,n-2\n").exit, 0);
  // Who keeps nothing has nothing to accept.
  const Ran chief = As(Chief(), accept);
  EXPECT_EQ(chief.exit, 2);
  EXPECT_THAT(std::string(chief.Error()["next"]), HasSubstr("audit mirror"));
}

}  // namespace
}  // namespace entente::client

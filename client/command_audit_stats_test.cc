#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "client/fake_ledger_parts.h"
#include "client/mirror_parts.h"
#include "client/test_commands.h"

namespace entente::client {
namespace {

using testing::HasSubstr;
using testing::Not;
using testing::SizeIs;

// Twelve batches from north to west in January 1970, two back in February, of
// which one was refused.
class AuditStatsTest : public CommandRunTest {
 protected:
  AuditStatsTest() {
    for (int i = 0; i < 12; ++i) Append(i, "north", "west", true);
    Append(40 * 86400, "west", "north", true);
    Append(40 * 86400 + 1, "west", "north", false);
    const auto mirrored = MirrorParts(parts_, parts_.key(), "pact",
                                      parts_.newest_name(), folder_ / "m", "");
    EXPECT_TRUE(mirrored.ok()) << mirrored.status();
  }
  void Append(int64_t seconds, const std::string& sender,
              const std::string& recipient, bool allowed) {
    policy::LedgerEntry entry;
    entry.time = absl::FromUnixSeconds(seconds);
    entry.kind = policy::EntryKind::kBatch;
    if (allowed) entry.outcome = policy::Outcome::kAllow;
    if (!allowed) entry.reasons = {{"QUOTA_USED", ""}};
    entry.sender = sender;
    entry.recipient = recipient;
    entry.flow = "persons";
    entry.purpose = "series";
    entry.records = 3;
    entry.batch = absl::StrCat(1'000'000 + seconds, std::string(25, 'a'));
    parts_.newest().Append(*policy::SerialiseEntry(entry));
  }
  Ran Stats(std::vector<std::string> more, const std::string& format = "json") {
    more.insert(more.begin(),
                {"audit", "stats", folder_ / "m", "--zone", "UTC"});
    more.insert(more.end(), {"-o", format});
    return Run(more);
  }

  FakeLedgerParts parts_;
};

TEST_F(AuditStatsTest, SumsUpWhatALedgerHolds) {
  const Ran ran = Stats({});
  ASSERT_EQ(ran.exit, 0) << ran.err;
  EXPECT_EQ(ran.Out()["entries"], 14);
  EXPECT_THAT(ran.Out()["periods"], SizeIs(2));
  EXPECT_EQ(ran.Out()["periods"][1]["refused"], 1);
  EXPECT_EQ(ran.Out()["directions"][0]["records"], 36);
  EXPECT_EQ(ran.Out()["reasons"][0]["reason"], "QUOTA_USED");
  EXPECT_EQ(ran.Out()["undelivered"], 13);
  EXPECT_TRUE(ran.Out()["median_seconds"].is_null());
  EXPECT_THAT(Stats({"--by", "day"}).Out()["periods"], SizeIs(2));
  EXPECT_THAT(Stats({"--from", "west"}).Out()["directions"], SizeIs(1));
}

TEST_F(AuditStatsTest, NamesNobodyInPublicWhoDidLittle) {
  const Ran ran = Stats({"--public"});
  ASSERT_EQ(ran.exit, 0) << ran.err;
  EXPECT_THAT(ran.Out()["directions"], SizeIs(1));
  EXPECT_EQ(ran.Out()["directions"][0]["sender"], "north");
  EXPECT_THAT(ran.Out()["reasons"], SizeIs(0));
  EXPECT_TRUE(ran.Out()["periods"][1]["allowed"].is_null());
  EXPECT_EQ(ran.Out()["least"], 10);
  EXPECT_GE(ran.Out()["withheld"], 3);
  EXPECT_THAT(Stats({"--public", "--least", "2"}).Out()["directions"],
              SizeIs(2));
}

TEST_F(AuditStatsTest, DrawsChartsForPeople) {
  const Ran ran = Stats({}, "table");
  ASSERT_EQ(ran.exit, 0) << ran.err;
  EXPECT_THAT(ran.out, HasSubstr("north > west, persons"));
  EXPECT_THAT(ran.out, HasSubstr(std::string(40, '#') + "  36"));
  EXPECT_THAT(ran.out, HasSubstr("QUOTA_USED"));
  const Ran shown = Stats({"--public"}, "table");
  EXPECT_THAT(shown.out, HasSubstr("(too few to show)"));
  EXPECT_THAT(shown.out, Not(HasSubstr("west > north")));
}

TEST_F(AuditStatsTest, RefusesWhatItDoesNotUnderstand) {
  EXPECT_EQ(Stats({"--by", "year"}).exit, 2);
  EXPECT_EQ(Stats({"--least", "1"}).exit, 2);
  EXPECT_EQ(Stats({}, "csv").exit, 2);
}

}  // namespace
}  // namespace entente::client

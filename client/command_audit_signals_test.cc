// `entente audit signals`, on a mirror and at a broker.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "client/fake_ledger_parts.h"
#include "client/mirror_parts.h"
#include "client/test_acts.h"
#include "client/test_commands.h"
#include "client/test_commands_at_broker.h"
#include "policy/check.h"
#include "policy/test_document.h"

namespace entente::client {
namespace {

using testing::HasSubstr;
using testing::SizeIs;

class AuditSignalsTest : public CommandRunTest {
 protected:
  void Append(const policy::LedgerEntry& entry) {
    parts_.newest().Append(*policy::SerialiseEntry(entry));
  }
  Ran Signals(std::vector<std::string> more = {},
              const std::string& format = "json") {
    const auto mirrored = MirrorParts(parts_, parts_.key(), "pact",
                                      parts_.newest_name(), folder_ / "m", "");
    EXPECT_TRUE(mirrored.ok()) << mirrored.status();
    more.insert(more.begin(),
                {"audit", "signals", folder_ / "m", "--zone", "UTC"});
    more.insert(more.end(), {"-o", format});
    return Run(more);
  }

  FakeLedgerParts parts_;
};

TEST_F(AuditSignalsTest, NothingOddEndsWithZero) {
  Append(SentBatch(kMonday));
  const Ran ran = Signals();
  ASSERT_EQ(ran.exit, 0) << ran.err;
  EXPECT_THAT(ran.Out()["signals"], SizeIs(0));
  EXPECT_EQ(ran.Out()["entries"], 1);
  EXPECT_EQ(ran.Out()["thresholds"]["times_median"], 10);
  EXPECT_EQ(ran.Out()["thresholds"]["zone"], "UTC");
  EXPECT_EQ(Signals({}, "table").exit, 0);
}

TEST_F(AuditSignalsTest, EachSignalHasItsReasonAndItsEntries) {
  Append(SentBatch(kMonday, 501));
  const Ran ran = Signals();
  ASSERT_EQ(ran.exit, 1) << ran.err;
  ASSERT_THAT(ran.Out()["signals"], SizeIs(1));
  const auto signal = ran.Out()["signals"][0];
  EXPECT_EQ(signal["signal"], "many_under_case");
  EXPECT_EQ(signal["who"], "OP/1");
  EXPECT_EQ(signal["entries"][0], "0:0");
  EXPECT_EQ(signal["first"], "2027-03-01T12:00:00.000Z");
  EXPECT_EQ(Signals({"--per-case", "501"}).exit, 0);
}

TEST_F(AuditSignalsTest, WordsSayWhatTheLedgerCannotTell) {
  for (int i = 0; i < 12; ++i) Append(SentBatch(kMonday, 50));
  const Ran ran = Signals({}, "table");
  EXPECT_EQ(ran.exit, 1);
  EXPECT_THAT(ran.out, HasSubstr("many_under_case: OP/1"));
  EXPECT_THAT(ran.out, HasSubstr("0:9, and 2 more"));
  EXPECT_THAT(ran.out, HasSubstr("What the ledger cannot tell"));
  EXPECT_THAT(ran.out, HasSubstr("who stood behind 12 of 12 acts"));
  EXPECT_THAT(ran.out, HasSubstr("A signal proves nothing"));
}

TEST_F(AuditSignalsTest, WhatCameBeforeIsComparedWithAndNotShown) {
  for (int day = 0; day < 40; ++day) {
    if (day % 7 < 5) Append(SentBatch(DaysOn(day), 1));
  }
  policy::LedgerEntry other = SentBatch(DaysOn(42), 1);
  other.purpose = "taxes";
  Append(other);
  const Ran ran = Signals({"--since", "2027-04-12"});
  ASSERT_EQ(ran.exit, 1) << ran.err;
  EXPECT_EQ(ran.Out()["signals"][0]["signal"], "first_purpose");
  EXPECT_EQ(Signals({"--since", "2027-04-13"}).exit, 0);
  EXPECT_EQ(Signals({"--until", "2027-04-12"}).exit, 0);
}

TEST_F(AuditSignalsTest, QuotasComeFromTheDocumentThatTheEntriesName) {
  const std::string document = policy::SmallDocument();
  const std::string digest = policy::Check("small.yaml", document).digest;
  policy::LedgerEntry enrolled = EnrolledPeople(kMonday, 9000, digest);
  enrolled.actor = SystemOf("north-police");
  Append(enrolled);
  const Ran without = Signals();
  EXPECT_EQ(without.exit, 0);
  EXPECT_THAT(without.out, HasSubstr("its document is not here"));
  const std::string file = File("small.yaml", document);
  const Ran with = Signals({"--document", file});
  ASSERT_EQ(with.exit, 1) << with.err;
  EXPECT_EQ(with.Out()["signals"][0]["reason"],
            "9000 enrolled on 2027-03-01 of 10000 a day; near is 80%");
  EXPECT_EQ(Signals({"--document", file, "--near-quota", "91"}).exit, 0);
  const std::string other =
      File("other.yaml", policy::SmallWith("enrolments_per_day: 10000",
                                           "enrolments_per_day: 20000"));
  EXPECT_THAT(Signals({"--document", other}).out,
              HasSubstr("its document is not here"));
}

TEST_F(AuditSignalsTest, NothingFromOutsideMovesTheCursor) {
  policy::LedgerEntry entry = SentBatch(kMonday, 501);
  entry.accompanying["case_reference"] = "OP\xe2\x80\xae/1";
  Append(entry);
  EXPECT_THAT(Signals({}, "table").out, HasSubstr("<U+202E>"));
}

TEST_F(AuditSignalsTest, NoErrorEndsWithTheAnswer) {
  for (const std::vector<std::string>& words :
       std::vector<std::vector<std::string>>{{"--hours", "9-5"},
                                             {"--days", "always"},
                                             {"--since", "yesterday"},
                                             {"--times", "1"},
                                             {"--near-quota", "101"},
                                             {"--document", folder_ / "no"},
                                             {"--agreement", "isa-1"}}) {
    EXPECT_EQ(Signals(words).exit, 2) << words[0];
  }
  EXPECT_EQ(Run({"audit", "signals", folder_ / "none", "-o", "json"}).exit, 2);
  Append(SentBatch(kMonday));
  Signals();
  std::string bundle = folder_.Read("m/tile/entries/000.p/1");
  bundle[40] ^= 1;
  folder_.Write("m/tile/entries/000.p/1", bundle);
  const Ran altered = Run({"audit", "signals", folder_ / "m", "-o", "json"});
  EXPECT_EQ(altered.exit, 6);
  EXPECT_EQ(altered.out, "");
}

using SignalsAtBrokerTest = CommandsAtBrokerTest;

TEST_F(SignalsAtBrokerTest, TakesTheQuotaFromTheVersionThatTheBrokerServes) {
  ASSERT_EQ(Enrol(North(), "A1,n-1\n").exit, 0);
  const std::vector<std::string> words = {"audit",  "signals", "--agreement",
                                          kPact,    "--hours", "00:00-24:00",
                                          "--days", "mon-sun"};
  const Ran ran = As(North(), words);
  EXPECT_EQ(ran.exit, 0) << ran.out << ran.err;
  EXPECT_THAT(ran.out, testing::Not(HasSubstr("its document is not here")));
}

}  // namespace
}  // namespace entente::client

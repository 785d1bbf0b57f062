// `entente agreement replay` and `agreement coverage`, on a mirror and at a
// broker.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "client/fake_ledger.h"
#include "client/mirror.h"
#include "client/test_acts.h"
#include "client/test_commands.h"
#include "client/test_commands_at_broker.h"
#include "policy/check.h"
#include "policy/test_document.h"

namespace entente::client {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;
using testing::SizeIs;

class AgreementOnLedgerTest : public CommandRunTest {
 protected:
  AgreementOnLedgerTest() { now_ = DaysOn(0); }

  policy::LedgerEntry Sent(absl::Time time) {
    policy::LedgerEntry entry = SentBatch(time, 10);
    entry.sender = "north-police";
    entry.recipient = "west-police";
    entry.actor = SystemOf("north-police");
    entry.fields = {"name", "occurred", "offence", "person"};
    return entry;
  }
  void Append(const policy::LedgerEntry& entry) {
    ledger_.Append(*policy::SerialiseEntry(entry));
  }
  void Activated(absl::Time time, const std::string& document) {
    policy::LedgerEntry entry;
    entry.time = time;
    entry.kind = policy::EntryKind::kAgreementActivated;
    entry.outcome = policy::Outcome::kAllow;
    entry.version = 1;
    entry.digest = policy::Check("small.yaml", document).digest;
    Append(entry);
  }
  Ran Agreement(std::vector<std::string> words,
                const std::string& format = "json") {
    const auto mirrored = MirrorLedger(ledger_, folder_ / "m", ledger_.key());
    EXPECT_TRUE(mirrored.ok()) << mirrored.status();
    words.insert(words.begin(), "agreement");
    words.insert(words.end(), {"--mirror", folder_ / "m", "-o", format});
    return Run(words);
  }
  Ran Replay(const std::string& document, std::vector<std::string> more = {},
             const std::string& format = "json") {
    more.insert(more.begin(), {"replay", File("draft.yaml", document)});
    return Agreement(more, format);
  }

  FakeLedger ledger_{"broker.example/ledgers/isa-small"};
};

TEST_F(AgreementOnLedgerTest, ADraftThatSaysTheSameEndsWithZero) {
  Append(Sent(DaysOn(-3)));
  const Ran ran = Replay(policy::SmallDocument());
  ASSERT_EQ(ran.exit, 0) << ran.err << ran.out;
  EXPECT_EQ(ran.Out()["flips"], false);
  EXPECT_EQ(ran.Out()["acts"], 1);
  EXPECT_EQ(ran.Out()["same_allowed"], 1);
  EXPECT_THAT(std::string(ran.Out()["note"]), HasSubstr("agreement diff"));
}

TEST_F(AgreementOnLedgerTest, FlipsAreToldByPartnerAndPurpose) {
  Append(Sent(DaysOn(-3)));
  Append(Sent(DaysOn(-2)));
  const std::string draft = policy::SmallWith(
      "require: [case_reference]", "require: [case_reference, justification]");
  const Ran ran = Replay(draft);
  ASSERT_EQ(ran.exit, 1) << ran.err << ran.out;
  ASSERT_THAT(ran.Out()["newly_refused"], SizeIs(1));
  const auto flip = ran.Out()["newly_refused"][0];
  EXPECT_EQ(flip["sender"], "north-police");
  EXPECT_EQ(flip["recipient"], "west-police");
  EXPECT_EQ(flip["purpose"], "find-series");
  EXPECT_EQ(flip["acts"], 2);
  EXPECT_EQ(flip["records"], 20);
  EXPECT_EQ(flip["reasons"][0]["code"], "MISSING:justification");
  EXPECT_EQ(flip["reasons"][0]["acts"], 2);
  EXPECT_THAT(flip["entries"], ElementsAre("0:0", "0:1"));
}

TEST_F(AgreementOnLedgerTest, FlipsAreToldByField) {
  Append(Sent(DaysOn(-3)));
  const std::string draft =
      policy::SmallWith("      name: as_is\n", "      age: as_is\n");
  const Ran ran = Replay(draft);
  ASSERT_EQ(ran.exit, 1) << ran.err << ran.out;
  EXPECT_EQ(ran.Out()["same_allowed"], 1);
  ASSERT_THAT(ran.Out()["fields"], SizeIs(2));
  EXPECT_EQ(ran.Out()["fields"][0]["field"], "age");
  EXPECT_EQ(ran.Out()["fields"][0]["flip"], "gained");
  EXPECT_EQ(ran.Out()["fields"][1]["field"], "name");
  EXPECT_EQ(ran.Out()["fields"][1]["flip"], "lost");
  const Ran words = Replay(draft, {}, "table");
  EXPECT_EQ(words.exit, 1);
  EXPECT_THAT(words.out, HasSubstr("name would not go any more: north-police "
                                   "to west-police"));
  EXPECT_THAT(words.out, HasSubstr("evidence on the traffic that there was"));
}

TEST_F(AgreementOnLedgerTest, WhatWasRefusedMayBeNewlyAllowed) {
  policy::LedgerEntry refused = Sent(DaysOn(-3));
  refused.outcome = policy::Outcome::kDeny;
  refused.method = "extract";
  refused.reasons = {{"METHOD_NOT_ALLOWED", "flows[0] crimes-west.methods"}};
  Append(refused);
  refused.reasons = {{"SUSPENDED", "governance.suspend"}};
  Append(refused);
  const Ran ran =
      Replay(policy::SmallWith("methods: [push]", "methods: [push, extract]"));
  ASSERT_EQ(ran.exit, 1) << ran.err << ran.out;
  ASSERT_THAT(ran.Out()["newly_allowed"], SizeIs(1));
  EXPECT_EQ(ran.Out()["newly_allowed"][0]["reasons"][0]["code"],
            "METHOD_NOT_ALLOWED");
  EXPECT_EQ(ran.Out()["not_replayed"][0]["why"], "refused with SUSPENDED");
}

TEST_F(AgreementOnLedgerTest, ActsBeforeSinceAreNotAskedAgain) {
  Append(Sent(DaysOn(-30)));
  Append(Sent(DaysOn(-3)));
  EXPECT_EQ(Replay(policy::SmallDocument(), {"--since", "7d"}).Out()["acts"],
            1);
}

TEST_F(AgreementOnLedgerTest, ReplayNoErrorEndsWithTheAnswer) {
  Append(Sent(DaysOn(-3)));
  EXPECT_EQ(Replay("id: isa-small\n").exit, 2);
  const Ran other =
      Replay(policy::SmallWith("id: isa-small\n", "id: isa-other\n"));
  EXPECT_EQ(other.exit, 2);
  EXPECT_THAT(other.err, HasSubstr("is not the ledger of isa-other"));
  const std::string under =
      policy::SmallWith("title: Burglary", "under: isa-tier\ntitle: Burglary");
  const Ran alone = Replay(under);
  EXPECT_EQ(alone.exit, 2);
  EXPECT_THAT(alone.err, HasSubstr("stands under isa-tier"));
  const std::string tier =
      File("tier.yaml", policy::SmallWith("id: isa-small\n", "id: isa-tier\n"));
  EXPECT_EQ(Replay(under, {"--above", tier}).exit, 0);
  EXPECT_EQ(Replay(policy::SmallDocument(), {"--since", "soon"}).exit, 2);
}

TEST_F(AgreementOnLedgerTest, WhatNobodyUsedIsACandidate) {
  Activated(DaysOn(-100), policy::SmallDocument());
  Append(Sent(DaysOn(-95)));
  const std::string file = File("small.yaml", policy::SmallDocument());
  const Ran ran = Agreement({"coverage", file});
  ASSERT_EQ(ran.exit, 0) << ran.err;
  EXPECT_EQ(ran.Out()["judged"], true);
  const auto said = ran.Out();
  const std::string clauses = said["clauses"].dump();
  for (const auto& clause : said["clauses"]) {
    EXPECT_EQ(clause["acts"], 0) << clause.dump();
    EXPECT_EQ(clause["candidate"], true) << clause.dump();
  }
  EXPECT_THAT(clauses, HasSubstr("2026-11-26T12:00:00.000Z")) << "last used";
  EXPECT_EQ(Agreement({"coverage", file, "--days", "96"})
                .Out()["clauses"][0]["candidate"],
            false);
  const Ran words = Agreement({"coverage", file}, "table");
  EXPECT_THAT(words.out, HasSubstr("candidates for removal"));
  EXPECT_THAT(words.out, HasSubstr("records_per_day: 0 of 5000"));
}

TEST_F(AgreementOnLedgerTest, AYoungVersionHasNoCandidates) {
  Activated(DaysOn(-10), policy::SmallDocument());
  const std::string file = File("small.yaml", policy::SmallDocument());
  const Ran ran = Agreement({"coverage", file});
  EXPECT_EQ(ran.Out()["judged"], false);
  EXPECT_THAT(ran.out, Not(HasSubstr("\"candidate\":true")));
  EXPECT_THAT(Agreement({"coverage", file}, "table").out,
              HasSubstr("in force only since"));
  EXPECT_EQ(Agreement({"coverage", file, "--days", "9"}).Out()["judged"], true);
}

TEST_F(AgreementOnLedgerTest, ADraftWasNeverInForce) {
  Activated(DaysOn(-100), policy::SmallDocument());
  const std::string file = File(
      "draft.yaml", policy::SmallWith("notice_days: 90", "notice_days: 30"));
  EXPECT_EQ(Agreement({"coverage", file}).Out()["judged"], false);
  EXPECT_THAT(Agreement({"coverage", file}, "table").out,
              HasSubstr("does not say that this version was activated"));
}

using AgreementAtBrokerTest = CommandsAtBrokerTest;

TEST_F(AgreementAtBrokerTest, IsHeldAgainstItsLedger) {
  ASSERT_EQ(Enrol(North(), "A1,n-1\n").exit, 0);
  ASSERT_EQ(Send("A1,x,28/3,2026-01-02,31\n").exit, 0);
  const Ran coverage = As(North(), {"agreement", "coverage", kPact});
  ASSERT_EQ(coverage.exit, 0) << coverage.err;
  EXPECT_THAT(coverage.out, HasSubstr("\"clause\":\"flows[0] crimes-west\""));
  const Ran shown = RunCommands({"--profile", North().folder(), "agreement",
                                 "show", kPact, "--as", "yaml"},
                                {"", folder_ / "config", false});
  folder_.Write("draft.yaml", shown.out);
  const Ran replay =
      As(North(), {"agreement", "replay", folder_ / "draft.yaml"});
  EXPECT_EQ(replay.exit, 0) << replay.err << replay.out;
  EXPECT_EQ(replay.Out()["same_allowed"], 1);
}

}  // namespace
}  // namespace entente::client

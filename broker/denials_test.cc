#include "broker/denials.h"

#include <unistd.h>

#include "broker/fake_clock.h"
#include "broker/rpc/refusal.h"
#include "broker/test_broker.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace entente::broker {
namespace {

using policy::EntryKind;
using testing::ElementsAre;
using testing::SizeIs;

class DenialsTest : public testing::Test {
 protected:
  void SetUp() override {
    ASSERT_TRUE(parts.OpenLedger("broker").ok());
    ASSERT_TRUE(parts.OpenLedger("isa").ok());
    Open();
  }
  // After a change of `parts`.
  void Open() {
    recorder = std::make_unique<Recorder>(parts.sequencer.get(), &clock);
    context.sequencer = parts.sequencer.get();
    context.ledgers = parts.ledgers.get();
    context.recorder = recorder.get();
    context.clock = &clock;
    context.log = &log;
  }
  void TearDown() override {
    if (parts.sequencer != nullptr) parts.sequencer->Shutdown();
  }

  Denial Make(char who, const std::string& method = "Send",
              const std::string& source = "north",
              policy::Reason reason = policy::Reason::kRoleNotAllowed) {
    Denial denial;
    denial.source = source;
    denial.ledger = "broker";
    denial.entry = recorder->OwnAct(EntryKind::kRefusedCall);
    denial.entry.actor_certificate = std::string(64, who);
    denial.entry.detail["method"] = method;
    denial.refusal = Refuse(reason, "");
    return denial;
  }

  // Everything in a ledger once all that was noted is written.
  std::vector<policy::LedgerEntry> Entries(const std::string& ledger) {
    std::vector<policy::LedgerEntry> entries;
    EXPECT_TRUE(parts.Append("isa", 0).ok());
    const absl::Status read =
        parts.store->Read([&](Transaction& transaction) -> absl::Status {
          const auto head = parts.ledgers->Head(transaction, ledger);
          if (!head.ok()) return head.status();
          for (uint64_t i = 0; i < head->size; ++i) {
            const auto line = parts.ledgers->Entry(transaction, ledger, i);
            if (!line.ok()) return line.status();
            const auto entry = policy::ParseEntry(*line);
            if (!entry.ok()) return entry.status();
            entries.push_back(*entry);
          }
          return absl::OkStatus();
        });
    EXPECT_TRUE(read.ok()) << read;
    return entries;
  }

  FakeClock clock{absl::FromUnixSeconds(1800000000)};
  TestBroker parts;
  JsonLog log{STDERR_FILENO, LogLevel::kError, &clock};
  std::unique_ptr<Recorder> recorder;
  Context context;
  Denials denials{&context};
};

TEST_F(DenialsTest, RecordsADenialWithItsReasonAndAnswersWithItsPlace) {
  const absl::Status refused = denials.Record(Make('a'));
  EXPECT_EQ(refused.code(), absl::StatusCode::kPermissionDenied);
  const absl::Status second = denials.Record(Make('b'));
  EXPECT_EQ(StatusDetails(second),
            StatusDetails(RecordedAt(Make('b').refusal, "broker", 1)));
  const auto entries = Entries("broker");
  ASSERT_THAT(entries, SizeIs(2));
  EXPECT_EQ(entries[0].kind, EntryKind::kRefusedCall);
  EXPECT_EQ(entries[0].outcome, policy::Outcome::kDeny);
  EXPECT_THAT(entries[0].reasons,
              ElementsAre(policy::EntryReason{"ROLE_NOT_ALLOWED", ""}));
  EXPECT_EQ(entries[0].actor_certificate, std::string(64, 'a'));
}

TEST_F(DenialsTest, CountsTheSameDenialAndWritesTheCountAfterTheWindow) {
  for (int i = 0; i < 5; ++i) {
    const absl::Status refused = denials.Record(Make('a'));
    EXPECT_EQ(StatusDetails(refused),
              StatusDetails(RecordedAt(Make('a').refusal, "broker", 0)))
        << "every answer names the one entry";
  }
  clock.Advance(kDenialWindow - absl::Milliseconds(1));
  denials.Tick();
  EXPECT_THAT(Entries("broker"), SizeIs(1));
  clock.Advance(absl::Milliseconds(1));
  denials.Tick();
  const auto entries = Entries("broker");
  ASSERT_THAT(entries, SizeIs(2));
  EXPECT_EQ(entries[0].detail.count("repeats"), 0u);
  EXPECT_EQ(entries[1].detail.at("repeats"), "4");
  EXPECT_EQ(entries[1].detail.at("method"), "Send");
  EXPECT_NE(entries[0].salt, entries[1].salt);
  EXPECT_EQ(entries[1].time, clock.Now());
  denials.Record(Make('a')).IgnoreError();
  EXPECT_THAT(Entries("broker"), SizeIs(3)) << "a new window";
}

TEST_F(DenialsTest, WindowEndsWithoutATickAtTheNextDenial) {
  denials.Note(Make('a'));
  denials.Note(Make('a'));
  clock.Advance(kDenialWindow);
  denials.Note(Make('b'));
  const auto entries = Entries("broker");
  ASSERT_THAT(entries, SizeIs(3));
  EXPECT_EQ(entries[1].detail.at("repeats"), "1");
}

TEST_F(DenialsTest, FlushWritesTheCountsOfAnOpenWindow) {
  denials.Note(Make('a'));
  denials.Note(Make('a'));
  denials.Flush();
  EXPECT_THAT(Entries("broker"), SizeIs(2));
  denials.Flush();
  EXPECT_THAT(Entries("broker"), SizeIs(2)) << "once";
}

TEST_F(DenialsTest, WhatDiffersIsRecordedApart) {
  denials.Note(Make('a'));
  denials.Note(Make('b'));
  denials.Note(Make('a', "Enrol"));
  denials.Note(Make('a', "Send", "north", policy::Reason::kCertificateRevoked));
  Denial elsewhere = Make('a');
  elsewhere.ledger = "isa";
  denials.Note(elsewhere);
  Denial login = Make('a');
  login.entry.kind = EntryKind::kRefusedLogin;
  denials.Note(login);
  EXPECT_THAT(Entries("broker"), SizeIs(5));
  EXPECT_THAT(Entries("isa"), SizeIs(1));
}

TEST_F(DenialsTest, OneSourceCannotGrowTheLedgerOrHideAnother) {
  for (size_t i = 0; i < kMaxDenialsPerSource + 1000; ++i) {
    denials.Note(Make('a', absl::StrCat("M", i)));
  }
  EXPECT_THAT(Entries("broker"), SizeIs(kMaxDenialsPerSource));
  denials.Note(Make('b', "Send", "south"));
  EXPECT_THAT(Entries("broker"), SizeIs(kMaxDenialsPerSource + 1));
  clock.Advance(kDenialWindow);
  denials.Tick();
  const auto entries = Entries("broker");
  ASSERT_THAT(entries, SizeIs(kMaxDenialsPerSource + 2));
  EXPECT_EQ(entries.back().detail.at("source"), "north");
  EXPECT_EQ(entries.back().detail.at("omitted"), "1000");
  EXPECT_EQ(entries.back().kind, EntryKind::kRefusedCall);
  EXPECT_THAT(entries.back().reasons,
              ElementsAre(policy::EntryReason{"ROLE_NOT_ALLOWED", ""}));
  EXPECT_EQ(entries.back().actor, "");
}

TEST_F(DenialsTest, AWholeWindowOfEverythingStaysWithinItsBound) {
  for (int round = 0; round < 3; ++round) {
    for (size_t i = 0; i < 2 * kMaxDenialsPerSource; ++i) {
      denials.Note(Make('a', absl::StrCat("M", i)));
      denials.Note(Make('a', absl::StrCat("M", i)));
    }
    denials.Flush();
  }
  EXPECT_THAT(Entries("broker"), SizeIs(3 * (2 * kMaxDenialsPerSource + 1)));
}

TEST_F(DenialsTest, RefusedLedgerGivesWayToTheBrokers) {
  ASSERT_TRUE(parts.Append("isa", 2).ok());
  parts.Stop();
  ASSERT_TRUE(parts.Tamper("DELETE FROM entries").ok());
  ASSERT_TRUE(parts.Start().ok());
  ASSERT_EQ(parts.ledgers->refused().count("isa"), 1u);
  Open();
  Denial denial = Make('a');
  denial.ledger = "isa";
  EXPECT_EQ(StatusDetails(denials.Record(denial)),
            StatusDetails(RecordedAt(denial.refusal, "broker", 0)));
}

TEST_F(DenialsTest, SaysWhenNothingCanBeRecordedAndTriesAgain) {
  ASSERT_TRUE(parts.Tamper("ALTER TABLE entries RENAME TO gone").ok());
  const absl::Status refused = denials.Record(Make('a'));
  EXPECT_EQ(ConditionsOf(refused).at(0).reason, "LOG_UNAVAILABLE");
  EXPECT_TRUE(absl::IsUnavailable(refused));
  denials.Note(Make('a'));
  ASSERT_TRUE(parts.Append("isa", 0).ok()) << "the note has been tried";
  ASSERT_TRUE(parts.Tamper("ALTER TABLE gone RENAME TO entries").ok());
  denials.Record(Make('a')).IgnoreError();
  denials.Flush();
  const auto entries = Entries("broker");
  ASSERT_THAT(entries, SizeIs(2));
  EXPECT_EQ(entries[1].detail.at("omitted"), "2") << "those that failed";
}

TEST_F(DenialsTest, SequencerThatTakesNothingLosesNoCount) {
  parts.sequencer->Shutdown();  // refuses everything
  denials.Note(Make('a'));
  denials.Note(Make('a'));
  EXPECT_EQ(ConditionsOf(denials.Record(Make('a'))).at(0).reason,
            "LOG_UNAVAILABLE");
  parts.Stop();
  ASSERT_TRUE(parts.Start().ok());
  Open();
  denials.Flush();
  const auto entries = Entries("broker");
  ASSERT_THAT(entries, SizeIs(1));
  EXPECT_EQ(entries[0].detail.at("omitted"), "3");
}

}  // namespace
}  // namespace entente::broker

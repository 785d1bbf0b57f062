#include "client/continuation.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>

#include "client/fake_system.h"
#include "client/fake_traffic.h"
#include "client/follower.h"
#include "client/receiver.h"
#include "client/rpc/ledger_parts.h"
#include "client/sender.h"
#include "client/test_receiver.h"

namespace entente::client {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

// North has seen the agreement's ledger as it is, five entries or more.
class ContinuationTest : public testing::Test {
 protected:
  void SetUp() override {
    Grow(3);
    ASSERT_TRUE(north_.Fetch().ok());
    seen_ = *north_.view().Known();
    ASSERT_EQ(seen_.size, Size());
    ASSERT_GE(seen_.size, 5u);
  }
  void Grow(int entries) {
    for (int i = 0; i < entries; ++i) {
      broker_.Write(kPact, broker_.Entry(policy::EntryKind::kBatch));
    }
  }
  uint64_t Size() { return broker_.ledger().tree().size(); }
  std::string Fetched(FakeSystem& system) {
    return Told(system.Fetch().status());
  }
  KnowledgeTable& Knowledge() { return north_.store().knowledge(); }

  FakeBroker broker_;
  FakeSystem north_{&broker_, kNorth};
  KeptCheckpoint seen_;
};

TEST_F(ContinuationTest, WhoKnowsExactlyWhatIsNamedGoesOnByItself) {
  broker_.ContinueLedger(Size());
  ASSERT_EQ(Fetched(north_), "OK");
  const KeptCheckpoint known = *north_.view().Known();
  EXPECT_EQ(known.part, 1u);
  EXPECT_EQ(known.size, 1u);
  EXPECT_EQ(north_.view().KnownOf(0)->size, seen_.size);
  EXPECT_THAT(*Knowledge().LostViews(kPact), IsEmpty());
  // It is held to the new part from here on.
  broker_.ForkLedger();
  EXPECT_FALSE(
      north_.view().Accept(known, broker_.ledger().Checkpoint(1), {}).ok());
}

TEST_F(ContinuationTest, WhoKnowsLessThanIsNamedGoesOnByItself) {
  Grow(300);
  broker_.ContinueLedger(Size());
  ASSERT_EQ(Fetched(north_), "OK");
  EXPECT_EQ(north_.view().Known()->part, 1u);
  EXPECT_EQ(north_.view().KnownOf(0)->size, seen_.size + 300);
}

TEST_F(ContinuationTest, WhoKnowsNothingGoesTheWholeWay) {
  broker_.ContinueLedger(Size());
  Grow(2);
  broker_.ContinueLedger(Size());
  FakeSystem west(&broker_, kWest);
  ASSERT_EQ(Fetched(west), "OK");
  EXPECT_EQ(west.view().Known()->part, 2u);
  EXPECT_EQ(west.view().KnownOf(1)->size, 3u);
  EXPECT_EQ(west.view().KnownOf(0)->size, seen_.size);
}

TEST_F(ContinuationTest, SeveralNewPartsAreFollowedAtOnceOrOneByOne) {
  for (int part = 1; part <= 3; ++part) {
    broker_.ContinueLedger(Size());
    if (part == 1) {
      ASSERT_EQ(Fetched(north_), "OK");
    }
    Grow(1);
  }
  ASSERT_EQ(Fetched(north_), "OK");
  EXPECT_EQ(north_.view().Known()->part, 3u);
  EXPECT_EQ(north_.view().KnownOf(2)->size, 2u);
}

TEST_F(ContinuationTest, WhoKnowsMoreThanIsNamedStops) {
  broker_.ContinueLedger(
      seen_.size - 2, [&](auto& says) { says.signed_size = seen_.size + 4; });
  const size_t before = broker_.get_manifest.calls.size();
  const std::string told = Fetched(north_);
  EXPECT_THAT(told, HasSubstr("LEDGER_ENTRIES_LOST exit 6"));
  EXPECT_THAT(told, HasSubstr(absl::StrCat("entries ", seen_.size - 2, " to ",
                                           seen_.size - 1, " of isa-small")));
  EXPECT_THAT(told, HasSubstr("it goes on as isa-small.1"));
  EXPECT_THAT(told, HasSubstr(absl::StrCat("signed ", seen_.size + 4)));
  EXPECT_THAT(told, HasSubstr("entente audit accept --agreement isa-small"));
  EXPECT_EQ(*north_.view().Known(), seen_) << "what was seen is kept";
  EXPECT_EQ(broker_.get_manifest.calls.size(), before)
      << "nothing else is asked";
  EXPECT_THAT(Fetched(north_), HasSubstr("LEDGER_ENTRIES_LOST")) << "and again";
}

TEST_F(ContinuationTest, AnotherHistoryOfTheSameLengthStops) {
  broker_.ForkLedger();
  Grow(2);
  broker_.ContinueLedger(Size());
  const std::string told = Fetched(north_);
  EXPECT_THAT(told, HasSubstr("LEDGER_REWRITTEN exit 6"));
  EXPECT_THAT(told, HasSubstr(absl::StrCat("entries 0 to ", seen_.size - 1)));
  EXPECT_EQ(*north_.view().Known(), seen_);
}

TEST_F(ContinuationTest, APartThatWasLostWholeStopsWhoHasSeenIt) {
  broker_.ContinueLedger(Size());
  Grow(4);
  ASSERT_EQ(Fetched(north_), "OK");
  FakeSystem west(&broker_, kWest);
  broker_.ForgetNewestPart();
  broker_.ContinueLedger(Size(), nullptr, /*skipped=*/1);
  // It has never heard of isa-small.1.
  ASSERT_EQ(Fetched(west), "OK");
  EXPECT_EQ(west.view().Known()->part, 2u);
  const std::string told = Fetched(north_);
  EXPECT_THAT(told, HasSubstr("LEDGER_ENTRIES_LOST exit 6"));
  EXPECT_THAT(told, HasSubstr("of isa-small.1"));

  GrpcLedgerParts parts(&north_.link().ledger());
  const KeptCheckpoint lost = *north_.view().Known();
  const auto way =
      FollowParts(parts, north_.view().key(), kPact, lost, "isa-small.2");
  ASSERT_TRUE(way.ok()) << Told(way.status());
  ASSERT_TRUE(Knowledge()
                  .AcceptContinuation(kPact, lost, way->parts, way->first_entry,
                                      broker_.now)
                  .ok());
  const auto views = *Knowledge().LostViews(kPact);
  ASSERT_THAT(views, SizeIs(1)) << "the first part is whole";
  EXPECT_EQ(views[0].seen, lost);
  EXPECT_EQ(Fetched(north_), "OK");
  EXPECT_EQ(north_.view().Known()->part, 2u);
}

TEST_F(ContinuationTest, ABrokerThatForgotAPartIsCaught) {
  broker_.ContinueLedger(Size());
  ASSERT_EQ(Fetched(north_), "OK");
  broker_.ForgetNewestPart();
  EXPECT_THAT(Fetched(north_), HasSubstr("was cut back"));
  EXPECT_EQ(north_.view().Known()->part, 1u);
}

TEST_F(ContinuationTest, TheFirstEntryMayNotLie) {
  using Lie = std::function<void(policy::Continuation&)>;
  const std::pair<const char*, Lie> lies[] = {
      {"another broker's",
       [](auto& c) { c.origin = "broker.evil/ledgers/isa-small"; }},
      {"another ledger", [](auto& c) { c.origin.back() = 'x'; }},
      {"itself", [](auto& c) { c.origin += ".1"; }},
      {"a later part", [](auto& c) { c.origin += ".2"; }},
      {"fewer entries", [](auto& c) { --c.size; }},
      {"more entries", [](auto& c) { ++c.size; }},
      {"another root", [](auto& c) { c.root[0] ^= 1; }}};
  for (const auto& [what, lie] : lies) {
    broker_.ContinueLedger(Size(), lie);
    EXPECT_THAT(Fetched(north_), HasSubstr("does not show which one")) << what;
    EXPECT_EQ(*north_.view().Known(), seen_) << what;
    broker_.ForgetNewestPart();
  }
  broker_.ContinueLedger(Size());
  EXPECT_EQ(Fetched(north_), "OK");
}

TEST_F(ContinuationTest, ThePartBetweenIsWhatTheNextNames) {
  broker_.ContinueLedger(Size());
  broker_.ContinueLedger(Size(), [](auto& says) { ++says.size; });
  EXPECT_THAT(Fetched(north_), HasSubstr("is not what follows it names"));
}

TEST_F(ContinuationTest, TheProofOfTheFirstEntryIsChecked) {
  using Lie = std::function<void(v1::Receipt*)>;
  const Lie lies[] = {
      [](auto* r) { r->mutable_proof()->back() ^= 1; },
      [](auto* r) { r->clear_proof(); },
      [](auto* r) { (*r->mutable_entry())[20] ^= 1; },
      [&](auto* r) { *r = broker_.ReceiptAt("isa-small", 0, 0); },
      [&](auto* r) { *r = broker_.ReceiptAt("isa-small.1", 1, 0); }};
  broker_.ContinueLedger(Size());
  Grow(1);
  for (const Lie& lie : lies) {
    broker_.get_entry.alter = [&](const auto& request, auto* response) {
      if (request.ledger() == "isa-small.1") {
        lie(response->mutable_receipt());
      }
    };
    EXPECT_THAT(Fetched(north_), HasSubstr("VERIFICATION_FAILED exit 6"));
    EXPECT_EQ(*north_.view().Known(), seen_);
  }
}

TEST_F(ContinuationTest, TheNewestPartIsOneOfThisLedger) {
  for (const char* newest :
       {"isa-other.1", "broker.1", "isa-small.01", "nonsense here"}) {
    broker_.get_agreement.alter = [&](const auto&, auto* response) {
      response->set_newest_part(newest);
    };
    EXPECT_THAT(Fetched(north_), HasSubstr("VERIFICATION_FAILED exit 6"))
        << newest;
  }
  broker_.get_agreement.alter = [&](const auto&, auto* response) {
    response->set_newest_part("isa-small.9");
  };
  EXPECT_THAT(Fetched(north_), HasSubstr("NO_ENTRY")) << "there is none";
}

TEST_F(ContinuationTest, AnotherProcessMayFollowFirst) {
  broker_.ContinueLedger(Size());
  GrpcLedgerParts parts(&north_.link().ledger());
  const auto way =
      FollowParts(parts, north_.view().key(), kPact, seen_, "isa-small.1");
  ASSERT_TRUE(way.ok()) << Told(way.status());
  EXPECT_TRUE(way->is_whole());
  FakeSystem other(&broker_, kNorth);
  ASSERT_EQ(Fetched(other), "OK");
  Grow(1);
  ASSERT_TRUE(other.Fetch().ok());
  EXPECT_TRUE(absl::IsUnavailable(
      Knowledge().KeepContinuation(kPact, seen_, way->parts)));
  EXPECT_EQ(north_.view().Known()->part, 1u);
  EXPECT_EQ(Fetched(north_), "OK");
}

TEST_F(ContinuationTest, WhatIsAcceptedStaysAsEvidence) {
  broker_.ContinueLedger(seen_.size - 1);
  GrpcLedgerParts parts(&north_.link().ledger());
  const auto way =
      FollowParts(parts, north_.view().key(), kPact, seen_, "isa-small.1");
  ASSERT_TRUE(way.ok()) << Told(way.status());
  EXPECT_EQ(way->lost_begin, seen_.size - 1);
  EXPECT_EQ(way->lost_end, seen_.size);
  const absl::Time now = absl::FromUnixMillis(1800000000123);
  ASSERT_TRUE(
      Knowledge()
          .AcceptContinuation(kPact, seen_, way->parts, way->first_entry, now)
          .ok());
  EXPECT_EQ(Fetched(north_), "OK") << "entries of the old part verify too";
  EXPECT_EQ(north_.view().Known()->part, 1u);
  EXPECT_EQ(north_.view().KnownOf(0)->size, seen_.size - 1);
  const auto lost = *Knowledge().LostViews(kPact);
  ASSERT_THAT(lost, SizeIs(1));
  EXPECT_EQ(lost[0].seen, seen_);
  EXPECT_EQ(lost[0].first_entry, way->first_entry);
  EXPECT_EQ(lost[0].accepted, now);
  // Once is enough, and only for this.
  EXPECT_TRUE(absl::IsUnavailable(Knowledge().AcceptContinuation(
      kPact, seen_, way->parts, way->first_entry, now)));
  Grow(2);
  ASSERT_TRUE(north_.view()
                  .Accept(*north_.view().Known(),
                          broker_.ledger().Checkpoint(3),
                          *broker_.ledger().tree().ProveConsistency(1, 3))
                  .ok());
  broker_.ContinueLedger(2);
  EXPECT_THAT(Fetched(north_), HasSubstr("LEDGER_ENTRIES_LOST"));
}

TEST_F(ContinuationTest, ACallThatMeetsANewPartDoesNothingAndIsRepeated) {
  const OutgoingBatch batch = PutBatch(&north_, kWest, 2);
  const Dealings dealings = north_.Deal();
  broker_.ContinueLedger(Size());
  const auto met = SendStored(dealings, batch.batch_id);
  EXPECT_THAT(Told(met.status()), HasSubstr("LEDGER_CONTINUED exit 7"));
  EXPECT_TRUE(IsPassing(met.status())) << "who follows goes on by itself";
  EXPECT_FALSE(broker_.batches.begin()->second.accepted);
  const auto sent = SendUnfinished(north_.Deal());
  ASSERT_TRUE(sent.ok()) << Told(sent.status());
  ASSERT_THAT(sent->sent, SizeIs(1));
  EXPECT_EQ(sent->sent.front().ledger, "isa-small.1");
  EXPECT_EQ(sent->sent.front().entry, 1u);
}

TEST_F(ContinuationTest, BatchesOfBothPartsAreReceived) {
  const OutgoingBatch early = PutBatch(&north_, kWest, 1);
  ASSERT_TRUE(SendStored(north_.Deal(), early.batch_id).ok());
  // Sealed before, with a view of the old part; sent after.
  const OutgoingBatch between = PutBatch(&north_, kWest, 1);
  broker_.ContinueLedger(Size());
  ASSERT_TRUE(SendStored(north_.Deal(), between.batch_id).ok());
  const OutgoingBatch late = PutBatch(&north_, kWest, 1);
  ASSERT_TRUE(SendStored(north_.Deal(), late.batch_id).ok());
  RecordingSink sink;
  auto receiver = Receiver::Open(broker_.agency(kWest).profile(),
                                 broker_.Link(kWest), kPact);
  ASSERT_TRUE(receiver.ok()) << Told(receiver.status());
  const auto report = (*receiver)->Run(sink);
  ASSERT_TRUE(report.ok()) << Told(report.status());
  EXPECT_THAT(report->refused, IsEmpty());
  EXPECT_THAT(report->batches, SizeIs(3));
  EXPECT_THAT(broker_.part("isa-small.1").entry(3), HasSubstr("delivery"));
}

TEST_F(ContinuationTest, ABatchWhoseViewWasRewrittenIsRefused) {
  const OutgoingBatch between = PutBatch(&north_, kWest, 1);
  broker_.ContinueLedger(Size());
  ASSERT_TRUE(SendStored(north_.Deal(), between.batch_id).ok());
  broker_.receive.alter = [](const auto&, auto* parts) {
    parts->front().mutable_start()->clear_view_consistency();
    parts->front().mutable_start()->add_view_consistency(std::string(32, 'x'));
  };
  RecordingSink sink;
  auto receiver = Receiver::Open(broker_.agency(kWest).profile(),
                                 broker_.Link(kWest), kPact);
  ASSERT_TRUE(receiver.ok()) << Told(receiver.status());
  const auto report = (*receiver)->Run(sink);
  ASSERT_TRUE(report.ok()) << Told(report.status());
  ASSERT_THAT(report->refused, SizeIs(1));
  EXPECT_THAT(Told(report->refused.front().why),
              HasSubstr("different ledgers"));
}

}  // namespace
}  // namespace entente::client

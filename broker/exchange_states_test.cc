// What the state of an agreement does to what is sent and to what waits.
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "broker/batch_check.h"
#include "broker/exchange_service.h"
#include "broker/rpc/refusal.h"
#include "broker/store/acts_table.h"
#include "broker/test_batches.h"
#include "gtest/gtest.h"
#include "policy/ledger_entry.h"

namespace entente::broker {
namespace {

class ExchangeStatesTest : public testing::Test, protected TestBatches {};

TEST_F(ExchangeStatesTest, FromItsEndOnNothingIsTakenOrGiven) {
  const absl::Time end = world_.EndOn(absl::CivilDay(2026, 7, 1));
  world_.clock.Set(end - absl::Milliseconds(1));
  ASSERT_TRUE(SendAll(Seal(Header())).ok());
  auto header = Header();
  header.set_batch_id(std::string(16, 'j'));
  const auto chunks = Seal(header);
  ASSERT_TRUE(Send(chunks[0]).ok());
  ASSERT_EQ(Waiting()->size(), 1u);
  world_.clock.Set(end);
  const uint64_t before = Entries(kAgreement);
  EXPECT_EQ(CodeOf(Send(chunks[1])), "EXPIRED");
  EXPECT_EQ(Entries(kAgreement), before + 1);
  EXPECT_EQ(CodeOf(Waiting().status()), "EXPIRED");
}

TEST_F(ExchangeStatesTest, HoldsWhatASuspendedAgreementHas) {
  const auto chunks = Seal(Header());
  ASSERT_TRUE(SendAll(chunks).ok());
  world_.PutRecord(
      [](auto* record) { record->sending_suspended_by.insert("north"); });
  EXPECT_TRUE(Waiting()->empty());
  world_.PutRecord([](auto* record) { record->suspended_by.insert("south"); });
  EXPECT_EQ(CodeOf(Waiting().status()), "SUSPENDED");
  world_.PutRecord([](auto*) {});
  EXPECT_EQ(Waiting()->size(), 1u);
  EXPECT_EQ(
      CodeOf(service_.NextWaiting(TestExchange::Of("east"), kAgreement, 0, 1)
                 .status()),
      "NO_AGREEMENT");
  trust_.Revoke(TestExchange::Of("south").fingerprint, "south");
  EXPECT_EQ(CodeOf(Waiting().status()), "CERTIFICATE_REVOKED");
}

TEST_F(ExchangeStatesTest, HoldsWhatAPartyThatLeftSentOrWouldGet) {
  ASSERT_TRUE(SendAll(Seal(Header())).ok());
  world_.PutRecord([](auto* record) { record->withdrawn = {{"north", 1}}; });
  EXPECT_TRUE(Waiting()->empty());
  auto header = Header();
  header.set_batch_id(std::string(16, 'j'));
  EXPECT_EQ(CodeOf(Send(Seal(header)[0])), "WITHDRAWN");
  world_.PutRecord([](auto* record) { record->withdrawn = {{"south", 1}}; });
  EXPECT_EQ(CodeOf(Waiting().status()), "WITHDRAWN");
  EXPECT_EQ(CodeOf(Send(Seal(header)[0])), "WITHDRAWN");
  world_.PutRecord([](auto* record) { record->withdrawn = {{"west", 1}}; });
  EXPECT_EQ(Waiting()->size(), 1u) << "another party's leaving";
}

TEST_F(ExchangeStatesTest, ASupersededVersionIsRefusedWithTheOneInForce) {
  policy::Agreement next = world_.agreement;
  next.version = 2;
  next.valid.from = absl::CivilDay(2026, 6, 1);
  const auto supersede = [&](int64_t handover_days) {
    next.valid.handover_days = handover_days;
    world_.PutRecord([&](auto* record) {
      record->versions[2] = {
          *policy::CompiledAgreement::Create(next, crypto::Sha256("next")),
          {},
          true};
    });
  };
  supersede(0);
  const absl::Status refused = Send(Seal(Header())[0]);
  EXPECT_EQ(CodeOf(refused), "VERSION_SUPERSEDED");
  EXPECT_NE(refused.message().find("version in force: 2"),
            absl::string_view::npos)
      << refused;
  supersede(7);
  auto header = Header();
  header.set_batch_id(std::string(16, 'j'));
  EXPECT_TRUE(SendAll(Seal(header)).ok()) << "both live in the handover";
}

TEST_F(ExchangeStatesTest, ANarrowerVersionKeepsWhatStillWaits) {
  ASSERT_TRUE(SendAll(Seal(Header())).ok());
  policy::Agreement next = world_.agreement;
  next.version = 2;
  next.valid.from = absl::CivilDay(2026, 6, 1);
  const auto amend = [&](int64_t handover_days) {
    next.valid.handover_days = handover_days;
    world_.PutRecord([&](auto* record) {
      record->versions[2] = {
          *policy::CompiledAgreement::Create(next, crypto::Sha256("next")),
          {},
          true};
    });
  };
  amend(0);
  EXPECT_EQ(Waiting()->size(), 1u) << "the same way, under another version";
  next.flows[0].release.erase("offence");
  amend(7);
  EXPECT_EQ(Waiting()->size(), 1u) << "both live in the handover";
  amend(0);
  EXPECT_TRUE(Waiting()->empty());
  world_.PutRecord([](auto*) {});
  EXPECT_EQ(Waiting()->size(), 1u) << "it was kept";
}

TEST_F(ExchangeStatesTest, InAHandoverWhoeverOnlyTheFirstNamesReceives) {
  ASSERT_TRUE(SendAll(Seal(Header())).ok());
  policy::Agreement next = world_.agreement;
  next.version = 2;
  next.parties.erase("south");
  next.flows[0].to = {"west"};
  next.valid.from = absl::CivilDay(2026, 6, 1);
  next.valid.handover_days = 7;
  world_.PutRecord([&](auto* record) {
    record->versions[2] = {
        *policy::CompiledAgreement::Create(next, crypto::Sha256("next")),
        {},
        true};
  });
  EXPECT_EQ(Waiting()->size(), 1u);
  auto header = Header();
  header.set_batch_id(std::string(16, 'j'));
  EXPECT_TRUE(SendAll(Seal(header)).ok());
  world_.clock.Advance(absl::Hours(24 * 7));
  const absl::Status over = Waiting().status();
  EXPECT_EQ(CodeOf(over), "VERSION_SUPERSEDED");
  EXPECT_NE(over.message().find("version in force: 2"), absl::string_view::npos)
      << over;
}

// Under an overarching agreement of the same parties and ways.
class UnderAnotherTest : public ExchangeStatesTest {
 protected:
  UnderAnotherTest() {
    world_.agreement.under = "isa-top";
    world_.PutRecord([](auto*) {});
    PutTop([](auto*) {});
    AgreementRow row;
    row.id = "isa-top";
    row.version = 1;
    row.document = {'{', '}'};
    row.digest.assign(32, 7);
    row.state = AgreementState::kActive;
    row.proposed = world_.clock.Now();
    EXPECT_TRUE(
        world_
            .Write([&](Transaction& transaction) {
              return AgreementsTable(transaction).Insert(row, {"north"});
            })
            .ok());
  }
  void PutTop(std::function<void(policy::AgreementRecord*)> change) {
    policy::Agreement top = world_.agreement;
    top.id = "isa-top";
    top.under.clear();
    policy::AgreementRecord record;
    record.id = top.id;
    record.versions[1] = {
        *policy::CompiledAgreement::Create(top, crypto::Sha256("top")),
        {},
        true};
    change(&record);
    world_.agreements.Put(record);
  }
};

TEST_F(UnderAnotherTest, NothingIsDeliveredWhileItIsOutOfForce) {
  ASSERT_TRUE(SendAll(Seal(Header())).ok());
  EXPECT_EQ(Waiting()->size(), 1u);
  const BatchRow row = Waiting()->front();
  PutTop([](auto* record) { record->suspended_by = {"west"}; });
  const absl::Status refused = Waiting().status();
  EXPECT_EQ(CodeOf(refused), "PARENT_NOT_IN_FORCE");
  EXPECT_NE(refused.message().find("isa-top: it is suspended"),
            absl::string_view::npos)
      << refused;
  EXPECT_TRUE(service_.IsHeld(row));
  PutTop([](auto* record) { record->sending_suspended_by = {"north"}; });
  EXPECT_TRUE(Waiting()->empty()) << "the sender's own sending";
  PutTop([](auto* record) { record->withdrawn = {{"north", 1}}; });
  EXPECT_TRUE(Waiting()->empty());
  PutTop([](auto* record) { record->withdrawn = {{"south", 1}}; });
  EXPECT_EQ(CodeOf(Waiting().status()), "PARENT_NOT_IN_FORCE");
  PutTop([](auto* record) { record->terminated = true; });
  EXPECT_EQ(CodeOf(Waiting().status()), "PARENT_NOT_IN_FORCE");
  PutTop([](auto*) {});
  EXPECT_EQ(Waiting()->size(), 1u);
}

TEST_F(UnderAnotherTest, WhatTheStoreSaysOfItStopsTheCommit) {
  ActRow act;
  act.agreement = "isa-top";
  act.digest.assign(32, 1);
  act.agency = "west";
  act.stands = true;
  ASSERT_TRUE(world_
                  .Write([&](Transaction& transaction) {
                    return ActsTable(transaction).Insert(act);
                  })
                  .ok());
  const absl::Status refused = Send(Seal(Header())[0]);
  EXPECT_EQ(CodeOf(refused), "PARENT_NOT_IN_FORCE");
  EXPECT_NE(refused.message().find("isa-top: SUSPENDED suspended by west"),
            absl::string_view::npos)
      << refused;
}

TEST_F(ExchangeStatesTest, ASuspensionInTheStoreByAFormerPartyStopsNothing) {
  ActRow act;
  act.agreement = kAgreement;
  act.digest.assign(32, 1);
  act.agency = "east";
  act.stands = true;
  ASSERT_TRUE(world_
                  .Write([&](Transaction& transaction) {
                    return ActsTable(transaction).Insert(act);
                  })
                  .ok());
  EXPECT_TRUE(SendAll(Seal(Header())).ok());
}

TEST_F(ExchangeStatesTest, AWithdrawalInTheStoreStopsTheCommit) {
  ActRow act;
  act.agreement = kAgreement;
  act.digest.assign(32, 1);
  act.kind = certs::ActKind::kWithdraw;
  act.agency = "south";
  act.through = 1;
  act.stands = true;
  ASSERT_TRUE(world_
                  .Write([&](Transaction& transaction) {
                    return ActsTable(transaction).Insert(act);
                  })
                  .ok());
  EXPECT_EQ(CodeOf(Send(Seal(Header())[0])), "WITHDRAWN");
}

TEST_F(ExchangeStatesTest, ABundleThatEndedStillGetsWhatWasSealedToIt) {
  world_.clock.Set(kSouthsBundleEnds - absl::Hours(1));
  ASSERT_TRUE(SendAll(Seal(Header())).ok());
  world_.clock.Set(kSouthsBundleEnds);
  EXPECT_EQ(Waiting()->size(), 1u);
  auto header = Header();
  header.set_batch_id(std::string(16, 'j'));
  const absl::Status refused = Send(Seal(header)[0]);
  EXPECT_EQ(CodeOf(refused), "KEY_UNKNOWN");
  EXPECT_NE(refused.message().find("south"), absl::string_view::npos);
}

TEST_F(ExchangeStatesTest, ASuspensionInTheStoreStopsTheCommit) {
  ASSERT_TRUE(world_
                  .Write([&](Transaction& transaction) {
                    ActRow act;
                    act.agreement = kAgreement;
                    act.digest.assign(32, 1);
                    act.agency = "south";
                    act.stands = true;
                    return ActsTable(transaction).Insert(act);
                  })
                  .ok());
  EXPECT_EQ(CodeOf(Send(Seal(Header())[0])), "SUSPENDED");
}

}  // namespace
}  // namespace entente::broker

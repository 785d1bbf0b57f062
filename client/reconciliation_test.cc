#include "client/reconciliation.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "crypto/hex.h"

namespace entente::client {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

BatchId Id(uint8_t number) {
  BatchId id = {};
  id[0] = number;
  return id;
}
crypto::Hash Digest(uint8_t number) {
  crypto::Hash digest = {};
  digest[31] = number;
  return digest;
}

policy::LedgerEntry Act(policy::EntryKind kind, const std::string& sender,
                        const std::string& recipient, uint8_t number) {
  policy::LedgerEntry entry;
  entry.kind = kind;
  entry.outcome = policy::Outcome::kAllow;
  entry.sender = sender;
  entry.recipient = recipient;
  entry.batch = crypto::ToHex(Id(number));
  entry.subject = crypto::ToHex(Digest(number));
  return entry;
}

class ReconciliationTest : public testing::Test {
 protected:
  Reconciliation north_{"north"};
};

TEST_F(ReconciliationTest, WhatBothKnowIsConfirmed) {
  north_.Sent(Id(1), Digest(1));
  north_.Received("west", Id(2), Digest(2));
  north_.See(Act(policy::EntryKind::kBatch, "north", "west", 1));
  north_.See(Act(policy::EntryKind::kDelivery, "north", "west", 1));
  north_.See(Act(policy::EntryKind::kBatch, "west", "north", 2));
  north_.See(Act(policy::EntryKind::kDelivery, "west", "north", 2));
  EXPECT_EQ(north_.confirmed(), 2u);
  EXPECT_THAT(north_.Problems(), IsEmpty());
  EXPECT_THAT(north_.Unknown(), IsEmpty());
}

TEST_F(ReconciliationTest, AReceiptWithoutItsEntryIsAProblem) {
  north_.Sent(Id(1), Digest(1));
  north_.Received("west", Id(2), Digest(2));
  EXPECT_THAT(north_.Problems(),
              ElementsAre(HasSubstr("batch 0100"),
                          HasSubstr("the delivery of batch 0200")));
  EXPECT_THAT(north_.Problems()[1], HasSubstr("from west has a receipt"));
}

TEST_F(ReconciliationTest, ARefusalIsNoEntryOfTheAct) {
  north_.Sent(Id(1), Digest(1));
  policy::LedgerEntry refused =
      Act(policy::EntryKind::kBatch, "north", "west", 1);
  refused.outcome = policy::Outcome::kDeny;
  north_.See(refused);
  EXPECT_THAT(north_.Problems(), testing::SizeIs(1));
  EXPECT_THAT(north_.Unknown(), IsEmpty());
}

TEST_F(ReconciliationTest, AnotherDigestIsAProblem) {
  north_.Sent(Id(1), Digest(9));
  north_.See(Act(policy::EntryKind::kBatch, "north", "west", 1));
  EXPECT_THAT(north_.Problems(), ElementsAre(HasSubstr("another digest")));
  EXPECT_EQ(north_.confirmed(), 0u);
}

TEST_F(ReconciliationTest, AnActInTheAgencysNameThatItDoesNotKnowIsTold) {
  north_.See(Act(policy::EntryKind::kBatch, "north", "west", 3));
  north_.See(Act(policy::EntryKind::kDelivery, "west", "north", 4));
  north_.See(Act(policy::EntryKind::kBatch, "west", "north", 5));
  EXPECT_THAT(north_.Unknown(), ElementsAre(HasSubstr("north sent batch 0300"),
                                            HasSubstr("acknowledged")));
  EXPECT_THAT(north_.Problems(), IsEmpty());
}

TEST_F(ReconciliationTest, TheSameIdOfAnotherSenderIsAnotherBatch) {
  north_.Received("west", Id(2), Digest(2));
  north_.See(Act(policy::EntryKind::kDelivery, "east", "north", 2));
  EXPECT_THAT(north_.Problems(), testing::SizeIs(1));
  EXPECT_THAT(north_.Unknown(), testing::SizeIs(1));
}

}  // namespace
}  // namespace entente::client

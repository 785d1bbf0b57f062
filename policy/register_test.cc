#include "policy/register.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "policy/test_route.h"

namespace entente::policy {
namespace {

using testing::ElementsAre;

TEST(Register, ReplacesOneRecordAndLeavesTheOldSnapshotAlone) {
  const auto before = Register::Create({Record(Document()), Record(Tier())});
  AgreementRecord ended = Record(Document());
  ended.terminated = true;
  const auto after = before->With(ended);
  EXPECT_FALSE(before->Find("isa-north-west")->terminated);
  EXPECT_TRUE(after->Find("isa-north-west")->terminated);
  EXPECT_EQ(after->Find("isa-tier"), before->Find("isa-tier"));
  EXPECT_EQ(after->Find("isa-none"), nullptr);
  EXPECT_THAT(after->Ids(), ElementsAre("isa-north-west", "isa-tier"));
  EXPECT_EQ(after->size(), 2u);
}

TEST(Register, ASettledAgreementCarriesItsTableBehindIt) {
  const auto known = Register::Create({Record(Document())});
  const Register::Entry* const entry = known->FindEntry("isa-north-west");
  ASSERT_NE(entry, nullptr);
  EXPECT_EQ((*entry)->Id(), "isa-north-west");
  ASSERT_NE((*entry)->settled, nullptr);
  const Flow& flow = (*entry)->settled->document().flows[0];
  const auto* const row = (*entry)->table.FindRoute(
      flow.from[0], flow.to[0], flow.purposes[0], flow.dataset);
  ASSERT_NE(row, nullptr);
  EXPECT_EQ(row->flow, &flow);
  EXPECT_EQ(reinterpret_cast<uintptr_t>(row) % DecisionTable::kAlignment, 0u);
  EXPECT_NE(row, (*entry)->settled->table().view().FindRoute(
                     flow.from[0], flow.to[0], flow.purposes[0], flow.dataset))
      << "it reads its own copy";
}

TEST(Register, WhatIsNotSettledIsReadFromItsRecord) {
  AgreementRecord suspended = Record(Document());
  suspended.suspended_by.insert("west");
  const auto known = Register::Create({suspended});
  const Register::Entry* const entry = known->FindEntry("isa-north-west");
  ASSERT_NE(entry, nullptr);
  EXPECT_EQ((*entry)->settled, nullptr);
  EXPECT_EQ((*entry)->record->suspended_by.count("west"), 1u);
  EXPECT_EQ(known->FindEntry("isa-north"), nullptr);
}

TEST(Register, ADecisionOutlivesTheRegisterItWasMadeOn) {
  auto known = Register::Create({Record(Document())});
  std::shared_ptr<const CompiledAgreement> kept;
  {
    const Register::Entry& entry = *known->FindEntry("isa-north-west");
    kept = {entry, entry->settled.get()};
  }
  known.reset();
  EXPECT_EQ(kept->document().id, "isa-north-west");
  EXPECT_TRUE(kept->IsParty("north"));
}

// Longer than what is kept in place.
TEST(Register, FindsLongNames) {
  AgreementRecord record = Record(Document());
  record.id = std::string(60, 'a');
  AgreementRecord other = Record(Document());
  other.id = std::string(59, 'a') + "b";
  const auto known = Register::Create({record, other});
  EXPECT_EQ((*known->FindEntry(record.id))->Id(), record.id);
  EXPECT_EQ((*known->FindEntry(other.id))->Id(), other.id);
  EXPECT_EQ(known->FindEntry(std::string(60, 'b')), nullptr);
}

TEST(Register, WhoLeftAVersionMayBeInALaterOne) {
  AgreementRecord record = Record(Document());
  record.withdrawn["west"] = 2;
  EXPECT_TRUE(record.HasWithdrawn("west", 1));
  EXPECT_TRUE(record.HasWithdrawn("west", 2));
  EXPECT_FALSE(record.HasWithdrawn("west", 3));
  EXPECT_FALSE(record.HasWithdrawn("north", 1));
}

TEST(CompiledAgreement, RefusesMorePartiesThanItCanIndex) {
  Agreement document = Document();
  for (int i = 0; i < 38; ++i) document.parties[std::to_string(i)] = {};
  EXPECT_EQ(CompiledAgreement::Create(document, {}).status().code(),
            absl::StatusCode::kInvalidArgument);
}

TEST(CompiledAgreement, FortiethPartyHasItsOwnBit) {
  Agreement document = Document();
  for (int i = 10; i < 47; ++i) {
    const std::string id = "z" + std::to_string(i);
    document.parties[id] = {};
    document.flows[0].to.push_back(id);
  }
  ASSERT_EQ(document.parties.size(), 40u);
  const auto compiled = *CompiledAgreement::Create(document, {});
  EXPECT_NE(
      compiled->table().view().FindRoute("north", "z46", "analysis", "crimes"),
      nullptr);
  EXPECT_EQ(
      compiled->table().view().FindRoute("z46", "west", "analysis", "crimes"),
      nullptr);
  EXPECT_EQ(
      compiled->table().view().FindRoute("z46", "z46", "analysis", "crimes"),
      nullptr);
}

TEST(Request, ReadsTheWordsOfADocument) {
  EXPECT_EQ(MethodOf("subscribe"), Method::kSubscribe);
  EXPECT_EQ(RequirementOf("approver"), Requirement::kApprover);
  EXPECT_EQ(MethodOf("Push"), std::nullopt);
  EXPECT_EQ(RequirementOf(""), std::nullopt);
}

}  // namespace
}  // namespace entente::policy

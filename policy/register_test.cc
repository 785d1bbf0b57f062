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
  EXPECT_NE(compiled->table().FindRoute("north", "z46", "analysis", "crimes"),
            nullptr);
  EXPECT_EQ(compiled->table().FindRoute("z46", "west", "analysis", "crimes"),
            nullptr);
  EXPECT_EQ(compiled->table().FindRoute("z46", "z46", "analysis", "crimes"),
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

#include "policy/diff_registers.h"

#include <memory>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "policy/diff_words.h"
#include "policy/test_route.h"

namespace entente::policy {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

using Compiled = std::shared_ptr<const CompiledAgreement>;

// The digest is any: equal for equal documents is the caller's promise.
Compiled Make(Agreement document, uint8_t digest = 0) {
  crypto::Hash hash{};
  hash[0] = digest;
  return *CompiledAgreement::Create(std::move(document), hash);
}

Agreement Named(const std::string& id) {
  Agreement document = Document();
  document.id = id;
  return document;
}

std::vector<AgreementChange> Compare(const std::vector<Compiled>& before,
                                     const std::vector<Compiled>& after) {
  const auto pointers = [](const std::vector<Compiled>& of) {
    std::vector<const CompiledAgreement*> all;
    for (const Compiled& one : of) all.push_back(one.get());
    return all;
  };
  return DiffRegisters(pointers(before), pointers(after));
}

std::vector<std::string> Ids(const std::vector<AgreementChange>& changes) {
  std::vector<std::string> ids;
  for (const AgreementChange& one : changes) ids.push_back(one.id);
  return ids;
}

TEST(DiffRegisters, TellsOfNewOnesOnesThatWentAndOnesThatChanged) {
  Agreement other = Named("isa-c");
  other.flows[0].methods = {Method::kPush};
  const Compiled same = Make(Named("isa-s"));
  const Compiled gone = Make(Named("isa-b"));
  const Compiled was = Make(Named("isa-c"));
  const Compiled is = Make(other, 1);
  const Compiled fresh = Make(Named("isa-a"));
  const auto changes = Compare({same, gone, was}, {is, fresh, same});
  ASSERT_THAT(Ids(changes), ElementsAre("isa-a", "isa-b", "isa-c"));
  EXPECT_EQ(changes[0].before, nullptr);
  EXPECT_EQ(changes[0].after, &fresh->document());
  EXPECT_EQ(KindsInWords(changes[0].diff), "1 newly allowed");
  EXPECT_EQ(changes[1].before, &gone->document());
  EXPECT_EQ(changes[1].after, nullptr);
  EXPECT_EQ(KindsInWords(changes[1].diff), "1 newly refused");
  EXPECT_EQ(KindsInWords(changes[2].diff), "1 newly refused");
}

TEST(DiffRegisters, SaysNothingOfWhatIsTheSameInEffect) {
  Agreement turned = Named("isa-a");
  std::swap(turned.flows[0].from[0], turned.flows[0].from[1]);
  EXPECT_THAT(Compare({Make(Named("isa-a"))}, {Make(turned, 1)}), IsEmpty());
  EXPECT_THAT(Compare({}, {}), IsEmpty());
}

TEST(DiffRegisters, AnAgreementUnderOneThatChangesIsNamed) {
  Agreement tier = Tier();
  tier.flows[0].methods = {Method::kPush};
  Agreement below = Under();
  below.id = "isa-below";
  below.under = "isa-north-west";  // two tiers up is isa-tier
  const std::vector<Compiled> before = {Make(Tier()), Make(Under()),
                                        Make(below)};
  const std::vector<Compiled> after = {Make(tier, 1), Make(Under()),
                                       Make(below)};
  const auto changes = Compare(before, after);
  ASSERT_THAT(Ids(changes),
              ElementsAre("isa-below", "isa-north-west", "isa-tier"));
  EXPECT_EQ(changes[0].diff.whole.at(0).clause, Clause::kUnder);
  EXPECT_EQ(changes[1].diff.whole.at(0).subject, "isa-tier");
  EXPECT_THAT(changes[1].diff.whole.at(0).sentence, HasSubstr("isa-tier"));
  EXPECT_THAT(Compare(before, before), IsEmpty());
}

TEST(DiffRegisters, SaysBelowWhatAChangeAboveDoes) {
  Agreement tier = Tier();
  tier.flows[0].methods = {Method::kPush};
  const auto changes =
      Compare({Make(Tier()), Make(Under())}, {Make(tier, 1), Make(Under())});
  ASSERT_THAT(Ids(changes), ElementsAre("isa-north-west", "isa-tier"));
  const AgreementDiff& diff = changes[0].diff;
  ASSERT_EQ(diff.flows.size(), 1u);
  EXPECT_EQ(diff.flows[0].after, "flows[0] crimes-for-analysis");
  ASSERT_EQ(diff.flows[0].changes.size(), 1u);
  EXPECT_EQ(diff.flows[0].changes[0].kind, ChangeKind::kNewlyRefused);
  EXPECT_EQ(diff.flows[0].changes[0].clause, Clause::kMethod);
  EXPECT_EQ(diff.whole.at(0).subject, "isa-tier");
}

TEST(DiffRegisters, AChangeAboveThatDoesNothingBelowIsNotToldThere) {
  Agreement wider = Tier();
  wider.flows[0].methods.push_back(Method::kExtract);
  wider.flows[0].to.push_back("east");
  wider.title = "Another title";
  EXPECT_THAT(Ids(Compare({Make(Tier()), Make(Under())},
                          {Make(wider, 1), Make(Under())})),
              ElementsAre("isa-tier"));
}

TEST(DiffRegisters, WhatTheTierDoesNotAllowIsNotNewBelow) {
  Agreement more = Under();
  more.flows[0].methods.push_back(Method::kExtract);
  EXPECT_THAT(
      Compare({Make(Tier()), Make(Under())}, {Make(Tier()), Make(more, 1)}),
      IsEmpty());
}

TEST(DiffRegisters, WithoutItsTierNothingIsAllowed) {
  const auto gone = Compare({Make(Tier()), Make(Under())}, {Make(Under())});
  ASSERT_THAT(Ids(gone), ElementsAre("isa-north-west", "isa-tier"));
  EXPECT_EQ(gone[0].diff.flows.at(0).changes.at(0).kind,
            ChangeKind::kNewlyRefused);
  EXPECT_THAT(gone[0].diff.whole.at(0).sentence,
              HasSubstr("is not among them, so nothing is allowed here"));
  const auto back = Compare({Make(Under())}, {Make(Tier()), Make(Under())});
  EXPECT_EQ(back[0].diff.flows.at(0).changes.at(0).kind,
            ChangeKind::kNewlyAllowed);
  Agreement free = Under();
  free.under.clear();
  const auto freed = Compare({Make(Under())}, {Make(free, 1)});
  ASSERT_THAT(Ids(freed), ElementsAre("isa-north-west"));
  EXPECT_EQ(freed[0].diff.flows.at(0).changes.at(0).kind,
            ChangeKind::kNewlyAllowed);
}

TEST(DiffRegisters, WhenTheTierIsInForceIsTold) {
  Agreement later = Tier();
  later.valid.until = absl::CivilDay(2027, 6, 1);
  const auto changes =
      Compare({Make(Tier()), Make(Under())}, {Make(later, 1), Make(Under())});
  ASSERT_THAT(Ids(changes), ElementsAre("isa-north-west", "isa-tier"));
  EXPECT_THAT(changes[0].diff.flows, IsEmpty());
  EXPECT_THAT(changes[0].diff.whole.at(0).sentence, HasSubstr("1 June 2027"));
}

TEST(DiffRegisters, AgreementsUnderEachOtherAllowNothing) {
  Agreement one = Named("isa-one");
  one.under = "isa-two";
  Agreement two = Named("isa-two");
  two.under = "isa-one";
  Agreement other = two;
  other.flows[0].methods = {Method::kPush};
  EXPECT_THAT(Compare({Make(one), Make(two)}, {Make(one), Make(other, 1)}),
              IsEmpty());
}

}  // namespace
}  // namespace entente::policy

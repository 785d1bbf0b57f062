// Agreements under an overarching one.
#include <functional>
#include <tuple>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "policy/test_route.h"

namespace entente::policy {
namespace {

using testing::ElementsAre;

TEST(Decide, AnOverarchingAgreementMustAllowTheSame) {
  const Decision decision = DecideOn({Record(Under()), Record(Tier())}, Push());
  ASSERT_TRUE(decision.allowed()) << Lines(decision)[0];
  ASSERT_EQ(decision.parents.size(), 1u);
  EXPECT_EQ(decision.parents[0].flow->id, "tier-flow");

  using Lines3 = std::vector<std::string>;
  const std::tuple<const char*, std::function<void(Agreement&)>, Lines3>
      kCases[] = {
          {"no route",
           [](Agreement& t) { t.flows[0].to = {"east"}; },
           {"NO_FLOW | isa-tier/1 flows | in the overarching agreement"}},
          {"two routes",
           [](Agreement& t) { t.flows.push_back(t.flows[0]); },
           {"AMBIGUOUS | isa-tier/1 flows | in the overarching agreement"}},
          {"method",
           [](Agreement& t) { t.flows[0].methods = {Method::kQuery}; },
           {"METHOD_NOT_ALLOWED | isa-tier/1 flows[0] tier-flow.methods | push "
            "is none of query"}},
          {"requirement",
           [](Agreement& t) { t.flows[0].require = {Requirement::kApprover}; },
           {"MISSING:approver | isa-tier/1 flows[0] tier-flow.require | "}},
          {"field",
           [](Agreement& t) {
             t.flows[0].release["offence"].transform = Transform::kYear;
           },
           {"FIELD_NOT_RELEASED | flows[0] crimes-for-analysis.release | "
            "offence (not released under isa-tier/1)"}},
          {"records",
           [](Agreement& t) { t.flows[0].limits.records_per_request = 1; },
           {"TOO_MANY_RECORDS | isa-tier/1 flows[0] tier-flow.limits | 100 "
            "records, at most 1"}},
          {"not yet",
           [](Agreement& t) { t.valid.from = absl::CivilDay(2027, 5, 1); },
           {"PARENT_NOT_IN_FORCE | under | isa-tier: no version is in force"}},
          {"over",
           [](Agreement& t) { t.valid.until = absl::CivilDay(2027, 2, 1); },
           {"PARENT_NOT_IN_FORCE | under | isa-tier: it has expired"}},
          {"not a party",
           [](Agreement& t) { t.parties.erase("north"); },
           {"PARENT_NOT_IN_FORCE | under | isa-tier: the caller is not a party "
            "to it"}},
          {"circle",
           [](Agreement& t) { t.under = "isa-tier"; },
           {"PARENT_NOT_IN_FORCE | under | isa-tier: too many tiers"}},
      };
  for (const auto& [name, change, want] : kCases) {
    Agreement tier = Tier();
    change(tier);
    EXPECT_EQ(Lines(DecideOn({Record(Under()), Record(tier)}, Push())), want)
        << name;
  }
}

TEST(Decide, AnOverarchingAgreementMustBeInForce) {
  const std::pair<std::function<void(AgreementRecord&)>, std::string> kCases[] =
      {{[](auto& r) { r.terminated = true; }, "it has been ended"},
       {[](auto& r) { r.suspended_by = {"east"}; }, "it is suspended"},
       {[](auto& r) {
          r.withdrawn = {{"north", 9}};
        },
        "the sender or the recipient has withdrawn from it"},
       {[](auto& r) {
          r.withdrawn = {{"west", 9}};
        },
        "the sender or the recipient has withdrawn from it"},
       {[](auto& r) { r.sending_suspended_by = {"north"}; },
        "the sender has suspended its own sending under it"}};
  for (const auto& [change, want] : kCases) {
    AgreementRecord tier = Record(Tier());
    change(tier);
    EXPECT_THAT(Lines(DecideOn({Record(Under()), tier}, Push())),
                ElementsAre("PARENT_NOT_IN_FORCE | under | isa-tier: " + want));
  }
}

}  // namespace
}  // namespace entente::policy

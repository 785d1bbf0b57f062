// What changes below when an overarching agreement changes, against Decide.
#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "policy/decide.h"
#include "policy/diff_registers.h"
#include "policy/for_all.h"
#include "policy/random_change.h"
#include "policy/test_decision.h"

namespace entente::policy {
namespace {

constexpr int kAskedEach = 20;

struct Tiers {
  Agreement below;
  TwoVersions above;
};

// One agreement under another that changes, all of them in force.
Tiers RandomTiers(Dice* dice) {
  Tiers tiers;
  tiers.above = RandomVersions(dice);
  tiers.below = tiers.above.before;
  for (size_t i = dice->Roll(4); i > 0; --i) {
    ChangeAtRandom(dice, &tiers.below);
  }
  tiers.below.under = "isa-two";
  for (Agreement* one : {&tiers.above.before, &tiers.above.after}) {
    one->id = "isa-two";
    one->version = 1;
    one->under.clear();
  }
  for (Agreement* one :
       {&tiers.below, &tiers.above.before, &tiers.above.after}) {
    one->valid = Validity();
    const absl::CivilDay today =
        absl::ToCivilDay(WorldNow(), absl::UTCTimeZone());
    one->valid.from = today - 10;
    one->valid.until = today + 10;
    one->valid.review_by = today + 10;
    one->governance.dpia.review_by.reset();
  }
  return tiers;
}

std::shared_ptr<const Register> RegisterOf(const Agreement& below,
                                           const Agreement& above) {
  World world;
  world.agreements[below.id].versions.push_back({below, {}, true});
  world.agreements[above.id].versions.push_back({above, {}, true});
  return world.Compile();
}

bool Covers(const FlowChanges& changes, const Request& request) {
  const auto has = [](const std::vector<std::string>& of,
                      const std::string& name) {
    return std::find(of.begin(), of.end(), name) != of.end();
  };
  return changes.dataset == request.dataset &&
         std::any_of(changes.boxes.begin(), changes.boxes.end(),
                     [&](const RouteBox& box) {
                       return has(box.from, request.sender) &&
                              has(box.to, request.recipient) &&
                              has(box.purposes, request.purpose);
                     });
}

TEST(DiffRegistersProperty, AnAnswerBelowChangesOnlyWithALine) {
  int flips = 0, quiet = 0;
  ForAll(kRounds, [&](Dice* dice) {
    const Tiers tiers = RandomTiers(dice);
    const auto below = CompiledAgreement::Create(tiers.below, crypto::Hash{1});
    const auto was =
        CompiledAgreement::Create(tiers.above.before, crypto::Hash{2});
    const auto is =
        CompiledAgreement::Create(tiers.above.after, crypto::Hash{3});
    const auto changes =
        DiffRegisters({below->get(), was->get()}, {below->get(), is->get()});
    const auto change = std::find_if(
        changes.begin(), changes.end(),
        [](const AgreementChange& one) { return one.id == "isa-one"; });
    const auto before = RegisterOf(tiers.below, tiers.above.before);
    const auto after = RegisterOf(tiers.below, tiers.above.after);
    for (int i = 0; i < kAskedEach; ++i) {
      Request request =
          FittingRequest(dice, tiers.below, dice->Pick(tiers.below.flows));
      // A request for fewer fields shows what one field more would hide.
      request.method = dice->Once(2) ? Method::kQuery : request.method;
      request.caller =
          request.method == Method::kQuery ? request.recipient : request.sender;
      const bool allowed_before =
          Decide(*before, WorldNow(), request).allowed();
      const bool allowed_after = Decide(*after, WorldNow(), request).allowed();
      if (allowed_before == allowed_after) {
        quiet += change == changes.end();
        continue;
      }
      ++flips;
      ASSERT_TRUE(change != changes.end());
      EXPECT_TRUE(std::any_of(
          change->diff.flows.begin(), change->diff.flows.end(),
          [&](const FlowChanges& flow) { return Covers(flow, request); }))
          << request.sender << " > " << request.recipient << ", "
          << request.purpose << ", " << request.dataset;
    }
  });
  EXPECT_GT(flips, kRounds / 10);
  EXPECT_GT(quiet, kRounds / 10);
}

}  // namespace
}  // namespace entente::policy

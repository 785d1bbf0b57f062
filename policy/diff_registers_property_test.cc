// What changes below when an overarching agreement changes, against Decide.
#include <algorithm>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "gtest/gtest.h"
#include "policy/decide.h"
#include "policy/diff_registers.h"
#include "policy/flows_under.h"
#include "policy/for_all.h"
#include "policy/random_change.h"
#include "policy/test_decision.h"
#include "policy/words.h"

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

// One of the two registers, and what is left of the agreement below in it.
struct Side {
  Side(const Agreement& lower, const Agreement& upper)
      : below(lower),
        known(RegisterOf(lower, upper)),
        left(FlowsUnder(lower, {&upper})) {}

  const Flow* FlowOn(const Request& way) const {
    const auto has = [](const std::vector<std::string>& of,
                        const std::string& name) {
      return std::find(of.begin(), of.end(), name) != of.end();
    };
    for (const Flow& flow : left.flows) {
      if (has(flow.from, way.sender) && has(flow.to, way.recipient) &&
          has(flow.purposes, way.purpose) && flow.dataset == way.dataset) {
        return &flow;
      }
    }
    return nullptr;
  }

  // Asked with the list of fields that is due here.
  Decision Ask(Request request) const {
    request.fields = {"offence"};
    request.pseudonyms.clear();
    if (const Flow* flow = FlowOn(request)) {
      SetExactFields(below, *flow, &request);
    }
    return Decide(*known, WorldNow(), request);
  }

  const Agreement& below;
  const std::shared_ptr<const Register> known;
  const PlacedFlows left;
};

// A request on a way of `changes`, with all that can accompany one.
Request OnTheWay(Dice* dice, const Agreement& below,
                 const FlowChanges& changes) {
  const RouteBox& box = dice->Pick(changes.boxes);
  Request request;
  request.agreement = below.id;
  request.version = below.version;
  do {
    request.sender = dice->Pick(box.from);
    request.recipient = dice->Pick(box.to);
  } while (request.sender == request.recipient);
  request.purpose = dice->Pick(box.purposes);
  request.dataset = changes.dataset;
  for (const auto& [word, value] : AllWords<Requirement>()) {
    request.carried.push_back(value);
  }
  request.records = 1;
  return request;
}

void SetMethod(Method method, Request* request) {
  request->method = method;
  request->caller =
      method == Method::kQuery ? request->recipient : request->sender;
}

// The request that `change` is about; `allowing` is the flow of the side that
// allows it.
void Sharpen(Dice* dice, const Change& change, const Flow& allowing,
             Request* request) {
  SetMethod(change.clause == Clause::kMethod ? *MethodOf(change.subject)
                                             : dice->Pick(allowing.methods),
            request);
  if (change.clause == Clause::kRequirement) {
    auto& carried = request->carried;
    carried.erase(std::find(carried.begin(), carried.end(),
                            *RequirementOf(change.subject)));
  } else if (change.clause == Clause::kLimit) {
    request->records = allowing.limits.records_per_request.value_or(1'000'000);
  }
}

bool IsFlip(const Change& change) {
  return change.clause == Clause::kRoute || change.clause == Clause::kMethod ||
         change.clause == Clause::kRequirement ||
         (change.clause == Clause::kLimit &&
          change.subject == "records_per_request");
}

// Both sides give something on the way: `change` says what of a field differs.
void ExpectFieldTold(const Change& change, const Decision& before,
                     const Decision& after) {
  const auto then = Released(before), now = Released(after);
  EXPECT_EQ(change.kind == ChangeKind::kNewlyAllowed,
            then.count(change.subject) == 0 && now.count(change.subject) == 1)
      << change.sentence;
  EXPECT_EQ(change.kind == ChangeKind::kNewlyRefused,
            then.count(change.subject) == 1 && now.count(change.subject) == 0)
      << change.sentence;
}

std::vector<FlowChanges> ChangesBelow(const Tiers& tiers) {
  const auto below = CompiledAgreement::Create(tiers.below, crypto::Hash{1});
  const auto was =
      CompiledAgreement::Create(tiers.above.before, crypto::Hash{2});
  const auto is = CompiledAgreement::Create(tiers.above.after, crypto::Hash{3});
  for (AgreementChange& one :
       DiffRegisters({below->get(), was->get()}, {below->get(), is->get()})) {
    if (one.id == tiers.below.id) return std::move(one.diff.flows);
  }
  return {};
}

// No line without a difference, and each of the kind that it is said to be.
TEST(DiffRegistersProperty, EveryLineBelowHasARequestAnsweredOtherwise) {
  std::map<std::string, int> tried;
  ForAll(kRounds, [&](Dice* dice) {
    const Tiers tiers = RandomTiers(dice);
    const Side before(tiers.below, tiers.above.before);
    const Side after(tiers.below, tiers.above.after);
    for (const FlowChanges& flow : ChangesBelow(tiers)) {
      for (const Change& change : flow.changes) {
        Request request = OnTheWay(dice, tiers.below, flow);
        const bool now_allowed = change.kind == ChangeKind::kNewlyAllowed ||
                                 change.kind == ChangeKind::kWider;
        const Flow* const then = before.FlowOn(request);
        const Flow* const now = after.FlowOn(request);
        if (IsFlip(change)) {
          EXPECT_NE(change.kind, ChangeKind::kChanged) << change.sentence;
          const Flow* const allowing = now_allowed ? now : then;
          ASSERT_NE(allowing, nullptr) << change.sentence;
          Sharpen(dice, change, *allowing, &request);
          EXPECT_EQ(before.Ask(request).allowed(), !now_allowed)
              << change.sentence;
          EXPECT_EQ(after.Ask(request).allowed(), now_allowed)
              << change.sentence;
          ++tried[std::string(WordOf(change.clause))];
        } else if (change.clause == Clause::kField) {
          ASSERT_TRUE(then != nullptr && now != nullptr) << change.sentence;
          SetMethod(dice->Pick(then->methods), &request);
          const Decision one = before.Ask(request);
          SetMethod(dice->Pick(now->methods), &request);
          const Decision other = after.Ask(request);
          ASSERT_TRUE(one.allowed() && other.allowed()) << change.sentence;
          ExpectFieldTold(change, one, other);
          ++tried["field"];
        }
      }
    }
  });
  for (const char* clause :
       {"route", "method", "requirement", "limit", "field"}) {
    EXPECT_GT(tried[clause], kRounds / 100) << clause;
  }
}

}  // namespace
}  // namespace entente::policy

// What holds of every decision under a grant.
#include <algorithm>
#include <optional>

#include "gtest/gtest.h"
#include "policy/break_glass.h"
#include "policy/decide.h"
#include "policy/for_all.h"
#include "policy/test_decision.h"

namespace entente::policy {
namespace {

// A world in which one flow's agreement lists some fields for emergencies, a
// grant of some fields of it, and a request that would fit if all is well.
struct Emergency {
  World world;
  Grant grant;
  Request request;
  std::string case_reference;
  std::vector<std::string> listed;
};

std::optional<Emergency> RandomEmergency(Dice* dice) {
  Emergency made;
  made.world = RandomWorld(dice);
  auto& [id, draft] = *made.world.agreements.begin();
  Agreement& document =
      draft.versions[dice->Roll(draft.versions.size())].document;
  if (document.flows.empty()) return std::nullopt;
  const Flow& flow = dice->Pick(document.flows);
  std::vector<std::string> declared;
  const bool all = dice->Once(5);
  for (const auto& [name, field] : document.datasets.at(flow.dataset).fields) {
    const auto released = flow.release.find(name);
    const bool pseudonym = released != flow.release.end() &&
                           released->second.transform == Transform::kPseudonym;
    if (all || !pseudonym) declared.push_back(name);
  }
  if (declared.empty()) return std::nullopt;
  made.listed = dice->Some(declared, 1);
  document.break_glass = BreakGlass{{{flow.dataset, made.listed}}, 30, 24};
  made.request = FittingRequest(dice, document, flow);
  made.request.flow = flow.id;
  made.request.method = Method::kPush;
  made.case_reference = "OP-1";
  Grant& grant = made.grant;
  grant.agreement = id;
  grant.version = document.version;
  grant.flow = flow.id;
  grant.sender = made.request.sender;
  grant.recipient = made.request.recipient;
  grant.purpose = made.request.purpose;
  grant.case_reference = made.case_reference;
  grant.fields =
      dice->Once(6) ? dice->Some(declared, 1) : dice->Some(made.listed, 1);
  grant.from = WorldNow() - absl::Minutes(int64_t(dice->Roll(20)) - 2);
  grant.until = grant.from + absl::Minutes(5 + int64_t(dice->Roll(40)));
  grant.drill = dice->Once(8);
  // The fields as the flow opened by the grant has them.
  Flow opened = flow;
  for (const std::string& field : grant.fields) {
    Treatment& treatment = opened.release[field];
    treatment = Treatment();
    treatment.transform = Transform::kAsIs;
  }
  SetExactFields(document, opened, &made.request);
  return made;
}

// Changes the request in one of what a grant is for.
void Stray(Dice* dice, Emergency* made) {
  switch (dice->Roll(6)) {
    case 0:
      made->request.sender = "east-police";
      made->request.caller = "east-police";
      return;
    case 1:
      made->request.recipient = "east-police";
      return;
    case 2:
      made->request.purpose += "x";
      return;
    case 3:
      made->case_reference += "x";
      return;
    case 4:
      made->request.flow = dice->Once(2) ? "" : made->request.flow + "x";
      return;
    default:
      made->request.version += 1;
  }
}

TEST(BreakGlassProperty, AllowsOnlyItsTimeItsRouteAndListedFields) {
  int allowed = 0;
  ForAll(kRounds, [&](Dice* dice) {
    std::optional<Emergency> made = RandomEmergency(dice);
    if (!made.has_value()) return;
    if (dice->Once(3)) Stray(dice, &*made);
    const auto known = made->world.Compile();
    const Decision decision = DecideUnder(made->grant, *known, WorldNow(),
                                          made->request, made->case_reference);
    EXPECT_NE(decision.allowed(), !decision.failures.empty());
    if (!decision.allowed()) return;
    ++allowed;
    const Grant& grant = made->grant;
    EXPECT_FALSE(grant.drill);
    EXPECT_LE(grant.from, WorldNow());
    EXPECT_LT(WorldNow(), grant.until);
    EXPECT_LE(decision.good_until, grant.until);
    EXPECT_EQ(made->request.sender, grant.sender);
    EXPECT_EQ(made->request.recipient, grant.recipient);
    EXPECT_EQ(made->request.purpose, grant.purpose);
    EXPECT_EQ(made->request.flow, grant.flow);
    EXPECT_EQ(made->request.version, grant.version);
    EXPECT_EQ(made->case_reference, grant.case_reference);
    // Every field goes as the flow says, or is granted and listed.
    const Agreement& document = known->Find(grant.agreement)
                                    ->versions.at(grant.version)
                                    .agreement->document();
    for (const auto& [name, treatment] : Released(decision)) {
      const auto flow =
          std::find_if(document.flows.begin(), document.flows.end(),
                       [&](const Flow& one) { return one.id == grant.flow; });
      const auto plain = flow->release.find(name);
      if (plain != flow->release.end() && plain->second == treatment) continue;
      EXPECT_NE(std::count(made->listed.begin(), made->listed.end(), name), 0)
          << name;
      EXPECT_NE(std::count(grant.fields.begin(), grant.fields.end(), name), 0)
          << name;
    }
  });
  EXPECT_GT(allowed, kRounds / 50);
}

TEST(BreakGlassProperty, NothingIsAllowedAfterItsEndOrByADrill) {
  int reached = 0;
  ForAll(kRounds, [&](Dice* dice) {
    std::optional<Emergency> made = RandomEmergency(dice);
    if (!made.has_value()) return;
    const auto known = made->world.Compile();
    const auto decide = [&](absl::Time at) {
      return DecideUnder(made->grant, *known, at, made->request,
                         made->case_reference);
    };
    const absl::Time after =
        made->grant.until + absl::Minutes(int64_t(dice->Roll(1000)));
    EXPECT_FALSE(decide(after).allowed());
    EXPECT_FALSE(decide(made->grant.from - absl::Milliseconds(1)).allowed());
    reached += decide(made->grant.from).allowed();
    made->grant.drill = true;
    EXPECT_FALSE(decide(made->grant.from).allowed());
  });
  EXPECT_GT(reached, kRounds / 50);
}

// Whatever is refused without a grant for another reason than its fields stays
// refused with one.
TEST(BreakGlassProperty, LiftsNothingButWhatFieldsAreReleased) {
  ForAll(kRounds, [&](Dice* dice) {
    std::optional<Emergency> made = RandomEmergency(dice);
    if (!made.has_value()) return;
    made->request.flow = made->grant.flow;
    const auto known = made->world.Compile();
    const Decision plain = Decide(*known, WorldNow(), made->request);
    const Decision opened = DecideUnder(made->grant, *known, WorldNow(),
                                        made->request, made->case_reference);
    if (!opened.allowed()) return;
    for (const Failure& failure : plain.failures) {
      EXPECT_TRUE(failure.reason == Reason::kFieldNotReleased ||
                  failure.reason == Reason::kNoFieldReleased)
          << Text(plain);
    }
  });
}

}  // namespace
}  // namespace entente::policy

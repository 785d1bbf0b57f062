// Less written never allows more.
#include <algorithm>

#include "gtest/gtest.h"
#include "policy/decide.h"
#include "policy/for_all.h"
#include "policy/test_decision.h"

namespace entente::policy {
namespace {

// Makes one version narrower in one way.
void Narrow(Dice* dice, DraftAgreement* draft, DraftVersion* version) {
  Agreement& document = version->document;
  Flow& flow = document.flows[dice->Roll(document.flows.size())];
  auto field = flow.release.begin();
  if (!flow.release.empty()) {
    std::advance(field, dice->Roll(flow.release.size()));
  }
  switch (dice->Roll(18)) {
    case 0:
      document.flows.erase(document.flows.begin());
      break;
    case 1:
      // Whoever a version leaves out would not hold it up any more.
      if (draft->suspended_by.count(document.parties.begin()->first)) break;
      document.parties.erase(document.parties.begin());
      for (Flow& any : document.flows) {
        const auto gone = [&](const std::string& party) {
          return document.parties.count(party) == 0;
        };
        any.from.erase(std::remove_if(any.from.begin(), any.from.end(), gone),
                       any.from.end());
        any.to.erase(std::remove_if(any.to.begin(), any.to.end(), gone),
                     any.to.end());
      }
      break;
    case 2:
      flow.purposes.pop_back();
      break;
    case 3:
      flow.release.erase(field);
      break;
    case 4:
      field->second.transform = Transform::kWithhold;
      break;
    case 5:
      flow.methods.pop_back();
      break;
    case 6:
      flow.from.pop_back();
      break;
    case 7:
      flow.to.pop_back();
      break;
    case 8:
      document.valid.until -= int64_t(dice->Roll(300));
      break;
    case 9:
      flow.require.push_back(Requirement::kApprover);
      break;
    case 10:
      flow.limits.records_per_request = 0;
      break;
    case 11:
      draft->suspended_by.insert("east-police");
      break;
    case 12:
      draft->sending_suspended_by.insert("north-police");
      break;
    case 13:
      version->missing = {"north-police: chief"};
      break;
    case 14:
      draft->terminated = true;
      break;
    case 15:
      draft->withdrawn["west-police"] = 2;
      break;
    case 16: {
      std::optional<absl::CivilDay>& due = document.governance.dpia.review_by;
      const absl::CivilDay sooner =
          absl::ToCivilDay(WorldNow(), absl::UTCTimeZone()) -
          int64_t(dice->Roll(3));
      due = due.has_value() ? std::min(*due, sooner) : sooner;
      break;
    }
    default:
      if (document.under.empty()) document.under = "isa-two";
  }
}

// What a narrower document allows, the wider one allows in the same way. A
// batch's list is exact, so it is asked with the wider document's list.
TEST(DecideProperty, NarrowingNeverAllowsMore) {
  int narrowed = 0;
  ForAll(kRounds, [&](Dice* dice) {
    World world = RandomWorld(dice);
    // A later version that narrows away would bring back the one before it.
    for (auto& [id, draft] : world.agreements) draft.versions.resize(1);
    Request request = RandomRequest(dice, world);
    const auto draft = world.agreements.find(request.agreement);
    if (draft == world.agreements.end()) return;
    const auto wide = world.Compile();
    Narrow(dice, &draft->second, &draft->second.versions[0]);
    const auto narrow = world.Compile();
    Decision before = Decide(*wide, WorldNow(), request);
    if (request.method != Method::kQuery && before.flow != nullptr) {
      // Ask the narrower one with its own list.
      const Agreement& document = world.Document(request.agreement, 1);
      for (const Flow& flow : document.flows) {
        if (flow.id == before.flow->id) {
          SetExactFields(document, flow, &request);
        }
      }
    }
    const Decision after = Decide(*narrow, WorldNow(), request);
    if (!after.allowed()) {
      narrowed += before.allowed();
      return;
    }
    if (!before.allowed() && request.method != Method::kQuery) {
      // It may have lacked just what the narrower one does not release.
      const Agreement& document =
          wide->Find(request.agreement)->versions.at(1).agreement->document();
      for (const Flow& flow : document.flows) {
        if (flow.id == after.flow->id) {
          SetExactFields(document, flow, &request);
        }
      }
      before = Decide(*wide, WorldNow(), request);
    }
    EXPECT_TRUE(before.allowed()) << Text(before);
    const auto released = Released(before);
    for (const auto& [name, treatment] : Released(after)) {
      ASSERT_EQ(released.count(name), 1u) << name;
      EXPECT_EQ(released.at(name), treatment);
    }
  });
  EXPECT_GT(narrowed, kRounds / 50);
}

TEST(DecideProperty, AParentNeverWidens) {
  int under = 0;
  ForAll(2 * kRounds, [&](Dice* dice) {
    World world = RandomWorld(dice);
    Request request;
    Decision decision;
    for (int tries = 0; tries < kRequests; ++tries) {
      request = RandomRequest(dice, world);
      decision = Decide(*world.Compile(), WorldNow(), request);
      if (!decision.parents.empty()) break;
    }
    if (decision.parents.empty()) return;
    ++under;
    for (const Decision::Parent& parent : decision.parents) {
      for (const auto& [name, treatment] : Released(decision)) {
        const Treatment& above = parent.flow->release.at(name);
        EXPECT_TRUE(above == treatment || above.transform == Transform::kAsIs);
      }
    }
    Agreement& document = world.Document(request.agreement, request.version);
    document.under.clear();
    Request alone = request;
    if (request.method != Method::kQuery) {
      SetExactFields(document, *decision.flow, &alone);
    }
    EXPECT_TRUE(Decide(*world.Compile(), WorldNow(), alone).allowed());
  });
  EXPECT_GT(under, kRounds / 100);
}

}  // namespace
}  // namespace entente::policy

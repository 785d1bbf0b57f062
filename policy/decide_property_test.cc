// What holds of every decision.
#include <algorithm>
#include <iterator>
#include <vector>

#include "gtest/gtest.h"
#include "policy/decide.h"
#include "policy/for_all.h"
#include "policy/naive_decide.h"
#include "policy/overarching.h"
#include "policy/test_decision.h"

namespace entente::policy {
namespace {

void ExpectSame(const Decision& a, const Decision& b) {
  EXPECT_EQ(a.effect, b.effect);
  EXPECT_EQ(a.failures, b.failures) << Text(a) << "\nagainst\n" << Text(b);
  EXPECT_EQ(a.agreement, b.agreement);
  EXPECT_EQ(a.flow, b.flow);
  EXPECT_EQ(a.now, b.now);
  EXPECT_EQ(a.good_until, b.good_until);
  EXPECT_EQ(a.parents.size(), b.parents.size());
  ASSERT_EQ(a.fields.size(), b.fields.size());
  for (size_t i = 0; i < a.fields.size(); ++i) {
    EXPECT_EQ(a.fields[i].name, b.fields[i].name);
    EXPECT_EQ(a.fields[i].treatment, b.fields[i].treatment);
    EXPECT_EQ(a.fields[i].withheld, b.fields[i].withheld);
  }
}

TEST(DecideProperty, CompiledIsTheDefinition) {
  int allowed = 0;
  int all = 0;
  ForAll(kRounds, [&](Dice* dice) {
    const World world = RandomWorld(dice);
    const auto known = world.Compile();
    for (int i = 0; i < kRequests; ++i, ++all) {
      const Request request = RandomRequest(dice, world);
      const Decision decision = Decide(*known, WorldNow(), request);
      ExpectSame(decision, NaiveDecide(*known, WorldNow(), request));
      EXPECT_NE(decision.allowed(), !decision.failures.empty());
      allowed += decision.allowed();
    }
  });
  // The requests mean something only if many go each way.
  EXPECT_GT(allowed, all / 8);
  EXPECT_GT(all - allowed, all / 8);
}

TEST(DecideProperty, EmptyRegisterDeniesAll) {
  const auto empty = Register::Create({});
  ForAll(kRounds / 10, [&](Dice* dice) {
    const Decision decision =
        Decide(*empty, WorldNow(), RandomRequest(dice, RandomWorld(dice)));
    EXPECT_EQ(Codes(decision), std::vector<std::string>{"NO_AGREEMENT"});
  });
}

TEST(DecideProperty, SameArgumentsSameAnswer) {
  ForAll(kRounds / 10, [&](Dice* dice) {
    const World world = RandomWorld(dice);
    const Request request = RandomRequest(dice, world);
    const auto one = world.Compile();
    ExpectSame(Decide(*one, WorldNow(), request),
               Decide(*one, WorldNow(), request));
    EXPECT_EQ(Text(Decide(*one, WorldNow(), request)),
              Text(Decide(*world.Compile(), WorldNow(), request)));
  });
}

void ShuffleAll(Dice* dice, Agreement* document) {
  dice->Shuffle(&document->flows);
  for (Flow& flow : document->flows) {
    dice->Shuffle(&flow.from);
    dice->Shuffle(&flow.to);
    dice->Shuffle(&flow.purposes);
    dice->Shuffle(&flow.methods);
    dice->Shuffle(&flow.require);
  }
}

TEST(DecideProperty, OrderDoesNotMatter) {
  ForAll(kRounds, [&](Dice* dice) {
    World world = RandomWorld(dice);
    Request request = RandomRequest(dice, world);
    const Decision before = Decide(*world.Compile(), WorldNow(), request);
    for (auto& [id, draft] : world.agreements) {
      for (DraftVersion& version : draft.versions) {
        ShuffleAll(dice, &version.document);
      }
    }
    dice->Shuffle(&request.fields);
    dice->Shuffle(&request.pseudonyms);
    dice->Shuffle(&request.carried);
    const Decision after = Decide(*world.Compile(), WorldNow(), request);
    EXPECT_EQ(Codes(before), Codes(after)) << Text(before);
    EXPECT_EQ(Released(before), Released(after));
  });
}

// Nor does the order of agreements, or in which they came to be known.
TEST(DecideProperty, OrderOfAgreementsAndOfLoadingDoesNotMatter) {
  int allowed = 0;
  ForAll(kRounds, [&](Dice* dice) {
    const World world = RandomWorld(dice);
    std::vector<AgreementRecord> records = world.Records();
    const auto known = Register::Create(records);
    dice->Shuffle(&records);
    const auto shuffled = Register::Create(records);
    dice->Shuffle(&records);
    auto one_by_one = Register::Create({});
    for (const AgreementRecord& record : records) {
      // As it was before its last version came, and then as it is.
      AgreementRecord younger = record;
      if (younger.versions.size() > 1) {
        younger.versions.erase(std::prev(younger.versions.end()));
        one_by_one = one_by_one->With(younger);
      }
      one_by_one = one_by_one->With(record);
    }
    for (int i = 0; i < kRequests; ++i) {
      const Request request = RandomRequest(dice, world);
      const Decision decision = Decide(*known, WorldNow(), request);
      allowed += decision.allowed();
      ExpectSame(decision, Decide(*shuffled, WorldNow(), request));
      ExpectSame(decision, Decide(*one_by_one, WorldNow(), request));
    }
  });
  EXPECT_GT(allowed, kRounds / 8);
}

TEST(DecideProperty, OneAgreementSaysNothingAboutAnother) {
  ForAll(kRounds, [&](Dice* dice) {
    World world = RandomWorld(dice);
    const Request request = RandomRequest(dice, world);
    const Decision before = Decide(*world.Compile(), WorldNow(), request);
    std::set<std::string> related = {request.agreement};
    for (int tier = 0; tier <= kMaxTiers; ++tier) {
      for (const auto& [id, draft] : world.agreements) {
        if (related.count(id) == 0) continue;
        for (const DraftVersion& version : draft.versions) {
          related.insert(version.document.under);
        }
      }
    }
    for (auto& [id, draft] : world.agreements) {
      if (related.count(id) > 0) continue;
      draft.versions.resize(1);
      draft.versions[0].document = RandomDocument(dice, id, 1);
      draft.suspended_by.clear();
    }
    EXPECT_EQ(Text(before),
              Text(Decide(*world.Compile(), WorldNow(), request)));
  });
}

TEST(DecideProperty, SuspendedUnsignedOrEndedNeverAllows) {
  ForAll(kRounds, [&](Dice* dice) {
    World world = RandomWorld(dice);
    const Request request = RandomRequest(dice, world);
    const auto draft = world.agreements.find(request.agreement);
    if (draft == world.agreements.end()) return;
    switch (dice->Roll(6)) {
      case 0:
        // The caller, if it is a party; to others there is no agreement.
        draft->second.suspended_by.insert(request.caller);
        break;
      case 1:
        draft->second.sending_suspended_by.insert(request.sender);
        break;
      case 2:
        draft->second.terminated = true;
        break;
      case 3:
        draft->second
            .withdrawn[dice->Once(2) ? request.sender : request.recipient] = 2;
        break;
      case 4:
        for (DraftVersion& version : draft->second.versions) {
          version.document.valid.review_by =
              absl::ToCivilDay(WorldNow(), absl::UTCTimeZone()) - 1;
        }
        break;
      default:
        for (DraftVersion& version : draft->second.versions) {
          version.missing.push_back("west-police: chief");
        }
    }
    EXPECT_FALSE(Decide(*world.Compile(), WorldNow(), request).allowed());
  });
}

TEST(DecideProperty, AllowedOnlyInsideItsTime) {
  int allowed = 0;
  ForAll(kRounds, [&](Dice* dice) {
    const World world = RandomWorld(dice);
    const Request request = RandomRequest(dice, world);
    const absl::Time now =
        WorldNow() + absl::Hours(24) * (int64_t(dice->Roll(600)) - 300);
    const auto known = world.Compile();
    const Decision decision = Decide(*known, now, request);
    if (!decision.allowed()) return;
    ++allowed;
    EXPECT_LE(decision.agreement->from(), now);
    EXPECT_LT(now, decision.good_until);
    EXPECT_LE(decision.good_until, decision.agreement->until());
    EXPECT_TRUE(
        Decide(*known, decision.good_until - absl::Nanoseconds(1), request)
            .allowed());
    // It may end later if the version that takes over is never activated.
    if (decision.good_until == decision.agreement->until()) {
      EXPECT_FALSE(Decide(*known, decision.good_until, request).allowed());
    }
  });
  EXPECT_GT(allowed, kRounds / 50);
}

TEST(DecideProperty, ReleasesOnlyWhatIsAskedAndListed) {
  ForAll(kRounds, [&](Dice* dice) {
    const World world = RandomWorld(dice);
    const Request request = RandomRequest(dice, world);
    const Decision decision = Decide(*world.Compile(), WorldNow(), request);
    if (!decision.allowed()) {
      EXPECT_TRUE(decision.fields.empty());
      EXPECT_EQ(decision.flow, nullptr);
      return;
    }
    const size_t asked = request.fields.size() + request.pseudonyms.size();
    ASSERT_EQ(decision.fields.size(), asked);
    for (size_t i = 0; i < asked; ++i) {
      const FieldAnswer& field = decision.fields[i];
      EXPECT_EQ(field.name,
                i < request.fields.size()
                    ? request.fields[i]
                    : request.pseudonyms[i - request.fields.size()].name);
      if (field.treatment == nullptr) continue;
      EXPECT_EQ(*field.treatment, decision.flow->release.at(field.name));
      EXPECT_NE(field.treatment->transform, Transform::kWithhold);
    }
  });
}

TEST(DecideProperty, TheOtherDirectionMustBeWritten) {
  ForAll(kRounds, [&](Dice* dice) {
    const World world = RandomWorld(dice);
    Request request = RandomRequest(dice, world);
    std::swap(request.sender, request.recipient);
    request.caller =
        request.method == Method::kQuery ? request.recipient : request.sender;
    const Decision decision = Decide(*world.Compile(), WorldNow(), request);
    if (!decision.allowed()) return;
    const Flow& flow = *decision.flow;
    EXPECT_EQ(std::count(flow.from.begin(), flow.from.end(), request.sender),
              1);
    EXPECT_EQ(std::count(flow.to.begin(), flow.to.end(), request.recipient), 1);
  });
}

TEST(DecideProperty, AQueryIsAnsweredAsItsFieldsAlone) {
  ForAll(kRounds, [&](Dice* dice) {
    const World world = RandomWorld(dice);
    const Request request = RandomRequest(dice, world);
    if (request.method != Method::kQuery) return;
    const auto known = world.Compile();
    const Decision whole = Decide(*known, WorldNow(), request);
    if (!whole.allowed()) return;
    for (const FieldAnswer& field : whole.fields) {
      Request single = request;
      single.fields = {field.name};
      single.pseudonyms.clear();
      const Decision one = Decide(*known, WorldNow(), single);
      ASSERT_EQ(one.allowed(), field.treatment != nullptr);
      if (!one.allowed()) continue;
      EXPECT_EQ(one.fields[0].treatment, field.treatment);
    }
  });
}

}  // namespace
}  // namespace entente::policy

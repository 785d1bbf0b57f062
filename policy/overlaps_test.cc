#include "policy/overlaps.h"

#include <algorithm>
#include <set>
#include <tuple>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "policy/for_all.h"
#include "policy/test_decision.h"
#include "policy/test_route.h"

namespace entente::policy {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::Pair;
using testing::SizeIs;

Agreement Named(const std::string& id) {
  Agreement document = Document();
  document.id = id;
  document.datasets["crimes"].definition = "policing.crime/4";
  return document;
}

TEST(Overlaps, NameTheWaysThatTwoAgreementsCover) {
  Agreement a = Named("isa-a");
  Agreement b = Named("isa-b");
  // Another name for the same data.
  b.datasets["burglaries"] = b.datasets["crimes"];
  b.datasets["burglaries"].definition = "policing.crime/5";
  b.flows[0].dataset = "burglaries";
  b.flows[0].from = {"east", "north"};
  b.flows[0].purposes = {"analysis", "investigation"};
  b.flows[0].release["offence"].transform = Transform::kFlag;
  b.flows[0].release.erase("person");
  b.flows[0].retention.days = 30;
  b.valid.from = absl::CivilDay(2027, 6, 1);
  const std::vector<Overlap> overlaps =
      OverlapsOf(std::vector<const Agreement*>{&b, &a});
  ASSERT_THAT(overlaps, SizeIs(1));
  const Overlap& one = overlaps[0];
  EXPECT_EQ(one.first, &a);
  EXPECT_EQ(one.second, &b);
  EXPECT_EQ(one.first_flow, &a.flows[0]);
  EXPECT_EQ(one.second_flow, &b.flows[0]);
  EXPECT_EQ(one.definition, "policing.crime");
  EXPECT_THAT(one.ends, ElementsAre(Pair("north", "west")));
  EXPECT_THAT(one.shared_purposes, ElementsAre("analysis"));
  EXPECT_EQ(one.from, absl::CivilDay(2027, 6, 1));
  EXPECT_EQ(one.until, absl::CivilDay(2028, 1, 1));
  std::vector<std::string> lines;
  for (const Change& change : one.differences) {
    EXPECT_EQ(change.sentence, "");
    lines.push_back(absl::StrCat(WordOf(change.clause), " ", change.subject,
                                 ": ", change.before, " | ", change.after));
  }
  EXPECT_THAT(
      lines,
      ElementsAre("field offence: in full, as it is | yes or no only",
                  "field person: as a pseudonym of this agreement, never the "
                  "identifier itself | ",
                  "retention : for 0 days from receipt, and then destroyed | "
                  "for 30 days from receipt, and then destroyed"));
}

TEST(Overlaps, AreNoneBetweenVersionsTimesDefinitionsOrDirections) {
  const Agreement a = Named("isa-a");
  Agreement version = a;
  version.version = 2;
  Agreement later = Named("isa-b");
  later.valid.from = a.valid.until;
  later.valid.until = a.valid.until + 10;
  Agreement data = Named("isa-b");
  data.datasets["crimes"].definition = "policing.custody/1";
  Agreement back = Named("isa-b");
  back.flows[0].from = {"west"};
  back.flows[0].to = {"north"};
  for (const Agreement& other : {version, later, data, back}) {
    EXPECT_THAT(OverlapsOf(std::vector<const Agreement*>{&a, &other}),
                IsEmpty());
  }
  EXPECT_THAT(OverlapsOf({}), IsEmpty());
}

TEST(Overlaps, DifferentPurposesAreToldAsNotShared) {
  const Agreement a = Named("isa-a");
  Agreement b = Named("isa-b");
  b.flows[0].purposes = {"investigation"};
  const auto overlaps = OverlapsOf(std::vector<const Agreement*>{&a, &b});
  ASSERT_THAT(overlaps, SizeIs(1));
  EXPECT_THAT(overlaps[0].shared_purposes, IsEmpty());
}

TEST(Overlaps, AnotherOrderIsNoDifference) {
  const Agreement a = Named("isa-a");
  Agreement b = Named("isa-b");
  std::reverse(b.flows[0].methods.begin(), b.flows[0].methods.end());
  std::reverse(b.flows[0].from.begin(), b.flows[0].from.end());
  const auto overlaps = OverlapsOf(std::vector<const Agreement*>{&a, &b});
  ASSERT_THAT(overlaps, SizeIs(1));
  EXPECT_THAT(overlaps[0].differences, IsEmpty());
}

TEST(Overlaps, OfThreeAgreementsArePairs) {
  const Agreement a = Named("isa-a");
  const Agreement b = Named("isa-b");
  const Agreement c = Named("isa-c");
  std::vector<std::string> pairs;
  for (const Overlap& one :
       OverlapsOf(std::vector<const Agreement*>{&c, &a, &b})) {
    pairs.push_back(absl::StrCat(one.first->id, " ", one.second->id));
    EXPECT_THAT(one.differences, IsEmpty());
  }
  EXPECT_THAT(pairs, ElementsAre("isa-a isa-b", "isa-a isa-c", "isa-b isa-c"));
}

using Key = std::tuple<std::string, std::string, std::string, std::string>;

// Every pair of flows looked at, one by one.
std::multiset<Key> Slowly(const std::vector<Agreement>& agreements) {
  std::multiset<Key> found;
  for (const Agreement& a : agreements) {
    for (const Agreement& b : agreements) {
      if (a.id >= b.id || a.valid.from >= b.valid.until ||
          b.valid.from >= a.valid.until) {
        continue;
      }
      for (const Flow& one : a.flows) {
        for (const Flow& two : b.flows) {
          if (one.dataset != two.dataset) continue;
          for (const std::string& from : one.from) {
            for (const std::string& to : one.to) {
              const auto has = [](const std::vector<std::string>& in,
                                  const std::string& name) {
                return std::find(in.begin(), in.end(), name) != in.end();
              };
              if (from == to || !has(two.from, from) || !has(two.to, to)) {
                continue;
              }
              found.emplace(absl::StrCat(a.id, " ", one.id),
                            absl::StrCat(b.id, " ", two.id), from, to);
            }
          }
        }
      }
    }
  }
  return found;
}

TEST(Overlaps, AreExactlyThoseThatLookingAtEveryPairFinds) {
  int some = 0;
  ForAll(kRounds / 3, [&](Dice* dice) {
    std::vector<Agreement> agreements;
    for (size_t i = 0; i < 4; ++i) {
      agreements.push_back(RandomDocument(dice, absl::StrCat("isa-", i), 1));
      for (auto& [id, dataset] : agreements.back().datasets) {
        dataset.definition = absl::StrCat("policing.", id, "/", i);
      }
      if (dice->Once(4))
        agreements.back().valid.until = absl::CivilDay(2027, 3, 2);
    }
    std::vector<const Agreement*> pointers;
    for (const Agreement& one : agreements) pointers.push_back(&one);
    dice->Shuffle(&pointers);
    std::multiset<Key> found;
    for (const Overlap& one : OverlapsOf(pointers)) {
      for (const auto& [from, to] : one.ends) {
        found.emplace(absl::StrCat(one.first->id, " ", one.first_flow->id),
                      absl::StrCat(one.second->id, " ", one.second_flow->id),
                      from, to);
      }
    }
    EXPECT_EQ(found, Slowly(agreements));
    some += !found.empty();
  });
  EXPECT_GT(some, kRounds / 20);
}

}  // namespace
}  // namespace entente::policy

#include "policy/answer_changes.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "policy/for_all.h"
#include "policy/random_world.h"
#include "policy/test_decision.h"
#include "policy/test_route.h"

namespace entente::policy {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

std::vector<std::string> Compare(const Decision& before,
                                 const Decision& after) {
  return AnswerChanges(before, after);
}

Decision On(const Agreement& document, absl::Time now = kNow) {
  return DecideOn({Record(document)}, Push(), now);
}

TEST(AnswerChanges, AreNoneForTheSameAnswer) {
  EXPECT_THAT(Compare(On(Document()), On(Document())), IsEmpty());
  const absl::Time early = At(2026, 1, 1);
  EXPECT_THAT(Compare(On(Document(), early), On(Document(), early)), IsEmpty());
}

TEST(AnswerChanges, TellOfTheAnswerTurning) {
  EXPECT_THAT(Compare(On(Document()), On(Document(), At(2028, 1, 1))),
              ElementsAre("It is allowed today, and would be refused.",
                          "A reason against it is new: EXPIRED: in force until "
                          "2028-01-01 00:00 UTC"));
  EXPECT_THAT(Compare(On(Document(), At(2028, 1, 1)), On(Document())),
              ElementsAre("It is refused today, and would be allowed."));
}

TEST(AnswerChanges, TellOfReasonsThatComeAndGo) {
  Agreement other = Document();
  other.flows[0].methods = {Method::kQuery};
  EXPECT_THAT(
      Compare(On(Document(), At(2028, 1, 1)), On(other)),
      ElementsAre("A reason against it is new: METHOD_NOT_ALLOWED: push is "
                  "none of query",
                  "A reason against it goes: EXPIRED: in force until "
                  "2028-01-01 00:00 UTC"));
}

TEST(AnswerChanges, TellOfFieldsTermsAndTime) {
  Agreement other = Document();
  other.flows[0].release["offence"].transform = Transform::kFlag;
  other.flows[0].limits.records_per_request = 200;
  other.valid.until = absl::CivilDay(2029, 1, 1);
  other.valid.review_by = other.valid.until;
  EXPECT_THAT(
      Compare(On(Document()), On(other)),
      ElementsAre(
          "The field offence: yes or no only; today: in full, as it is",
          "There is now at most 200 records in a request; before: at most 100 "
          "records in a request.",
          HasSubstr("The answer would be good until 2029-01-01 00:00 UTC")));
}

TEST(AnswerChanges, TellOfOverarchingAgreements) {
  const Decision alone = On(Document());
  const Decision under = DecideOn({Record(Under()), Record(Tier())}, Push());
  EXPECT_THAT(Compare(alone, under),
              ElementsAre("It is then also held to isa-tier"));
  EXPECT_THAT(Compare(under, alone),
              ElementsAre("It is then no longer held to isa-tier"));
  Agreement tier = Tier();
  tier.flows[0].retention.days = 9;
  EXPECT_THAT(Compare(under, DecideOn({Record(Under()), Record(tier)}, Push())),
              ElementsAre(HasSubstr("In isa-tier: The recipient now keeps it "
                                    "for 9 days")));
}

// What is released, and whether: any difference is told.
TEST(AnswerChanges, AreToldIfAndOnlyIfAnswersDiffer) {
  int differ = 0;
  ForAll(kRounds, [&](Dice* dice) {
    const World world = RandomWorld(dice);
    const Request one = RandomRequest(dice, world);
    const Request two = dice->Once(2) ? one : RandomRequest(dice, world);
    const auto known = world.Compile();
    const Decision before = Decide(*known, WorldNow(), one);
    const Decision after = Decide(*known, WorldNow(), two);
    const std::vector<std::string> changes = Compare(before, after);
    if (before.allowed() != after.allowed() ||
        Released(before) != Released(after)) {
      ++differ;
      EXPECT_THAT(changes, testing::Not(IsEmpty()));
    }
    if (one.agreement == two.agreement && Text(before) == Text(after) &&
        before.flow == after.flow && one.fields == two.fields &&
        one.pseudonyms == two.pseudonyms) {
      EXPECT_THAT(changes, IsEmpty());
    }
  });
  EXPECT_GT(differ, kRounds / 20);
}

}  // namespace
}  // namespace entente::policy

#include "policy/explain.h"

#include <set>

#include "absl/strings/match.h"
#include "absl/strings/str_split.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "policy/check.h"
#include "policy/decide.h"
#include "policy/for_all.h"
#include "policy/test_document.h"
#include "policy/text.h"

namespace entente::policy {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

const absl::Time kNow =
    absl::FromCivil(absl::CivilSecond(2027, 3, 1, 12), absl::UTCTimeZone());

std::shared_ptr<const CompiledAgreement> Small() {
  const CheckResult checked = Check("small.yaml", SmallDocument());
  EXPECT_TRUE(checked.ok()) << checked.report;
  return *CompiledAgreement::Create(*checked.agreement, {});
}

Request Question() {
  Request request;
  request.agreement = "isa-small";
  request.sender = "north-police";
  request.recipient = "west-police";
  request.purpose = "find-series";
  request.dataset = "crimes";
  return request;
}

std::string Answer(Request question) {
  const auto agreement = Small();
  AgreementRecord record;
  record.id = "isa-small";
  record.versions[1] = {agreement, {}, true};
  question = CompleteRequest(*agreement, question);
  return Explain(question, Decide(*Register::Create({record}), kNow, question));
}

TEST(Explain, SaysYesAndOnWhichTerms) {
  EXPECT_EQ(
      Answer(Question()),
      R"(May north-police give west-police crimes for find-series, by sending (push),
under isa-small version 1?
Yes.
Of each record it gives:
- name: in full, as it is
- occurred: the month and year only
- offence: in full, as it is
- person: as a pseudonym of this agreement, never the identifier itself
Under isa-small version 1, flows[0] crimes-west:
- only records of which age is 10 or more
- only records of which offence is one of "28/3"
- it must carry a case reference (case_reference)
- at most 5000 records a day
- at most 10000 persons enrolled a day by each agency
- the recipient keeps it for 365 days from receipt, and then destroyed
- passing it on: none
- marking: OFFICIAL
Decided for 2027-03-01 12:00 UTC, Monday 1 March 2027; good until 2027-09-15
00:00 UTC, Wednesday 15 September 2027.
)");
}

TEST(Explain, SaysNoWithEveryReasonAndWhatADutyIs) {
  Request question = Question();
  question.fields = {"age"};
  question.method = Method::kExtract;
  EXPECT_EQ(
      Answer(question),
      R"(May north-police give west-police crimes for find-series, as an extract
(extract), under isa-small version 1?
No, for 2 reasons:
- the flow does not allow this method: extract is none of push
  clause: flows[0] crimes-west.methods
  next: use a method of the flow
  who can grant it: the signatories of every party
  code: METHOD_NOT_ALLOWED
- the flow does not release every field of the batch: age (not listed)
  clause: flows[0] crimes-west.release
  next: leave the fields out, or agree a version that releases them
  who can grant it: the signatories of every party
  code: FIELD_NOT_RELEASED
This says only what the agreement allows. It does not settle whether you have a
duty to share. Emergencies are outside the agreement: if a life or a child is at
risk, use the emergency procedure of your agency now.
)");
}

TEST(Explain, NamesWhatIsMissing) {
  Request question = Question();
  question.carried = {Requirement::kApprover};
  EXPECT_THAT(Answer(question), HasSubstr("demands: case_reference\n"));
  EXPECT_THAT(Answer(question), HasSubstr("code: MISSING:case_reference\n"));
}

TEST(Explain, SaysWhoCanGrantWhatNeedsNobodysLeave) {
  Request question = Question();
  question.carried = {Requirement::kApprover};
  EXPECT_THAT(Answer(question),
              HasSubstr("  next: add it to the request\n"
                        "  who can grant it: whoever prepares the request\n"));
}

TEST(Explain, TellsAStrangerNothing) {
  Request question = Question();
  question.sender = "south";
  const std::string answer = Answer(question);
  EXPECT_THAT(answer, HasSubstr("No, for one reason:"));
  EXPECT_THAT(answer, HasSubstr("code: NO_AGREEMENT"));
  EXPECT_FALSE(absl::StrContains(answer, "clause:"));
}

TEST(CompleteRequest, FillsInOnlyWhatWasNotSaid) {
  const auto agreement = Small();
  Request whole = CompleteRequest(*agreement, Question());
  EXPECT_EQ(whole.caller, "north-police");
  EXPECT_EQ(whole.version, 1);
  EXPECT_THAT(whole.fields, ElementsAre("name", "occurred", "offence"));
  EXPECT_THAT(whole.pseudonyms,
              ElementsAre(PseudonymName{"person", "opaque/1:custody"}));
  EXPECT_THAT(whole.carried, ElementsAre(Requirement::kCaseReference));

  Request query = Question();
  query.method = Method::kQuery;
  query.fields = {"person", "age"};
  query.version = 9;
  query.flow = "crimes-west";
  query = CompleteRequest(*agreement, query);
  EXPECT_EQ(query.caller, "west-police");
  EXPECT_EQ(query.version, 9);
  EXPECT_THAT(query.fields, ElementsAre("age", "person"));
  EXPECT_THAT(query.pseudonyms, ElementsAre());

  Request nowhere = Question();
  nowhere.flow = "elsewhere";
  nowhere.fields = {"name"};
  nowhere = CompleteRequest(*agreement, nowhere);
  EXPECT_THAT(nowhere.fields, ElementsAre("name"));
  EXPECT_THAT(nowhere.carried, ElementsAre());
}

size_t CountOf(absl::string_view text, absl::string_view part) {
  const std::vector<absl::string_view> pieces = absl::StrSplit(text, part);
  return pieces.size() - 1;
}

// Whatever the decision, the words hold all of it, and fit a terminal.
TEST(Explain, HoldsEveryReasonOfAnyDecision) {
  std::set<Reason> seen;
  ForAll(600, [&seen](Dice* dice) {
    const World world = RandomWorld(dice);
    const Request request = RandomRequest(dice, world);
    const Decision decision = Decide(*world.Compile(), WorldNow(), request);
    const std::string text = Explain(request, decision);
    for (const Failure& failure : decision.failures) {
      EXPECT_THAT(text, HasSubstr("code: " + failure.Code() + "\n"));
      const ReasonInfo& info = InfoOf(failure.reason);
      EXPECT_FALSE(info.who.empty()) << info.code;
      EXPECT_FALSE(info.remedy.empty()) << info.code;
      EXPECT_EQ(failure.clause.empty(), failure.reason == Reason::kNoAgreement)
          << info.code;
      seen.insert(failure.reason);
    }
    EXPECT_EQ(CountOf(text, "who can grant it: "), decision.failures.size());
    EXPECT_EQ(CountOf(text, "next: "), decision.failures.size());
    EXPECT_EQ(absl::StrContains(text, "\nYes.\n"), decision.allowed());
    for (const absl::string_view line : absl::StrSplit(text, '\n')) {
      EXPECT_LE(CountCharacters(line), 80u);
    }
  });
  // Flows that overlap are refused in a document.
  for (size_t i = size_t(Reason::kNoAgreement);
       i <= size_t(Reason::kTooManyRecords); ++i) {
    if (Reason(i) == Reason::kAmbiguous) continue;
    EXPECT_EQ(seen.count(Reason(i)), 1u) << CodeOf(Reason(i));
  }
}

}  // namespace
}  // namespace entente::policy

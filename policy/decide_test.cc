#include "policy/decide.h"

#include <functional>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "policy/naive_decide.h"
#include "policy/test_route.h"

namespace entente::policy {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

TEST(Decide, AnswersWithFlowTreatmentsAndEnd) {
  const Decision decision = DecideOn({Record(Document())}, Push());
  ASSERT_TRUE(decision.allowed());
  EXPECT_THAT(Lines(decision), ElementsAre());
  EXPECT_EQ(decision.flow, &decision.agreement->document().flows[0]);
  ASSERT_EQ(decision.fields.size(), 2u);
  EXPECT_EQ(decision.fields[0].treatment->transform, Transform::kAsIs);
  EXPECT_EQ(decision.fields[1].treatment->transform, Transform::kPseudonym);
  EXPECT_EQ(decision.now, kNow);
  EXPECT_EQ(decision.good_until, At(2028, 1, 1));
}

TEST(Decide, AnswersAQueryInPart) {
  Request query = Push();
  query.method = Method::kQuery;
  query.caller = "west";
  query.pseudonyms.clear();
  query.fields = {"victim", "offence", "shoe_size", "person"};
  const Decision decision = DecideOn({Record(Document())}, query);
  ASSERT_TRUE(decision.allowed()) << Lines(decision)[0];
  ASSERT_EQ(decision.fields.size(), 4u);
  EXPECT_TRUE(decision.fields[0].withheld);
  EXPECT_EQ(decision.fields[0].treatment, nullptr);
  EXPECT_NE(decision.fields[1].treatment, nullptr);
  EXPECT_FALSE(decision.fields[2].withheld);
  EXPECT_EQ(decision.fields[2].treatment, nullptr);
  EXPECT_NE(decision.fields[3].treatment, nullptr);
}

struct Refusal {
  std::string name;
  std::function<void(Agreement&, AgreementRecord&, Request&)> change;
  std::vector<std::string> want;
};

// One line for each reason that the decision gives.
const Refusal kRefusals[] = {
    {"unknown agreement",
     [](auto&, auto&, auto& q) { q.agreement = "isa-x"; },
     {"NO_AGREEMENT |  | "}},
    {"stranger",
     [](auto&, auto&, auto& q) { q.caller = "south"; },
     {"NO_AGREEMENT |  | "}},
    {"unknown version",
     [](auto&, auto&, auto& q) { q.version = 7; },
     {"VERSION_UNKNOWN | version | version in force: 1"}},
    {"stranger, unknown version",
     [](auto&, auto&, auto& q) {
       q.version = 7;
       q.caller = "south";
     },
     {"NO_AGREEMENT |  | "}},
    {"half signed",
     [](auto&, auto& r, auto&) {
       r.versions[1].missing = {"west: chief"};
       r.versions[1].activated = false;
     },
     {"NOT_FULLY_SIGNED | signatories | not signed by west: chief"}},
    {"signed, not activated",
     [](auto&, auto& r, auto&) { r.versions[1].activated = false; },
     {"NOT_ACTIVE | signatories | "}},
    {"ended",
     [](auto&, auto& r, auto&) { r.terminated = true; },
     {"TERMINATED | signatories | "}},
    {"suspended",
     [](auto&, auto& r, auto&) { r.suspended_by = {"east"}; },
     {"SUSPENDED | governance.suspend | suspended by east"}},
    {"without the witnesses that it requires",
     [](auto& d, auto& r, auto&) {
       d.witness = Witness::kRequired;
       r.quorum_missing = true;
     },
     {"WITNESSES_MISSING | witness | "}},
    {"suspended by its sender",
     [](auto&, auto& r, auto&) { r.sending_suspended_by = {"north"}; },
     {"SUSPENDED_BY_SENDER | governance.suspend | north"}},
    {"sender withdrawn",
     [](auto&, auto& r, auto&) {
       r.withdrawn = {{"north", 1}};
     },
     {"WITHDRAWN | parties | north"}},
    {"recipient withdrawn",
     [](auto&, auto& r, auto&) {
       r.withdrawn = {{"west", 4}};
     },
     {"WITHDRAWN | parties | west"}},
    {"review overdue",
     [](auto& d, auto&, auto&) {
       d.valid.review_by = d.valid.from + 1;
       d.governance.dpia = {"DPIA-1", d.valid.from - 1, d.valid.from};
     },
     {"REVIEW_OVERDUE | governance.dpia.review_by | the review of the impact "
      "assessment DPIA-1 was due by 2027-01-01",
      "REVIEW_OVERDUE | valid.review_by | its review was due by 2027-01-02"}},
    {"no parent",
     [](auto& d, auto&, auto&) { d.under = "isa-tier"; },
     {"PARENT_NOT_IN_FORCE | under | isa-tier: it is not known here"}},
    {"another's name",
     [](auto&, auto&, auto& q) { q.caller = "east"; },
     {"NOT_YOUR_AGENCY | parties | a batch is sent by its sender, north"}},
    {"foreign sender",
     [](auto&, auto&, auto& q) {
       q.sender = "so\nuth";
       q.caller = "west";
     },
     {"NOT_YOUR_AGENCY | parties | a batch is sent by its sender, "
      "so<U+000A>uth",
      "SENDER_NOT_PARTY | parties | so<U+000A>uth"}},
    {"foreign recipient",
     [](auto&, auto&, auto& q) { q.recipient = "south"; },
     {"RECIPIENT_NOT_PARTY | parties | south"}},
    {"to itself",
     [](auto&, auto&, auto& q) { q.caller = q.sender = "west"; },
     {"SAME_PARTY | flows | west"}},
    {"unknown purpose",
     [](auto&, auto&, auto& q) { q.purpose = "gossip"; },
     {"PURPOSE_NOT_IN_AGREEMENT | purposes | gossip"}},
    {"unknown data set",
     [](auto&, auto&, auto& q) { q.dataset = "cars"; },
     {"DATASET_NOT_IN_AGREEMENT | datasets | cars"}},
    {"unknown flow",
     [](auto&, auto&, auto& q) { q.flow = "f"; },
     {"NO_FLOW | flows | no flow f"}},
    {"no such route",
     [](auto&, auto&, auto& q) { q.purpose = "investigation"; },
     {"NO_FLOW | flows | crimes from north to west for investigation"}},
    {"the other direction",
     [](auto&, auto&, auto& q) {
       q.caller = q.sender = "west";
       q.recipient = "north";
     },
     {"NO_FLOW | flows | crimes from west to north for analysis"}},
    {"another flow's route",
     [](auto& d, auto&, auto& q) {
       d.flows.push_back(d.flows[0]);
       d.flows[1].id = "other";
       d.flows[1].purposes = {"investigation"};
       q.purpose = "investigation";
     },
     {"NO_FLOW | flows[0] crimes-for-analysis | this route is that of flow "
      "other"}},
    {"two flows",
     [](auto& d, auto&, auto&) { d.flows.push_back(d.flows[0]); },
     {"AMBIGUOUS | flows | 2 flows cover this route"}},
    {"method",
     [](auto&, auto&, auto& q) { q.method = Method::kExtract; },
     {"METHOD_NOT_ALLOWED | flows[0] crimes-for-analysis.methods | extract is "
      "none of push, query"}},
    {"nothing carried",
     [](auto&, auto&, auto& q) { q.carried.clear(); },
     {"MISSING:case_reference | flows[0] crimes-for-analysis.require | "}},
    {"fields too many",
     [](auto&, auto&, auto& q) {
       q.fields.push_back("victim");
       q.pseudonyms.push_back({"shoe_size", "pnc/1"});
     },
     {"FIELD_NOT_RELEASED | flows[0] crimes-for-analysis.release | shoe_size "
      "(not listed), victim (withheld)"}},
    {"fields too few",
     [](auto&, auto&, auto& q) { q.pseudonyms.clear(); },
     {"FIELD_MISSING | flows[0] crimes-for-analysis.release | person"}},
    {"field twice",
     [](auto&, auto&, auto& q) { q.fields.push_back("offence"); },
     {"FIELD_REPEATED | flows[0] crimes-for-analysis.release | offence"}},
    {"pseudonym in clear",
     [](auto&, auto&, auto& q) {
       q.pseudonyms.clear();
       q.fields.push_back("person");
     },
     {"WRONG_FORM | flows[0] crimes-for-analysis.release | person travels as "
      "a pseudonym"}},
    {"value as pseudonym, other scheme",
     [](auto&, auto&, auto& q) {
       q.fields.clear();
       q.pseudonyms = {{"offence", "pnc/1"}, {"person", "nhs/1"}};
     },
     {"WRONG_FORM | flows[0] crimes-for-analysis.release | offence travels as "
      "a value, person is under the scheme pnc/1"}},
    {"no field",
     [](auto&, auto&, auto& q) {
       q.method = Method::kQuery;
       q.caller = "west";
       q.fields = {"victim"};
       q.pseudonyms.clear();
     },
     {"NO_FIELD_RELEASED | flows[0] crimes-for-analysis.release | "}},
    {"records",
     [](auto&, auto&, auto& q) { q.records = 101; },
     {"TOO_MANY_RECORDS | flows[0] crimes-for-analysis.limits | 101 records, "
      "at most 100"}},
    {"everything at once, sorted",
     [](auto&, auto& r, auto& q) {
       r.terminated = true;
       q.records = 101;
       q.carried.clear();
       q.method = Method::kSubscribe;
       q.purpose = "gossip";
     },
     {"TERMINATED | signatories | ",
      "PURPOSE_NOT_IN_AGREEMENT | purposes | gossip",
      "METHOD_NOT_ALLOWED | flows[0] crimes-for-analysis.methods | subscribe "
      "is none of push, query",
      "MISSING:case_reference | flows[0] crimes-for-analysis.require | ",
      "TOO_MANY_RECORDS | flows[0] crimes-for-analysis.limits | 101 records, "
      "at most 100"}},
};

TEST(Decide, NamesEveryFailedConditionAndItsClause) {
  for (const Refusal& refusal : kRefusals) {
    // Twice, as the record is made from the changed document.
    Agreement document = Document();
    AgreementRecord record = Record(document);
    Request request = Push();
    refusal.change(document, record, request);
    Agreement ignored = document;
    record = Record(document);
    request = Push();
    refusal.change(ignored, record, request);
    const Decision decision = DecideOn({record}, request);
    EXPECT_FALSE(decision.allowed()) << refusal.name;
    EXPECT_EQ(Lines(decision), refusal.want) << refusal.name;
    for (const Failure& failure : decision.failures) {
      EXPECT_FALSE(failure.Remedy().empty());
    }
  }
}

TEST(Decide, CutsWhatAStrangerWrote) {
  Request request = Push();
  for (int i = 0; i < 1000; ++i) {
    request.fields.push_back(std::to_string(i) + std::string(1000, 'x'));
  }
  const Decision decision = DecideOn({Record(Document())}, request);
  ASSERT_EQ(decision.failures.size(), 1u);
  EXPECT_LT(decision.failures[0].detail.size(), 100 * kMaxNamesShown);
  EXPECT_THAT(decision.failures[0].detail, HasSubstr("950 more"));
}

// Midnight UTC, whatever the clocks in London say that night.
TEST(Decide, HoldsFromTheFirstInstantToTheLast) {
  const std::pair<absl::CivilDay, absl::CivilDay> kSpans[] = {
      {absl::CivilDay(2027, 1, 1), absl::CivilDay(2027, 12, 31)},
      {absl::CivilDay(2028, 2, 29), absl::CivilDay(2028, 3, 1)},
      {absl::CivilDay(2027, 3, 28), absl::CivilDay(2027, 10, 31)},
      {absl::CivilDay(2027, 12, 31), absl::CivilDay(2028, 1, 1)},
  };
  const absl::Duration tick = absl::Nanoseconds(1);
  for (const auto& [from, until] : kSpans) {
    Agreement document = Document();
    document.valid.from = from;
    document.valid.until = until;
    document.valid.review_by = until;
    const absl::Time first = absl::FromCivil(from, absl::UTCTimeZone());
    const absl::Time end = absl::FromCivil(until, absl::UTCTimeZone());
    const auto codes = [&](absl::Time now) {
      std::vector<std::string> found;
      for (const Failure& f :
           DecideOn({Record(document)}, Push(), now).failures)
        found.push_back(f.Code());
      return found;
    };
    EXPECT_THAT(codes(first - tick), ElementsAre("NOT_YET_VALID"));
    EXPECT_THAT(codes(first), ElementsAre());
    EXPECT_THAT(codes(end - tick), ElementsAre());
    EXPECT_THAT(codes(end), ElementsAre("EXPIRED"));
    EXPECT_THAT(codes(end + tick), ElementsAre("EXPIRED"));
  }
}

TEST(Decide, AnActivatedVersionTakesOverAfterItsHandover) {
  Agreement next = Document();
  next.version = 2;
  next.valid.from = absl::CivilDay(2027, 6, 1);
  next.valid.handover_days = 14;
  AgreementRecord record = Record(Document());
  record.versions[2] = Signed(next);
  record.versions[2].activated = false;
  const absl::Time takes_over = At(2027, 6, 15);
  const absl::Time last = takes_over - absl::Nanoseconds(1);
  // Fully signed: an answer is good until it takes over.
  EXPECT_EQ(DecideOn({record}, Push()).good_until, takes_over);
  // Its start came and it was not activated: nothing takes over yet.
  EXPECT_TRUE(DecideOn({record}, Push(), takes_over).allowed());

  record.versions[2].activated = true;
  Request second = Push();
  second.version = 2;
  EXPECT_THAT(Lines(DecideOn({record}, second, At(2027, 5, 31))),
              ElementsAre("NOT_YET_VALID | valid.from | in force from "
                          "2027-06-01 00:00 UTC"));
  EXPECT_TRUE(DecideOn({record}, second, At(2027, 6, 1)).allowed());
  EXPECT_TRUE(DecideOn({record}, Push(), last).allowed());
  EXPECT_THAT(
      Lines(DecideOn({record}, Push(), takes_over)),
      ElementsAre("VERSION_SUPERSEDED | version | version in force: 2"));
  EXPECT_EQ(DecideOn({record}, Push(), last).good_until, takes_over);
}

TEST(Decide, APartyThatLeftLearnsOnlyOfItsOwnVersion) {
  Agreement next = Document();
  next.version = 2;
  next.parties.erase("east");
  AgreementRecord record = Record(Document());
  record.versions[2] = Signed(next);
  Request request = Push();
  request.caller = "east";
  EXPECT_EQ(DecideOn({record}, request).failures[0].reason,
            Reason::kVersionSuperseded);
  request.version = 2;
  EXPECT_THAT(Lines(DecideOn({record}, request)),
              ElementsAre("NO_AGREEMENT |  | "));
}

}  // namespace
}  // namespace entente::policy

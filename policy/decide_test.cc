#include "policy/decide.h"

#include <functional>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "policy/naive_decide.h"

namespace entente::policy {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

absl::Time At(int64_t year, int month, int day, int hour = 0) {
  return absl::FromCivil(absl::CivilSecond(year, month, day, hour),
                         absl::UTCTimeZone());
}

const absl::Time kNow = At(2027, 3, 1, 12);

// North sends crimes to west for analysis, one field as a pseudonym.
Agreement Document() {
  Agreement document;
  document.id = "isa-north-west";
  document.version = 1;
  for (const char* id : {"east", "north", "west"}) document.parties[id] = {};
  document.purposes["analysis"] = {};
  document.purposes["investigation"] = {};
  document.datasets["crimes"].identifiers = {{"person", "pnc/1"}};
  document.datasets["persons"] = {};
  Flow flow;
  flow.id = "crimes-for-analysis";
  flow.from = {"north", "west"};
  flow.to = {"west"};
  flow.purposes = {"analysis"};
  flow.dataset = "crimes";
  flow.methods = {Method::kPush, Method::kQuery};
  flow.release["offence"].transform = Transform::kAsIs;
  flow.release["person"].transform = Transform::kPseudonym;
  flow.release["victim"].transform = Transform::kWithhold;
  flow.require = {Requirement::kCaseReference};
  flow.limits.records_per_request = 100;
  document.flows.push_back(flow);
  document.valid.from = absl::CivilDay(2027, 1, 1);
  document.valid.until = absl::CivilDay(2028, 1, 1);
  return document;
}

Request Push() {
  Request request;
  request.agreement = "isa-north-west";
  request.version = 1;
  request.caller = "north";
  request.sender = "north";
  request.recipient = "west";
  request.purpose = "analysis";
  request.dataset = "crimes";
  request.flow = "crimes-for-analysis";
  request.fields = {"offence"};
  request.pseudonyms = {{"person", "pnc/1"}};
  request.carried = {Requirement::kCaseReference};
  request.records = 100;
  return request;
}

VersionRecord Signed(Agreement document) {
  return {*CompiledAgreement::Create(std::move(document), {}), {}, true};
}

AgreementRecord Record(Agreement document) {
  AgreementRecord record;
  record.id = document.id;
  record.versions[document.version] = Signed(document);
  return record;
}

Decision DecideOn(std::vector<AgreementRecord> records, const Request& request,
                  absl::Time now = kNow) {
  return Decide(*Register::Create(std::move(records)), now, request);
}

std::vector<std::string> Lines(const Decision& decision) {
  std::vector<std::string> lines;
  for (const Failure& failure : decision.failures) {
    lines.push_back(failure.Code() + " | " + failure.clause + " | " +
                    failure.detail);
  }
  return lines;
}

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
     {"TERMINATED |  | "}},
    {"suspended",
     [](auto&, auto& r, auto&) { r.suspended_by = {"east"}; },
     {"SUSPENDED | governance.suspend | suspended by east"}},
    {"suspended by its sender",
     [](auto&, auto& r, auto&) { r.sending_suspended_by = {"north"}; },
     {"SUSPENDED_BY_SENDER | governance.suspend | north"}},
    {"no parent",
     [](auto& d, auto&, auto&) { d.under = "isa-tier"; },
     {"PARENT_NOT_IN_FORCE | under | isa-tier: it is not known here"}},
    {"another's name",
     [](auto&, auto&, auto& q) { q.caller = "east"; },
     {"NOT_YOUR_AGENCY |  | a batch is sent by its sender, north"}},
    {"foreign sender",
     [](auto&, auto&, auto& q) {
       q.sender = "so\nuth";
       q.caller = "west";
     },
     {"NOT_YOUR_AGENCY |  | a batch is sent by its sender, so<U+000A>uth",
      "SENDER_NOT_PARTY | parties | so<U+000A>uth"}},
    {"foreign recipient",
     [](auto&, auto&, auto& q) { q.recipient = "south"; },
     {"RECIPIENT_NOT_PARTY | parties | south"}},
    {"to itself",
     [](auto&, auto&, auto& q) { q.caller = q.sender = "west"; },
     {"SAME_PARTY |  | west"}},
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
     {"TERMINATED |  | ", "PURPOSE_NOT_IN_AGREEMENT | purposes | gossip",
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

Agreement Tier() {
  Agreement tier = Document();
  tier.id = "isa-tier";
  tier.flows[0].id = "tier-flow";
  return tier;
}

Agreement Under() {
  Agreement document = Document();
  document.under = "isa-tier";
  return document;
}

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
       {[](auto& r) { r.sending_suspended_by = {"north"}; },
        "the sender has suspended its own sending under it"}};
  for (const auto& [change, want] : kCases) {
    AgreementRecord tier = Record(Tier());
    change(tier);
    EXPECT_THAT(Lines(DecideOn({Record(Under()), tier}, Push())),
                ElementsAre("PARENT_NOT_IN_FORCE | under | isa-tier: " + want));
  }
}

TEST(Register, ReplacesOneRecordAndLeavesTheOldSnapshotAlone) {
  const auto before = Register::Create({Record(Document()), Record(Tier())});
  AgreementRecord ended = Record(Document());
  ended.terminated = true;
  const auto after = before->With(ended);
  EXPECT_FALSE(before->Find("isa-north-west")->terminated);
  EXPECT_TRUE(after->Find("isa-north-west")->terminated);
  EXPECT_EQ(after->Find("isa-tier"), before->Find("isa-tier"));
  EXPECT_EQ(after->Find("isa-none"), nullptr);
  EXPECT_THAT(after->Ids(), ElementsAre("isa-north-west", "isa-tier"));
  EXPECT_EQ(after->size(), 2u);
}

TEST(CompiledAgreement, RefusesMorePartiesThanItCanIndex) {
  Agreement document = Document();
  for (int i = 0; i < 38; ++i) document.parties[std::to_string(i)] = {};
  EXPECT_EQ(CompiledAgreement::Create(document, {}).status().code(),
            absl::StatusCode::kInvalidArgument);
}

TEST(CompiledAgreement, FortiethPartyHasItsOwnBit) {
  Agreement document = Document();
  for (int i = 10; i < 47; ++i) {
    const std::string id = "z" + std::to_string(i);
    document.parties[id] = {};
    document.flows[0].to.push_back(id);
  }
  ASSERT_EQ(document.parties.size(), 40u);
  const auto compiled = *CompiledAgreement::Create(document, {});
  EXPECT_NE(compiled->table().FindRoute("north", "z46", "analysis", "crimes"), nullptr);
  EXPECT_EQ(compiled->table().FindRoute("z46", "west", "analysis", "crimes"), nullptr);
  EXPECT_EQ(compiled->table().FindRoute("z46", "z46", "analysis", "crimes"), nullptr);
}

TEST(Request, ReadsTheWordsOfADocument) {
  EXPECT_EQ(MethodOf("subscribe"), Method::kSubscribe);
  EXPECT_EQ(RequirementOf("approver"), Requirement::kApprover);
  EXPECT_EQ(MethodOf("Push"), std::nullopt);
  EXPECT_EQ(RequirementOf(""), std::nullopt);
}

}  // namespace
}  // namespace entente::policy

#include "policy/diff.h"

#include <algorithm>
#include <functional>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "nlohmann/json.hpp"
#include "policy/canonical.h"
#include "policy/check.h"
#include "policy/diff_words.h"
#include "policy/test_document.h"
#include "policy/text.h"
#include "policy/words.h"

namespace entente::policy {
namespace {

using nlohmann::json;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

Agreement Small() { return *Check("small.yaml", SmallDocument()).agreement; }

std::string LineOf(const Change& change) {
  return absl::StrCat(KindInWords(change.kind), ": ", change.sentence);
}

std::vector<std::string> Lines(const AgreementDiff& diff) {
  std::vector<std::string> lines;
  for (const FlowChanges& flow : diff.flows) {
    for (const Change& change : flow.changes) lines.push_back(LineOf(change));
  }
  for (const Change& change : diff.whole) lines.push_back(LineOf(change));
  return lines;
}

// The lines when one thing in the small document changes.
std::vector<std::string> After(const std::function<void(Agreement&)>& change) {
  Agreement after = Small();
  change(after);
  return Lines(Diff(Small(), after));
}

TEST(Diff, TheSameIsNoChange) {
  const Agreement small = Small();
  EXPECT_TRUE(Diff(small, small).empty());
  Agreement next = small;
  next.version = 2;
  next.previous = std::string(64, 'a');
  EXPECT_TRUE(Diff(small, next).empty());
  EXPECT_THAT(DiffInWords(small, next, Diff(small, next)),
              testing::StrEq("From isa-small version 1 to isa-small version 2: "
                             "no change in effect.\n"));
}

TEST(Diff, OrderIsNoChange) {
  const Agreement before =
      *Check("hub", ReadTemplate("safeguarding-hub.yaml")).agreement;
  Agreement after = before;
  std::reverse(after.flows.begin(), after.flows.end());
  for (Flow& flow : after.flows) {
    std::reverse(flow.from.begin(), flow.from.end());
    std::reverse(flow.to.begin(), flow.to.end());
    std::reverse(flow.purposes.begin(), flow.purposes.end());
    std::reverse(flow.require.begin(), flow.require.end());
    std::reverse(flow.rows.begin(), flow.rows.end());
  }
  std::reverse(after.lawful_basis.begin(), after.lawful_basis.end());
  std::reverse(after.signatories.begin(), after.signatories.end());
  EXPECT_THAT(Lines(Diff(before, after)), IsEmpty());
}

struct LineCase {
  const char* name;
  std::function<void(Agreement&)> change;
  const char* line;
};

// Every kind of line, of every clause.
const LineCase kLines[] = {
    {"method",
     [](Agreement& a) { a.flows[0].methods.push_back(Method::kExtract); },
     "NEWLY ALLOWED: It may now move as an extract (extract)."},
    {"field given",
     [](Agreement& a) {
       a.flows[0].release["age"].transform = Transform::kFlag;
     },
     "NEWLY ALLOWED: The field age is now given: yes or no only."},
    {"field taken away", [](Agreement& a) { a.flows[0].release.erase("name"); },
     "NEWLY REFUSED: The field name is no longer given; it was given: in full, "
     "as it is."},
    {"field withheld", [](Agreement& a) { a.flows[0].release["name"] = {}; },
     "NEWLY REFUSED: The field name is no longer given; it was given: in full, "
     "as it is."},
    {"withholding written down",
     [](Agreement& a) { a.flows[0].release["age"] = {}; },
     "CHANGED: It is now written down that the field age is never given; "
     "nothing gives it."},
    {"field wider",
     [](Agreement& a) {
       a.flows[0].release["occurred"].transform = Transform::kAsIs;
     },
     "WIDER: The field occurred is now given: in full, as it is; before: the "
     "month and year only."},
    {"field narrower",
     [](Agreement& a) {
       a.flows[0].release["occurred"].transform = Transform::kYear;
     },
     "NARROWER: The field occurred is now given: the year only; before: the "
     "month and year only."},
    {"field otherwise",
     [](Agreement& a) {
       Treatment& treatment = a.flows[0].release["occurred"];
       treatment.transform = Transform::kAgeBand;
       treatment.edges = {18};
     },
     "CHANGED: The field occurred is now given: the band of the age on the day "
     "of release only, with edges at 18; before: the month and year only."},
    {"requirement more",
     [](Agreement& a) { a.flows[0].require.push_back(Requirement::kApprover); },
     "NARROWER: A request must now also carry who approved it."},
    {"requirement less", [](Agreement& a) { a.flows[0].require.clear(); },
     "WIDER: A request need no longer carry a case reference."},
    {"rule looser", [](Agreement& a) { a.flows[0].rows[0].at_least = 5; },
     "WIDER: A record is now given only if age is 5 or more; before: only if "
     "age is 10 or more."},
    {"rule gone",
     [](Agreement& a) { a.flows[0].rows.erase(a.flows[0].rows.begin()); },
     "WIDER: A record need no longer be one of which age is 10 or more."},
    {"rule new",
     [](Agreement& a) {
       RowRule rule;
       rule.field = "occurred";
       rule.newest_days = 1;
       a.flows[0].rows.push_back(rule);
     },
     "NARROWER: Only records of which occurred is not older than 1 day may now "
     "be given."},
    {"limit", [](Agreement& a) { a.flows[0].limits.records_per_day = 1; },
     "NARROWER: There is now at most 1 record a day; before: at most 5000 "
     "records a day."},
    {"limit gone", [](Agreement& a) { a.flows[0].limits.records_per_day = {}; },
     "WIDER: There is now no limit on records a day; before: at most 5000 "
     "records a day."},
    {"limit new", [](Agreement& a) { a.flows[0].limits.requests_per_day = 7; },
     "NARROWER: There is now at most 7 requests a day; before: no limit."},
    {"answer", [](Agreement& a) { a.flows[0].answer_records = 7; },
     "NARROWER: There is now at most 7 records in an answer; before: no "
     "limit."},
    {"answer time", [](Agreement& a) { a.flows[0].min_answer_ms = 100; },
     "NARROWER: An answer now takes at least 100 ms; before: 0 ms."},
    {"retention", [](Agreement& a) { a.flows[0].retention.days = 400; },
     "WIDER: The recipient now keeps it for 400 days from receipt, and then "
     "destroyed; before: for 365 days from receipt, and then destroyed."},
    {"proof", [](Agreement& a) { a.flows[0].proof = Proof::kNone; },
     "WIDER: The broker need no longer prove that it converts pseudonyms "
     "honestly."},
    {"domain",
     [](Agreement& a) { a.flows[0].recipient_domain = DomainRole::kSealed; },
     "NARROWER: The recipient may no longer match pseudonyms with people whom "
     "it knows; it can only join records."},
    {"flow name", [](Agreement& a) { a.flows[0].id = "crimes"; },
     "CHANGED: The flow is now called crimes; before: crimes-west. A request "
     "that names it so is refused by the other version."},
    {"end", [](Agreement& a) { a.valid.until = absl::CivilDay(2029, 1, 1); },
     "WIDER: It now ends at 00:00 UTC on Monday 1 January 2029 (midnight by "
     "British clocks); before: 00:00 UTC on Wednesday 1 November 2028 "
     "(midnight by British clocks)."},
    {"review",
     [](Agreement& a) { a.valid.review_by = absl::CivilDay(2028, 2, 1); },
     "WIDER: Nothing more is allowed once its review is overdue; it is now due "
     "by: Tuesday 1 February 2028; before: Sunday 31 October 2027."},
    {"no review of the DPIA",
     [](Agreement& a) { a.governance.dpia.review_by.reset(); },
     "WIDER: Nothing more is allowed once the review of the impact assessment "
     "DPIA-1 is overdue; it is now due by: no day; before: Tuesday 14 "
     "September 2027."},
    {"start", [](Agreement& a) { a.valid.from = absl::CivilDay(2026, 11, 2); },
     "NARROWER: It now starts at 00:00 UTC on Monday 2 November 2026 (midnight "
     "by British clocks); before: 00:00 UTC on Sunday 1 November 2026 "
     "(midnight by British clocks)."},
    {"handover", [](Agreement& a) { a.valid.handover_days = 5; },
     "WIDER: The version before it stays usable beside it for 5 days; before: "
     "0 days."},
    {"project",
     [](Agreement& a) { a.valid.project_end = absl::CivilDay(2028, 1, 1); },
     "NARROWER: The project now ends: Saturday 1 January 2028; before: never."},
    {"under", [](Agreement& a) { a.under = "isa-tier"; },
     "NARROWER: Only what the overarching agreement isa-tier allows as well is "
     "allowed."},
    {"enrolments",
     [](Agreement& a) { a.flows[0].limits.enrolments_per_day = 5; },
     "NARROWER: west-police may now enrol persons: at most 5 a day; before: at "
     "most 10000 a day."},
    {"scheme",
     [](Agreement& a) { a.datasets["crimes"].identifiers["person"] = "pnc/1"; },
     "CHANGED: In the data set crimes, the identifier person is now pnc/1; "
     "before: opaque/1:custody."},
    {"scheme new",
     [](Agreement& a) { a.datasets["crimes"].identifiers["pnc"] = "pnc/1"; },
     "WIDER: In the data set crimes, the identifier pnc is now pnc/1, which "
     "agencies may enrol."},
    {"scheme gone", [](Agreement& a) { a.datasets["crimes"].identifiers = {}; },
     "NARROWER: In the data set crimes, the identifier person is no longer "
     "there; it was opaque/1:custody."},
    {"type",
     [](Agreement& a) {
       a.datasets["crimes"].fields["name"].type = FieldType::kCode;
     },
     "CHANGED: In the data set crimes, the field name is now: code; before: "
     "text."},
    {"type new", [](Agreement& a) { a.datasets["crimes"].fields["x"] = {}; },
     "CHANGED: In the data set crimes, the field x is now: text."},
    {"list",
     [](Agreement& a) {
       a.lists["offence-codes"].values = {"28/3", "9"};
     },
     "CHANGED: The list offence-codes now also has: 9; no longer has: 28/4. A "
     "value that it lacks refuses its record."},
    {"onward", [](Agreement& a) { a.onward.rule = OnwardRule::kAskSender; },
     "WIDER: A recipient may now pass on: what the sender agrees to, asked "
     "each time; before: nothing, to nobody."},
    {"emergency",
     [](Agreement& a) {
       a.break_glass = BreakGlass{{{"crimes", {"name"}}}, 30, 24};
     },
     "WIDER: An emergency may now show: of crimes: name; for 30 minutes, "
     "report in 24 hours; before: nothing."},
    {"overseer", [](Agreement& a) { a.overseers.clear(); },
     "NEWLY REFUSED: panel is no longer an overseer, and may no longer read "
     "the "
     "ledger."},
    {"party", [](Agreement& a) { a.parties["east-police"] = {}; },
     "NEWLY ALLOWED: east-police is now a party, and may read the ledger."},
    {"title", [](Agreement& a) { a.title = "Robbery"; },
     "CHANGED: The title is now: Robbery; before: Burglary series."},
    {"justification",
     [](Agreement& a) {
       a.governance.justification = JustificationRule::kGiven;
     },
     "CHANGED: The justification of a request that brings none is now: none; "
     "before: filled in from purpose and case reference."},
    {"owner", [](Agreement& a) { a.governance.owner = "Chief"; },
     "CHANGED: The owner is now: Chief; before: Head of Information."},
    {"promise gone", [](Agreement& a) { a.handling.staff = ""; },
     "CHANGED: Staff is no longer there; before: Vetted."},
    {"signatory", [](Agreement& a) { a.signatories[0].name = "other"; },
     "CHANGED: The signature of north-police: Chief is now: with the "
     "certificate other; before: with the certificate north-chief."},
};

TEST(Diff, HasALineForEveryKindOfChange) {
  for (const LineCase& test : kLines) {
    const std::vector<std::string> lines = After(test.change);
    EXPECT_THAT(lines, Contains(test.line)) << test.name;
    const bool per_agency = std::string(test.name) == "enrolments";
    const bool with_party = std::string(test.name) == "party" ||
                            std::string(test.name) == "overseer";
    if (!with_party) {
      EXPECT_EQ(lines.size(), per_agency ? 2u : 1u) << test.name;
    }
  }
}

// The broker counts the largest limit of the flows that name the agency.
TEST(Diff, AnEnrolmentLimitBelowAnotherFlowsIsNoChange) {
  Agreement before = Small();
  Flow other = before.flows[0];
  other.id = "other";
  other.purposes = {"other"};
  other.limits.enrolments_per_day = 20000;
  before.flows.push_back(other);
  Agreement after = before;
  after.flows[0].limits.enrolments_per_day = 5;
  EXPECT_TRUE(Diff(before, after).empty());
  after.flows[1].limits.enrolments_per_day = 6;
  EXPECT_THAT(Lines(Diff(before, after)),
              Contains("NARROWER: north-police may now enrol persons: at most "
                       "6 a day; before: at most 20000 a day."));
}

TEST(Diff, TellsOfWaysThatAreNewAndWaysThatEnd) {
  Agreement after = Small();
  after.flows[0].from = {"west-police"};
  after.flows[0].to = {"north-police"};
  const AgreementDiff diff = Diff(Small(), after);
  ASSERT_EQ(diff.flows.size(), 2u);
  EXPECT_EQ(diff.flows[0].before, "");
  EXPECT_EQ(diff.flows[0].after, "flows[0] crimes-west");
  EXPECT_EQ(diff.flows[0].dataset, "crimes");
  EXPECT_THAT(diff.flows[0].boxes,
              ElementsAre(RouteBox{
                  {"west-police"}, {"north-police"}, {"find-series"}}));
  const Change& change = diff.flows[0].changes.at(0);
  EXPECT_EQ(LineOf(change),
            "NEWLY ALLOWED: This is new: it moves by sending (push).");
  EXPECT_THAT(change.details,
              ElementsAre("the field name: in full, as it is",
                          "the field occurred: the month and year only",
                          "the field offence: in full, as it is",
                          "the field person: as a pseudonym of this agreement, "
                          "never the identifier itself",
                          "only records of which age is 10 or more and offence "
                          "is one of \"28/3\"",
                          "a request carries a case reference",
                          "at most 5000 records a day",
                          "at most 10000 persons enrolled a day by each agency",
                          "the recipient keeps it for 365 days from receipt, "
                          "and then destroyed",
                          "the recipient may match pseudonyms with people whom "
                          "it knows"));
  EXPECT_EQ(LineOf(diff.flows[1].changes.at(0)),
            "NEWLY REFUSED: This ends: it moved by sending (push).");
  EXPECT_EQ(diff.flows[1].after, "");
}

TEST(Diff, AFlowCutInTwoIsNoChangeButOfItsName) {
  const Agreement before =
      *Check("hub", ReadTemplate("safeguarding-hub.yaml")).agreement;
  for (size_t i = 0; i < before.flows.size(); ++i) {
    if (before.flows[i].to.size() < 2) continue;
    Agreement after = before;
    Flow part = after.flows[i];
    part.id = "part";
    part.to = {part.to.back()};
    after.flows[i].to.pop_back();
    after.flows.push_back(part);
    const AgreementDiff diff = Diff(before, after);
    ASSERT_EQ(diff.flows.size(), 1u);
    ASSERT_EQ(diff.flows[0].changes.size(), 1u);
    EXPECT_EQ(diff.flows[0].changes[0].clause, Clause::kFlowName);
    return;
  }
  FAIL() << "the template has no flow to several";
}

TEST(Diff, InWordsIsGroupedByFlowAndFitsATerminal) {
  Agreement after = Small();
  after.version = 2;
  after.flows[0].methods = {Method::kExtract};
  after.flows[0].release["age"].transform = Transform::kAsIs;
  after.title = "Robbery\x1B[2J";
  const std::string text = DiffInWords(Small(), after, Diff(Small(), after));
  EXPECT_THAT(text, HasSubstr("From isa-small version 1 to isa-small version "
                              "2: 2 newly allowed, 1 newly\nrefused, 1 "
                              "changed.\n"));
  EXPECT_THAT(text,
              HasSubstr("\nFlow crimes-west\n----------------\n"
                        "crimes from north-police to west-police, for "
                        "find-series:\n- NEWLY ALLOWED: It may now move as an "
                        "extract (extract).\n- NEWLY ALLOWED: The field age "
                        "is now given: in full, as it is.\n- NEWLY REFUSED: "));
  EXPECT_THAT(text, HasSubstr("\nThe agreement as a whole\n"));
  EXPECT_THAT(text, HasSubstr("Robbery<U+001B>[2J"));
  for (const absl::string_view line : absl::StrSplit(text, '\n')) {
    EXPECT_LE(CountCharacters(line), 80u) << line;
  }
}

TEST(Diff, EveryKindAndClauseHasAWordOfItsOwn) {
  std::set<absl::string_view> words;
  for (int i = 0; i <= int(ChangeKind::kChanged); ++i) {
    EXPECT_TRUE(words.insert(WordOf(ChangeKind(i))).second);
  }
  for (int i = 0; i <= int(Clause::kWording); ++i) {
    EXPECT_TRUE(words.insert(WordOf(Clause(i))).second);
  }
}

// Another value of the kind of `leaf`, as good as any for its place.
std::vector<json> Others(const json& leaf) {
  if (leaf.is_boolean()) return {!leaf.get<bool>()};
  if (leaf.is_number()) {
    const int64_t number = leaf.get<int64_t>();
    return {number + 1, number - 1, 15, 60, 100, 250};
  }
  const std::string text = leaf.get<std::string>();
  std::vector<json> others = {text + "x",
                              "2031-02-03",
                              std::string(text.size(), 'e'),
                              "BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBA=",
                              "policing.other/7",
                              "OFFICIAL",
                              "OFFICIAL-SENSITIVE",
                              "nhs/1",
                              "https://w2.example.org",
                              "witness.example.com/w+8dd8a6d6+"
                              "BNdamAGCsQq31Uv+08lkBzoO4XLz2qYjJa8CGmj3B1Ea"};
  const auto add = [&](auto words) {
    for (const auto& [word, value] : words) others.push_back(std::string(word));
  };
  add(AllWords<Capacity>());
  add(AllWords<Regime>());
  add(AllWords<AgreementKind>());
  add(AllWords<Children>());
  add(AllWords<Method>());
  add(AllWords<Requirement>());
  add(AllWords<FieldType>());
  add(AllWords<Transform>());
  add(AllWords<RetentionStart>());
  add(AllWords<RetentionEnd>());
  add(AllWords<OnwardRule>());
  add(AllWords<SuspendRight>());
  add(AllWords<Publish>());
  add(AllWords<Proof>());
  add(AllWords<DomainRole>());
  add(AllWords<Witness>());
  return others;
}

// `/flows/0/from/1` and `/flows/3/from/0` are of one shape.
std::string ShapeOf(const std::string& path, const json& leaf) {
  const std::set<std::string> named = {"parties", "overseers", "purposes",
                                       "lists",   "datasets",  "fields",
                                       "named",   "release",   "identifiers"};
  std::string shape(leaf.type_name());
  std::string above;
  for (const absl::string_view piece : absl::StrSplit(path, '/')) {
    const std::string part(piece);
    const bool number = !part.empty() && part[0] >= '0' && part[0] <= '9';
    absl::StrAppend(&shape, "/", number || named.count(above) > 0 ? "*" : part);
    above = part;
  }
  return shape;
}

// Whoever signs is told of every value that is another one, whatever its place.
TEST(Diff, NoValueOfADocumentChangesUntold) {
  std::vector<std::string> documents = {
      SmallWith("witness: optional\n", kTwoWitnesses), SmallDocument()};
  for (const absl::string_view name : kTemplates) {
    documents.push_back(ReadTemplate(name));
  }
  std::set<std::string> shapes;
  int told = 0;
  for (const std::string& text : documents) {
    const CheckResult checked = Check("f", text);
    const json whole = json::parse(checked.canonical);
    const json flat = whole.flatten();
    for (const auto& [path, leaf] : flat.items()) {
      if (path == "/version" || path == "/previous" || leaf.is_null()) continue;
      if (!shapes.insert(ShapeOf(path, leaf)).second) continue;
      int tried = 0;
      for (const json& other : Others(leaf)) {
        if (other == leaf) continue;
        json changed = whole;
        changed[json::json_pointer(path)] = other;
        const auto read = ParseCanonical(changed.dump());
        if (!read.ok()) continue;
        EXPECT_FALSE(Diff(*checked.agreement, *read).empty())
            << path << ": " << leaf << " to " << other;
        ++told;
        if (++tried == 3) break;
      }
    }
  }
  EXPECT_GT(told, 100);
}

TEST(Diff, ItsDigestIsThatOfTheWordsThatAreShown) {
  const Agreement before = Small();
  Agreement after = before;
  after.version = 2;
  const crypto::Hash same = DiffDigest(before, after);
  EXPECT_EQ(same,
            crypto::Sha256(DiffInWords(before, after, Diff(before, after))));
  after.flows[0].limits.records_per_day = 9;
  EXPECT_NE(DiffDigest(before, after), same);
}

}  // namespace
}  // namespace entente::policy

// A force, a council and a health trust about a child: a little for triage,
// more for an enquiry.
#include "tests/lifecycle/life.h"

#include "absl/strings/str_cat.h"

namespace entente::lifecycle {
namespace {

using testing::HasSubstr;
using world::kLeft;

constexpr char kCouncil[] = "northmere-council";
constexpr char kTrust[] = "northmere-trust";
constexpr char kReport[] =
    "Surname,Forename,Born,report_ref,child_name,child_date_of_birth,"
    "concern_codes,risk_grade,incident_summary,incident_summary_reviewed_by,"
    "informant_identity";
constexpr char kPicture[] =
    "Surname,Forename,Born,known_to_service,last_contact,attendances,"
    "relevant_history,relevant_history_reviewed_by";

class SafeguardingHub : public Life {
 protected:
  SafeguardingHub() : Life("safeguarding_hub", {kLeft, kCouncil, kTrust}) {
    sample_ = {kLeft,
               kCouncil,
               "report-to-council",
               "triage",
               "child-concern-reports",
               {"--case", "CR-1", "--carry", "subject_reference=S-1", "--map",
                "child=Surname,Forename,Born"},
               kReport,
               [](int number) { return Report(number, "Hub sergeant"); }};
  }
  static std::string Report(int number, const std::string& mark) {
    return absl::StrCat("Lee,Ada,2015-05-05,R-", number,
                        ",Ada Lee,2015-05-05,DA;NEGLECT,high,He left.,", mark,
                        ",Mrs Jones");
  }
  // What the trust knows, sent for `purpose` in `flow`.
  json Tell(const std::string& flow, const std::string& purpose,
            std::vector<std::string> more, int exit = 0) {
    more.insert(more.end(),
                {"--case", "CR-1", "--carry", "subject_reference=S-1", "--map",
                 "child=Surname,Forename,Born"});
    return Send(kTrust, flow, purpose, std::move(more),
                absl::StrCat(kPicture, "\nLee,Ada,2015-05-05,true,", Day(-3),
                             ",", Day(-3), ";", Day(-900),
                             ",Seen twice.,Named nurse for safeguarding\n"),
                exit);
  }
};

TEST_F(SafeguardingHub, LivesItsWholeLife) {
  const std::string file = Draft();
  ExpectMistake(file,
                {{"parties: [northmere-council, northmere-trust]",
                  "parties: [northmere-trust]"}},
                "no lawful basis");
  ExpectMistake(file, {{"reviewer: Hub sergeant", "reviewr: Hub sergeant"}},
                "unknown key \"reviewr\"");
  ComeIntoForce(file);
  const std::string people = Write(
      "people.csv", "Surname,Forename,Born,ref\nLee,Ada,2015-05-05,X-1\n");
  for (const char* body : {kLeft, kCouncil, kTrust}) {
    Enrol(body, "name_dob/1", {"Surname", "Forename", "Born"}, "ref", people);
  }

  // A text that nobody has read stays, and who told is never given.
  EXPECT_EQ(Send(kLeft, "report-to-council", "triage", sample_.more,
                 absl::StrCat(kReport, "\n", Report(900, "Hub sergeant"), "\n",
                              Report(901, ""), "\n"),
                 kPartly)
                .value("sent", 0),
            1);
  EXPECT_THAT(RefusedRows(), HasSubstr("incident_summary_reviewed_by must"));
  std::vector<json> got = Receive(kCouncil);
  ASSERT_EQ(got.size(), 1u);
  EXPECT_EQ(got[0].at("incident_summary"), "He left.");
  EXPECT_EQ(got[0].at("child_name"), "Ada Lee");
  EXPECT_FALSE(got[0].contains("informant_identity"));

  // Little for triage. More for an enquiry, which must be named.
  EXPECT_EQ(Tell("health-to-council-triage", "triage", {}).value("sent", 0), 1);
  got = Receive(kCouncil);
  ASSERT_EQ(got.size(), 1u);
  EXPECT_EQ(got[0], json({{"known_to_service", true},
                          {"last_contact", Day(-3).substr(0, 7)}}));
  EXPECT_EQ(
      CodeOf(Tell("health-to-council-section-47", "triage",
                  {"--carry", "strategy_discussion_reference=D-1"}, kRefused)),
      "NO_FLOW");
  EXPECT_EQ(
      CodeOf(Tell("health-to-council-section-47", "section-47", {}, kRefused)),
      "MISSING:strategy_discussion_reference");
  Tell("health-to-council-section-47", "section-47",
       {"--carry", "strategy_discussion_reference=D-1"});
  got = Receive(kCouncil);
  ASSERT_EQ(got.size(), 1u);
  EXPECT_EQ(got[0], json({{"known_to_service", true},
                          {"last_contact", Day(-3)},
                          {"attendances", 1},
                          {"relevant_history", "Seen twice."}}));
  // Nobody wrote that the council gives the force anything.
  EXPECT_EQ(CodeOf(Explain(kCouncil, kLeft, "triage", "child-concern-reports",
                           {}, kRefused)),
            "NO_FLOW");

  BeSuspended(kCouncil, kTrust);
  BeAmended({{"risk_grade: as_is", "risk_grade: withhold"}},
            "NEWLY REFUSED: The field risk_grade");
  ExpectFirstSuperseded();
  // One leaves: what it gives stops, and what the others do goes on.
  EXPECT_EQ(Agreement(Siro(kTrust), {"withdraw", id(), "--reason", "Moved",
                                     "--confirm", id()})
                .value("state", ""),
            "active");
  EXPECT_EQ(
      CodeOf(Tell("health-to-council-triage", "triage", {"--again"}, kRefused)),
      "WITHDRAWN");
  BeReviewed();  // with a version that all three sign, so it is back
  EXPECT_EQ(
      Tell("health-to-council-triage", "triage", {"--again"}).value("sent", 0),
      1);
  EndByExpiry();
  ProveIt();
}

}  // namespace
}  // namespace entente::lifecycle

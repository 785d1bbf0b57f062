// A force and a university: ethics, a sealed domain, no free text, no small
// numbers.
#include "tests/lifecycle/life.h"

#include "absl/strings/str_cat.h"

namespace entente::lifecycle {
namespace {

using testing::HasSubstr;
using world::kLeft;

constexpr char kUniversity[] = "northmere-university";
constexpr char kEvents[] =
    "event_id,victim_id,event_date,offence_code,victim_date_of_birth,"
    "victim_sex,postcode,victim_name,notes";

class AcademicResearch : public Life {
 protected:
  AcademicResearch() : Life("academic_research", {kLeft, kUniversity}) {
    sample_ = {kUniversity,
               kLeft,
               "findings",
               "publish-results",
               "findings",
               {},
               "cell,cell_count",
               [](int number) { return absl::StrCat("row ", number, ",4"); }};
  }
};

TEST_F(AcademicResearch, LivesItsWholeLife) {
  const std::string file = Draft();
  // The safeguards of the kind, each without which nobody may propose it.
  ExpectMistake(
      file,
      {{absl::StrCat("  ethics:                  # the ethics approval\n"
                     "    ref: A line of text\n    date: \"",
                     Day(-30), "\"\n"),
        ""}},
      "research without ethics approval");
  ExpectMistake(file,
                {{"recipient_domain: sealed", "recipient_domain: matching"}},
                "the recipient of a study could test who is in it");
  ExpectMistake(file, {{"notes: withhold", "notes: as_is"}},
                "free text about people as it is, in a study");
  ExpectMistake(file,
                {{"cell_count: { transform: small_count, below: 10 }",
                  "cell_count: as_is"},
                 {"  minimum_cell: 10", "  # minimum_cell: 10"}},
                "a count that may stand for one person, in a study");
  ComeIntoForce(file);

  const std::string people =
      Write("people.csv", "event_id,victim_id,ref\nE-1,N-1,1\nE-2,N-2,2\n");
  Enrol(kLeft, "opaque/1:event_id", {"event_id"}, "ref", people);
  Enrol(kLeft, "opaque/1:nominal_id", {"victim_id"}, "ref", people);
  // The university can join rows, and can test nobody.
  EXPECT_THAT(CodeOf(Run(System(kUniversity),
                         {"enrol", "--agreement", id(), "--scheme",
                          "opaque/1:nominal_id", "--column", "victim_id",
                          "--ref", "ref", people},
                         kRefused)),
              testing::AnyOf("DOMAIN_SEALED", "SCHEME_NOT_IN_AGREEMENT"));
  const std::string rows = absl::StrCat(
      kEvents,
      "\nE-1,N-1,2020-02-28,5D/1,1985-03-04,female,\"4 Mill Lane, Ramsey IM8 "
      "1AA\",Ada Lee,He left.\nE-2,,2020-03-01,8/1,1990-01-01,male,IM8 1AA,Bo "
      "Lee,Seen.\n");
  EXPECT_EQ(
      CodeOf(Send(kLeft, "extract", "study",
                  {"--method", "extract", "--carry", "ethics_reference=REC/1"},
                  rows, kRefused)),
      "MISSING:approver");
  // Whose days the second row's are is not known, so it stays.
  EXPECT_EQ(Send(kLeft, "extract", "study",
                 {"--method", "extract", "--carry", "ethics_reference=REC/1",
                  "--carry", "protocol_version=2", "--carry", "approver=Chair"},
                 rows, kPartly)
                .value("sent", 0),
            1);
  EXPECT_THAT(RefusedRows(), HasSubstr("is shifted by victim_id"));
  const std::vector<json> got = Receive(kUniversity);
  ASSERT_EQ(got.size(), 1u);
  json fields = got[0];
  EXPECT_NE(fields.at("event_date"), "2020-02-28");
  fields.erase("event_date");
  EXPECT_EQ(fields, json({{"offence_code", "violence"},
                          {"victim_date_of_birth", "35 to 44"},
                          {"victim_sex", "female"},
                          {"postcode", "IM8"}}));
  // No more than one extract a day.
  EXPECT_EQ(CodeOf(Send(kLeft, "extract", "study",
                        {"--method", "extract", "--again", "--carry",
                         "ethics_reference=REC/1", "--carry",
                         "protocol_version=2", "--carry", "approver=Chair"},
                        rows, kRefused)),
            "QUOTA_EXCEEDED");
  // What comes back tells of no small group.
  Send(kUniversity, "findings", "publish-results", {},
       "cell,cell_count\nwomen,4\n");
  const std::vector<json> findings = Receive(kLeft);
  ASSERT_EQ(findings.size(), 1u);
  EXPECT_EQ(findings[0].at("cell_count"), "fewer than 10");

  BeSuspended(kUniversity, kLeft);
  BeAmended({{"within: 14", "within: 21"}}, "The field event_date");
  ExpectFirstSuperseded();
  BeReviewed();
  EndByExpiry();
  ProveIt();
}

}  // namespace
}  // namespace entente::lifecycle

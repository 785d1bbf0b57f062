// A force and a partnership of shops: adults only, named recipients, and
// nothing goes further.
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "tests/end_to_end/wire.h"
#include "tests/lifecycle/life.h"

namespace entente::lifecycle {
namespace {

using testing::HasSubstr;
using world::kLeft;

constexpr char kShops[] = "northmere-shops";
constexpr char kExclusions[] =
    "person_ref,name,image,order_type,order_end,date_of_birth,age,address";

class PolicePrivate : public Life {
 protected:
  PolicePrivate() : Life("police_private", {kLeft, kShops}) {
    sample_ = {kLeft,
               kShops,
               "exclusions",
               "exclude-and-deter",
               "excluded-persons",
               {"--carry", "justification=Shop theft series"},
               kExclusions,
               [this](int number) { return Row(number, 34, 150); }};
  }
  std::string Row(int number, int age, int ends_in) const {
    return absl::StrCat("P-1,Ada Lee ", number, ",AAEC,exclusion notice,",
                        Day(ends_in), ",1991-12-02,", age, ",4 Mill Lane");
  }
};

TEST_F(PolicePrivate, LivesItsWholeLife) {
  const std::string file = Draft();
  // The safeguards of the kind, each without which nobody may propose it.
  ExpectMistake(file, {{"    recipients: [Duty manager]\n", ""}},
                "nobody is named who may see it at northmere-shops");
  ExpectMistake(
      file, {{"{ field: age, at_least: 18 }", "{ field: age, at_least: 16 }"}},
      "the data set has no children, but no rule says so");
  ExpectMistake(
      file,
      {{"{ field: age, at_least: 18 }", "{ field: age, at_least: 16 }"},
       {"children: none", "children: possible"}},
      "no rule keeps them from a private partner");
  ExpectMistake(file, {{"rule: none", "rule: ask_sender"}},
                "could pass on to whom nobody listed");
  ComeIntoForce(file);
  // Nor does the broker take one from a client that does not look.
  const auto bytes = world_.EntenteText(
      Siro(kLeft), {"agreement", "show", id(), "--as", "json"});
  ASSERT_TRUE(bytes.ok()) << bytes.status();
  const std::string unnamed = Changed(
      std::string(absl::StripTrailingAsciiWhitespace(*bytes)),
      {{"\"recipients\":[\"Duty manager\"],", ""}, {id(), "isa-life-unnamed"}});
  ASSERT_LT(unnamed.size(), bytes->size());
  const client::Failure refused = end_to_end::ProposeRaw(Siro(kLeft), unnamed);
  EXPECT_EQ(refused.code, "DOCUMENT_REFUSED");
  EXPECT_THAT(refused.why, HasSubstr("nobody is named"));

  const std::string people = Write("people.csv", "person_ref,ref\nP-1,N-1\n");
  for (const char* party : {kLeft, kShops}) {
    Enrol(party, "opaque/1:person_ref", {"person_ref"}, "ref", people);
  }
  // Whoever is 17, or under an order that has run out, is not shown.
  EXPECT_EQ(Send(kLeft, "exclusions", "exclude-and-deter", sample_.more,
                 absl::StrCat(kExclusions, "\n", Row(900, 34, 30), "\n",
                              Row(901, 17, 30), "\n", Row(902, 34, -1), "\n"),
                 kPartly)
                .value("refused_rows", 0),
            2);
  EXPECT_THAT(RefusedRows(), HasSubstr("has passed"));
  EXPECT_THAT(RefusedRows(), HasSubstr("age"));
  const std::vector<json> got = Receive(kShops);
  ASSERT_EQ(got.size(), 1u);
  EXPECT_EQ(got[0].at("name"), "Ada Lee 900");
  EXPECT_FALSE(got[0].contains("address"));
  EXPECT_FALSE(got[0].contains("age")) << "a rule looks, and gives nothing";
  // Nothing without a justification, and no mass of it.
  EXPECT_EQ(CodeOf(Send(kLeft, "exclusions", "exclude-and-deter", {},
                        absl::StrCat(kExclusions, "\n", Row(903, 34, 30), "\n"),
                        kRefused)),
            "MISSING:justification");
  EXPECT_EQ(CodeOf(Explain(kLeft, kShops, "exclude-and-deter",
                           "excluded-persons", {"--records", "101"}, kRefused)),
            "TOO_MANY_RECORDS");
  // What it gives itself goes the other way alone.
  EXPECT_EQ(Send(kShops, "incidents", "report-crime",
                 {"--carry", "justification=Theft"},
                 "incident_ref,occurred,offence_type,suspect_description\n"
                 "R-1,2026-11-01T10:00:00Z,theft,tall\n")
                .value("sent", 0),
            1);
  EXPECT_EQ(Receive(kLeft).size(), 1u);

  BeSuspended(kLeft, kShops);
  BeAmended({{"recipients: [Duty manager]",
              "recipients: [Duty manager, Security team]"}},
            "Security team");
  ExpectFirstSuperseded();
  BeReviewed();
  EndByWithdrawal(kShops);
  ProveIt();
}

}  // namespace
}  // namespace entente::lifecycle

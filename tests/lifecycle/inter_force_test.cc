// Two forces, each giving the other what its series have in common.
#include "tests/lifecycle/life.h"

#include "absl/strings/str_cat.h"

namespace entente::lifecycle {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::UnorderedElementsAre;
using world::kInspector;
using world::kLeft;
using world::kRight;

constexpr char kSeries[] = "investigate-series";
constexpr char kCrimes[] =
    "person,offence,occurred,postcode,date_of_birth,age,name,notes";

class InterForce : public Life {
 protected:
  InterForce() : Life("inter_force", {kLeft, kRight}) {
    sample_ = {kLeft,    kRight,
               "crimes", kSeries,
               "crimes", {"--case", "OP-LANTERN/1"},
               kCrimes,  [this](int number) { return Row(number, 40); }};
  }
  std::string Row(int number, int age) const {
    return absl::StrCat("1985/5285709D,28/3,", Day(-number),
                        ",\"4 Mill Lane, Ramsey IM8 1AA\",1985-03-04,", age,
                        ",Ada Lee,Seen by a neighbour");
  }
};

std::vector<std::string> Codes(const json& answer) {
  std::vector<std::string> codes;
  for (const json& reason : answer.at("reasons")) {
    for (const char* part : {"clause", "meaning", "remedy"}) {
      EXPECT_TRUE(reason.contains(part)) << reason;
    }
    codes.push_back(reason.at("code"));
  }
  return codes;
}

TEST_F(InterForce, LivesItsWholeLife) {
  const std::string file = Draft();
  ExpectMistake(file,
                {{"- parties: [northmere-police, westvale-police]",
                  "- parties: [northmere-police]"}},
                "no lawful basis");
  ExpectMistake(file, {{"    sensitive: [A line of law]\n", ""}},
                "no condition for special category data");
  ExpectMistake(file, {{"capacity: joint_controller", "capacity: joint"}},
                "\"joint\" is not known");

  // Before anything is proposed: may this be shared?
  const json yes = Explain(kLeft, kRight, kSeries, "crimes", {"--file", file});
  EXPECT_EQ(yes.at("allowed"), true);
  EXPECT_THAT(yes.value("text", ""), HasSubstr("a case reference"));
  EXPECT_THAT(yes.value("text", ""),
              HasSubstr("postcode: the postcode district only"));
  const json no = Explain(kLeft, kRight, "gossip", "crimes",
                          {"--file", file, "--fields", "name"}, kRefused);
  EXPECT_THAT(Codes(no), testing::Contains("PURPOSE_NOT_IN_AGREEMENT"));

  ComeIntoForce(file);
  const std::string people =
      Write("people.csv", "person,ref\n1985/5285709D,W-7\n1992/4988253N,W-8\n");
  for (const char* force : {kLeft, kRight}) {
    Enrol(force, "pnc/1", {"person"}, "ref", people);
  }
  // A child of nine is in the file, and does not leave the building.
  EXPECT_EQ(
      Send(kLeft, "crimes", kSeries, {"--case", "OP-LANTERN/1"},
           absl::StrCat(kCrimes, "\n", Row(900, 40), "\n", Row(901, 9), "\n"),
           kPartly)
          .value("sent", 0),
      1);
  EXPECT_THAT(RefusedRows(), HasSubstr("age"));
  EXPECT_EQ(RefusedRows().find("Ada"), std::string::npos);
  const std::vector<json> got = Receive(kRight);
  ASSERT_EQ(got.size(), 1u);
  EXPECT_EQ(got[0], json({{"offence", "28/3"},
                          {"occurred", Day(-900)},
                          {"postcode", "IM8"},
                          {"date_of_birth", "35 to 49"}}));
  // Of the two, each may give; a stranger learns only that there is nothing.
  EXPECT_EQ(Explain(kRight, kLeft, kSeries, "crimes").at("allowed"), true);
  for (const std::string& unknown : {id(), std::string("isa-never-made")}) {
    EXPECT_EQ(
        CodeOf(Agreement(world_.Profile(kInspector, "auditor"),
                         {"explain", unknown, "--from", kLeft, "--to", kRight,
                          "--purpose", kSeries, "--dataset", "crimes"},
                         kRefused)),
        "NO_AGREEMENT");
  }

  BeSuspended(kRight, kLeft);
  BeAmended({{"postcode: postcode_district", "postcode: postcode_sector"}},
            "WIDER: The field postcode");
  ExpectFirstSuperseded();
  BeReviewed();
  EndByWithdrawal(kLeft);
  ProveIt();
}

}  // namespace
}  // namespace entente::lifecycle

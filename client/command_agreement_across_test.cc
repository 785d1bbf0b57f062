// `agreement overlaps` and `agreement reciprocity`.
#include <gmock/gmock.h>

#include "absl/strings/str_replace.h"
#include "client/test_commands.h"
#include "policy/test_document.h"

namespace entente::client {
namespace {

using crypto::Json;
using testing::HasSubstr;
using testing::StartsWith;

class CommandAgreementAcrossTest : public CommandRunTest {
 protected:
  // The small document, and the same under another id with one change.
  Ran Of(const std::string& command, std::vector<std::string> more) {
    const std::string other =
        absl::StrReplaceAll(policy::SmallDocument(),
                            {{"id: isa-small", "id: isa-other"},
                             {"occurred: date_to_month", "occurred: year"}});
    std::vector<std::string> arguments = {
        "agreement", command, File("small.yaml", policy::SmallDocument()),
        File("other.yaml", other)};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return Run(arguments);
  }
};

TEST_F(CommandAgreementAcrossTest, OverlapsNameBothAndWhatDiffers) {
  const Ran people = Of("overlaps", {});
  EXPECT_EQ(people.exit, 0) << people.err;
  EXPECT_EQ(
      people.out,
      "Overlaps: 1; agreements: 2. A request names one agreement, and "
      "the terms of that\none hold.\n\n"
      "isa-other (crimes-west) and isa-small (crimes-west)\n"
      "---------------------------------------------------\n"
      "policing.crime from north-police to west-police.\n"
      "Both for find-series.\n"
      "Both in force from Sunday 1 November 2026 until before Wednesday 1 "
      "November\n2028.\n"
      "- field occurred: under isa-other, the year only; under "
      "isa-small, the month and\n  year only\n");
  const Json json = Of("overlaps", {"-o", "json"}).Out();
  ASSERT_EQ(json["overlaps"].size(), 1u);
  EXPECT_EQ(json["overlaps"][0]["definition"], "policing.crime");
  EXPECT_EQ(json["overlaps"][0]["ends"],
            Json::array({{{"from", "north-police"}, {"to", "west-police"}}}));
  EXPECT_EQ(json["overlaps"][0]["differences"],
            Json::array({{{"clause", "field"},
                          {"subject", "occurred"},
                          {"first", "the year only"},
                          {"second", "the month and year only"}}}));
}

TEST_F(CommandAgreementAcrossTest, NoOverlapIsNoError) {
  const Ran ran =
      Run({"agreement", "overlaps", File("a.yaml", policy::SmallDocument())});
  EXPECT_EQ(ran.exit, 0);
  EXPECT_THAT(ran.out, StartsWith("Overlaps: 0; agreements: 1."));
}

TEST_F(CommandAgreementAcrossTest, ReciprocityMarksWhatIsOneWay) {
  const Ran people = Of("reciprocity", {});
  EXPECT_EQ(people.exit, 0) << people.err;
  EXPECT_THAT(people.out,
              HasSubstr("north-police  west-police   8       0         yes"));
  const Json json = Of("reciprocity", {"-o", "json"}).Out();
  ASSERT_EQ(json["reciprocity"].size(), 2u);
  const Json& gives = json["reciprocity"][0];
  EXPECT_EQ(gives["fields"], 8);
  EXPECT_EQ(gives["returned"], 0);
  EXPECT_TRUE(gives["one_way"].get<bool>());
  EXPECT_EQ(gives["gives"][1],
            Json({{"agreement", "isa-small"},
                  {"flow", "crimes-west"},
                  {"dataset", "crimes"},
                  {"fields", {"name", "occurred", "offence", "person"}},
                  {"purposes", {"find-series"}}}));
  EXPECT_EQ(json["reciprocity"][1]["from"], "west-police");
  EXPECT_EQ(json["reciprocity"][1]["returned"], 8);
  EXPECT_EQ(json["reciprocity"][1]["gives"], Json::array());
}

TEST_F(CommandAgreementAcrossTest, OneAgreementTwiceIsRefused) {
  const std::string file = File("a.yaml", policy::SmallDocument());
  for (const char* command : {"overlaps", "reciprocity"}) {
    const Ran ran = Run({"agreement", command, file, file, "-o", "json"});
    EXPECT_EQ(ran.exit, 2);
    EXPECT_EQ(ran.Code(), "AGREEMENT_REPEATED");
  }
}

TEST_F(CommandAgreementAcrossTest, HelpBeginsWithAnExample) {
  for (const std::string command : {"overlaps", "reciprocity"}) {
    EXPECT_THAT(Run({"agreement", command, "--help"}).out,
                StartsWith("Example:\n  entente agreement " + command));
  }
}

}  // namespace
}  // namespace entente::client

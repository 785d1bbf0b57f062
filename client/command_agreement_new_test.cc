// `agreement new`.
#include <gmock/gmock.h>

#include "client/test_commands.h"
#include "policy/blank_agreement.h"

namespace entente::client {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

using CommandAgreementNewTest = CommandRunTest;

TEST_F(CommandAgreementNewTest, PrintsADocumentOfEachKind) {
  for (const char* kind : {"inter_force", "safeguarding_hub", "police_private",
                           "academic_research"}) {
    const Ran ran = Run({"agreement", "new", "--kind", kind, "--party", "north",
                         "--party", "west"});
    EXPECT_EQ(ran.exit, 0) << ran.err;
    EXPECT_THAT(ran.out, HasSubstr(std::string("\nkind: ") + kind + "\n"));
    EXPECT_THAT(ran.out, HasSubstr("\n  north:\n    name: "));
    EXPECT_THAT(ran.out, HasSubstr("\n  west:\n    name: "));
  }
  const Ran json =
      Run({"agreement", "new", "--kind", "inter_force", "-o", "json"});
  EXPECT_EQ(json.Out()["text"],
            policy::BlankAgreement(policy::AgreementKind::kInterForce));
}

TEST_F(CommandAgreementNewTest, CheckNamesTheBlanksByLine) {
  const Ran blank = Run({"agreement", "new", "--kind", "police_private"});
  const Ran checked = Run({"agreement", "check", "-"}, blank.out);
  EXPECT_EQ(checked.exit, 1);
  EXPECT_THAT(checked.out, HasSubstr("title: no value (a value"));
  EXPECT_THAT(checked.out, HasSubstr("governance.dpia.ref: no value"));
  EXPECT_THAT(checked.out, HasSubstr("\"POLICE-FORCE\" is not a valid name"));
}

TEST_F(CommandAgreementNewTest, RefusesAnotherKindAndSaysWhichThereAre) {
  const Ran ran =
      Run({"agreement", "new", "--kind", "interforce", "-o", "json"});
  EXPECT_EQ(ran.exit, 2);
  EXPECT_EQ(ran.Code(), "USAGE");
  EXPECT_THAT(ran.err, HasSubstr("inter_force, safeguarding_hub"));
  EXPECT_EQ(Run({"agreement", "new"}).exit, 2);
}

TEST_F(CommandAgreementNewTest, RefusesPartiesThatAreNone) {
  const auto with = [&](std::vector<std::string> parties) {
    std::vector<std::string> arguments = {"agreement", "new", "--kind",
                                          "inter_force"};
    for (const std::string& party : parties) {
      arguments.insert(arguments.end(), {"--party", party});
    }
    return Run(arguments);
  };
  EXPECT_EQ(with({"Northmere Police"}).exit, 2);
  EXPECT_THAT(with({"north", "north"}).err, HasSubstr("twice"));
  const Ran many = with({"north", "west", "east"});
  EXPECT_EQ(many.exit, 2);
  EXPECT_THAT(many.err, HasSubstr("FIRST-FORCE, SECOND-FORCE"));
}

TEST_F(CommandAgreementNewTest, HelpBeginsWithAnExample) {
  EXPECT_THAT(Run({"agreement", "new", "--help"}).out,
              StartsWith("Example:\n  entente agreement new"));
}

}  // namespace
}  // namespace entente::client

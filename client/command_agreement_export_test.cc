// `agreement export`.
#include <gmock/gmock.h>

#include "client/test_commands.h"
#include "policy/board_page.h"
#include "policy/check.h"
#include "policy/test_document.h"

namespace entente::client {
namespace {

using crypto::Json;
using testing::HasSubstr;
using testing::StartsWith;

class CommandAgreementExportTest : public CommandRunTest {
 protected:
  Ran Export(std::vector<std::string> more) {
    std::vector<std::string> arguments = {"agreement", "export", "-"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return Run(arguments, policy::SmallDocument());
  }
  const policy::CheckResult small_ = policy::Check("", policy::SmallDocument());
};

TEST_F(CommandAgreementExportTest, IsAPageUnlessSaidOtherwise) {
  const Ran ran = Export({});
  EXPECT_EQ(ran.exit, 0) << ran.err;
  EXPECT_THAT(ran.out, HasSubstr("Where it stands"));
  EXPECT_THAT(ran.out, HasSubstr("made from a file"));
  EXPECT_THAT(ran.out, HasSubstr(small_.digest));
  EXPECT_THAT(ran.out, StartsWith("<!DOCTYPE html>\n"));
  const Json json = Export({"--as", "html", "-o", "json"}).Out();
  EXPECT_EQ(json["agreement"], "isa-small");
  EXPECT_EQ(json["digest"], small_.digest);
  EXPECT_EQ(json["text"].get<std::string>(), ran.out);
}

TEST_F(CommandAgreementExportTest, AsJsonIsWhatIsSigned) {
  const Ran ran = Export({"--as", "json"});
  EXPECT_EQ(ran.exit, 0);
  EXPECT_EQ(ran.out, small_.canonical + "\n");
  EXPECT_EQ(policy::Check("", ran.out).digest, small_.digest);
}

TEST_F(CommandAgreementExportTest, KnowsItsForms) {
  const Ran ran = Export({"--as", "pdf"});
  EXPECT_EQ(ran.exit, 2);
  EXPECT_THAT(ran.err, HasSubstr("html: "));
}

TEST_F(CommandAgreementExportTest, ADocumentWithMistakesHasNoPage) {
  const Ran ran = Run({"agreement", "export", "-", "-o", "json"}, "id: 1\n");
  EXPECT_EQ(ran.exit, 1);
  EXPECT_EQ(ran.Code(), "AGREEMENT_INVALID");
  EXPECT_EQ(ran.out, "");
}

TEST_F(CommandAgreementExportTest, HelpBeginsWithAnExample) {
  EXPECT_THAT(Run({"agreement", "export", "--help"}).out,
              StartsWith("Example:\n  entente agreement export"));
}

}  // namespace
}  // namespace entente::client

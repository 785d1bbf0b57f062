// `agreement diff`.
#include <gmock/gmock.h>

#include <algorithm>
#include <filesystem>

#include "client/test_commands.h"
#include "policy/check.h"
#include "policy/test_document.h"

namespace entente::client {
namespace {

using crypto::Json;
using testing::HasSubstr;
using testing::StartsWith;

class CommandAgreementDiffTest : public CommandRunTest {
 protected:
  Ran Diff(const std::string& before, const std::string& after,
           std::vector<std::string> more = {}) {
    std::vector<std::string> arguments = {
        "agreement", "diff", File("old.yaml", before), File("new.yaml", after)};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return Run(arguments);
  }

  // Two folders of documents.
  void Folders() {
    std::filesystem::create_directory(folder_ / "a");
    std::filesystem::create_directory(folder_ / "b");
  }
};

std::string Wider() {
  return policy::SmallWith("occurred: date_to_month", "occurred: as_is");
}

TEST_F(CommandAgreementDiffTest, SaysInWordsWhatChangesAndEndsWithOne) {
  const Ran ran = Diff(policy::SmallDocument(), Wider());
  EXPECT_EQ(ran.exit, 1) << ran.err;
  EXPECT_EQ(ran.err, "");
  EXPECT_EQ(ran.out,
            "From isa-small version 1 to isa-small version 1: 1 wider.\n\n"
            "Flow crimes-west\n----------------\n"
            "crimes from north-police to west-police, for find-series:\n"
            "- WIDER: The field occurred is now given: in full, as it is; "
            "before: the month\n  and year only.\n");
}

TEST_F(CommandAgreementDiffTest, EndsWithZeroIfNothingChangesInEffect) {
  const std::string turned =
      policy::SmallWith("parties: [north-police, west-police]",
                        "parties: [west-police, north-police]");
  const Ran ran = Diff(policy::SmallDocument(), turned);
  EXPECT_EQ(ran.exit, 0) << ran.err;
  EXPECT_THAT(ran.out, HasSubstr("no change in effect"));
  const Json json = Diff(policy::SmallDocument(), turned, {"-o", "json"}).Out();
  EXPECT_TRUE(json["same"].get<bool>());
  EXPECT_EQ(json["agreements"][0]["changes"], Json::array());
  EXPECT_NE(json["agreements"][0]["before"]["digest"],
            json["agreements"][0]["after"]["digest"]);
}

TEST_F(CommandAgreementDiffTest, SaysTheSameAsData) {
  const Ran ran = Diff(policy::SmallDocument(), Wider(), {"-o", "json"});
  EXPECT_EQ(ran.exit, 1);
  const Json json = ran.Out();
  EXPECT_EQ(json["schema"], 1);
  EXPECT_FALSE(json["same"].get<bool>());
  EXPECT_EQ(json["counts"], Json({{"newly_allowed", 0},
                                  {"newly_refused", 0},
                                  {"wider", 1},
                                  {"narrower", 0},
                                  {"changed", 0}}));
  const Json& one = json["agreements"][0];
  EXPECT_EQ(one["agreement"], "isa-small");
  EXPECT_EQ(one["before"],
            Json({{"agreement", "isa-small"},
                  {"version", 1},
                  {"digest", policy::Check("", policy::SmallDocument()).digest},
                  {"source", folder_ / "old.yaml"}}));
  EXPECT_EQ(
      one["changes"],
      Json::array({{{"agreement", "isa-small"},
                    {"flow_before", "crimes-west"},
                    {"flow_after", "crimes-west"},
                    {"dataset", "crimes"},
                    {"ways", Json::array({{{"from", {"north-police"}},
                                           {"to", {"west-police"}},
                                           {"purposes", {"find-series"}}}})},
                    {"kind", "wider"},
                    {"clause", "field"},
                    {"subject", "occurred"},
                    {"before", "the month and year only"},
                    {"after", "in full, as it is"},
                    {"sentence",
                     "The field occurred is now given: in full, as it "
                     "is; before: the month and year only."},
                    {"details", Json::array()}}}));
}

TEST_F(CommandAgreementDiffTest, ListsALineForEachChange) {
  const Ran csv = Diff(policy::SmallDocument(), Wider(), {"-o", "csv"});
  EXPECT_EQ(csv.exit, 1);
  EXPECT_THAT(csv.out,
              StartsWith("agreement,flow_before,flow_after,dataset,ways,kind,"
                         "clause,subject,before,after,sentence,details"));
  const Ran lines = Diff(policy::SmallDocument(), Wider(), {"-o", "ndjson"});
  EXPECT_THAT(lines.out, StartsWith("{\"schema\":1,\"agreement\":"));
  EXPECT_EQ(std::count(lines.out.begin(), lines.out.end(), '\n'), 1);
}

TEST_F(CommandAgreementDiffTest, ReadsOneSideFromStandardInput) {
  const Ran ran =
      Run({"agreement", "diff", "-", File("new.yaml", policy::SmallDocument())},
          policy::SmallDocument());
  EXPECT_EQ(ran.exit, 0) << ran.err;
}

TEST_F(CommandAgreementDiffTest, ReadsCanonicalJson) {
  const Ran ran = Diff(policy::Check("", policy::SmallDocument()).canonical,
                       policy::SmallDocument());
  EXPECT_EQ(ran.exit, 0) << ran.err;
}

TEST_F(CommandAgreementDiffTest, AnErrorNeverLooksLikeADifference) {
  const Ran wrong = Diff(policy::SmallDocument(), "id: 1\n", {"-o", "json"});
  EXPECT_EQ(wrong.exit, 2);
  EXPECT_EQ(wrong.Code(), "AGREEMENT_INVALID");
  EXPECT_THAT(wrong.Error()["why"].get<std::string>(),
              HasSubstr("new.yaml:1:"));
  EXPECT_EQ(wrong.out, "");
  EXPECT_EQ(Run({"agreement", "diff", folder_ / "none", folder_ / "none"}).exit,
            2);
  EXPECT_EQ(Run({"agreement", "diff", folder_ / "none"}).exit, 2);
}

TEST_F(CommandAgreementDiffTest, ComparesFoldersAgreementByAgreement) {
  Folders();
  const std::string other = policy::SmallWith("id: isa-small", "id: isa-other");
  folder_.Write("a/one.yaml", policy::SmallDocument());
  folder_.Write("a/gone.yaml", other);
  folder_.Write("b/renamed.yml", Wider());
  folder_.Write("b/notes.txt", "no document");
  folder_.Write("b/new.yaml",
                policy::SmallWith("id: isa-small", "id: isa-new"));
  const Ran ran =
      Run({"agreement", "diff", folder_ / "a", folder_ / "b", "-o", "json"});
  EXPECT_EQ(ran.exit, 1) << ran.err;
  const Json json = ran.Out();
  ASSERT_EQ(json["agreements"].size(), 3u);
  EXPECT_EQ(json["agreements"][0]["agreement"], "isa-new");
  EXPECT_EQ(json["agreements"][0].count("before"), 0u);
  EXPECT_EQ(json["agreements"][1]["agreement"], "isa-other");
  EXPECT_EQ(json["agreements"][1].count("after"), 0u);
  EXPECT_EQ(json["agreements"][2]["agreement"], "isa-small");
  EXPECT_EQ(json["counts"]["newly_allowed"], 1);
  EXPECT_EQ(json["counts"]["newly_refused"], 1);
  EXPECT_EQ(json["counts"]["wider"], 1);
  const Ran words = Run({"agreement", "diff", folder_ / "a", folder_ / "b"});
  EXPECT_THAT(words.out,
              HasSubstr("isa-new version 1 is new: 1 newly allowed"));
  EXPECT_THAT(words.out,
              HasSubstr("isa-other version 1 ends: 1 newly refused"));
  const Ran same = Run({"agreement", "diff", folder_ / "a", folder_ / "a"});
  EXPECT_EQ(same.exit, 0);
  EXPECT_EQ(same.out, "No change in effect.\n");
}

TEST_F(CommandAgreementDiffTest, AFolderIsComparedWithAFolder) {
  Folders();
  const Ran ran =
      Run({"agreement", "diff", folder_ / "a",
           File("new.yaml", policy::SmallDocument()), "-o", "json"});
  EXPECT_EQ(ran.exit, 2);
  EXPECT_EQ(ran.Code(), "USAGE");
}

TEST_F(CommandAgreementDiffTest, AVersionAtTheBrokerNeedsAProfile) {
  const Ran ran =
      Run({"agreement", "diff", "isa-small/1",
           File("new.yaml", policy::SmallDocument()), "-o", "json"});
  EXPECT_GT(ran.exit, 1);
  EXPECT_THAT(ran.err, HasSubstr("profile"));
}

TEST_F(CommandAgreementDiffTest, HelpBeginsWithAnExample) {
  const Ran ran = Run({"agreement", "diff", "--help"});
  EXPECT_EQ(ran.exit, 0);
  EXPECT_THAT(ran.out, StartsWith("Example:\n  entente agreement diff "));
}

}  // namespace
}  // namespace entente::client

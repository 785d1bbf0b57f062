// `agreement matrix`, `clauses` and `calendar`.
#include <gmock/gmock.h>

#include <algorithm>

#include "client/test_commands.h"
#include "policy/test_document.h"

namespace entente::client {
namespace {

using crypto::Json;
using testing::HasSubstr;
using testing::StartsWith;

class CommandAgreementOverviewsTest : public CommandRunTest {
 protected:
  Ran Of(const std::string& command, std::vector<std::string> more) {
    std::vector<std::string> arguments = {
        "agreement", command, File("small.yaml", policy::SmallDocument())};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return Run(arguments);
  }
};

TEST_F(CommandAgreementOverviewsTest, MatrixSaysWhoSeesWhat) {
  const Ran people = Of("matrix", {});
  EXPECT_EQ(people.exit, 0) << people.err;
  EXPECT_THAT(people.out, StartsWith("agreement  version  to"));
  EXPECT_THAT(people.out, HasSubstr("the month and year only"));
  const Json json = Of("matrix", {"-o", "json"}).Out();
  ASSERT_EQ(json["matrix"].size(), 4u);
  EXPECT_EQ(
      json["matrix"][1],
      Json({{"agreement", "isa-small"},
            {"version", 1},
            {"to", {"west-police"}},
            {"from", {"north-police"}},
            {"dataset", "crimes"},
            {"field", "occurred"},
            {"treatment", "date_to_month"},
            {"given", "the month and year only"},
            {"purposes", {"find-series"}},
            {"methods", {"push"}},
            {"only_if", {"age is 10 or more", "offence is one of \"28/3\""}},
            {"clause", "flows[0] crimes-west.release.occurred"}}));
}

TEST_F(CommandAgreementOverviewsTest, MatrixIsNarrowedByWhatIsAsked) {
  const auto rows = [&](std::vector<std::string> more) {
    more.insert(more.end(), {"-o", "json"});
    return Of("matrix", more).Out()["matrix"].size();
  };
  EXPECT_EQ(rows({"--to", "west-police"}), 4u);
  EXPECT_EQ(rows({"--to", "north-police"}), 0u);
  EXPECT_EQ(rows({"--from", "north-police", "--field", "name"}), 1u);
  EXPECT_EQ(rows({"--dataset", "persons"}), 0u);
  EXPECT_EQ(rows({"--from", "west-police", "--to", "west-police"}), 0u);
}

TEST_F(CommandAgreementOverviewsTest, MatrixIsALineForEachFieldOfALists) {
  const Ran csv = Of("matrix", {"-o", "csv"});
  EXPECT_EQ(std::count(csv.out.begin(), csv.out.end(), '\n'), 5);
  const Ran lines = Of("matrix", {"-o", "ndjson"});
  EXPECT_EQ(std::count(lines.out.begin(), lines.out.end(), '\n'), 4);
}

TEST_F(CommandAgreementOverviewsTest, ClausesSayWhatHoldsThem) {
  const Ran people = Of("clauses", {});
  EXPECT_EQ(people.exit, 0) << people.err;
  EXPECT_THAT(people.out, HasSubstr("enforced   flows[0] crimes-west.methods"));
  EXPECT_THAT(people.out, HasSubstr("trusted    flows[0] crimes-west.rows[0]"));
  const Json json = Of("clauses", {"-o", "json", "--only", "evidenced"}).Out();
  ASSERT_GT(json["clauses"].size(), 3u);
  for (const Json& one : json["clauses"]) {
    EXPECT_EQ(one["hold"], "evidenced");
    EXPECT_EQ(one["agreement"], "isa-small");
    EXPECT_EQ(one["code"], "");
    EXPECT_NE(one["how"], "");
  }
  const Ran wrong = Of("clauses", {"--only", "hoped"});
  EXPECT_EQ(wrong.exit, 2);
  EXPECT_THAT(wrong.err, HasSubstr("enforced, evidenced or trusted"));
}

TEST_F(CommandAgreementOverviewsTest, CalendarCountsFromTheDayThatIsSaid) {
  const Ran people = Of("calendar", {"--at", "2027-10-30T23:59:59Z"});
  EXPECT_EQ(people.exit, 0) << people.err;
  EXPECT_THAT(people.out, HasSubstr("2027-10-31  in 1 day"));
  EXPECT_THAT(people.out, HasSubstr("46 days ago"));
  const Json json = Of("calendar", {"--at", "2027-10-31", "-o", "json"}).Out();
  ASSERT_EQ(json["calendar"].size(), 5u);
  EXPECT_EQ(json["calendar"][2], Json({{"day", "2027-10-31"},
                                       {"when", "today"},
                                       {"days", 0},
                                       {"event", "review"},
                                       {"agreement", "isa-small"},
                                       {"version", 1},
                                       {"words", "the last day for the review"},
                                       {"clause", "valid.review_by"}}));
  EXPECT_EQ(json["calendar"][4]["event"], "last_destroy");
  EXPECT_EQ(Of("calendar", {"--at", "soon"}).exit, 2);
  EXPECT_THAT(Of("calendar", {}).out, HasSubstr("2026-11-01  120 days ago"));
}

TEST_F(CommandAgreementOverviewsTest, ADocumentThatFailsIsNamed) {
  const std::string bad = File("bad.yaml", "id: 1\n");
  for (const char* command : {"matrix", "clauses", "calendar"}) {
    const Ran ran = Of(command, {bad, "-o", "json"});
    EXPECT_EQ(ran.exit, 1) << command;
    EXPECT_EQ(ran.Code(), "AGREEMENT_INVALID");
    EXPECT_THAT(ran.Error()["why"].get<std::string>(),
                HasSubstr("bad.yaml:1:"));
    EXPECT_EQ(ran.out, "");
  }
}

TEST_F(CommandAgreementOverviewsTest, HelpBeginsWithAnExample) {
  for (const std::string command : {"matrix", "clauses", "calendar"}) {
    EXPECT_THAT(Run({"agreement", command, "--help"}).out,
                StartsWith("Example:\n  entente agreement " + command));
  }
}

// Without a name it is the register that is asked for.
TEST_F(CommandAgreementOverviewsTest, TheRegisterNeedsAProfile) {
  for (const std::string command : {"matrix", "clauses", "calendar"}) {
    for (const bool named : {false, true}) {
      std::vector<std::string> asked = {"agreement", command, "-o", "json"};
      if (named) asked.push_back("isa-small");
      const Ran ran = Run(asked);
      EXPECT_NE(ran.exit, 0) << command;
      EXPECT_EQ(ran.out, "");
      EXPECT_THAT(ran.err, HasSubstr("profile"));
    }
  }
}

}  // namespace
}  // namespace entente::client

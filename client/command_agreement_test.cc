// `agreement check`, and what of `explain` and `show` needs no broker.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <sstream>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "client/commands.h"
#include "client/test_folder.h"
#include "client/test_ran.h"
#include "crypto/json.h"
#include "policy/check.h"
#include "policy/plain_words.h"
#include "policy/test_document.h"

namespace entente::client {
namespace {

using crypto::Json;
using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

class CommandAgreementTest : public testing::Test {
 protected:
  Ran Run(std::vector<std::string> arguments, const std::string& input = "") {
    return RunCommands(std::move(arguments), {"", folder_ / "config", false},
                       input);
  }

  Ran Check(const std::string& document, std::vector<std::string> more = {}) {
    std::vector<std::string> arguments = {"agreement", "check", "-"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return Run(arguments, document);
  }

  // About the small document: a day on which it is in force, and `more`.
  Ran Explain(std::vector<std::string> more,
              const std::string& document = policy::SmallDocument()) {
    folder_.Write("a.yaml", document);
    std::vector<std::string> arguments = {
        "agreement", "explain",      "--file",    folder_ / "a.yaml",
        "--from",    "north-police", "--to",      "west-police",
        "--purpose", "find-series",  "--dataset", "crimes"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    if (std::find(more.begin(), more.end(), "--at") == more.end()) {
      arguments.insert(arguments.end(), {"--at", "2027-03-01"});
    }
    return Run(arguments);
  }

  static std::vector<std::string> Codes(const Json& answer) {
    std::vector<std::string> codes;
    for (const Json& reason : answer["reasons"]) {
      codes.push_back(reason["code"].get<std::string>());
    }
    return codes;
  }

  TestFolder folder_;
};

TEST_F(CommandAgreementTest, CheckPassesAndPrintsTheDigest) {
  const std::string document = policy::SmallDocument();
  const std::string digest = policy::Check("", document).digest;
  const Ran people = Check(document);
  EXPECT_EQ(people.exit, 0) << people.err;
  EXPECT_THAT(people.out, HasSubstr(digest));
  EXPECT_EQ(people.err, "");
  const Ran scripts = Check(document, {"-o", "json"});
  EXPECT_EQ(scripts.exit, 0);
  EXPECT_EQ(scripts.Out(), Json({{"schema", 1},
                                 {"file", "-"},
                                 {"ok", true},
                                 {"digest", digest},
                                 {"diagnostics", Json::array()},
                                 {"agreement", "isa-small"},
                                 {"version", 1}}));
}

TEST_F(CommandAgreementTest, CheckNamesEveryMistakeByLineAndColumn) {
  const std::string document =
      absl::StrCat(policy::SmallWith("kind: inter_force", "kind: inter_farce"),
                   "extra: 1\n");
  const Ran people = Check(document);
  EXPECT_EQ(people.exit, 1);
  EXPECT_THAT(people.out,
              HasSubstr("-:5:7: kind: \"inter_farce\" is not known"));
  EXPECT_THAT(people.out, HasSubstr("-:96:1: unknown key \"extra\""));
  EXPECT_THAT(people.err, HasSubstr("- is no valid agreement"));
  EXPECT_THAT(people.err, HasSubstr("code:    AGREEMENT_INVALID"));
  const Ran scripts = Check(document, {"-o", "json"});
  EXPECT_EQ(scripts.exit, 1);
  EXPECT_EQ(scripts.Code(), "AGREEMENT_INVALID");
  const Json json = scripts.Out();
  EXPECT_FALSE(json["ok"].get<bool>());
  EXPECT_EQ(json["digest"], "");
  EXPECT_EQ(json.count("agreement"), 0u);
  ASSERT_EQ(json["diagnostics"].size(), 2u);
  EXPECT_EQ(json["diagnostics"][0]["line"], 5);
  EXPECT_EQ(json["diagnostics"][0]["column"], 7);
  EXPECT_EQ(json["diagnostics"][0]["field"], "kind");
  EXPECT_EQ(json["diagnostics"][0]["severity"], "error");
  EXPECT_THAT(json["diagnostics"][0]["allowed"].get<std::string>(),
              HasSubstr("inter_force"));
}

TEST_F(CommandAgreementTest, CheckPlacesASyntaxErrorInTheFileByItsName) {
  folder_.Write("tab.yaml", "id: a\n\tb: c\n");
  const Ran ran = Run({"agreement", "check", folder_ / "tab.yaml"});
  EXPECT_EQ(ran.exit, 1);
  EXPECT_THAT(ran.out, StartsWith(absl::StrCat(
                           folder_ / "tab.yaml",
                           ":2:1: tab in the indentation (spaces)")));
}

TEST_F(CommandAgreementTest, CheckWarnsOfWhatIsNotBuilt) {
  const std::string document =
      policy::SmallWith("methods: [push]", "methods: [push, query]");
  const Ran ran = Check(document, {"-o", "json"});
  EXPECT_EQ(ran.exit, 0) << ran.err;
  EXPECT_TRUE(ran.Out()["ok"].get<bool>());
  EXPECT_EQ(ran.Out()["diagnostics"][0]["severity"], "warning");
  EXPECT_THAT(Check(document).out, HasSubstr("warning: flows[0].methods"));
}

TEST_F(CommandAgreementTest, CheckSaysInPlainWordsWhatItMeans) {
  const policy::CheckResult checked =
      policy::Check("", policy::SmallDocument());
  const std::string words =
      policy::PlainWords(*checked.agreement, checked.digest);
  const Ran people = Check(policy::SmallDocument(), {"--words"});
  EXPECT_EQ(people.exit, 0);
  EXPECT_THAT(people.out, EndsWith(words));
  const Ran scripts = Check(policy::SmallDocument(), {"--words", "-o", "json"});
  EXPECT_EQ(scripts.Out()["words"], words);
  const Ran wrong = Check("id: x\n", {"--words"});
  EXPECT_EQ(wrong.exit, 1);
  EXPECT_THAT(wrong.out, Not(HasSubstr("Burglary")));
}

TEST_F(CommandAgreementTest, CheckSaysWhichFileItCannotRead) {
  const Ran ran = Run({"agreement", "check", folder_ / "none.yaml"});
  EXPECT_EQ(ran.exit, 1);
  EXPECT_THAT(ran.err, HasSubstr("none.yaml"));
  EXPECT_EQ(Run({"agreement", "check"}).exit, 2);
}

TEST_F(CommandAgreementTest, ExplainSaysYesAndWhatItRestsOn) {
  const Ran people = Explain({});
  EXPECT_EQ(people.exit, 0) << people.err;
  EXPECT_THAT(people.out, HasSubstr("\nYes.\n"));
  EXPECT_THAT(people.out, HasSubstr("as if signed and activated."));
  EXPECT_EQ(people.err, "");
  const Json json = Explain({"-o", "json"}).Out();
  EXPECT_EQ(json["schema"], 1);
  EXPECT_TRUE(json["allowed"].get<bool>());
  EXPECT_EQ(json["reasons"], Json::array());
  EXPECT_EQ(json["flow"], "crimes-west");
  EXPECT_EQ(json["agreement"], "isa-small");
  EXPECT_EQ(json["version"], 1);
  EXPECT_EQ(json["digest"], policy::Check("", policy::SmallDocument()).digest);
  EXPECT_FALSE(json["verified"].get<bool>());
  EXPECT_EQ(json["at"], "2027-03-01T00:00:00+00:00");
  EXPECT_EQ(json["good_until"], "2027-09-15T00:00:00+00:00");
  EXPECT_EQ(json["fields"].size(), 4u);
  EXPECT_EQ(json["fields"][1], Json({{"name", "occurred"},
                                     {"released", true},
                                     {"treatment", "date_to_month"},
                                     {"words", "the month and year only"}}));
}

TEST_F(CommandAgreementTest, ExplainSaysNoWithEveryClauseAndRemedy) {
  const std::vector<std::string> question = {
      "--method", "extract",  "--fields", "age,occurred",
      "--carry",  "approver", "-o",       "json"};
  const Ran ran = Explain(question);
  EXPECT_EQ(ran.exit, 3);
  EXPECT_EQ(ran.Code(), "METHOD_NOT_ALLOWED");
  const Json json = ran.Out();
  EXPECT_FALSE(json["allowed"].get<bool>());
  EXPECT_EQ(json.count("flow"), 0u);
  EXPECT_THAT(Codes(json), testing::ElementsAre("METHOD_NOT_ALLOWED",
                                                "MISSING:case_reference",
                                                "FIELD_NOT_RELEASED"));
  EXPECT_EQ(json["reasons"][1]["clause"], "flows[0] crimes-west.require");
  EXPECT_EQ(json["reasons"][2]["detail"], "age (not listed)");
  for (const Json& reason : json["reasons"]) {
    for (const char* part : {"code", "clause", "meaning", "remedy", "who"}) {
      EXPECT_NE(reason[part], "") << part;
    }
  }
  std::vector<std::string> for_people(question.begin(), question.end() - 2);
  const Ran people = Explain(for_people);
  EXPECT_EQ(people.exit, 3);
  EXPECT_THAT(people.out, HasSubstr("No, for 3 reasons:"));
  EXPECT_THAT(people.out, HasSubstr("clause: flows[0] crimes-west.methods"));
  EXPECT_THAT(people.err, HasSubstr("the agreement does not allow this"));
}

TEST_F(CommandAgreementTest, ExplainTakesWhatIsCarriedAsSendDoes) {
  for (const std::vector<std::string>& enough :
       {std::vector<std::string>{"--case", "OP/1"},
        {"--carry", "case_reference"},
        {"--carry", "case_reference=OP/1"},
        {"--carry", "approver=jo", "--carry", "case_reference=a=b"}}) {
    EXPECT_EQ(Explain(enough).exit, 0) << enough.back();
  }
  EXPECT_EQ(Explain({"--carry", "approver"}).exit, 3);
}

TEST_F(CommandAgreementTest, ExplainCountsTheDays) {
  const std::pair<const char*, const char*> kCases[] = {
      {"2026-10-31T23:59:59Z", "NOT_YET_VALID"},
      {"2028-11-01", "EXPIRED"},
      {"2027-09-14T23:59:59Z", ""},
      {"2027-09-15", "REVIEW_OVERDUE"},
      {"2028-11-01T00:59:59+01:00", "REVIEW_OVERDUE"},
      {"2028-11-01T00:59:59+00:00", "EXPIRED"}};
  for (const auto& [at, code] : kCases) {
    const Ran ran = Explain({"--at", at, "-o", "json"});
    EXPECT_EQ(ran.Code(), code) << at;
    EXPECT_EQ(ran.exit, *code == '\0' ? 0 : 3) << at;
  }
}

TEST_F(CommandAgreementTest, ExplainRefusesWhatMakesNoQuestion) {
  const std::vector<std::vector<std::string>> kWrong = {
      {"--at", "yesterday"},
      {"--method", "shout"},
      {"--carry", "luck"},
      {"--carry", "case_reference="},
      {"--fields", "name,,age"},
      {"--fields", ""},
      {"--carry", "approver", "--carry", "approver=jo"},
      {"--case", "A", "--carry", "case_reference"},
      {"--records", "0"},
      {"isa-small"}};
  for (const std::vector<std::string>& wrong : kWrong) {
    const Ran ran = Explain(wrong);
    EXPECT_EQ(ran.exit, 2) << wrong.back() << ran.err;
    EXPECT_EQ(ran.out, "");
  }
  EXPECT_EQ(Run({"agreement", "explain", "--file", "x"}).exit, 2);
}

TEST_F(CommandAgreementTest, ExplainRefusesADocumentWithMistakes) {
  const Ran ran = Explain({"-o", "json"}, "id: 1\n");
  EXPECT_EQ(ran.exit, 1);
  EXPECT_EQ(ran.Code(), "AGREEMENT_INVALID");
  EXPECT_THAT(ran.err, HasSubstr("entente agreement check "));
}

TEST_F(CommandAgreementTest, ExplainHoldsADocumentToItsOverarchingOne) {
  const std::string under =
      policy::SmallWith("version: 1\n", "version: 1\nunder: isa-tier\n");
  EXPECT_THAT(Explain({"-o", "json"}, under).Code(), "PARENT_NOT_IN_FORCE");
  folder_.Write("tier.yaml",
                policy::SmallWith("id: isa-small", "id: isa-tier"));
  EXPECT_EQ(Explain({"--file", folder_ / "tier.yaml"}, under).exit, 0);
  folder_.Write(
      "tier.yaml",
      absl::StrReplaceAll(policy::SmallWith("id: isa-small", "id: isa-tier"),
                          {{"occurred: date_to_month", "occurred: year"}}));
  EXPECT_EQ(
      Explain({"--file", folder_ / "tier.yaml", "-o", "json"}, under).Code(),
      "FIELD_NOT_RELEASED");
}

TEST_F(CommandAgreementTest, ExplainAtTheBrokerNeedsAProfile) {
  std::vector<std::string> asked = {
      "agreement", "explain", "--from",    "a1", "--to", "b1",
      "--purpose", "c1",      "--dataset", "d1", "-o",   "json"};
  for (const bool named : {false, true}) {
    if (named) asked.push_back("isa-small");
    const Ran ran = Run(asked);
    EXPECT_NE(ran.exit, 0);
    EXPECT_NE(ran.exit, 3);
    EXPECT_EQ(ran.out, "");
  }
}

TEST_F(CommandAgreementTest, ShowKnowsItsForms) {
  const Ran ran = Run({"agreement", "show", "isa-small", "--as", "pdf"});
  EXPECT_EQ(ran.exit, 2);
  EXPECT_THAT(ran.err, HasSubstr("words; yaml; next: "));
}

}  // namespace
}  // namespace entente::client

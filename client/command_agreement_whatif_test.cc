// `agreement whatif`.
#include <gmock/gmock.h>

#include "absl/strings/str_replace.h"
#include "client/test_commands.h"
#include "policy/test_document.h"

namespace entente::client {
namespace {

using crypto::Json;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::StartsWith;

class CommandAgreementWhatifTest : public CommandRunTest {
 protected:
  // About the small document, as it is on 2027-03-01.
  Ran Whatif(std::vector<std::string> more,
             const std::string& document = policy::SmallDocument()) {
    std::vector<std::string> arguments = {
        "agreement", "whatif",       "--file",    File("a.yaml", document),
        "--from",    "north-police", "--to",      "west-police",
        "--purpose", "find-series",  "--dataset", "crimes"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return Run(arguments);
  }

  std::string Draft(const std::string& from, const std::string& to) {
    return File("draft.yaml", policy::SmallWith(from, to));
  }
};

std::vector<std::string> Changes(const Json& answer) {
  std::vector<std::string> changes;
  for (const Json& one : answer["changes"]) {
    changes.push_back(one.get<std::string>());
  }
  return changes;
}

TEST_F(CommandAgreementWhatifTest, ADraftTakesThePlaceOfItsNamesake) {
  const std::string draft = Draft("occurred: date_to_month", "occurred: as_is");
  const Ran people = Whatif({"--draft", draft});
  EXPECT_EQ(people.exit, 0) << people.err;
  EXPECT_THAT(people.out, StartsWith("TODAY\n\nMay north-police give "));
  EXPECT_THAT(people.out, HasSubstr("\nWHAT IF\n\n"));
  EXPECT_THAT(people.out,
              HasSubstr("- The field occurred: in full, as it is; today: the "
                        "month and year only\n"));
  const Json json = Whatif({"--draft", draft, "-o", "json"}).Out();
  EXPECT_TRUE(json["allowed"].get<bool>());
  EXPECT_TRUE(json["changed"].get<bool>());
  EXPECT_TRUE(json["today"]["allowed"].get<bool>());
  EXPECT_EQ(json["today"]["fields"][1]["treatment"], "date_to_month");
  EXPECT_EQ(json["then"]["fields"][1]["treatment"], "as_is");
  EXPECT_EQ(json["today"]["at"], "2027-03-01T00:00:00+00:00");
  EXPECT_EQ(json["grounds"]["agreement"], "isa-small");
}

TEST_F(CommandAgreementWhatifTest, ADraftThatRefusesEndsWithThree) {
  const Ran ran =
      Whatif({"--draft", Draft("methods: [push]", "methods: [extract]"), "-o",
              "json"});
  EXPECT_EQ(ran.exit, 3);
  EXPECT_EQ(ran.Code(), "METHOD_NOT_ALLOWED");
  const Json json = ran.Out();
  EXPECT_FALSE(json["allowed"].get<bool>());
  EXPECT_TRUE(json["today"]["allowed"].get<bool>());
  EXPECT_THAT(Changes(json),
              ElementsAre("It is allowed today, and would be refused.",
                          StartsWith("A reason against it is new: "
                                     "METHOD_NOT_ALLOWED")));
}

TEST_F(CommandAgreementWhatifTest, OnAnotherDate) {
  const Ran late = Whatif({"--at", "2028-11-01", "-o", "json"});
  EXPECT_EQ(late.exit, 3);
  EXPECT_EQ(late.Code(), "EXPIRED");
  const Ran later = Whatif({"--at", "2027-04-01"});
  EXPECT_EQ(later.exit, 0);
  EXPECT_THAT(later.out, HasSubstr("answer\n----------------------------------"
                                   "-\nNothing.\n"));
  now_ = absl::FromCivil(absl::CivilDay(2026, 1, 1), absl::UTCTimeZone());
  const Json json = Whatif({"--at", "2027-04-01", "-o", "json"}).Out();
  EXPECT_THAT(Changes(json),
              ElementsAre("It is refused today, and would be allowed."));
}

TEST_F(CommandAgreementWhatifTest, ADraftBesideTheOthersIsAskedItself) {
  const std::string beside = File(
      "draft.yaml", absl::StrReplaceAll(policy::SmallDocument(),
                                        {{"id: isa-small", "id: isa-beside"}}));
  const Json json =
      Whatif({"--draft", beside, "-o", "json"},
             policy::SmallWith("methods: [push]", "methods: [extract]"))
          .Out();
  EXPECT_TRUE(json["allowed"].get<bool>());
  EXPECT_THAT(Changes(json),
              ElementsAre("It is refused today, and would be allowed."));
  EXPECT_THAT(json["then"]["text"].get<std::string>(), HasSubstr("isa-beside"));
}

TEST_F(CommandAgreementWhatifTest, ADraftAboveIsHeldAgainstTheSameAgreement) {
  const std::string under =
      policy::SmallWith("version: 1\n", "version: 1\nunder: isa-tier\n");
  const std::string tier =
      File("tier.yaml", policy::SmallWith("id: isa-small", "id: isa-tier"));
  const std::string narrower = File(
      "narrower.yaml",
      absl::StrReplaceAll(policy::SmallWith("id: isa-small", "id: isa-tier"),
                          {{"occurred: date_to_month", "occurred: year"}}));
  const Ran ran =
      Whatif({"--file", tier, "--draft", narrower, "-o", "json"}, under);
  EXPECT_EQ(ran.exit, 3) << ran.err;
  EXPECT_EQ(ran.Code(), "FIELD_NOT_RELEASED");
  EXPECT_TRUE(ran.Out()["today"]["allowed"].get<bool>());
}

TEST_F(CommandAgreementWhatifTest, RefusesWhatMakesNoQuestion) {
  EXPECT_EQ(Whatif({}).exit, 2);
  EXPECT_EQ(Whatif({"--at", "soon"}).exit, 2);
  EXPECT_EQ(Whatif({"isa-small", "--at", "2027-01-01"}).exit, 2);
  EXPECT_EQ(Whatif({"--at", "2027-01-01", "--method", "shout"}).exit, 2);
  const Ran alone =
      Run({"agreement", "whatif", "--draft", "d.yaml", "--from", "a1", "--to",
           "b1", "--purpose", "c1", "--dataset", "d1", "-o", "json"});
  EXPECT_EQ(alone.exit, 2);
  EXPECT_THAT(alone.err, HasSubstr("explain --file"));
}

TEST_F(CommandAgreementWhatifTest, ADraftWithMistakesIsNamed) {
  const Ran ran =
      Whatif({"--draft", File("draft.yaml", "id: 1\n"), "-o", "json"});
  EXPECT_EQ(ran.exit, 1);
  EXPECT_EQ(ran.Code(), "AGREEMENT_INVALID");
  EXPECT_THAT(ran.Error()["why"].get<std::string>(),
              HasSubstr("draft.yaml:1:"));
}

TEST_F(CommandAgreementWhatifTest, HelpBeginsWithAnExample) {
  EXPECT_THAT(Run({"agreement", "whatif", "--help"}).out,
              StartsWith("Example:\n  entente agreement whatif "));
}

}  // namespace
}  // namespace entente::client

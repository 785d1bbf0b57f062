// Commands on agreements that ask the broker, and what they write for others.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "absl/strings/str_replace.h"
#include "client/agreement_bundle.h"
#include "client/test_commands_at_broker.h"
#include "crypto/json.h"
#include "policy/check.h"
#include "policy/yaml_writer.h"

namespace entente::client {
namespace {

using crypto::Json;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::SizeIs;
using testing::StartsWith;

class AgreementsAtBrokerTest : public CommandsAtBrokerTest {
 protected:
  std::string Text(const Ran& ran) {
    EXPECT_EQ(ran.exit, 0) << ran.err;
    return ran.Out()["text"].get<std::string>();
  }
  std::string Bundle() {
    return Text(As(Chief(), {"agreement", "export", kPact, "--as", "json"}));
  }
  // Nobody is asked: there is no profile.
  Ran Verify(const std::string& bundle, std::vector<std::string> more = {}) {
    folder_.Write("bundle.json", bundle);
    std::vector<std::string> arguments = {
        "agreement", "verify", folder_ / "bundle.json", "-o", "json"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return RunCommands(arguments, {"", folder_ / "none", false});
  }
  // The document in force as the next version's author has it, with `from`
  // replaced by `to`.
  std::string Draft(const std::string& from, const std::string& to) {
    std::string yaml = *policy::YamlOfSigned(broker_.document);
    EXPECT_THAT(yaml, HasSubstr(from));
    folder_.Write("draft.yaml", absl::StrReplaceAll(yaml, {{from, to}}));
    return folder_ / "draft.yaml";
  }
  std::vector<std::string> Question(const std::string& command) {
    return {"agreement",   command,     kPact,   "--from",
            kNorth,        "--to",      kWest,   "--purpose",
            "find-series", "--dataset", "crimes"};
  }
  // With no agreement named, and `more`.
  std::vector<std::string> Unnamed(const std::vector<std::string>& more = {}) {
    std::vector<std::string> asked = Question("explain");
    asked.erase(asked.begin() + 2);
    asked.insert(asked.end(), more.begin(), more.end());
    return asked;
  }
};

TEST_F(AgreementsAtBrokerTest, AnExportOfTheRegisterIsAPageOrABundle) {
  const std::string page = Text(As(Chief(), {"agreement", "export", kPact}));
  EXPECT_THAT(page, StartsWith("<!DOCTYPE html>"));
  EXPECT_THAT(page, HasSubstr("Where it stands"));
  EXPECT_THAT(page, HasSubstr("Signed by north-police: "));
  EXPECT_THAT(page, HasSubstr("Activated by entry 1 of its ledger"));
  const Ran named = As(Chief(), {"agreement", "export",
                                 std::string(kPact) + "/1", "--as", "json"});
  const Json bundle = *crypto::ParseJson(Text(named));
  EXPECT_EQ(bundle["schema"], std::string(kBundleSchema));
  EXPECT_EQ(bundle["document"], broker_.document);
  EXPECT_THAT(bundle["signatures"], SizeIs(3));
  EXPECT_EQ(As(Chief(), {"agreement", "export", "isa-none"}).exit, 3);
  EXPECT_EQ(As(Chief(), {"agreement", "export", "isa-small/7"}).exit, 3);
}

TEST_F(AgreementsAtBrokerTest, AnExportedBundleVerifiesWithoutAnybody) {
  const std::string bundle = Bundle();
  const Ran good = Verify(bundle);
  ASSERT_EQ(good.exit, 0) << good.err;
  const Json out = good.Out();
  EXPECT_EQ(out["agreement"], kPact);
  EXPECT_EQ(out["activated"], true);
  EXPECT_EQ(out["activation_entry"], 1);
  EXPECT_THAT(out["signatures"], SizeIs(3));
  EXPECT_THAT(out["not_checked"][0].get<std::string>(), HasSubstr("revoked"));
  const std::string digest = out["digest"].get<std::string>();
  EXPECT_EQ(Verify(bundle, {"--digest", digest}).exit, 0);
  const Ran other = Verify(bundle, {"--digest", std::string(64, '0')});
  EXPECT_EQ(other.exit, 6);
  EXPECT_EQ(other.Code(), "DIGEST_DIFFERS");
  const Ran words = RunCommands(
      {"agreement", "verify", folder_ / "bundle.json"}, {"", "", false});
  EXPECT_EQ(words.exit, 0) << words.err;
  EXPECT_THAT(words.out, HasSubstr("Checked here, from this file alone:"));
  EXPECT_THAT(words.out, HasSubstr("Not checked:"));
}

TEST_F(AgreementsAtBrokerTest, ABundleThatWasAlteredEndsWithSix) {
  Json altered = *crypto::ParseJson(Bundle());
  altered["document"] =
      absl::StrReplaceAll(altered["document"].get<std::string>(),
                          {{"Burglary series", "Burglary Series"}});
  const Ran ran = Verify(altered.dump());
  EXPECT_EQ(ran.exit, 6);
  EXPECT_EQ(ran.out, "");
  EXPECT_THAT(ran.Error()["what"].get<std::string>(), HasSubstr("digest"));
  const Ran none = Verify("id: isa-small\n");
  EXPECT_EQ(none.exit, 6);
  EXPECT_EQ(none.Code(), "BUNDLE_INVALID");
}

TEST_F(AgreementsAtBrokerTest, ABundleWithoutActivationIsToldApart) {
  broker_.activated = false;
  broker_.envelopes.pop_back();
  const Ran ran = Verify(Bundle());
  EXPECT_EQ(ran.exit, 1);
  EXPECT_EQ(ran.Code(), "NOT_ACTIVATED");
  EXPECT_EQ(ran.Out()["activated"], false);
  EXPECT_THAT(ran.Out()["missing"], SizeIs(1));
}

TEST_F(AgreementsAtBrokerTest, ADraftIsComparedWithTheVersionInForce) {
  for (const std::string& old :
       {std::string(kPact), std::string(kPact) + "/1"}) {
    const Ran ran =
        As(Chief(), {"agreement", "diff", old,
                     Draft("occurred: date_to_month", "occurred: as_is")});
    EXPECT_EQ(ran.exit, 1) << ran.err;
    const Json out = ran.Out();
    EXPECT_EQ(out["counts"]["wider"], out["agreements"][0]["changes"].size());
    EXPECT_GT(out["counts"]["wider"], 0);
    EXPECT_EQ(out["agreements"][0]["before"]["source"], old);
    EXPECT_EQ(out["agreements"][0]["before"]["digest"],
              crypto::ToHex(crypto::Sha256(broker_.document)));
  }
  const Ran same =
      As(Chief(), {"agreement", "diff", kPact, std::string(kPact) + "/1"});
  EXPECT_EQ(same.exit, 0) << same.err;
}

TEST_F(AgreementsAtBrokerTest, ADiffBelievesNoBrokerThatLies) {
  const std::string draft = Draft("version: 1", "version: 1");
  broker_.envelopes.pop_back();
  const Ran lied = As(Chief(), {"agreement", "diff", kPact, draft});
  EXPECT_EQ(lied.exit, 6);
  EXPECT_EQ(lied.out, "");
  EXPECT_EQ(As(Chief(), {"agreement", "diff", "isa-none", draft}).exit, 3);
}

TEST_F(AgreementsAtBrokerTest, WhatADraftWouldChangeOfTheVersionInForce) {
  std::vector<std::string> asked = Question("whatif");
  asked.insert(asked.end(),
               {"--draft", Draft("methods: [push]", "methods: [extract]")});
  const Ran ran = As(North(), asked);
  EXPECT_EQ(ran.exit, 3) << ran.err;
  EXPECT_EQ(ran.Code(), "METHOD_NOT_ALLOWED");
  const Json out = ran.Out();
  EXPECT_EQ(out["today"]["allowed"], true);
  EXPECT_EQ(out["changed"], true);
  EXPECT_EQ(out["grounds"]["verified"], true);
  EXPECT_THAT(out["grounds"]["signatures"], SizeIs(3));
}

TEST_F(AgreementsAtBrokerTest, WhatALaterDayWouldChange) {
  std::vector<std::string> asked = Question("whatif");
  asked.insert(asked.end(), {"--at", "2199-01-01"});
  const Ran ran = As(North(), asked);
  EXPECT_EQ(ran.exit, 3) << ran.err;
  EXPECT_EQ(ran.Code(), "EXPIRED");
  EXPECT_EQ(ran.Out()["today"]["allowed"], true);
}

TEST_F(AgreementsAtBrokerTest, WhatIfRestsOnNoLie) {
  std::vector<std::string> asked = Question("whatif");
  asked.insert(asked.end(), {"--at", "2199-01-01"});
  broker_.envelopes.pop_back();
  const Ran lied = As(North(), asked);
  EXPECT_EQ(lied.exit, 6);
  EXPECT_EQ(lied.out, "");
}

TEST_F(AgreementsAtBrokerTest, ExplainByIdSaysYesAndWhatWasVerified) {
  const Ran ran = As(North(), Question("explain"));
  EXPECT_EQ(ran.exit, 0) << ran.err;
  const Json out = ran.Out();
  EXPECT_EQ(out["allowed"], true);
  EXPECT_EQ(out["agreement"], kPact);
  EXPECT_EQ(out["verified"], true);
  EXPECT_THAT(out["signatures"], SizeIs(3));
}

TEST_F(AgreementsAtBrokerTest, ExplainByIdSaysNoAndWhoCanGrantIt) {
  std::vector<std::string> asked = Question("explain");
  asked.insert(asked.end(), {"--fields", "age", "--method", "extract"});
  const Ran ran = As(North(), asked);
  EXPECT_EQ(ran.exit, 3) << ran.err;
  EXPECT_EQ(ran.Code(), "METHOD_NOT_ALLOWED");
  const Json out = ran.Out();
  EXPECT_EQ(out["allowed"], false);
  EXPECT_THAT(out["reasons"], SizeIs(2));
  for (const Json& reason : out["reasons"]) {
    EXPECT_NE(reason["clause"], "");
    EXPECT_NE(reason["who"], "");
  }
  EXPECT_EQ(
      As(North(), {"agreement", "explain", "isa-none", "--from", kNorth, "--to",
                   kWest, "--purpose", "find-series", "--dataset", "crimes"})
          .exit,
      3);
}

TEST_F(AgreementsAtBrokerTest, ExplainWithoutAnIdAsksEveryAgreementOfBoth) {
  const Ran yes = As(North(), Unnamed());
  EXPECT_EQ(yes.exit, 0) << yes.err;
  EXPECT_EQ(yes.Out()["allowed"], true);
  EXPECT_EQ(yes.Out()["allowed_under"], Json({kPact}));
  ASSERT_THAT(yes.Out()["answers"], SizeIs(1));
  const Json one = As(North(), Question("explain")).Out();
  EXPECT_EQ(yes.Out()["answers"][0]["flow"], one["flow"]);
  EXPECT_EQ(yes.Out()["answers"][0]["signatures"], one["signatures"]);
  const Ran no = As(North(), Unnamed({"--fields", "age"}));
  EXPECT_EQ(no.exit, 3) << no.err;
  EXPECT_EQ(no.Code(), "FIELD_NOT_RELEASED");
  EXPECT_EQ(no.Out()["allowed"], false);
  EXPECT_EQ(no.Out()["allowed_under"], Json::array());
  EXPECT_EQ(no.Out()["answers"][0]["reasons"][0]["code"], "FIELD_NOT_RELEASED");
  EXPECT_THAT(no.Error()["what"].get<std::string>(),
              HasSubstr("no agreement of north-police and west-police"));
}

TEST_F(AgreementsAtBrokerTest, ExplainWithoutAnIdAnswersInWords) {
  std::vector<std::string> asked = Unnamed();
  asked.insert(asked.begin(), {"--profile", North().folder()});
  const Ran people = RunCommands(asked, {"", folder_ / "config", false});
  EXPECT_EQ(people.exit, 0) << people.err;
  EXPECT_THAT(people.out, StartsWith("Yes, under isa-small. A request names"));
  EXPECT_THAT(people.out, HasSubstr("May north-police give west-police"));
  EXPECT_THAT(people.out, HasSubstr("How this version was verified"));
  asked.insert(asked.end(), {"--fields", "age"});
  const Ran refused = RunCommands(asked, {"", folder_ / "config", false});
  EXPECT_EQ(refused.exit, 3);
  EXPECT_THAT(refused.out,
              StartsWith("No, under none of the agreements of both: 1.\n"));
}

TEST_F(AgreementsAtBrokerTest, ExplainWithoutAnIdSaysThatThereIsNone) {
  std::vector<std::string> asked = Unnamed();
  *std::find(asked.begin(), asked.end(), kWest) = "south-police";
  const Ran none = As(North(), asked);
  EXPECT_EQ(none.exit, 3);
  EXPECT_EQ(none.Code(), "NO_AGREEMENT");
  EXPECT_EQ(none.out, "");
  EXPECT_THAT(none.Error()["what"].get<std::string>(),
              HasSubstr("names both north-police and south-police"));
  broker_.list_agreements.alter = [](const auto&, auto* response) {
    response->clear_agreements();
  };
  EXPECT_EQ(As(North(), Unnamed()).Code(), "NO_AGREEMENT");
}

TEST_F(AgreementsAtBrokerTest, ExplainWithoutAnIdRestsOnNoLie) {
  broker_.envelopes.pop_back();
  const Ran lied = As(North(), Unnamed());
  EXPECT_EQ(lied.exit, 6);
  EXPECT_EQ(lied.out, "");
}

TEST_F(AgreementsAtBrokerTest, OverviewsTakeAnIdAndAVersion) {
  const std::string version = std::string(kPact) + "/1";
  for (const std::string command :
       {"matrix", "clauses", "calendar", "overlaps", "reciprocity"}) {
    folder_.Write("signed.json", broker_.document);
    const Json of_file =
        As(North(), {"agreement", command, folder_ / "signed.json"}).Out();
    for (const std::string& name : {std::string(kPact), version}) {
      const Ran ran = As(North(), {"agreement", command, name});
      EXPECT_EQ(ran.exit, 0) << command << ran.err;
      EXPECT_EQ(ran.Out(), of_file) << command;
    }
    EXPECT_EQ(As(North(), {"agreement", command, "isa-none"}).exit, 3);
    const Ran twice = As(North(), {"agreement", command, kPact, version});
    EXPECT_EQ(twice.Code(), "AGREEMENT_REPEATED");
  }
}

TEST_F(AgreementsAtBrokerTest, OverviewsWithoutANameAreOfTheWholeRegister) {
  for (const std::string command :
       {"matrix", "clauses", "calendar", "overlaps", "reciprocity"}) {
    const Json of_one = As(Chief(), {"agreement", command, kPact}).Out();
    const Ran all = As(Chief(), {"agreement", command});
    EXPECT_EQ(all.exit, 0) << command << all.err;
    EXPECT_EQ(all.Out(), of_one) << command;
  }
  EXPECT_GT(As(Chief(), {"agreement", "matrix"}).Out()["matrix"].size(), 3u);
}

TEST_F(AgreementsAtBrokerTest, TheRegisterHoldsWhatIsSignedAndNotOver) {
  const auto rows = [this] {
    const Ran ran = As(Chief(), {"agreement", "matrix"});
    EXPECT_EQ(ran.exit, 0) << ran.err;
    return ran.Out()["matrix"].size();
  };
  broker_.state = "suspended";
  EXPECT_GT(rows(), 0u);
  broker_.state = "ended";
  EXPECT_EQ(rows(), 0u);
  broker_.state = "proposed";
  broker_.activated = false;
  broker_.envelopes.pop_back();
  EXPECT_EQ(rows(), 0u);
  // By its name it is shown all the same.
  EXPECT_GT(As(Chief(), {"agreement", "matrix", kPact}).Out()["matrix"].size(),
            0u);
}

TEST_F(AgreementsAtBrokerTest, OverviewsRestOnNoLie) {
  broker_.envelopes.pop_back();
  for (const std::string command :
       {"matrix", "clauses", "calendar", "overlaps", "reciprocity"}) {
    for (const bool named : {false, true}) {
      std::vector<std::string> asked = {"agreement", command};
      if (named) asked.push_back(kPact);
      const Ran lied = As(North(), asked);
      EXPECT_EQ(lied.exit, 6) << command;
      EXPECT_EQ(lied.out, "");
    }
  }
}

TEST_F(AgreementsAtBrokerTest, ShowWritesTheNextVersion) {
  const std::string yaml =
      Text(As(Chief(), {"agreement", "show", kPact, "--as", "next"}));
  const policy::CheckResult next = policy::Check("next.yaml", yaml);
  ASSERT_TRUE(next.ok()) << next.report;
  EXPECT_EQ(next.agreement->version, 2);
  EXPECT_EQ(next.agreement->previous,
            crypto::ToHex(crypto::Sha256(broker_.document)));
  EXPECT_THAT(yaml, HasSubstr("# Now edit it"));
  const Ran versioned = As(
      Chief(), {"agreement", "show", kPact, "--as", "next", "--version", "1"});
  EXPECT_EQ(versioned.exit, 2);
  EXPECT_EQ(versioned.out, "");
  EXPECT_EQ(As(Chief(), {"agreement", "show", "isa-none", "--as", "next"}).exit,
            3);
}

}  // namespace
}  // namespace entente::client

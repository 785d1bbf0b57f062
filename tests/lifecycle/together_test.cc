// Three forces: who signs for whom, what needs all of them, and two who act at
// once.
#include <set>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "tests/end_to_end/wire.h"
#include "tests/lifecycle/life.h"
#include "tests/world/agreed_pair.h"

namespace entente::lifecycle {
namespace {

using testing::HasSubstr;
using testing::UnorderedElementsAre;
using world::Background;
using world::kAgreement;
using world::kLeft;
using world::kRight;

constexpr char kThird[] = "eastmoor-police";

// Who signs, and with which profile.
struct Line {
  const char* agency;
  const char* name;
};
constexpr Line kLines[] = {{kLeft, "acc-crime"},
                           {kLeft, "siro"},
                           {kRight, "acc-crime"},
                           {kRight, "siro"},
                           {kThird, "siro"}};

class Together : public world::OwnWorld {
 protected:
  void SetUp() override {
    OwnWorld::SetUp();
    const absl::Status registered = world_.Register();
    ASSERT_TRUE(registered.ok()) << registered;
    const auto root = world_.AddAgency(kThird, "Eastmoor Police");
    ASSERT_TRUE(root.ok()) << root.status();
    text_ = absl::StrReplaceAll(
        world::FrameDocument(world_.facts, world::kPairContent),
        {{"\noverseers:\n",
          absl::StrCat("  eastmoor-police:\n    name: Eastmoor Police\n"
                       "    capacity: joint_controller\n"
                       "    regime: law_enforcement\n"
                       "    contact: sharing@eastmoor.police.example\n"
                       "    root: \"",
                       *root, "\"\n\noverseers:\n")},
         {"  - id: patrols\n    from: [northmere-police]\n    to: "
          "[westvale-police]",
          "  - id: patrols\n    from: [northmere-police]\n    to: "
          "[westvale-police, eastmoor-police]"},
         {"parties: [northmere-police, westvale-police]",
          "parties: [northmere-police, westvale-police, eastmoor-police]"}});
    text_ +=
        "  - { party: eastmoor-police, role: Head of Crime, name: siro }\n";
  }

  std::string Of(const Line& line) {
    return world_.Profile(line.agency, line.name);
  }
  json Agreement(const std::string& profile, std::vector<std::string> words,
                 int exit = 0) {
    words.insert(words.begin(), "agreement");
    return Run(profile, std::move(words), exit);
  }
  // Proposes version 1, and signs all lines from `begin` up to `end`.
  std::string Propose() {
    return Agreement(Of(kLines[1]), {"propose", Write("agreement.yaml", text_)})
        .value("digest", "");
  }
  void Sign(size_t begin, size_t end, int version, const std::string& digest) {
    for (size_t i = begin; i < end; ++i) {
      Agreement(Of(kLines[i]), SignWords(version, digest));
    }
  }
  static std::vector<std::string> SignWords(int version,
                                            const std::string& digest) {
    return {"sign",     kAgreement, "--version", absl::StrCat(version),
            "--digest", digest};
  }
  std::string Write(const std::string& name, const std::string& text) {
    const std::string path = world_.Path(name);
    std::ofstream(path) << text;
    return path;
  }
  // The next version after `previous`, with `changes`; its file.
  std::string Next(const std::string& name, int version,
                   const std::string& previous, const Changes& changes) {
    std::string text = absl::StrReplaceAll(
        text_,
        {{"version: 1\n", absl::StrCat("version: ", version, "\nprevious: \"",
                                       previous, "\"\n")}});
    return Write(name, Changed(text, changes));
  }
  json Show() { return Agreement(Of(kLines[4]), {"show", kAgreement}); }
  json Versions() {
    return Agreement(Of(kLines[4]), {"versions", kAgreement}).at("versions");
  }
  // How many entries of `kind` its ledger has, with that outcome.
  int Entries(const std::string& kind, const std::string& outcome) {
    const json listed =
        Run(world_.Profile(kLeft, "auditor"),
            {"audit", "list", "--agreement", kAgreement, "--limit", "200"});
    int count = 0;
    for (const json& entry : listed.at("entries")) {
      if (entry.at("kind") == kind && entry.at("outcome") == outcome) ++count;
    }
    return count;
  }

  // Two commands that begin at the same moment; the code of each, or "".
  std::pair<std::string, std::string> AtOnce(const Line& one,
                                             std::vector<std::string> first,
                                             const Line& other,
                                             std::vector<std::string> second) {
    const auto begin = [&](const Line& who, std::vector<std::string> words,
                           const char* log) {
      words.insert(words.begin(), {world_.settings.entente, "--no-input",
                                   "--profile", Of(who), "agreement"});
      words.insert(words.end(), {"-o", "json"});
      return Background::Start(words, world_.Path(log));
    };
    auto a = begin(one, std::move(first), "one.log");
    auto b = begin(other, std::move(second), "other.log");
    EXPECT_TRUE(a.ok() && b.ok());
    return {Ended(**a), Ended(**b)};
  }
  static std::string Ended(Background& program) {
    const int exit = program.Wait();
    if (exit == 0) return "";
    const std::string said = program.Said();
    const json error =
        json::parse(said.substr(said.find("{\"schema\"")), nullptr, false);
    EXPECT_FALSE(error.is_discarded()) << said;
    EXPECT_NE(error["error"].value("next", ""), "") << said;
    return CodeOf(error);
  }
  std::vector<std::string> SuspendWords() {
    return {"suspend", kAgreement, "--reason", "Odd queries"};
  }

  std::string text_;
};

TEST_F(Together, EachSignsItsOwnLineAndNoOther) {
  const std::string digest = Propose();
  EXPECT_EQ(Show().at("missing").size(), 5u) << "proposing signs nothing";
  const json shown =
      Agreement(Of(kLines[1]), {"show", kAgreement, "--as", "json"});
  const std::string bytes = shown.at("text");
  // Nobody hands in another agency's signature, or makes one in its name.
  const std::string lefts = end_to_end::EnvelopeBy(Of(kLines[1]), bytes);
  EXPECT_EQ(end_to_end::SignRaw(Of(kLines[3]), kAgreement, lefts).code,
            "BAD_SIGNATURE");
  // A second certificate for the same key: one key fills one line.
  Sign(1, 2, 1, digest);
  const std::string key =
      world_.Path(absl::StrCat(kLeft, "/certificates/siro/key.pem"));
  const auto request =
      world::RunProgram({"/usr/bin/openssl", "req", "-new", "-key", key,
                         "-subj", "/CN=twin", "-out", world_.Path("twin.csr")});
  ASSERT_TRUE(request.ok() && request->exit_code == 0);
  const std::string twin = absl::StrCat(kLeft, "/certificates/twin");
  const absl::Status issued =
      world_.Issue(kLeft, world::AgencyUri(kLeft, "signatory", "acc-crime"),
                   twin, {"--csr", world_.Path("twin.csr")});
  ASSERT_TRUE(issued.ok()) << issued;
  std::filesystem::copy(key, world_.Path(twin + "/key.pem"));
  const std::string profile = world_.Profile(kLeft, "twin");
  const absl::Status made =
      world_.InitProfile(profile, world_.Path(twin), kLeft);
  ASSERT_TRUE(made.ok()) << made;
  const json second = Agreement(profile, SignWords(1, digest), kFailed);
  EXPECT_EQ(CodeOf(second), "BAD_SIGNATURE");
  EXPECT_THAT(second["error"].value("why", ""),
              HasSubstr("the key has filled another line"));
  EXPECT_EQ(Show().at("missing").size(), 4u);

  // Two at once, each for its own; and one twice at once, for one line.
  Sign(2, 3, 1, digest);
  EXPECT_EQ(
      AtOnce(kLines[0], SignWords(1, digest), kLines[4], SignWords(1, digest)),
      std::make_pair(std::string(), std::string()));
  EXPECT_EQ(
      AtOnce(kLines[3], SignWords(1, digest), kLines[3], SignWords(1, digest)),
      std::make_pair(std::string(), std::string()));
  EXPECT_EQ(Show().at("signatures").size(), 5u);
  EXPECT_EQ(Show().value("state", ""), "active");
  EXPECT_EQ(Entries("agreement_activated", "allow"), 1);
}

TEST_F(Together, WhatWidensNeedsEverybody) {
  std::string previous = Propose();
  Sign(0, 5, 1, previous);
  const std::string until = absl::FormatCivilTime(world_.facts.today + 365);
  const std::string longer = absl::FormatCivilTime(world_.facts.today + 400);
  const struct {
    Changes changes;
    std::string sentence;
  } kWidenings[] = {
      {{{"    to: [westvale-police]\n    purposes: [investigate",
         "    to: [westvale-police, eastmoor-police]\n    purposes: "
         "[investigate"}},
       "NEWLY ALLOWED"},
      {{{"purposes: [investigate-series]\n    dataset",
         "purposes: [investigate-series, tasking-analysis]\n    dataset"},
        {"    to: [westvale-police, eastmoor-police]",
         "    to: [eastmoor-police]"}},
       "NEWLY ALLOWED"},
      {{{"records_per_day: 3", "records_per_day: 30"}}, "WIDER"},
      {{{absl::StrCat("until: \"", until, "\""),
         absl::StrCat("until: \"", longer, "\"")}},
       "WIDER"},
  };
  int version = 1;
  for (const auto& one : kWidenings) {
    const std::string file =
        Next("next.yaml", ++version, previous, one.changes);
    const json diff = Agreement(
        Of(kLines[0]), {"diff", absl::StrCat(kAgreement, "/1"), file}, kFailed);
    EXPECT_THAT(diff.at("agreements")[0].value("text", ""),
                HasSubstr(one.sentence));
    previous = Agreement(Of(kLines[3]), {"amend", kAgreement, file})
                   .value("digest", "");
    // Four of the five, of whom two parties are complete.
    Sign(0, 4, version, previous);
    const json versions = Versions();
    EXPECT_EQ(versions[0].value("state", ""), "active");
    EXPECT_EQ(versions.back().value("state", ""), "proposed");
    EXPECT_EQ(versions.back().value("signed", ""), "4 of 5");
    EXPECT_EQ(Show().value("version", 0), 1) << "still in force";
  }
  // The party that one of them adds a flow to gets nothing before it signed.
  EXPECT_EQ(CodeOf(Agreement(
                Of(kLines[4]),
                {"explain", kAgreement, "--from", kLeft, "--to", kThird,
                 "--purpose", world::kPurpose, "--dataset", "linked-persons"},
                kRefused)),
            "NO_FLOW");
  // And the last line brings the last of them into force.
  EXPECT_EQ(
      Agreement(Of(kLines[4]), SignWords(version, previous)).value("state", ""),
      "active");
  EXPECT_EQ(Show().value("version", 0), version);
}

TEST_F(Together, APepperIsNotPassedToWhomTheNextVersionLeavesOut) {
  const Changes all_enrol = {
      {"  - id: persons\n    from: [northmere-police]\n    to: "
       "[westvale-police]",
       "  - id: persons\n    from: [northmere-police]\n    to: "
       "[westvale-police, eastmoor-police]"}};
  text_ = Changed(text_, all_enrol);
  const std::string first = Propose();
  Sign(0, 5, 1, first);
  // The next version is without the third; for a week both live.
  const std::string second =
      Changed(world::FrameDocument(world_.facts, world::kPairContent),
              {{"version: 1\n",
                absl::StrCat("version: 2\nprevious: \"", first, "\"\n")},
               {"\nvalid:\n", "\nvalid:\n  handover_days: 7\n"}});
  const std::string digest =
      Agreement(Of(kLines[0]), {"amend", kAgreement, Write("2.yaml", second)})
          .value("digest", "");
  Sign(0, 4, 2, digest);
  EXPECT_EQ(Agreement(Of(kLines[0]), {"show", kAgreement}).value("version", 0),
            2);
  EXPECT_EQ(Show().value("version", 0), 1) << "the third lives under the first";

  const std::string people = Write("people.csv", world::kPairPeople);
  const auto enrol = [&](const std::string& agency, int exit) {
    return Run(world_.Profile(agency, "system"),
               {"enrol", "--agreement", kAgreement, "--scheme", "nhs/1",
                "--column", "person", "--ref", "reference", people},
               exit);
  };
  // Whoever acts under the second leaves the third nothing, and cannot.
  enrol(kLeft, 0);
  enrol(kRight, 0);
  const client::Failure refused = end_to_end::PutPepperRaw(
      world_.Profile(kLeft, "system"), kAgreement, kThird);
  EXPECT_EQ(refused.code, "DOMAIN_SEALED");
  EXPECT_THAT(refused.why, HasSubstr("eastmoor-police has no domain"));
  EXPECT_EQ(end_to_end::PutPepperRaw(world_.Profile(kLeft, "system"),
                                     kAgreement, kRight)
                .code,
            "BUNDLE_UNKNOWN")
      << "of one that the second names only the seal is wrong";
  EXPECT_EQ(CodeOf(enrol(kThird, kUnavailable)), "PEPPER_NOT_DELIVERED");
  const json found = Run(world_.Profile(kLeft, "auditor"),
                         {"audit", "search", "--agreement", kAgreement,
                          "--kind", "pepper", "--to", kThird});
  ASSERT_EQ(found.at("entries").size(), 1u);
  EXPECT_EQ(found["entries"][0]["entry"].value("outcome", ""), "deny");
}

TEST_F(Together, OfTwoAtOnceOneWinsAndNothingOfTheOtherIsLeft) {
  const std::string first = Propose();
  Sign(0, 5, 1, first);
  // Two of one agency suspend.
  const auto suspended =
      AtOnce(kLines[0], SuspendWords(), kLines[1], SuspendWords());
  EXPECT_THAT((std::vector<std::string>{suspended.first, suspended.second}),
              UnorderedElementsAre("", "ALREADY_DONE"));
  EXPECT_EQ(Show().at("acts").size(), 1u);
  EXPECT_EQ(Entries("agreement_suspended", "allow"), 1);
  EXPECT_EQ(Entries("agreement_suspended", "deny"), 1);
  // Two agencies: each has its own, and each lifts its own.
  EXPECT_EQ(AtOnce(kLines[3], SuspendWords(), kLines[4], SuspendWords()),
            std::make_pair(std::string(), std::string()));
  EXPECT_EQ(Show().at("acts").size(), 3u);
  for (const size_t line : {0, 3, 4}) {
    EXPECT_EQ(Show().value("state", ""), "suspended");
    Agreement(Of(kLines[line]),
              {"resume", kAgreement, "--reason", "They are explained"});
  }
  EXPECT_EQ(Show().value("state", ""), "active");

  // Two next versions.
  const std::string one = Next("one.yaml", 2, first,
                               {{"records_per_day: 3", "records_per_day: 2"}});
  const std::string two = Next("two.yaml", 2, first,
                               {{"records_per_day: 3", "records_per_day: 1"}});
  const auto amended = AtOnce(kLines[1], {"amend", kAgreement, one}, kLines[3],
                              {"amend", kAgreement, two});
  // Whoever comes so late that it sees the other's is told to follow that.
  const bool left_won = amended.first.empty();
  EXPECT_TRUE(left_won != amended.second.empty());
  const std::string lost = left_won ? amended.second : amended.first;
  EXPECT_TRUE(lost == "VERSION_EXISTS" || lost == "PREVIOUS_MISMATCH") << lost;
  const json winner = Agreement("", {"check", left_won ? one : two});
  json versions = Versions();
  ASSERT_EQ(versions.size(), 2u);
  EXPECT_EQ(versions[1].at("digest"), winner.at("digest"));

  // A suspension against the signature that completes it: both are right.
  Sign(0, 4, 2, winner.at("digest"));
  EXPECT_EQ(AtOnce(kLines[3], SuspendWords(), kLines[4],
                   SignWords(2, winner.at("digest"))),
            std::make_pair(std::string(), std::string()));
  EXPECT_EQ(Show().value("version", 0), 2);
  EXPECT_EQ(Show().value("state", ""), "suspended");

  // One agency leaves and resumes at once: it is out, whoever came first.
  const auto left = AtOnce(
      kLines[2],
      {"withdraw", kAgreement, "--reason", "It is over", "--confirm",
       kAgreement},
      kLines[3], {"resume", kAgreement, "--reason", "They are explained"});
  EXPECT_EQ(left.first, "");
  const std::set<std::string> late = {"", "NOT_LEGAL_NOW", "ALREADY_DONE",
                                      "NOTHING_TO_RESUME", "WITHDRAWN"};
  EXPECT_EQ(late.count(left.second), 1u) << left.second;

  // A broker that reads its files again knows the same.
  const json before = Show();
  versions = Versions();
  EXPECT_EQ(world_.broker->Stop(), 0);
  const absl::Status back = world_.StartBroker(world_.address);
  ASSERT_TRUE(back.ok()) << back;
  EXPECT_EQ(Show(), before);
  EXPECT_EQ(Versions(), versions);
  const std::string auditor = world_.Profile(kLeft, "auditor");
  Run(auditor,
      {"audit", "mirror", world_.Path("ledger"), "--agreement", kAgreement});
  EXPECT_EQ(Run("", {"audit", "verify", world_.Path("ledger")})
                .value("verified", false),
            true);
}

}  // namespace
}  // namespace entente::lifecycle

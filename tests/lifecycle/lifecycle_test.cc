#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/time/clock.h"
#include "tests/end_to_end/wire.h"
#include "tests/lifecycle/life.h"
#include "tests/world/agreed_pair.h"

namespace entente::lifecycle {
namespace {

using testing::HasSubstr;
using world::Background;
using world::kAgreement;
using world::kInspector;
using world::kLeft;
using world::kPatience;
using world::kRight;

class Lifecycle : public world::AgreedPair {
 protected:
  void SetUp() override {
    AgreedPair::SetUp();
    Enrol(Left());
    Enrol(Right());
  }

  std::string Signatory(const std::string& agency,
                        const std::string& name = "siro") {
    return world_.Profile(agency, name);
  }
  json Agreement(const std::string& profile, std::vector<std::string> words,
                 int exit = 0) {
    words.insert(words.begin(), "agreement");
    return Run(profile, std::move(words), exit);
  }
  json Show() {
    return Agreement(world_.Profile(kInspector, "auditor"),
                     {"show", kAgreement});
  }
  std::string State() { return Show().value("state", ""); }
  json Receive(int exit = 0) {
    return Run(
        Right(),
        {"receive", "--agreement", kAgreement, "--out", world_.Path("inbox")},
        exit);
  }
  // What refuses the next batch.
  std::string RefusalOfSending(const std::string& agreement = kAgreement) {
    const std::string file = world_.Path("refused.csv");
    std::ofstream(file) << "person,offence\n9434765919,refused " << ++refused_
                        << "\n";
    const json ran = Run(Left(),
                         {"send", "--agreement", agreement, "--flow", "persons",
                          "--purpose", world::kPurpose, file},
                         kRefused);
    return CodeOf(ran);
  }

  // The document with the changes in `more`, and its file.
  std::string Write(const std::string& name, const Changes& more) {
    const std::string file = world_.Path(name);
    std::ofstream(file) << Changed(
        world::FrameDocument(world_.facts, Content()), more);
    return file;
  }
  // Version 2 after `previous`; `valid` is added there.
  std::string WriteSecond(const std::string& previous,
                          const std::string& valid = "") {
    return Write("second.yaml",
                 {{"version: 1\n",
                   absl::StrCat("version: 2\nprevious: \"", previous, "\"\n")},
                  {"enrolments_per_day: 10000 }", "enrolments_per_day: 9000 }"},
                  {"\nvalid:\n", absl::StrCat("\nvalid:\n", valid)}});
  }
  // Everybody signs; the state after the last.
  std::string SignAll(const std::string& agreement, int version,
                      const std::string& digest) {
    std::string state;
    for (const char* agency : {kLeft, kRight}) {
      for (const char* name : {"acc-crime", "siro"}) {
        state = Agreement(Signatory(agency, name),
                          {"sign", agreement, "--version",
                           absl::StrCat(version), "--digest", digest})
                    .value("state", "");
      }
    }
    return state;
  }
  std::string Amend(const std::string& file) {
    const json amended =
        Agreement(Signatory(kLeft), {"amend", kAgreement, file});
    EXPECT_EQ(amended.value("version", 0), 2) << amended.dump();
    EXPECT_EQ(amended.value("against", 0), 1) << amended.dump();
    return amended.value("digest", "");
  }

 protected:
  world::MovedClock clock_;

 private:
  int refused_ = 0;
};

TEST_F(Lifecycle, AnAgreementLivesItsWholeLife) {
  // In force: it is used, and somebody follows.
  auto started = Background::Start(
      {world_.settings.entente, "--no-input", "--profile", Right(), "receive",
       "--agreement", kAgreement, "--follow", "--out", world_.Path("followed"),
       "-o", "ndjson"},
      world_.Path("follower.log"));
  ASSERT_TRUE(started.ok()) << started.status();
  Background& follower = **started;
  const std::string batch = Send();
  const auto told = follower.WaitForLine(
      [&](const std::string& line) {
        return absl::StrContains(line, "\"batch\":\"" + batch + "\"");
      },
      kPatience);
  ASSERT_TRUE(told.ok()) << told.status();

  // One party suspends it, at once and alone.
  const json suspended =
      Agreement(Signatory(kRight),
                {"suspend", kAgreement, "--reason", "Odd queries since noon"});
  const absl::Time at = absl::Now();
  EXPECT_EQ(suspended.value("state", ""), "suspended");
  EXPECT_EQ(follower.Wait(), kRefused) << follower.Said();
  EXPECT_LT(absl::Now() - at, kCutWithin);
  EXPECT_THAT(follower.Said(), HasSubstr("SUSPENDED"));
  EXPECT_EQ(RefusalOfSending(), "SUSPENDED");
  EXPECT_EQ(CodeOf(Receive(kRefused)), "SUSPENDED");
  const json shown = Show();
  EXPECT_EQ(shown.value("state", ""), "suspended");
  ASSERT_EQ(shown.at("acts").size(), 1u);
  EXPECT_EQ(shown.at("acts")[0].value("reason", ""), "Odd queries since noon");

  // Of its colleagues one comes too late; the other party cannot lift it.
  EXPECT_EQ(CodeOf(Agreement(Signatory(kRight, "acc-crime"),
                             {"suspend", kAgreement, "--reason", "The same"},
                             kConflict)),
            "ALREADY_DONE");
  EXPECT_EQ(CodeOf(Agreement(Signatory(kLeft),
                             {"resume", kAgreement, "--reason", "We need it"},
                             kRefused)),
            "NOTHING_TO_RESUME");
  EXPECT_EQ(Agreement(Signatory(kRight, "acc-crime"),
                      {"resume", kAgreement, "--reason", "They are explained"})
                .value("state", ""),
            "active");
  Send();
  EXPECT_EQ(Receive().value("received", -1), 2);

  // A sender stops its own sending: what waits is kept, and said so.
  Send();
  EXPECT_EQ(Agreement(Signatory(kLeft), {"suspend", kAgreement, "--sending",
                                         "--reason", "Our export is wrong"})
                .value("state", ""),
            "active");
  EXPECT_EQ(RefusalOfSending(), "SUSPENDED_BY_SENDER");
  const json kept = Receive();
  EXPECT_EQ(kept.value("received", -1), 0);
  EXPECT_EQ(kept.value("kept", -1), 1);
  EXPECT_EQ(kept.at("kept_because")[0],
            absl::StrCat("SUSPENDED_BY_SENDER: ", kLeft));
  const json status = Run(Right(), {"status"});
  EXPECT_EQ(status.at("agreements")[0].value("held_batches", -1), 1);
  Agreement(Signatory(kLeft), {"resume", kAgreement, "--sending", "--reason",
                               "The export is mended"});
  EXPECT_EQ(Receive().value("received", -1), 2);

  // Amended: nothing is signed that does not follow, and all sign what does.
  const std::string first = Show().value("digest", "");
  EXPECT_EQ(
      CodeOf(Agreement(Signatory(kLeft),
                       {"amend", kAgreement, WriteSecond(std::string(64, 'a'))},
                       kRefused)),
      "PREVIOUS_MISMATCH");
  const std::string second = Amend(WriteSecond(first));
  EXPECT_EQ(SignAll(kAgreement, 2, second), "active");
  const json versions =
      Agreement(Signatory(kRight), {"versions", kAgreement}).at("versions");
  ASSERT_EQ(versions.size(), 2u);
  EXPECT_EQ(versions[0].value("state", ""), "superseded");
  EXPECT_EQ(versions[1].value("state", ""), "active");
  const json signatures =
      Agreement(Signatory(kRight), {"signatures", kAgreement, "--version", "2"})
          .at("signatures");
  ASSERT_EQ(signatures.size(), 4u);
  for (const json& line : signatures) {
    EXPECT_EQ(line.value("signed", false), true) << line.dump();
    EXPECT_EQ(line.value("diff", "").size(), 64u) << line.dump();
  }
  Send();
  EXPECT_EQ(Receive().value("received", -1), 2);

  // One party leaves, which leaves one: it has ended.
  const json left =
      Agreement(Signatory(kLeft, "acc-crime"),
                {"withdraw", kAgreement, "--reason", "The series is solved",
                 "--confirm", kAgreement});
  EXPECT_EQ(left.value("state", ""), "ended");
  EXPECT_EQ(left.value("notice_days", 0), 90);
  EXPECT_EQ(State(), "ended");
  EXPECT_EQ(RefusalOfSending(), "TERMINATED");
  EXPECT_EQ(CodeOf(Receive(kRefused)), "TERMINATED");
  EXPECT_EQ(CodeOf(Agreement(Signatory(kRight),
                             {"suspend", kAgreement, "--reason", "Too late"},
                             kRefused)),
            "NOT_LEGAL_NOW");
}

TEST_F(Lifecycle, AHandoverLetsBothVersionsLive) {
  Send();  // under version 1, and waits
  const std::string first = Show().value("digest", "");
  const std::string second = Amend(WriteSecond(first, "  handover_days: 7\n"));
  EXPECT_EQ(SignAll(kAgreement, 2, second), "active");
  const json versions =
      Agreement(Signatory(kRight), {"versions", kAgreement}).at("versions");
  ASSERT_EQ(versions.size(), 2u);
  EXPECT_EQ(versions[0].value("state", ""), "active");
  EXPECT_EQ(versions[1].value("state", ""), "active");
  Send();
  EXPECT_EQ(Receive().value("received", -1), 4);
  clock_.MoveTo(world_.facts.today + 8);
  EXPECT_EQ(Agreement(Signatory(kRight), {"versions", kAgreement})
                .at("versions")[0]
                .value("state", ""),
            "superseded");
  Send();
  EXPECT_EQ(Receive().value("received", -1), 2);
}

TEST_F(Lifecycle, ARestartedBrokerKeepsWhatWasSuspended) {
  Agreement(Signatory(kRight),
            {"suspend", kAgreement, "--reason", "Odd queries since noon"});
  EXPECT_EQ(world_.broker->Stop(), 0);
  const absl::Status back = world_.StartBroker(world_.address);
  ASSERT_TRUE(back.ok()) << back;
  EXPECT_EQ(State(), "suspended");
  EXPECT_EQ(RefusalOfSending(), "SUSPENDED");
  Agreement(Signatory(kRight),
            {"resume", kAgreement, "--reason", "They are explained"});
  Send();
}

TEST_F(Lifecycle, ALineOfAKeyThatIsRevokedBeforeTheStartIsSignedAnew) {
  constexpr char kLater[] = "isa-demo-begins-later";
  const auto day = [&](int from_today) {
    return absl::FormatCivilTime(world_.facts.today + from_today);
  };
  const std::string file =
      Write("later.yaml", {{absl::StrCat("id: ", kAgreement, "\n"),
                            absl::StrCat("id: ", kLater, "\n")},
                           {absl::StrCat("  from: \"", day(0), "\""),
                            absl::StrCat("  from: \"", day(2), "\"")}});
  const std::string digest =
      Agreement(Signatory(kLeft), {"propose", file}).value("digest", "");
  EXPECT_EQ(SignAll(kLater, 1, digest), "signed");
  // The key of one of the four is lost before the first day.
  const std::string lost = Signatory(kRight, "acc-crime");
  EXPECT_EQ(end_to_end::RevokeRaw(Signatory(kRight), kRight, lost).what, "");
  const auto shown = [&] {
    return Agreement(Signatory(kLeft), {"show", kLater});
  };
  EXPECT_EQ(shown().value("state", ""), "proposed");
  EXPECT_EQ(shown().at("missing"), json::array({"westvale-police: acc-crime"}));
  clock_.MoveTo(world_.facts.today + 2);
  const json refused =
      Agreement(Signatory(kLeft),
                {"explain", kLater, "--from", kLeft, "--to", kRight,
                 "--purpose", world::kPurpose, "--dataset", "linked-persons"},
                kRefused);
  EXPECT_EQ(CodeOf(refused), "NOT_FULLY_SIGNED");
  EXPECT_EQ(RefusalOfSending(kLater), "NOT_IN_FORCE");
  const json own = Run(lost, {"agreement", "sign", kLater, "--digest", digest},
                       kNotAuthenticated);
  EXPECT_NE(CodeOf(own), "");
  // Its successor has a certificate of the same name, and signs the line.
  ASSERT_TRUE(world_
                  .Issue(kRight,
                         world::AgencyUri(kRight, "signatory", "acc-crime"),
                         "westvale-police/certificates/successor")
                  .ok());
  const std::string next = Signatory(kRight, "successor");
  ASSERT_TRUE(
      world_
          .InitProfile(next,
                       world_.Path("westvale-police/certificates/successor"),
                       kRight)
          .ok());
  EXPECT_EQ(
      Agreement(next, {"sign", kLater, "--digest", digest}).value("state", ""),
      "active");
  const json lines =
      Agreement(Signatory(kLeft), {"signatures", kLater}).at("signatures");
  EXPECT_EQ(lines.size(), 4u);
  const json taken = Run(world_.Profile(kInspector, "auditor"),
                         {"audit", "search", "--agreement", kLater, "--kind",
                          "certificate_revoked"});
  ASSERT_EQ(taken.at("entries").size(), 1u);
}

TEST_F(Lifecycle, AnOverarchingAgreementThatIsOutOfForceStopsThoseUnderIt) {
  constexpr char kUnder[] = "isa-demo-under-it";
  const std::string file =
      Write("under.yaml",
            {{absl::StrCat("id: ", kAgreement, "\n"),
              absl::StrCat("id: ", kUnder, "\n")},
             {"kind: inter_force\n",
              absl::StrCat("kind: inter_force\nunder: ", kAgreement, "\n")}});
  const json proposed = Agreement(Signatory(kLeft), {"propose", file});
  EXPECT_EQ(SignAll(kUnder, 1, proposed.value("digest", "")), "active");
  for (const std::string& profile : {Left(), Right()}) {
    Run(profile,
        {"enrol", "--agreement", kUnder, "--scheme", "nhs/1", "--column",
         "person", "--ref", "reference", world_.Path("people.csv")});
  }
  const std::string rows = world_.Path("under.csv");
  std::ofstream(rows) << "person,offence\n9434765919,under\n";
  EXPECT_EQ(Run(Left(), {"send", "--agreement", kUnder, "--flow", "persons",
                         "--purpose", world::kPurpose, rows})
                .value("sent", 0),
            1);
  auto started =
      Background::Start({world_.settings.entente, "--no-input", "--profile",
                         Right(), "receive", "--agreement", kUnder, "--follow",
                         "--out", world_.Path("followed"), "-o", "ndjson"},
                        world_.Path("follower.log"));
  ASSERT_TRUE(started.ok()) << started.status();
  Background& follower = **started;
  const auto told = follower.WaitForLine(
      [](const std::string& line) {
        return absl::StrContains(line, "\"batch\":");
      },
      kPatience);
  ASSERT_TRUE(told.ok()) << told.status();
  Agreement(Signatory(kRight),
            {"suspend", kAgreement, "--reason", "Odd queries since noon"});
  const absl::Time at = absl::Now();
  EXPECT_EQ(follower.Wait(), kRefused) << follower.Said();
  EXPECT_LT(absl::Now() - at, kCutWithin);
  EXPECT_THAT(follower.Said(), HasSubstr("PARENT_NOT_IN_FORCE"));
  EXPECT_EQ(RefusalOfSending(kUnder), "PARENT_NOT_IN_FORCE");
  const std::vector<std::string> receive = {"receive", "--agreement", kUnder,
                                            "--out", world_.Path("under")};
  EXPECT_EQ(CodeOf(Run(Right(), receive, kRefused)), "PARENT_NOT_IN_FORCE");
  const std::string newcomer = world_.Path("newcomer.csv");
  std::ofstream(newcomer) << "reference,person\nN-1,4010232137\n";
  const std::vector<std::string> enrol = {
      "enrol",    "--agreement", kUnder,  "--scheme",  "nhs/1",
      "--column", "person",      "--ref", "reference", newcomer};
  EXPECT_EQ(CodeOf(Run(Left(), enrol, kRefused)), "PARENT_NOT_IN_FORCE");
  Agreement(Signatory(kRight),
            {"resume", kAgreement, "--reason", "They are explained"});
  std::ofstream(rows) << "person,offence\n9434765919,under again\n";
  EXPECT_EQ(Run(Left(), {"send", "--agreement", kUnder, "--flow", "persons",
                         "--purpose", world::kPurpose, rows})
                .value("sent", 0),
            1);
  Run(Left(), enrol);
  EXPECT_EQ(Run(Right(), receive).value("received", -1), 1);
  Agreement(Signatory(kRight), {"withdraw", kAgreement, "--reason",
                                "It is over", "--confirm", kAgreement});
  EXPECT_EQ(RefusalOfSending(kUnder), "PARENT_NOT_IN_FORCE");
  EXPECT_EQ(CodeOf(Agreement(
                Signatory(kLeft),
                {"explain", kUnder, "--from", kLeft, "--to", kRight,
                 "--purpose", world::kPurpose, "--dataset", "linked-persons"},
                kRefused)),
            "PARENT_NOT_IN_FORCE");
}

TEST_F(Lifecycle, UnderOneThatIsMissingNothingMoves) {
  constexpr char kOrphan[] = "isa-demo-orphan";
  const std::string file = Write(
      "orphan.yaml",
      {{absl::StrCat("id: ", kAgreement, "\n"),
        absl::StrCat("id: ", kOrphan, "\n")},
       {"kind: inter_force\n", "kind: inter_force\nunder: isa-never-made\n"}});
  const json proposed = Agreement(Signatory(kLeft), {"propose", file});
  EXPECT_EQ(SignAll(kOrphan, 1, proposed.value("digest", "")), "active");
  EXPECT_EQ(RefusalOfSending(kOrphan), "PARENT_NOT_IN_FORCE");
}

}  // namespace
}  // namespace entente::lifecycle

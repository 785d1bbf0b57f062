// Break-glass, from the request to the report, before a real broker.
#include <filesystem>
#include <fstream>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "tests/world/agreed_pair.h"
#include "tests/world/moved_clock.h"

namespace entente::lifecycle {
namespace {

using nlohmann::json;
using testing::ElementsAre;
using testing::HasSubstr;
using world::kAgreement;
using world::kInspector;
using world::kLeft;
using world::kRight;

constexpr int kGlassRefused = 3;
constexpr int kGlassConflict = 5;
constexpr char kCase[] = "OP-LANTERN/0142";

class BreakGlass : public world::AgreedPair {
 protected:
  void SetUp() override {
    AgreedPair::SetUp();
    Enrol(Left());
    Enrol(Right());
  }
  // Persons have an address, which only an emergency shows.
  std::string Content() const override {
    return absl::StrReplaceAll(
        world::kPairContent,
        {{"      offence: text\n",
          "      offence: text\n      address: text\n"},
         {"    retention: { days: 90, starts: receipt, then: destroy }\n",
          "    retention: { days: 90, starts: receipt, then: destroy }\n"
          "break_glass: { minutes: 15, report_hours: 72, fields: { "
          "linked-persons: [address] } }\n"}});
  }

  std::string Who(const std::string& agency, const std::string& name = "siro") {
    return world_.Profile(agency, name);
  }
  std::string Auditor() { return world_.Profile(kInspector, "auditor"); }
  json Glass(const std::string& profile, std::vector<std::string> words,
             int exit = 0) {
    words.insert(words.begin(), {"agreement", "break-glass"});
    words.insert(words.begin() + 3, kAgreement);
    return Run(profile, std::move(words), exit);
  }
  static std::string CodeOf(const json& ran) {
    return ran.contains("error") ? ran["error"].value("code", "") : ran.dump();
  }
  // A grant that the left asks for; its id.
  std::string Ask(std::vector<std::string> more = {}) {
    std::vector<std::string> words = {"ask",
                                      "--flow",
                                      "persons",
                                      "--case",
                                      kCase,
                                      "--reason",
                                      "A child is missing",
                                      "--minutes",
                                      "15"};
    words.insert(words.end(), more.begin(), more.end());
    const json asked = Glass(Who(kLeft), std::move(words));
    EXPECT_EQ(asked.value("state", ""), "asked") << asked.dump();
    return asked.value("grant", "");
  }
  std::string Approve(const std::string& profile, const std::string& grant) {
    const json ran = Glass(profile, {"approve", grant});
    return ran.value("state", ran.dump());
  }
  std::string Refusal(const std::string& profile,
                      std::vector<std::string> words,
                      int exit = kGlassRefused) {
    return CodeOf(Glass(profile, std::move(words), exit));
  }
  std::string Report(const std::string& profile, const std::string& grant) {
    return Glass(profile, {"report", grant, "--report",
                           "Two records were sent; the child was found."})
        .value("state", "");
  }
  // One row with its address, under `grant`.
  json SendUnder(const std::string& grant, int exit = 0,
                 std::vector<std::string> more = {}) {
    const std::string file = world_.Path("emergency.csv");
    std::ofstream(file) << "person,offence,address\n9434765919,emergency "
                        << ++sent_ << ",12 Mill Lane\n";
    std::vector<std::string> words = {
        "send",      "--agreement",   kAgreement,      "--flow", "persons",
        "--purpose", world::kPurpose, "--break-glass", grant};
    words.insert(words.end(), more.begin(), more.end());
    words.push_back(file);
    return Run(Left(), std::move(words), exit);
  }
  std::string RefusalUnder(const std::string& grant,
                           std::vector<std::string> more = {}) {
    return CodeOf(SendUnder(grant, kGlassRefused, std::move(more)));
  }
  json Receive() {
    return Run(Right(), {"receive", "--agreement", kAgreement, "--out",
                         world_.Path("inbox")});
  }
  // The kinds of the acts about `grant` in the ledger, the oldest first: the
  // same from the broker and from a mirror, by its first digits and by all.
  std::vector<std::string> StepsInTheLedger(const std::string& grant) {
    Run(Auditor(),
        {"audit", "mirror", world_.Path("ledger"), "--agreement", kAgreement});
    std::vector<std::string> first;
    for (const std::string& named : {grant, grant.substr(0, 8)}) {
      for (const bool live : {true, false}) {
        std::vector<std::string> words = {
            "audit",      "search", "--break-glass", named,
            "--decision", "allow",  "--oldest-first"};
        if (live) {
          words.insert(words.end(), {"--agreement", kAgreement});
        } else {
          words.push_back(world_.Path("ledger"));
        }
        std::vector<std::string> steps;
        const json found = Run(Auditor(), words);
        for (const json& one : found.at("entries")) {
          steps.push_back(one.at("entry").value("kind", ""));
        }
        if (first.empty()) first = steps;
        EXPECT_EQ(steps, first) << named << (live ? " live" : " mirror");
      }
    }
    return first;
  }
  // All that was received so far, as text.
  std::string Received() {
    std::string all;
    for (const auto& file :
         std::filesystem::directory_iterator(world_.Path("inbox"))) {
      std::ifstream in(file.path());
      all.append(std::istreambuf_iterator<char>(in), {});
    }
    return all;
  }
  // The states that everybody is told of, if all are told the same.
  std::vector<std::string> Told() {
    std::vector<std::string> told;
    bool first = true;
    for (const std::string& profile :
         {Who(kLeft), Who(kRight), Right(), Auditor()}) {
      std::vector<std::string> states;
      const json status = Run(profile, {"status"});
      for (const json& one : status.at("agreements").at(0).at("break_glass")) {
        states.push_back(one.value("state", ""));
      }
      const json shown = Run(profile, {"agreement", "show", kAgreement});
      EXPECT_EQ(shown.at("break_glass").size(), states.size());
      if (!first) {
        EXPECT_EQ(told, states) << profile;
      }
      first = false;
      told = states;
    }
    return told;
  }

  world::MovedClock clock_;

 private:
  int sent_ = 0;
};

TEST_F(BreakGlass, TwoOpenItItShowsMoreAndAReportClosesIt) {
  // Asked for: all are told, and nothing is open.
  const std::string grant = Ask();
  ASSERT_EQ(grant.size(), 64u);
  EXPECT_THAT(Told(), ElementsAre("asked"));
  EXPECT_EQ(RefusalUnder(grant), "GRANT_NOT_APPROVED");

  // Nobody approves their own, also not their colleague.
  EXPECT_EQ(Refusal(Who(kLeft), {"approve", grant}), "SAME_GRANTOR");
  EXPECT_EQ(Refusal(Who(kLeft, "acc-crime"), {"approve", grant}),
            "SAME_GRANTOR");
  EXPECT_EQ(Approve(Who(kRight), grant.substr(0, 12)), "open");
  EXPECT_THAT(Told(), ElementsAre("open"));
  EXPECT_EQ(Refusal(Auditor(), {"approve", grant}, kGlassConflict),
            "ALREADY_DONE");

  // What it opens goes through, and the recipient knows why.
  EXPECT_EQ(SendUnder(grant.substr(0, 8)).value("sent", 0), 1);
  Send();  // as every day, beside it
  EXPECT_EQ(Receive().value("received", -1), 3);
  const std::string received = Received();
  EXPECT_THAT(received, HasSubstr("12 Mill Lane"));
  EXPECT_THAT(received, HasSubstr("\"break_glass\":\"" + grant + "\""));
  EXPECT_EQ(RefusalUnder(grant, {"--case", "OP-OTHER/1"}), "GRANT_DIFFERS");

  // A broker that was restarted knows it still.
  EXPECT_EQ(world_.broker->Stop(), 0);
  const absl::Status back = world_.StartBroker(world_.address);
  ASSERT_TRUE(back.ok()) << back;
  EXPECT_THAT(Told(), ElementsAre("open"));
  SendUnder(grant);  // and waits

  // Any party ends it, at once: what waits is kept, and said so.
  EXPECT_EQ(Glass(Who(kRight, "acc-crime"),
                  {"close", grant, "--reason", "The child is found"})
                .value("state", ""),
            "report_due");
  EXPECT_EQ(RefusalUnder(grant), "GRANT_OVER");
  const json kept = Receive();
  EXPECT_EQ(kept.value("received", -1), 0);
  EXPECT_EQ(kept.value("kept", -1), 1);
  EXPECT_EQ(kept.at("kept_because").at(0), "GRANT_OVER: 1");
  EXPECT_THAT(Told(), ElementsAre("report_due"));

  // Who granted it gives account; nobody else can.
  EXPECT_EQ(Refusal(Auditor(), {"report", grant, "--report",
                                "We looked at it and it was fine."}),
            "NOT_A_GRANTOR");
  EXPECT_EQ(Report(Who(kLeft, "acc-crime"), grant), "reported");
  EXPECT_THAT(Told(), ElementsAre());
  const json listed = Glass(Auditor(), {"list"}).at("grants");
  ASSERT_EQ(listed.size(), 1u);
  EXPECT_EQ(listed[0].value("state", ""), "reported");
  EXPECT_EQ(listed[0].value("reason", ""), "A child is missing");
  EXPECT_THAT(listed[0].value("asked_by", ""), HasSubstr(kLeft));
  EXPECT_THAT(listed[0].value("approved_by", ""), HasSubstr(kRight));
  EXPECT_THAT(listed[0].value("report", ""), HasSubstr("was found"));
}

TEST_F(BreakGlass, ADrillWithTheOverseerDoesAllButRelease) {
  const std::string grant = Ask({"--drill"});
  EXPECT_EQ(Approve(Auditor(), grant), "open");
  EXPECT_THAT(Told(), ElementsAre("open"));
  EXPECT_EQ(RefusalUnder(grant), "GRANT_DRILL");
  EXPECT_EQ(Receive().value("received", -1), 0);
  Glass(Who(kLeft), {"close", grant, "--reason", "The drill is over"});
  EXPECT_THAT(Told(), ElementsAre("report_due"));
  EXPECT_EQ(Report(Auditor(), grant), "reported");
}

TEST_F(BreakGlass, AReportThatIsLateIsShownAsOverdueUntilItIsFiled) {
  ASSERT_TRUE(clock_.ok());
  const std::string grant = Ask();
  EXPECT_EQ(Approve(Who(kRight), grant), "open");
  SendUnder(grant);
  EXPECT_EQ(Receive().value("received", -1), 1);
  // Its quarter of an hour passes, and nobody closes it.
  clock_.Move(absl::Minutes(15));
  EXPECT_EQ(RefusalUnder(grant), "GRANT_OVER");
  EXPECT_THAT(Told(), ElementsAre("report_due"));
  const auto listed = [&](const char* what) {
    const json grants = Glass(Auditor(), {"list"}).at("grants");
    EXPECT_EQ(grants.size(), 1u);
    const json told = grants.empty() ? json() : grants[0].at(what);
    return told.is_string() ? told.get<std::string>() : std::string();
  };
  EXPECT_EQ(listed("state"), "report_due");
  EXPECT_NE(listed("report_due"), "");

  const auto tail = world::Background::Start(
      {world_.settings.entente, "--profile", Auditor(), "audit", "tail",
       "--agreement", kAgreement, "--follow", "-o", "ndjson"},
      world_.Path("tail.log"));
  ASSERT_TRUE(tail.ok()) << tail.status();
  const auto noted = [&](const char* kind) {
    const auto line = (*tail)->WaitForLine(
        [&](const std::string& said) { return absl::StrContains(said, kind); },
        world::kPatience);
    EXPECT_TRUE(line.ok()) << line.status();
  };
  noted("break_glass_ended");

  // Almost 72 hours: it is due. Then it is overdue, whoever looks.
  clock_.Move(absl::Hours(72) - absl::Minutes(10));
  EXPECT_THAT(Told(), ElementsAre("report_due"));
  clock_.Move(absl::Minutes(10));
  EXPECT_THAT(Told(), ElementsAre("report_overdue"));
  noted("break_glass_overdue");
  EXPECT_EQ(listed("state"), "report_overdue");
  EXPECT_EQ(listed("report"), "");
  const auto people = world_.RunEntente(Right(), {"status"});
  ASSERT_TRUE(people.ok()) << people.status();
  EXPECT_THAT(people->out + people->err, HasSubstr("OVERDUE since"));
  EXPECT_EQ(Refusal(Who(kLeft),
                    {"ask", "--flow", "persons", "--case", kCase, "--reason",
                     "A child is missing", "--minutes", "15"}),
            "REPORT_OVERDUE");
  // A broker that was restarted knows it still, and says it once.
  EXPECT_EQ(world_.broker->Stop(), 0);
  const absl::Status back = world_.StartBroker(world_.address);
  ASSERT_TRUE(back.ok()) << back;
  EXPECT_THAT(Told(), ElementsAre("report_overdue"));

  EXPECT_EQ(Report(Who(kRight), grant), "reported");
  EXPECT_THAT(Told(), ElementsAre());
  EXPECT_EQ(listed("state"), "reported");
  EXPECT_EQ(Glass(Who(kLeft), {"close", Ask(), "--reason", "It is found"})
                .value("state", ""),
            "closed");
  EXPECT_THAT(StepsInTheLedger(grant),
              ElementsAre("break_glass_asked", "break_glass_approved", "batch",
                          "delivery", "break_glass_ended",
                          "break_glass_overdue", "break_glass_reported"));
}

TEST_F(BreakGlass, OnlyWhatIsListedIsAskedForAndSuspensionEndsIt) {
  const std::vector<std::string> ask = {"ask",     "--flow",    "persons",
                                        "--case",  kCase,       "--reason",
                                        "Missing", "--minutes", "15"};
  const auto with = [&](std::vector<std::string> more) {
    std::vector<std::string> words = ask;
    words.insert(words.end(), more.begin(), more.end());
    return words;
  };
  EXPECT_EQ(Refusal(Who(kLeft), with({"--field", "offence"})),
            "GRANT_NOT_LISTED");
  EXPECT_EQ(Refusal(Who(kLeft), with({"--from", kRight, "--to", kLeft})),
            "GRANT_NOT_LISTED");
  EXPECT_EQ(Refusal(Who(kLeft), {"ask", "--flow", "persons", "--case", kCase,
                                 "--reason", "Missing", "--minutes", "16"}),
            "GRANT_NOT_LISTED");
  EXPECT_EQ(Refusal(Who(kLeft), {"approve", std::string(64, '0')}),
            "GRANT_UNKNOWN");

  const std::string grant = Ask();
  EXPECT_EQ(Approve(Who(kRight), grant), "open");
  Run(Who(kRight), {"agreement", "suspend", kAgreement, "--reason", "Stop"});
  EXPECT_THAT(RefusalUnder(grant), testing::AnyOf("SUSPENDED", "GRANT_OVER"));
  Run(Who(kRight), {"agreement", "resume", kAgreement, "--reason", "Go on"});
  EXPECT_EQ(RefusalUnder(grant), "GRANT_OVER");
  EXPECT_THAT(Told(), ElementsAre("report_due"));
}

}  // namespace
}  // namespace entente::lifecycle

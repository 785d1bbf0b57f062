// Every question, of a file before anything is proposed and of what is agreed
// at the broker, for people and for scripts.
#include <set>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "tests/lifecycle/life.h"
#include "tests/world/agreed_pair.h"

namespace entente::lifecycle {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;
using world::kAgreement;
using world::kInspector;
using world::kLeft;
using world::kPurpose;
using world::kRight;

class Questions : public world::AgreedPair {
 protected:
  void SetUp() override {
    AgreedPair::SetUp();
    file_ = world_.Path("agreement.yaml");
    std::ifstream text(file_);
    text_.assign(std::istreambuf_iterator<char>(text), {});
  }

  std::string Siro() { return world_.Profile(kLeft, "siro"); }
  // `agreement ...`, as data; of files nobody is asked, so there is no profile.
  json OfFile(std::vector<std::string> words, int exit = 0) {
    words.insert(words.begin(), "agreement");
    return Run("", std::move(words), exit);
  }
  json Live(std::vector<std::string> words, int exit = 0) {
    words.insert(words.begin(), "agreement");
    return Run(Siro(), std::move(words), exit);
  }
  // The same for people.
  std::string InWords(const std::string& profile,
                      std::vector<std::string> words, int exit = 0) {
    words.insert(words.begin(), "agreement");
    const auto ran = world_.RunEntente(profile, words);
    EXPECT_TRUE(ran.ok()) << ran.status();
    if (!ran.ok()) return "";
    EXPECT_EQ(ran->exit_code, exit) << ran->err;
    return ran->out;
  }
  // What is agreed at the broker, as a file: its bytes as they were signed.
  std::string Agreed() {
    const std::string path = world_.Path("agreed.json");
    std::ofstream(path) << InWords(Siro(),
                                   {"show", kAgreement, "--as", "json"});
    return path;
  }
  std::string Draft(const Changes& changes) {
    const std::string path = world_.Path("draft.yaml");
    std::ofstream(path) << Changed(text_, changes);
    return path;
  }
  std::string Day(int from_today) const {
    return absl::FormatCivilTime(world_.facts.today + from_today);
  }
  // What is asked about, `more` first.
  static std::vector<std::string> Ask(const std::string& command,
                                      std::vector<std::string> more,
                                      const std::string& purpose = kPurpose) {
    more.insert(more.begin(), command);
    more.insert(more.end(), {"--from", kLeft, "--to", kRight, "--purpose",
                             purpose, "--dataset", "linked-persons"});
    return more;
  }

  std::string file_;
  std::string text_;
};

TEST_F(Questions, OverviewsOfAFileAndOfTheRegisterAreOne) {
  const std::string agreed = Agreed();
  const std::pair<const char*, const char*> kCommands[] = {
      {"matrix", "offence"},
      {"clauses", "enforced"},
      {"calendar", "the last day for the review"},
      {"reciprocity", "yes"}};
  for (const auto& [command, said] : kCommands) {
    const json rows = OfFile({command, file_}).at(command);
    EXPECT_FALSE(rows.empty());
    EXPECT_EQ(OfFile({command, agreed}).at(command), rows);
    EXPECT_THAT(InWords("", {command, agreed}),
                AllOf(HasSubstr(said), Not(HasSubstr("{\""))))
        << command;
  }
  const json matrix =
      OfFile({"matrix", agreed, "--to", kRight, "--field", "offence"})
          .at("matrix");
  ASSERT_EQ(matrix.size(), 2u);
  EXPECT_EQ(matrix[0].at("treatment"), "as_is");
  EXPECT_EQ(matrix[0].at("from"), json::array({kLeft}));
  std::set<std::string> held;
  const json clauses = OfFile({"clauses", agreed}).at("clauses");
  for (const json& clause : clauses) {
    held.insert(clause.at("hold").get<std::string>());
    EXPECT_NE(clause.at("how"), "") << clause;
    EXPECT_EQ(clause.at("hold") == "enforced", clause.at("code") != "")
        << clause;
  }
  EXPECT_EQ(held, (std::set<std::string>{"enforced", "evidenced", "trusted"}));
  std::set<std::string> days;
  const json calendar =
      OfFile({"calendar", agreed, "--at", Day(0)}).at("calendar");
  for (const json& event : calendar) {
    days.insert(absl::StrCat(event.at("event").get<std::string>(), " ",
                             event.at("days").get<int>()));
  }
  for (const char* day : {"start 0", "review 330", "dpia_review 330", "end 365",
                          "last_destroy 729"}) {
    EXPECT_EQ(days.count(day), 1u) << day << testing::PrintToString(days);
  }
  const json pairs = OfFile({"reciprocity", agreed}).at("reciprocity");
  EXPECT_EQ(pairs[0].at("from"), kLeft);
  EXPECT_EQ(pairs[0].at("one_way"), true);
  EXPECT_EQ(pairs[1].at("fields"), 0);
  EXPECT_EQ(json::parse(InWords("", {"schema"})).at("type"), "object");
}

TEST_F(Questions, ADraftIsComparedWithWhatIsAgreed) {
  const std::string other =
      Draft({{absl::StrCat("id: ", kAgreement, "\n"), "id: isa-a-draft\n"},
             {"retention: { days: 365", "retention: { days: 30"}});
  const std::string agreed = Agreed();
  const json overlaps = OfFile({"overlaps", other, agreed}).at("overlaps");
  ASSERT_FALSE(overlaps.empty());
  EXPECT_EQ(overlaps[0].at("first"), "isa-a-draft");
  EXPECT_EQ(overlaps[0].at("second"), kAgreement);
  EXPECT_FALSE(overlaps[0].at("differences").empty());
  EXPECT_EQ(OfFile({"overlaps", other, file_}).at("overlaps"), overlaps);
  EXPECT_THAT(
      InWords("", {"overlaps", other, agreed}),
      AllOf(HasSubstr("isa-a-draft (persons) and"), HasSubstr("for 30 days")));

  const std::string next =
      Draft({{"retention: { days: 365", "retention: { days: 400"},
             {"purposes: [tasking-analysis]\n    dataset",
              "purposes: [tasking-analysis]\n    recipients: [Analyst]\n"
              "    dataset"},
             {"      person: { transform: pseudonym }\n",
              "      person: withhold\n"}});
  const json diff = Live({"diff", kAgreement, next}, kFailed);
  EXPECT_EQ(diff.at("same"), false);
  EXPECT_GT(diff.at("counts").at("wider"), 0);
  EXPECT_GT(diff.at("counts").at("newly_refused"), 0);
  EXPECT_EQ(OfFile({"diff", file_, next}, kFailed).at("counts"),
            diff.at("counts"));
  EXPECT_THAT(InWords(Siro(), {"diff", kAgreement, next}, kFailed),
              AllOf(HasSubstr("WIDER: "), HasSubstr("NEWLY REFUSED: "),
                    HasSubstr("Flow persons")));
  EXPECT_EQ(Live({"diff", kAgreement, file_}).at("same"), true);

  // What if: of a draft, and on a day.
  const std::string stricter =
      Draft({{"require: []", "require: [case_reference]"}});
  json what = Live(Ask("whatif", {kAgreement, "--draft", stricter}));
  EXPECT_EQ(what.at("changed"), true);
  EXPECT_EQ(OfFile(Ask("whatif", {"--file", file_, "--draft", stricter}))
                .at("changes"),
            what.at("changes"));
  EXPECT_THAT(InWords(Siro(), Ask("whatif", {kAgreement, "--draft", stricter})),
              AllOf(HasSubstr("TODAY"), HasSubstr("WHAT IF"),
                    HasSubstr("a case reference")));
  what = Live(Ask("whatif", {kAgreement, "--at", Day(365)}), kRefused);
  EXPECT_EQ(what.at("today").at("allowed"), true);
  EXPECT_EQ(what.at("then").at("reasons")[0].at("code"), "EXPIRED");
  what = Live(Ask("whatif", {kAgreement, "--at", Day(-1)}), kRefused);
  EXPECT_EQ(CodeOf(what), "NOT_YET_VALID");
}

TEST_F(Questions, MayIShareThis) {
  const json file = OfFile(Ask("explain", {"--file", file_}));
  const json live = Live(Ask("explain", {kAgreement}));
  for (const json& yes : {file, live}) {
    EXPECT_EQ(yes.at("allowed"), true);
    EXPECT_EQ(yes.at("good_until"), Day(331) + "T00:00:00+00:00");
    EXPECT_THAT(yes.value("text", ""),
                AllOf(HasSubstr("flows[0] persons"), HasSubstr("for 365 days"),
                      HasSubstr("at most 1000 requests a day")));
  }
  EXPECT_EQ(file.at("verified"), false);
  EXPECT_EQ(live.at("verified"), true);
  EXPECT_THAT(InWords(Siro(), Ask("explain", {kAgreement})),
              AllOf(HasSubstr("\nYes.\n"), HasSubstr("good until"),
                    HasSubstr("keeps it for 365 days")));

  // No, with every reason, its clause, what would do, and who can grant it.
  const std::vector<std::string> asked = Ask(
      "explain", {kAgreement, "--method", "extract", "--fields", "shoe_size"});
  const json no = Live(asked, kRefused);
  std::set<std::string> codes;
  for (const json& reason : no.at("reasons")) {
    codes.insert(reason.at("code").get<std::string>());
    EXPECT_NE(reason.at("remedy"), "");
  }
  EXPECT_EQ(codes, (std::set<std::string>{"METHOD_NOT_ALLOWED",
                                          "FIELD_NOT_RELEASED"}));
  EXPECT_THAT(InWords(Siro(), asked, kRefused),
              AllOf(HasSubstr("No, for 2 reasons"), HasSubstr("clause: "),
                    HasSubstr("who can grant it: the signatories")));
  EXPECT_EQ(CodeOf(Live(Ask("explain", {kAgreement}, "gossip"), kRefused)),
            "PURPOSE_NOT_IN_AGREEMENT");

  // Its overseer reads it. To anybody else it does not exist.
  EXPECT_EQ(Run(world_.Profile(kInspector, "auditor"),
                [&] {
                  std::vector<std::string> words = Ask("explain", {kAgreement});
                  words.insert(words.begin(), "agreement");
                  return words;
                }())
                .at("allowed"),
            true);
  const auto root = world_.AddAgency("eastmoor-police", "Eastmoor Police");
  ASSERT_TRUE(root.ok()) << root.status();
  const std::string stranger = world_.Profile("eastmoor-police", "siro");
  json errors[2];
  const char* const kIds[] = {kAgreement, "isa-never-made"};
  for (size_t i = 0; i < 2; ++i) {
    std::vector<std::string> words = Ask("explain", {kIds[i]});
    words.insert(words.begin(), "agreement");
    errors[i] = Run(stranger, words, kRefused).at("error");
    EXPECT_EQ(errors[i].at("code"), "NO_AGREEMENT");
    errors[i].erase("entry");
    errors[i].erase("request_id");
  }
  EXPECT_EQ(errors[0], errors[1]) << "nothing tells one from the other";
}

}  // namespace
}  // namespace entente::lifecycle

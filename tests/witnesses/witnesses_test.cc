// A broker and two witnesses, each a program of its own.
#include <csignal>
#include <fstream>
#include <functional>
#include <memory>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "tests/world/agreed_pair.h"
#include "tests/world/moved_clock.h"

namespace entente::witnesses {
namespace {

using nlohmann::json;
using world::kAgreement;
using world::kLeft;
using world::kPatience;

// `entente witness` in a folder of the world.
class Daemon {
 public:
  // Makes it, and lets it know the world's broker.
  static Daemon Make(const world::World& world, const std::string& name) {
    Daemon made;
    made.entente_ = world.settings.entente;
    made.folder_ = world.Path("witness-" + name);
    const auto ran =
        world::RunProgram({made.entente_, "witness", "init", made.folder_,
                           "--name", name + ".witness.example", "-o", "json"});
    EXPECT_TRUE(ran.ok() && ran->exit_code == 0) << ran->err;
    made.vkey_ = json::parse(ran->out)["verifier_key"];
    std::ofstream(made.folder_ + "/logs")
        << "broker " << world.facts.broker_name << " " << world.facts.ledger_key
        << "\n";
    return made;
  }

  // On the port that it had before, if it had one.
  void Serve() {
    auto started = world::Background::Start(
        {entente_, "witness", "serve", folder_, "--listen",
         absl::StrCat("127.0.0.1:", port_), "-o", "json"},
        folder_ + ".log");
    ASSERT_TRUE(started.ok()) << started.status();
    running_ = *std::move(started);
    const auto line = running_->WaitForLine(
        [](const std::string& said) {
          return said.find("verifier_key") != std::string::npos;
        },
        kPatience);
    ASSERT_TRUE(line.ok()) << line.status();
    port_ = json::parse(*line)["port"];
  }
  void Kill() { EXPECT_EQ(running_->End(SIGKILL), 128 + SIGKILL); }

  std::string Clause(const std::string& name) const {
    return absl::StrCat("    ", name, ":\n      key: ", vkey_,
                        "\n      url: http://127.0.0.1:", port_, "\n");
  }
  std::string PolicyLine(const std::string& name) const {
    return absl::StrCat("witness ", name, " ", vkey_, "\n");
  }

 private:
  std::string entente_, folder_, vkey_;
  int port_ = 0;
  std::unique_ptr<world::Background> running_;
};

// Both agencies run a witness; both must have cosigned, within two minutes.
class Witnesses : public world::AgreedPair {
 protected:
  void SetUp() override {
    ASSERT_TRUE(clock_.ok());
    OwnWorld::SetUp();
    ASSERT_TRUE(world_.Register().ok());
    left_ = Daemon::Make(world_, "left");
    right_ = Daemon::Make(world_, "right");
    left_.Serve();
    right_.Serve();
    if (HasFatalFailure()) return;
    const absl::Status agreed = world_.Agree(world::FrameDocument(
        world_.facts,
        absl::StrCat("witness: required\nwitnesses:\n  quorum: 2\n"
                     "  missing_minutes: 2\n  named:\n",
                     left_.Clause("left"), right_.Clause("right"), Content())));
    ASSERT_TRUE(agreed.ok()) << agreed;
    std::ofstream(world_.Path("people.csv")) << world::kPairPeople;
  }

  // The agreement as the status of the left agency has it.
  json Status() { return Run(Left(), {"status"})["agreements"][0]; }
  // Asks for the status until `wanted` likes it.
  void WaitFor(const std::string& what,
               const std::function<bool(const json&)>& wanted) {
    const absl::Time deadline = absl::Now() + kPatience;
    json status;
    do {
      status = Status();
      if (HasFailure() || wanted(status["witnesses"])) return;
    } while (absl::Now() < deadline);
    FAIL() << what << ": " << status.dump();
  }
  void WaitUntilCosigned() {
    WaitFor("not cosigned", [](const json& witnesses) {
      return witnesses["cosigned_size"] == witnesses["size"];
    });
  }
  // What ends a sending, or "".
  std::string CodeOfSending() {
    const auto ended =
        world_.RunEntente(Left(), {"send", "--agreement", kAgreement, "--flow",
                                   "persons", "--purpose", world::kPurpose,
                                   world_.Path("rows.csv"), "-o", "json"});
    EXPECT_TRUE(ended.ok()) << ended.status();
    if (!ended.ok() || ended->exit_code == 0) return "";
    const size_t begin = ended->err.find("{\"schema\":1,\"error\":");
    return begin == std::string::npos
               ? ended->err
               : json::parse(ended->err.substr(begin))["error"]["code"]
                     .get<std::string>();
  }
  world::MovedClock clock_;
  Daemon left_, right_;
};

TEST_F(Witnesses, CosignWhatIsVerifiedByAPolicy) {
  Enrol(Left());
  Enrol(Right());
  Send();
  WaitUntilCosigned();
  Run(world_.Profile(kLeft, "auditor"),
      {"audit", "mirror", world_.Path("ledger"), "--agreement", kAgreement});
  std::ifstream key(world_.Path("ledger/log.vkey"));
  std::string vkey;
  std::getline(key, vkey);
  std::ofstream(world_.Path("policy"))
      << "log " << vkey << "\n"
      << left_.PolicyLine("left") << right_.PolicyLine("right")
      << "group both all left right\nquorum both\n";
  const json verified = Run("", {"audit", "verify", world_.Path("ledger"),
                                 "--policy", world_.Path("policy")});
  EXPECT_EQ(verified["witnesses"]["missing"], json::array()) << verified.dump();
  // The auditor's own reading is an entry that came after.
  EXPECT_GT(verified["witnesses"]["quorum_size"], 5) << verified.dump();
}

TEST_F(Witnesses, WithoutOneNothingMovesUntilItIsBack) {
  Enrol(Left());
  Enrol(Right());
  Send();
  WaitUntilCosigned();
  right_.Kill();
  Send();
  clock_.Move(absl::Minutes(3));
  WaitFor("no alarm", [](const json& witnesses) {
    return witnesses["missing_since"] != "" &&
           witnesses["behind"][0] == "right";
  });
  std::ofstream(world_.Path("rows.csv"))
      << "person,offence\n9434765919,other\n9434760003,another\n";
  // The alarm comes before the refusal by a second at most.
  const absl::Time deadline = absl::Now() + kPatience;
  std::string code;
  while (code != "WITNESSES_MISSING" && absl::Now() < deadline) {
    code = CodeOfSending();
  }
  EXPECT_EQ(code, "WITNESSES_MISSING");
  right_.Serve();
  clock_.Move(absl::Minutes(2));
  WaitFor("not back", [](const json& witnesses) {
    return witnesses["missing_since"] == "";
  });
  while (code != "" && absl::Now() < deadline) code = CodeOfSending();
  EXPECT_EQ(code, "");
}

}  // namespace
}  // namespace entente::witnesses

// Every method of the broker is called with success by the installed programs,
// and after each act stand exactly the entries that are due, in the ledger that
// they belong to. broker/rpc/gate_test.cc has what is refused.
#include <arpa/inet.h>
#include <google/protobuf/descriptor.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <filesystem>
#include <set>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "tests/end_to_end/wire.h"
#include "tests/lifecycle/life.h"
#include "tests/world/agreed_pair.h"

namespace entente::lifecycle {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using world::kAgreement;
using world::kInspector;
using world::kLeft;
using world::kPurpose;
using world::kRight;

// `Exchange.SendChunk` and so on: what proto/ declares.
std::set<std::string> DeclaredMethods() {
  std::set<std::string> methods;
  for (const auto& at :
       std::filesystem::directory_iterator(ENTENTE_PROTO "/entente/v1")) {
    if (at.path().extension() != ".proto") continue;
    const std::string name = at.path().filename();
    const auto* file =
        google::protobuf::DescriptorPool::generated_pool()->FindFileByName(
            absl::StrCat("entente/v1/", name));
    EXPECT_NE(file, nullptr) << name;
    if (file == nullptr) continue;
    for (int s = 0; s < file->service_count(); ++s) {
      for (int m = 0; m < file->service(s)->method_count(); ++m) {
        methods.insert(absl::StrCat(file->service(s)->name(), ".",
                                    file->service(s)->method(m)->name()));
      }
    }
  }
  return methods;
}

// The body of `GET /metrics` at 127.0.0.1:PORT.
std::string Metrics(const std::string& address) {
  int port = 0;
  EXPECT_TRUE(absl::SimpleAtoi(address.substr(address.rfind(':') + 1), &port));
  sockaddr_in to = {};
  to.sin_family = AF_INET;
  to.sin_port = htons(static_cast<uint16_t>(port));
  to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  EXPECT_EQ(connect(fd, reinterpret_cast<sockaddr*>(&to), sizeof to), 0);
  const std::string asked = "GET /metrics HTTP/1.1\r\nHost: broker\r\n\r\n";
  EXPECT_EQ(send(fd, asked.data(), asked.size(), MSG_NOSIGNAL),
            static_cast<ssize_t>(asked.size()));
  std::string answer;
  char some[4096];
  for (ssize_t got; (got = recv(fd, some, sizeof some, 0)) > 0;) {
    answer.append(some, static_cast<size_t>(got));
  }
  close(fd);
  return answer;
}

class Entries : public world::OwnWorld {
 protected:
  void SetUp() override {
    OwnWorld::SetUp();
    // The same broker once more, with a port that tells which calls it had.
    EXPECT_EQ(world_.broker->Stop(), 0);
    auto started = world::Background::Start(
        world_.BrokerCommand(world_.address,
                             {{"--metrics-listen", "127.0.0.1:0"}}),
        world_.Path("operator/broker.log"));
    ASSERT_TRUE(started.ok()) << started.status();
    world_.broker = *std::move(started);
    metrics_ = AddressIn("metrics_serving");
    AddressIn("serving");
  }
  std::string AddressIn(const std::string& event) {
    const auto line = world_.broker->WaitForLine(
        [&](const std::string& said) {
          const json value = json::parse(said, nullptr, false);
          return value.is_object() && value.value("event", "") == event;
        },
        world::kPatience);
    EXPECT_TRUE(line.ok()) << line.status();
    return line.ok() ? json::parse(*line).value("address", "") : "";
  }

  // What was added since the last look, as `broker: agency_added` and, to the
  // agreement's ledger, `batch` or `batch refused CODE`. Read as a system,
  // whose reading is no entry.
  std::vector<std::string> New() {
    std::vector<std::string> added;
    Read("", &own_, "broker: ", &added);
    if (agreed_) Read(kAgreement, &theirs_, "", &added);
    return added;
  }
  void Read(const std::string& ledger, uint64_t* next,
            const std::string& prefix, std::vector<std::string>* added) {
    std::vector<std::string> words = {
        "audit", "search",  "--oldest-first",        "--limit",
        "1000",  "--index", absl::StrCat(*next, "-")};
    if (!ledger.empty()) words.insert(words.end(), {"--agreement", ledger});
    const json found = Run(Left(), words);
    for (const json& one : found.at("entries")) {
      const json& entry = one.at("entry");
      std::string line = absl::StrCat(prefix, entry.value("kind", ""));
      if (entry.value("outcome", "") != "allow") {
        absl::StrAppend(&line, " refused");
        for (const json& reason : entry.at("reasons")) {
          absl::StrAppend(&line, " ", reason.value("code", ""));
        }
      }
      added->push_back(line);
      *next = one.at("index").get<uint64_t>() + 1;
    }
  }

  json Agreement(const std::string& profile, std::vector<std::string> words) {
    words.insert(words.begin(), "agreement");
    return Run(profile, std::move(words));
  }
  std::string Who(const std::string& agency, const std::string& name = "siro") {
    return world_.Profile(agency, name);
  }
  std::string Write(const std::string& name, const std::string& content) {
    std::ofstream(world_.Path(name)) << content;
    return world_.Path(name);
  }
  std::string Document() const {
    return world::FrameDocument(
        world_.facts,
        absl::StrReplaceAll(
            world::kPairContent,
            {{"      offence: text\n",
              "      offence: text\n      address: text\n"},
             {"    retention: { days: 90, starts: receipt, then: destroy }\n",
              "    retention: { days: 90, starts: receipt, then: destroy }\n"
              "break_glass: { minutes: 15, report_hours: 72, fields: { "
              "linked-persons: [address] } }\n"}}));
  }
  // Methods that the broker answered with success.
  std::set<std::string> Answered() {
    std::set<std::string> methods;
    for (const absl::string_view line :
         absl::StrSplit(Metrics(metrics_), '\n')) {
      if (!absl::StartsWith(line, "entente_calls_total{") ||
          !absl::StrContains(line, "outcome=\"OK\"")) {
        continue;
      }
      const size_t begin = line.find("method=\"") + 8;
      methods.insert(absl::StrReplaceAll(
          line.substr(begin, line.find('"', begin) - begin), {{"/", "."}}));
    }
    return methods;
  }

  bool agreed_ = false;
  std::string metrics_;
  uint64_t own_ = 0;
  uint64_t theirs_ = 0;
};

TEST_F(Entries, EveryActOfEveryMethodIsRecordedAndNothingElseIs) {
  // Two starts and a stop; then agencies, and their keys.
  EXPECT_EQ(world_.Register(), absl::OkStatus());
  EXPECT_THAT(New(),
              ElementsAre("broker: broker_started", "broker: broker_stopped",
                          "broker: broker_started", "broker: agency_added",
                          "broker: agency_added", "broker: agency_added",
                          "broker: key_bundle", "broker: key_bundle"));
  const std::string operators = world_.Profile("operator", "duty");
  Run(operators, {"agency", "list"});
  Run(operators, {"agency", "show", kLeft});
  EXPECT_THAT(New(), IsEmpty()) << "questions of the directory";

  // The agreement, from the proposal to the last signature.
  agreed_ = true;
  EXPECT_EQ(world_.Agree(Document()), absl::OkStatus());
  EXPECT_THAT(New(), ElementsAre("agreement_proposed", "agreement_signed",
                                 "agreement_signed", "agreement_signed",
                                 "agreement_signed", "agreement_activated"));
  Agreement(Who(kRight), {"show", kAgreement});
  Agreement(Who(kRight), {"list"});
  Run(Right(), {"status"});
  EXPECT_THAT(New(), IsEmpty()) << "questions about agreements";

  // Identifiers: the first to enrol makes the pepper and leaves it.
  const std::string people = Write("people.csv", world::kPairPeople);
  const std::vector<std::string> enrol = {
      "enrol",    "--agreement", kAgreement, "--scheme",  "nhs/1",
      "--column", "person",      "--ref",    "reference", people};
  Run(Left(), enrol);
  EXPECT_THAT(New(), ElementsAre("pepper", "enrolment"));
  Run(Right(), enrol);
  EXPECT_THAT(New(), ElementsAre("enrolment"));

  // A batch, and its delivery.
  const std::string rows =
      Write("rows.csv", "person,offence\n9434765919,28A\n");
  const std::vector<std::string> send = {"send",   "--agreement", kAgreement,
                                         "--flow", "persons",     "--purpose",
                                         kPurpose, rows};
  Run(Left(), send);
  EXPECT_THAT(New(), ElementsAre("batch"));
  Run(Right(),
      {"receive", "--agreement", kAgreement, "--out", world_.Path("inbox")});
  EXPECT_THAT(New(), ElementsAre("delivery"));

  // Suspended and resumed.
  Agreement(Who(kRight), {"suspend", kAgreement, "--reason", "Odd queries"});
  EXPECT_THAT(New(), ElementsAre("agreement_suspended"));
  Agreement(Who(kRight), {"resume", kAgreement, "--reason", "Explained"});
  EXPECT_THAT(New(), ElementsAre("agreement_resumed"));

  // Break-glass.
  const std::string grant =
      Agreement(Who(kLeft), {"break-glass", "ask", kAgreement, "--flow",
                             "persons", "--case", "OP-LANTERN/0142", "--reason",
                             "A child is missing", "--minutes", "15"})
          .value("grant", "");
  EXPECT_THAT(New(), ElementsAre("break_glass_asked"));
  Agreement(Who(kRight), {"break-glass", "list", kAgreement});
  EXPECT_THAT(New(), IsEmpty());
  Agreement(Who(kRight), {"break-glass", "approve", kAgreement, grant});
  EXPECT_THAT(New(), ElementsAre("break_glass_approved"));
  Agreement(Who(kRight), {"break-glass", "close", kAgreement, grant, "--reason",
                          "It is over"});
  EXPECT_THAT(New(), ElementsAre("break_glass_ended"));
  Agreement(Who(kLeft), {"break-glass", "report", kAgreement, grant, "--report",
                         "Nothing was sent; the child was found."});
  EXPECT_THAT(New(), ElementsAre("break_glass_reported"));

  // Reading: an auditor's is an entry when it begins, one for each ledger.
  const std::string auditor = Who(kInspector, "auditor");
  Run(auditor, {"audit", "list", "--agreement", kAgreement});
  Run(auditor,
      {"audit", "mirror", world_.Path("m"), "--agreement", kAgreement});
  EXPECT_THAT(New(), ElementsAre("ledger_read"));
  Run(auditor, {"audit", "list"});
  EXPECT_THAT(New(), ElementsAre("broker: ledger_read"));
  Run(Left(), {"audit", "prove", "0", "--agreement", kAgreement, "--out",
               world_.Path("proof")});
  EXPECT_THAT(New(), IsEmpty()) << "a party's own reading is none";

  // A certificate, and the end.
  EXPECT_EQ(
      end_to_end::RevokeRaw(Who(kRight), kRight, Who(kRight, "acc-crime")).what,
      "");
  EXPECT_THAT(New(), ElementsAre("broker: certificate_revoked"))
      << "what is in force keeps its signatures";
  Agreement(Who(kRight), {"withdraw", kAgreement, "--reason", "It is over",
                          "--confirm", kAgreement});
  EXPECT_THAT(New(), ElementsAre("agreement_withdrawn"));

  EXPECT_EQ(Answered(), DeclaredMethods())
      << "a method that is missing here needs its act above";

  // A stop, which closes what was read, and a start.
  EXPECT_EQ(world_.broker->Stop(), 0);
  EXPECT_EQ(world_.StartBroker(world_.address), absl::OkStatus());
  EXPECT_THAT(New(),
              ElementsAre("broker: ledger_read", "broker: ledger_recorded",
                          "broker: broker_stopped", "broker: broker_started",
                          "broker: ledger_recorded", "ledger_read"));
}

}  // namespace
}  // namespace entente::lifecycle

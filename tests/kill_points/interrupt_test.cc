// Ctrl-C in the middle of a long command: it stops between two steps, and the
// same command goes on from there.
#include <gmock/gmock.h>
#include <stdlib.h>

#include <filesystem>
#include <fstream>
#include <set>

#include "absl/strings/str_cat.h"
#include "tests/world/agreed_world.h"

namespace entente::world {
namespace {

using nlohmann::json;

constexpr int kInterrupted = 8;
// Fewer rows than `enrol` reads at once, in several waves of requests, and many
// batches to send.
constexpr int kPeople = 8'000;
constexpr int kRows = 1000;
constexpr int kPerBatch = 100;

class Interrupt : public testing::Test {
 protected:
  using Words = std::vector<std::string>;

  void SetUp() override {
    std::string folder =
        (std::filesystem::temp_directory_path() / "entente-interrupt-XXXXXX")
            .string();
    ASSERT_NE(mkdtemp(folder.data()), nullptr);
    world_.settings = {ENTENTE_PROGRAM, ENTENTE_BROKER_PROGRAM, folder, false};
    const absl::Status built = BuildAgreed(world_, "always", kPerBatch);
    ASSERT_TRUE(built.ok()) << built;
  }
  void TearDown() override {
    world_.broker.reset();
    if (!HasFailure()) std::filesystem::remove_all(world_.settings.folder);
  }

  Words Command(const char* agency, const Words& words) {
    Words command = {world_.settings.entente, "--no-input", "--profile",
                     world_.Profile(agency, "system")};
    command.insert(command.end(), words.begin(), words.end());
    command.insert(command.end(), {"-o", "json"});
    return command;
  }
  // `command` under the counting library.
  static Words Watched(Words settings, const Words& command) {
    settings.insert(
        settings.begin(),
        {"/usr/bin/env", absl::StrCat("LD_PRELOAD=", ENTENTE_KILL_POINT)});
    settings.insert(settings.end(), command.begin(), command.end());
    return settings;
  }
  static Finished RunIt(const Words& command) {
    const auto finished = RunProgram(command);
    EXPECT_TRUE(finished.ok()) << finished.status();
    return finished.ok() ? *finished : Finished();
  }
  // What `command` prints; it must succeed.
  static json Runs(const Words& command) {
    const Finished finished = RunIt(command);
    EXPECT_EQ(finished.exit_code, 0) << finished.err;
    json out = json::parse(finished.out, nullptr, false);
    EXPECT_TRUE(out.is_object()) << finished.out;
    return out.is_object() ? out : json::object();
  }
  // Runs `command` whole; how often it makes something durable.
  int Commits(const Words& command) {
    const std::string counts = world_.Path("counts");
    Runs(Watched({absl::StrCat("ENTENTE_KILL_COUNTS=", counts)}, command));
    std::ifstream file(counts);
    std::string kind;
    for (int number = 0; file >> kind >> number;) {
      if (kind == "commit") return number;
    }
    ADD_FAILURE() << "nothing was counted";
    return 0;
  }
  // Interrupts `command` right after it has made something durable for the
  // `commit`th time.
  void Interrupted(const Words& command, int commit) {
    const Finished finished = RunIt(
        Watched({absl::StrCat("ENTENTE_KILL_AT=commit:", commit, ":after"),
                 "ENTENTE_KILL_BY=interrupt"},
                command));
    EXPECT_EQ(finished.exit_code, kInterrupted) << finished.err;
    EXPECT_EQ(finished.out, "");
    EXPECT_THAT(finished.err, testing::HasSubstr("\"code\":\"INTERRUPTED\""));
    EXPECT_THAT(finished.err, testing::HasSubstr("run the same command again"));
  }
  // Entries of `kind` by the system of `agency`, and the records in them.
  std::pair<int, int> Entries(const std::string& kind, const char* agency) {
    const json listed = Runs(Command(kRight, {"audit", "list", "--agreement",
                                              kAgreement, "--limit", "1000"}));
    std::pair<int, int> found = {0, 0};
    for (const json& entry : listed.value("entries", json::array())) {
      if (entry.value("kind", "") != kind ||
          entry.value("actor", "") != AgencyUri(agency, "system", "system")) {
        continue;
      }
      ++found.first;
      found.second += entry.value("records", 0);
    }
    return found;
  }
  Words Enrolling(const char* agency, const std::string& file) {
    return Command(agency,
                   {"enrol", "--agreement", kAgreement, "--scheme", kScheme,
                    "--column", "person", "--ref", "ref", file});
  }
  Words Sending(const std::string& file) {
    return Command(kLeft, {"send", "--agreement", kAgreement, "--flow", kFlow,
                           "--purpose", kPurpose, file});
  }

  World world_;
};

TEST_F(Interrupt, TheSameCommandEndsWithEverythingOnce) {
  const std::string people = WriteRows(world_, kPeople);
  const int to_enrol = Commits(Enrolling(kLeft, people));
  ASSERT_GT(to_enrol, 4);
  Interrupted(Enrolling(kRight, people), to_enrol / 3);
  const int enrolled = Entries("enrolment", kRight).second;
  EXPECT_GT(enrolled, 0) << "in the middle";
  EXPECT_LT(enrolled, kPeople);
  const json rest = Runs(Enrolling(kRight, people));
  EXPECT_EQ(Entries("enrolment", kLeft).second, kPeople);
  EXPECT_EQ(rest.value("enrolled", 0), kPeople);
  EXPECT_LT(rest.value("new", kPeople), kPeople);
  EXPECT_GT(rest.value("new", 0), 0);
  EXPECT_EQ(Entries("enrolment", kRight), Entries("enrolment", kLeft))
      << "nobody was enrolled twice";

  const int to_send = Commits(Sending(WriteRows(world_, kRows)));
  ASSERT_GT(to_send, kRows / kPerBatch);
  const std::string rows = WriteRows(world_, kRows, kRows);
  Interrupted(Sending(rows), to_send / 2);
  const int sent = Entries("batch", kLeft).second - kRows;
  EXPECT_GT(sent, 0) << "in the middle";
  EXPECT_LT(sent, kRows);
  const json again = Runs(Sending(rows));
  EXPECT_EQ(again.value("sent", 0) + again.value("sent_before", 0), kRows)
      << again;
  EXPECT_GT(again.value("sent_before", 0), 0);
  EXPECT_EQ(Entries("batch", kLeft),
            (std::pair(2 * kRows / kPerBatch, 2 * kRows)));

  const std::string inbox = world_.Path("inbox");
  const json received = Runs(
      Command(kRight, {"receive", "--agreement", kAgreement, "--out", inbox}));
  EXPECT_EQ(received.value("received", 0), 2 * kRows);
  std::set<std::string> references;
  for (const auto& file : std::filesystem::directory_iterator(inbox)) {
    std::ifstream lines(file.path());
    for (std::string line; std::getline(lines, line);) {
      const json record = json::parse(line, nullptr, false);
      ASSERT_TRUE(record.is_object()) << line;
      references.insert(
          record.at("pseudonyms").at("person").at("matches").dump());
    }
  }
  EXPECT_EQ(references.size(), static_cast<size_t>(2 * kRows)) << "each once";
}

}  // namespace
}  // namespace entente::world

#include "tests/end_to_end/shared_world.h"

#include <gmock/gmock.h>
#include <stdlib.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

namespace entente::end_to_end {
namespace {

using testing::HasSubstr;

constexpr char kContent[] = R"yaml(
lists:
  offence-codes: ["28A", "28B", "29", "30A"]

datasets:
  linked-persons:
    title: People linked to recorded domestic burglary
    definition: policing.nominal/6
    criminal_offence: true
    special_category: false
    children: possible
    fields:
      surname: text
      date_of_birth: date
      offence_code: { type: code, list: offence-codes }
    identifiers:
      person: nhs/1

flows:
  - id: persons
    from: [northmere-police]
    to: [westvale-police]
    purposes: [investigate-series]
    dataset: linked-persons
    methods: [push]
    release:
      person: { transform: pseudonym }
      surname: withhold
      date_of_birth: year
      offence_code: as_is
    require: [case_reference]
    limits: { requests_per_day: 1000, enrolments_per_day: 10000 }
    retention: { days: 365, starts: receipt, then: destroy }

  - id: scarce
    from: [northmere-police]
    to: [westvale-police]
    purposes: [tasking-analysis]
    dataset: linked-persons
    methods: [push]
    release:
      offence_code: as_is
    require: []
    limits: { requests_per_day: 2, records_per_day: 3 }
    retention: { days: 90, starts: receipt, then: destroy }
)yaml";

constexpr const char* kNhsNumbers[] = {"9434765919", "9434760003",
                                       "9434761379", "9434764114",
                                       "9434766850", "9434768225"};

absl::Status EnrolBothSides(World& world) {
  const std::string people = world.Path("people.csv");
  std::ofstream(people) << People(std::size(kNhsNumbers));
  for (const char* agency : {kLeft, kRight}) {
    const auto enrolled =
        world.Entente(world.Profile(agency, "system"),
                      {"enrol", "--agreement", kAgreement, "--scheme", "nhs/1",
                       "--column", "person", "--ref", "reference", people});
    if (!enrolled.ok()) return enrolled.status();
  }
  return absl::OkStatus();
}

// Ends with the process, so that its broker and its folder do too.
struct Shared {
  World world;
  absl::Status made;

  Shared() : made(Make()) {}
  ~Shared() {
    world.broker.reset();
    if (world.settings.folder.empty()) return;
    if (made.ok() && testing::UnitTest::GetInstance()->Passed()) {
      std::filesystem::remove_all(world.settings.folder);
    }
  }

 private:
  absl::Status Make() {
    std::string folder =
        (std::filesystem::temp_directory_path() / "entente-end-to-end-XXXXXX")
            .string();
    if (mkdtemp(folder.data()) == nullptr) {
      return absl::InternalError("no temporary folder");
    }
    world.settings = {ENTENTE_PROGRAM, ENTENTE_BROKER_PROGRAM, folder, false};
    absl::Status done = world.Build();
    if (done.ok()) done = world.Register();
    if (done.ok()) done = world.Agree(Document(world.facts));
    if (done.ok()) done = EnrolBothSides(world);
    if (done.ok()) return done;
    return absl::Status(done.code(), absl::StrCat(done.message(), "\nsee ",
                                                  world.settings.folder));
  }
};

}  // namespace

std::string Document(const world::Facts& facts) {
  return world::FrameDocument(facts, kContent);
}

absl::Status ShareWorld(World** world) {
  static Shared shared;
  *world = &shared.world;
  return shared.made;
}

void EndToEnd::SetUp() {
  const absl::Status made = ShareWorld(&world_);
  ASSERT_TRUE(made.ok()) << made;
  const testing::TestInfo* test =
      testing::UnitTest::GetInstance()->current_test_info();
  folder_ = world_->Path(
      absl::StrCat("tests/", test->test_suite_name(), ".", test->name()));
  std::filesystem::create_directories(folder_);
}

std::string EndToEnd::Folder() { return folder_; }

std::string EndToEnd::Write(const std::string& name,
                            const std::string& content) {
  const std::string path = absl::StrCat(folder_, "/", name);
  std::ofstream(path, std::ios::binary) << content;
  return path;
}

Ended EndToEnd::Run(const std::string& profile,
                    std::vector<std::string> words) {
  words.push_back("-o");
  words.push_back("json");
  const auto finished = world_->RunEntente(profile, words);
  Ended ended;
  EXPECT_TRUE(finished.ok()) << finished.status();
  if (!finished.ok()) return ended;
  ended.exit_code = finished->exit_code;
  ended.err = finished->err;
  if (!finished->out.empty()) {
    ended.out = json::parse(finished->out, nullptr, /*allow_exceptions=*/false);
    EXPECT_TRUE(ended.out.is_object()) << finished->out;
  }
  for (const absl::string_view line : absl::StrSplit(finished->err, '\n')) {
    const json said = json::parse(std::string(line), nullptr, false);
    if (said.is_object() && said.contains("error")) {
      EXPECT_EQ(said.value("schema", 0), 1);
      ended.error = said.at("error");
    }
  }
  return ended;
}

Ended EndToEnd::Send(const std::string& flow, const std::string& purpose,
                     const std::string& file, std::vector<std::string> more) {
  std::vector<std::string> words = {"send",   "--agreement", kAgreement,
                                    "--flow", flow,          "--purpose",
                                    purpose,  "--again"};
  words.insert(words.end(), more.begin(), more.end());
  words.push_back(file);
  return Run(LeftSystem(), std::move(words));
}

json EndToEnd::Entry(const std::string& ledger, uint64_t index) {
  std::vector<std::string> words = {"audit", "list", "--limit", "200"};
  if (!ledger.empty()) {
    words.push_back("--agreement");
    words.push_back(ledger);
  }
  const Ended listed = Run(Profile(kLeft, "auditor"), std::move(words));
  EXPECT_EQ(listed.exit_code, 0) << listed.err;
  if (!listed.out.is_object()) return nullptr;
  for (const json& entry : listed.out.at("entries")) {
    if (entry.at("index") == index) return entry;
  }
  return nullptr;
}

void ExpectFailure(const Ended& ended, const Failure& wanted) {
  EXPECT_EQ(ended.exit_code, wanted.exit_code) << ended.err;
  EXPECT_TRUE(ended.out.is_null()) << ended.out;
  ASSERT_TRUE(ended.error.is_object()) << ended.err;
  EXPECT_EQ(ended.error.at("exit"), wanted.exit_code);
  EXPECT_EQ(ended.error.at("code"), wanted.code);
  const bool has_advice = wanted.next != "-";
  const std::pair<const char*, std::string> parts[] = {
      {"what", wanted.what},
      {"why", wanted.why},
      {"next", has_advice ? wanted.next : ""}};
  for (const auto& [name, part] : parts) {
    EXPECT_THAT(ended.error.at(name).get<std::string>(), HasSubstr(part))
        << name;
  }
  EXPECT_NE(ended.error.at("what"), "");
  EXPECT_EQ(ended.error.at("next") != "", has_advice) << ended.error;
}

void ExpectRefusalEntry(const Ended& ended, const std::string& ledger,
                        const json& entry, const std::string& kind,
                        const std::string& code) {
  ASSERT_TRUE(ended.error.is_object()) << ended.err;
  ASSERT_TRUE(ended.error.contains("entry")) << ended.error;
  EXPECT_EQ(ended.error.at("ledger"), ledger);
  ASSERT_TRUE(entry.is_object()) << "no entry " << ended.error.at("entry");
  EXPECT_EQ(entry.at("index"), ended.error.at("entry"));
  EXPECT_EQ(entry.at("outcome"), "deny");
  EXPECT_EQ(entry.at("kind"), kind);
  EXPECT_THAT(entry.at("reasons").get<std::string>(), HasSubstr(code));
}

std::string People(size_t count) {
  std::string csv = "reference,person,surname,date_of_birth,offence_code\n";
  const char* surnames[] = {"Quillfeather", "Medlock",   "Lathom",
                            "Okonjo",       "Brightwen", "Tarrant"};
  for (size_t i = 0; i < std::min(count, std::size(kNhsNumbers)); ++i) {
    absl::StrAppend(&csv, "LR-0000", i + 1, ",", kNhsNumbers[i], ",",
                    surnames[i], ",19", 61 + i, "-07-0", i + 1, ",28A\n");
  }
  return csv;
}

std::string ReadAll(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file),
          std::istreambuf_iterator<char>()};
}

std::vector<std::string> RefusedRows(const std::string& path) {
  std::vector<std::string> lines =
      absl::StrSplit(ReadAll(path), '\n', absl::SkipWhitespace());
  if (!lines.empty()) lines.erase(lines.begin());
  for (std::string& line : lines) {
    if (!line.empty() && line.back() == '\r') line.pop_back();
  }
  return lines;
}

}  // namespace entente::end_to_end

// A file at the sender, `send`, `receive`, and a file at the recipient: what
// each treatment makes of a row between the two.
#include <gmock/gmock.h>
#include <stdlib.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/time/civil_time.h"
#include "tests/world/document.h"
#include "tests/world/world.h"

namespace entente::world {
namespace {

using nlohmann::json;
using testing::HasSubstr;
using testing::Not;

constexpr char kContent[] = R"yaml(
lists:
  offence-codes: ["28A", "28B", "30A"]
  offence-groups:
    home: ["28A", "28B"]
    vehicle: ["30A"]

datasets:
  linked-persons:
    title: People linked to recorded domestic burglary
    definition: policing.nominal/6
    criminal_offence: true
    special_category: false
    children: possible
    fields:
      name: text
      born: date
      score: integer
      easting: decimal
      seen_at: time
      seen_on: date
      offence: { type: code, list: offence-codes }
      visits: { type: date, many: true }
      crimes: integer
      summary: text
    identifiers:
      person: nhs/1

flows:
  - id: persons
    from: [northmere-police]
    to: [westvale-police]
    purposes: [investigate-series, tasking-analysis]
    dataset: linked-persons
    methods: [push]
    release:
      person: { transform: pseudonym }
      name: initials
      born: { transform: age_band, edges: [10, 18, 65] }
      score: { transform: band, edges: [50, 75] }
      easting: { transform: grid, metres: 500 }
      seen_at: { transform: round_time, minutes: 360 }
      seen_on: { transform: shift_days, within: 14, per: person }
      offence: { transform: category, list: offence-groups }
      visits: { transform: count, window_days: 30 }
      crimes: { transform: small_count, below: 5 }
      summary: { transform: reviewed_text, reviewer: Duty Sergeant }
    require: [case_reference]
    limits: { requests_per_day: 1000, enrolments_per_day: 10000 }
    retention: { days: 365, starts: receipt, then: destroy }
)yaml";

constexpr char kColumns[] =
    "row,person,name,born,score,easting,seen_at,seen_on,offence,visits,crimes,"
    "summary,summary_reviewed_by\n";

class Transformations : public testing::Test {
 protected:
  void SetUp() override {
    std::string folder = (std::filesystem::temp_directory_path() /
                          "entente-transformations-XXXXXX")
                             .string();
    ASSERT_NE(mkdtemp(folder.data()), nullptr);
    world_.settings = {ENTENTE_PROGRAM, ENTENTE_BROKER_PROGRAM, folder, false};
    absl::Status made = world_.Build();
    if (made.ok()) made = world_.Register();
    if (made.ok()) {
      made = world_.Agree(FrameDocument(world_.facts, kContent));
    }
    ASSERT_TRUE(made.ok()) << made;
  }
  void TearDown() override {
    world_.broker.reset();
    std::filesystem::remove_all(world_.settings.folder);
  }

  std::string Day(int64_t from_today) const {
    return absl::FormatCivilTime(world_.facts.today + from_today);
  }
  std::string Write(const std::string& name, const std::string& content) {
    const std::string path = world_.Path(name);
    std::ofstream(path, std::ios::binary) << content;
    return path;
  }
  absl::StatusOr<json> Send(const std::string& file) {
    return world_.Entente(world_.Profile(kLeft, "system"),
                          {"send", "--agreement", kAgreement, "--flow",
                           "persons", "--purpose", kPurpose, "--case", "C1",
                           "--journal", world_.Path("journal.csv"), file},
                          /*also_ok=*/8);
  }
  // What arrived, by the row of the sender's file.
  std::map<std::string, json> Receive() {
    const auto received = world_.Entente(
        world_.Profile(kRight, "system"),
        {"receive", "--agreement", kAgreement, "--out", world_.Path("inbox")});
    EXPECT_TRUE(received.ok()) << received.status();
    std::map<std::string, std::string> rows;  // of batch and index
    std::ifstream journal(world_.Path("journal.csv"));
    for (std::string line; std::getline(journal, line);) {
      if (!line.empty() && line.back() == '\r') line.pop_back();
      const std::vector<std::string> cells = absl::StrSplit(line, ',');
      rows[absl::StrCat(cells[2], "/", cells[3])] = cells[0];
    }
    std::map<std::string, json> records;
    for (const auto& file :
         std::filesystem::directory_iterator(world_.Path("inbox"))) {
      std::ifstream lines(file.path());
      for (std::string line; std::getline(lines, line);) {
        const json record = json::parse(line);
        const std::string key =
            absl::StrCat(record.at("batch").get<std::string>(), "/",
                         record.at("index").get<int64_t>());
        if (rows.count(key) != 0) records[rows[key]] = record;
      }
    }
    return records;
  }

  World world_;
};

absl::CivilDay DayOf(const json& record) {
  absl::CivilDay day;
  EXPECT_TRUE(absl::ParseCivilTime(
      record.at("fields").at("seen_on").get<std::string>(), &day));
  return day;
}

TEST_F(Transformations, ARowLeavesAsTheAgreementSaysAndNoOther) {
  const absl::CivilDay today = world_.facts.today;
  const auto row = [&](int number, const std::string& person,
                       const std::string& mark) {
    return absl::StrCat(number, ",", person, ",Anna O'Neill-Smith,",
                        Day(-366 * 20), ",74,429999.9,", Day(-3), "T17:59:59Z,",
                        Day(-40 + number), ",28B,", Day(-1), ";", Day(-28), ";",
                        Day(-40), ",4,He left.,", mark, "\n");
  };
  const std::string file = Write(
      "rows.csv", absl::StrCat(kColumns, row(1, "9434765919", "Duty Sergeant"),
                               row(2, "9434765919", "Duty Sergeant"),
                               row(3, "9434760003", ""),
                               row(4, "9434760003", "Duty Sergeant"),
                               row(5, "", "Duty Sergeant")));
  const auto enrolled =
      world_.Entente(world_.Profile(kLeft, "system"),
                     {"enrol", "--agreement", kAgreement, "--scheme", "nhs/1",
                      "--column", "person", "--ref", "row", file},
                     /*also_ok=*/8);
  ASSERT_TRUE(enrolled.ok()) << enrolled.status();
  const auto sent = Send(file);
  ASSERT_TRUE(sent.ok()) << sent.status();
  EXPECT_EQ(sent->at("sent"), 3);
  EXPECT_EQ(sent->at("refused_rows"), 2);
  std::stringstream refused;
  refused << std::ifstream(file + ".refused.csv").rdbuf();
  EXPECT_THAT(refused.str(),
              HasSubstr("summary_reviewed_by must say \"\"Duty Sergeant\"\""));
  EXPECT_THAT(refused.str(), HasSubstr("is shifted by person, which the row "
                                       "lacks"));
  EXPECT_THAT(refused.str(), Not(HasSubstr("He left")));

  const std::map<std::string, json> records = Receive();
  ASSERT_EQ(records.size(), 3u);
  for (const auto& [number, record] : records) {
    json fields = record.at("fields");
    fields.erase("seen_on");
    EXPECT_EQ(fields, json({{"name", "A.O.S."},
                            {"born", "18 to 64"},
                            {"score", "50 to 74"},
                            {"easting", 429500},
                            {"seen_at", Day(-3) + "T12:00:00Z"},
                            {"offence", "home"},
                            {"visits", 2},
                            {"crimes", "fewer than 5"},
                            {"summary", "He left."}}))
        << number;
  }
  // One person's days are all shifted alike, and never by nothing.
  EXPECT_EQ(DayOf(records.at("2")) - DayOf(records.at("1")), 1);
  for (const int number : {1, 2, 4}) {
    const int64_t shift =
        DayOf(records.at(absl::StrCat(number))) - (today - 40 + number);
    EXPECT_NE(shift, 0);
    EXPECT_LE(std::abs(shift), 14);
  }
  // In another sending, too.
  const auto later = Send(
      Write("later.csv",
            absl::StrCat(kColumns, row(7, "9434765919", "Duty Sergeant"))));
  ASSERT_TRUE(later.ok()) << later.status();
  EXPECT_EQ(DayOf(Receive().at("1")) - DayOf(records.at("1")), 6);
}

}  // namespace
}  // namespace entente::world

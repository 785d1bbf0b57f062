#include "tests/lifecycle/life.h"

#include <set>
#include <sstream>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"

namespace entente::lifecycle {

namespace fs = std::filesystem;
using testing::HasSubstr;

std::string CodeOf(const json& ran) {
  if (ran.contains("error")) return ran["error"].value("code", "");
  const json& answer = ran.contains("then") ? ran["then"] : ran;
  if (!answer.contains("reasons") || answer["reasons"].empty()) {
    return ran.dump();
  }
  return answer["reasons"][0].value("code", "");
}

std::string Changed(std::string text, const Changes& changes) {
  for (const auto& [from, to] : changes) {
    EXPECT_THAT(text, HasSubstr(from));
    text = absl::StrReplaceAll(text, {{from, to}});
  }
  return text;
}

namespace {

std::string Quoted(const std::string& text) {
  return absl::StrCat("\"", text, "\"");
}

std::string ReadAll(const std::string& path) {
  std::stringstream content;
  content << std::ifstream(path, std::ios::binary).rdbuf();
  return content.str();
}

}  // namespace

Life::Life(std::string kind, std::vector<std::string> parties)
    : kind_(std::move(kind)),
      id_(absl::StrCat("isa-life-", absl::StrReplaceAll(kind_, {{"_", "-"}}))),
      parties_(std::move(parties)) {}

void Life::SetUp() {
  ASSERT_TRUE(clock_.ok());
  OwnWorld::SetUp();
  const absl::Status registered = world_.Register();
  ASSERT_TRUE(registered.ok()) << registered;
  roots_ = {{world::kLeft, world_.facts.left_root},
            {world::kRight, world_.facts.right_root}};
  for (const std::string& party : parties_) {
    if (roots_.count(party) != 0) continue;
    const auto root = world_.AddAgency(party, party);
    ASSERT_TRUE(root.ok()) << root.status();
    roots_[party] = *root;
  }
}

std::string Life::Siro(const std::string& agency) const {
  return world_.Profile(agency, "siro");
}

std::string Life::System(const std::string& agency) const {
  return world_.Profile(agency, "system");
}

std::string Life::Write(const std::string& name,
                        const std::string& content) const {
  const std::string path = world_.Path(name);
  std::ofstream(path, std::ios::binary) << content;
  return path;
}

std::string Life::Day(int from_the_first) const {
  return absl::FormatCivilTime(world_.facts.today + from_the_first);
}

json Life::Agreement(const std::string& profile, std::vector<std::string> words,
                     int exit) {
  words.insert(words.begin(), "agreement");
  return Run(profile, std::move(words), exit);
}

std::string Life::State() {
  return Agreement(Siro(parties_.back()), {"show", id_}).value("state", "");
}

json Life::Explain(const std::string& from, const std::string& to,
                   const std::string& purpose, const std::string& dataset,
                   std::vector<std::string> more, int exit) {
  std::vector<std::string> words = {"explain", "--from",    from,
                                    "--to",    to,          "--purpose",
                                    purpose,   "--dataset", dataset};
  if (std::find(more.begin(), more.end(), "--file") == more.end()) {
    words.insert(words.begin() + 1, id_);
  }
  words.insert(words.end(), more.begin(), more.end());
  return Agreement(System(from), words, exit);
}

void Life::Enrol(const std::string& agency, const std::string& scheme,
                 const std::vector<std::string>& columns,
                 const std::string& ref, const std::string& file) {
  std::vector<std::string> words = {"enrol", "--agreement", id_, "--scheme",
                                    scheme,  "--ref",       ref};
  for (const std::string& column : columns) {
    words.insert(words.end(), {"--column", column});
  }
  words.push_back(file);
  Run(System(agency), words);
}

json Life::Send(const std::string& from, const std::string& flow,
                const std::string& purpose, std::vector<std::string> more,
                const std::string& rows, int exit) {
  more.insert(more.begin(), {"send", "--agreement", id_, "--flow", flow,
                             "--purpose", purpose});
  more.push_back(Write("sent.csv", rows));
  return Run(System(from), std::move(more), exit);
}

std::vector<json> Life::Receive(const std::string& agency) {
  const std::string inbox = world_.Path(absl::StrCat("inbox-", ++inboxes_));
  Run(System(agency), {"receive", "--agreement", id_, "--out", inbox});
  std::vector<json> records;
  if (!fs::exists(inbox)) return records;
  for (const auto& file : fs::directory_iterator(inbox)) {
    std::ifstream lines(file.path());
    for (std::string line; std::getline(lines, line);) {
      records.push_back(json::parse(line).at("fields"));
    }
  }
  return records;
}

std::string Life::RefusedRows() const {
  return ReadAll(world_.Path("sent.csv.refused.csv"));
}

std::string Life::ValueFor(const std::string& field) const {
  const std::string key = field.substr(field.rfind('.') + 1);
  const std::vector<std::string> path = absl::StrSplit(field, '.');
  if (field == "id") return id_;
  if (field == "summary") return "What is given to whom, in plain words.";
  if (field == "broker.name") return world_.facts.broker_name;
  if (key == "ledger_key") return Quoted(world_.facts.ledger_key);
  if (path[0] == "parties" && key == "root") return Quoted(roots_.at(path[1]));
  if (key == "contact") return absl::StrCat("sharing@", path[1], ".example");
  if (key == "from") return Quoted(Day(0));
  if (key == "until") return Quoted(Day(kUntilDay));
  if (key == "project_end") return Quoted(Day(kUntilDay - 5));
  if (key == "review_by") return Quoted(Day(kReviewDay));
  if (key == "date") return Quoted(Day(-30));
  if (key == "definition") return "catalogue.entry/1";
  if (key == "recipients") return "[Duty manager]";
  if (absl::StartsWith(field, "signatories") && key == "name") return "siro";
  const std::set<std::string> lists = {"gateway", "processing", "sensitive",
                                       "criminal_offence"};
  return lists.count(key) != 0 ? "[A line of law]" : "A line of text";
}

std::string Life::Draft() {
  std::vector<std::string> words = {"agreement", "new", "--kind", kind_};
  for (const std::string& party : parties_) {
    words.insert(words.end(), {"--party", party});
  }
  const auto blank = world_.EntenteText("", words);
  EXPECT_TRUE(blank.ok()) << blank.status();
  if (!blank.ok()) return "";
  const std::string file = Write("agreement.yaml", *blank);
  const json blanks = Agreement("", {"check", file}, kFailed).at("diagnostics");
  EXPECT_GT(blanks.size(), 25u);
  const auto people = world_.RunEntente("", {"agreement", "check", file});
  EXPECT_TRUE(people.ok() && people->exit_code == kFailed);
  std::vector<std::string> lines = absl::StrSplit(*blank, '\n');
  for (const json& one : blanks) {
    EXPECT_EQ(one.at("severity"), "error");
    EXPECT_EQ(one.at("message"), "no value") << one;
    const int line = one.at("line");
    EXPECT_THAT(people->out,
                HasSubstr(absl::StrCat(file, ":", line, ":",
                                       one.at("column").get<int>(), ": ")));
    std::string& text = lines.at(static_cast<size_t>(line) - 1);
    text = absl::StrCat(text.substr(0, text.find(':') + 1), " ",
                        ValueFor(one.at("field")));
  }
  Write("agreement.yaml", absl::StrJoin(lines, "\n"));
  EXPECT_EQ(Agreement("", {"check", file}).at("diagnostics"), json::array());
  return file;
}

void Life::ExpectMistake(const std::string& file, const Changes& changed,
                         const std::string& what) {
  const std::string wrong =
      Write("wrong.yaml", Changed(ReadAll(file), changed));
  const json said = Agreement("", {"check", wrong}, kFailed);
  bool found = false;
  for (const json& one : said.at("diagnostics")) {
    EXPECT_GT(one.at("line").get<int>(), 1) << one;
    EXPECT_GT(one.at("column").get<int>(), 0) << one;
    found =
        found || absl::StrContains(one.at("message").get<std::string>(), what);
  }
  EXPECT_TRUE(found) << what << "\n" << said;
  EXPECT_EQ(CodeOf(Agreement(Siro(parties_[0]), {"propose", wrong}, kFailed)),
            "AGREEMENT_INVALID");
}

json Life::Sign(const std::string& agency, uint32_t version,
                const std::string& digest) {
  return Agreement(Siro(agency), {"sign", id_, "--version",
                                  absl::StrCat(version), "--digest", digest});
}

json Life::SendSample(int exit) {
  const std::string rows =
      absl::StrCat(sample_.columns, "\n", sample_.row(++sent_), "\n");
  json ran = Send(sample_.from, sample_.flow, sample_.purpose, sample_.more,
                  rows, exit);
  if (exit == 0) {
    EXPECT_EQ(ran.value("sent", 0), 1) << ran;
  }
  return ran;
}

json Life::Version(uint32_t version) {
  const json versions =
      Agreement(Siro(parties_[0]), {"versions", id_}).at("versions");
  for (const json& one : versions) {
    if (one.value("version", 0u) == version) return one;
  }
  return json::object();
}

}  // namespace entente::lifecycle

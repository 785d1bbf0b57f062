#include "tests/demo/story.h"

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "tests/demo/csv_table.h"
#include "tests/demo/document.h"
#include "tests/demo/score.h"
#include "tests/demo/views.h"

namespace entente::demo {
namespace {

using nlohmann::json;

// The column that the driver adds, so that rows can be counted again.
constexpr char kRowColumn[] = "entente_row";
// More than a demo writes.
constexpr int kMostEntries = 10000;

struct Plan {
  std::string document;        // the agreement
  std::string left, right;     // the files that the programs read
  std::string key, reference;  // columns
  std::string scheme;
  std::vector<MappedColumn>
      columns;  // released under another name; may be empty
  CsvTable left_table, right_table;
};

std::string Quoted(const std::string& cell) {
  if (cell.find_first_of(",\"\r\n") == std::string::npos) return cell;
  return absl::StrCat("\"", absl::StrReplaceAll(cell, {{"\"", "\"\""}}), "\"");
}

absl::Status WriteNumbered(const CsvTable& table, const std::string& path) {
  std::ofstream file(path, std::ios::binary);
  file << kRowColumn;
  for (const std::string& name : table.header) file << ',' << Quoted(name);
  file << '\n';
  for (size_t row = 0; row < table.rows.size(); ++row) {
    file << row + 1;
    for (const std::string& cell : table.rows[row]) file << ',' << Quoted(cell);
    file << '\n';
  }
  file.close();
  return file ? absl::OkStatus()
              : absl::InternalError(absl::StrCat("cannot write ", path));
}

absl::StatusOr<Plan> PlanFor(world::World& world, const Input& input) {
  Plan plan;
  auto left = ReadCsv(input.left);
  if (!left.ok()) return left.status();
  auto right = ReadCsv(input.right);
  if (!right.ok()) return right.status();
  plan.left_table = *std::move(left);
  plan.right_table = *std::move(right);
  if (input.key.empty()) {
    plan.document = StoryDocument(world.facts);
    // Copies: the programs list refused rows beside the file that they read.
    plan.left = world.Path("northmere-police.csv");
    plan.right = world.Path("westvale-police.csv");
    std::filesystem::copy_file(input.left, plan.left);
    std::filesystem::copy_file(input.right, plan.right);
    plan.key = "pnc_id";
    plan.reference = "local_ref";
    plan.scheme = "pnc/1";
    plan.columns = {{"pnc_id", "person"}};
    return plan;
  }
  if (plan.left_table.Column(input.key) < 0 ||
      plan.right_table.Column(input.key) < 0) {
    return absl::InvalidArgumentError(
        absl::StrCat("a file has no column ", input.key));
  }
  std::vector<std::string> names = {input.key};
  for (const std::string& name : plan.left_table.header) {
    if (name != input.key && name != input.truth) names.push_back(name);
  }
  plan.columns = MapColumns(names);
  plan.document =
      MappedDocument(world.facts, plan.columns.front(),
                     {plan.columns.begin() + 1, plan.columns.end()});
  plan.key = input.key;
  plan.reference = kRowColumn;
  plan.scheme = absl::StrCat("opaque/1:", plan.columns.front().field);
  plan.left = world.Path("left.csv");
  plan.right = world.Path("right.csv");
  if (absl::Status wrote = WriteNumbered(plan.left_table, plan.left);
      !wrote.ok()) {
    return wrote;
  }
  if (absl::Status wrote = WriteNumbered(plan.right_table, plan.right);
      !wrote.ok()) {
    return wrote;
  }
  return plan;
}

absl::Status Enrol(world::World& world, const Plan& plan) {
  world.Tell(
      "\n7. Both enrol their identifiers blindly: the broker learns how "
      "many, never which.\n");
  const std::pair<const char*, const std::string*> files[] = {
      {kLeft, &plan.left}, {kRight, &plan.right}};
  for (const auto& [agency, file] : files) {
    const auto enrolled = world.Entente(
        world.Profile(agency, "system"),
        {"enrol", "--agreement", kAgreement, "--scheme", plan.scheme,
         "--column", plan.key, "--ref", plan.reference, *file},
        /*also_ok=*/8);
    if (!enrolled.ok()) return enrolled.status();
    world.Tell(absl::StrCat(
        "    ", agency, ": ", enrolled->at("enrolled").get<int64_t>(),
        " identifiers enrolled, ", enrolled->at("refused_rows").get<int64_t>(),
        " rows refused"));
  }
  return absl::OkStatus();
}

std::vector<std::string> SendWords(world::World& world, const Plan& plan,
                                   const std::string& purpose) {
  std::vector<std::string> words = {"send",   "--agreement", kAgreement,
                                    "--flow", kFlow,         "--purpose",
                                    purpose,  "--case",      "OP-LANTERN/0142"};
  for (const MappedColumn& column : plan.columns) {
    if (column.column == column.field) continue;
    words.push_back("--map");
    words.push_back(absl::StrCat(column.field, "=", column.column));
  }
  if (purpose == kPurpose) {
    words.push_back("--journal");
    words.push_back(world.Path("left/sent.csv"));
  }
  words.push_back(plan.left);
  return words;
}

// Every call under the agreement that the broker refused, as its ledger has it.
absl::StatusOr<int64_t> CountRefused(world::World& world) {
  const auto listed = world.Entente(world.Profile(kInspector, "auditor"),
                                    {"audit", "list", "--agreement", kAgreement,
                                     "--limit", absl::StrCat(kMostEntries)});
  if (!listed.ok()) return listed.status();
  int64_t refused = 0;
  for (const json& entry : listed->at("entries")) {
    if (entry.at("outcome") == "deny") ++refused;
  }
  return refused;
}

absl::Status Send(world::World& world, const Plan& plan, Result* result) {
  world.Tell(
      "\n8. Northmere sends. What is not released stays in the building; "
      "the rest is sealed to Westvale.\n");
  const auto sent = world.Entente(world.Profile(kLeft, "system"),
                                  SendWords(world, plan, kPurpose), 8);
  if (!sent.ok()) return sent.status();
  result->sent = sent->at("sent").get<int64_t>();
  world.Tell(absl::StrCat("    sent ", result->sent, " records in ",
                          sent->at("batches").size(), " batch(es), ",
                          sent->at("refused_rows").get<int64_t>(),
                          " rows refused and listed"));
  std::ofstream(world.Path("left/sent.json")) << sent->dump(2) << "\n";
  world.Tell("\n9. Northmere tries a purpose that the flow does not allow.\n");
  const auto refused =
      world.Entente(world.Profile(kLeft, "system"),
                    SendWords(world, plan, kForbiddenPurpose), 3);
  if (!refused.ok()) return refused.status();
  if (refused->at("exit_code").get<int>() != 3) {
    return absl::InternalError("the forbidden call was not refused");
  }
  const json& error = refused->at("error");
  world.Tell(
      absl::StrCat("    refused: ", error.at("what").get<std::string>(),
                   "\n    why:     ", error.at("why").get<std::string>(),
                   "\n    code:    ", error.at("code").get<std::string>()));
  return absl::OkStatus();
}

absl::Status Receive(world::World& world, Result* result) {
  world.Tell(
      "\n10. Westvale receives, verifies, opens its own pseudonyms and "
      "matches.\n");
  const auto received = world.Entente(
      world.Profile(kRight, "system"),
      {"receive", "--agreement", kAgreement, "--out", world.Path("right")});
  if (!received.ok()) return received.status();
  result->received = received->at("received").get<int64_t>();
  result->matched = received->at("matched").get<int64_t>();
  world.Tell(absl::StrCat("    received ", result->received, ", of whom ",
                          result->matched, " are known to Westvale"));
  return absl::OkStatus();
}

absl::Status Audit(world::World& world, Result* result) {
  world.Tell(
      "\n11. Each party and the overseer mirror the ledger and verify "
      "it.\n");
  const std::pair<const char*, const char*> readers[] = {
      {kLeft, "auditor"}, {kRight, "system"}, {kInspector, "auditor"}};
  result->ledger_verified = true;
  for (const auto& [agency, name] : readers) {
    const bool kept = std::string(agency) == kInspector;
    const std::string folder =
        kept ? world.Path("ledger")
             : world.Path(absl::StrCat(agency, "/ledger"));
    const auto mirrored =
        world.Entente(world.Profile(agency, name),
                      {"audit", "mirror", folder, "--agreement", kAgreement});
    if (!mirrored.ok()) return mirrored.status();
    const auto verified = world.Entente(world.Profile(agency, name),
                                        {"audit", "verify", folder}, 6);
    if (!verified.ok()) return verified.status();
    result->ledger_verified = result->ledger_verified &&
                              verified->at("verified").get<bool>() &&
                              verified->at("exit_code").get<int>() == 0;
    if (kept) result->ledger_entries = verified->at("size").get<int64_t>();
  }
  const auto refused = CountRefused(world);
  if (!refused.ok()) return refused.status();
  result->refused = *refused;
  world.Tell(absl::StrCat("    ", result->ledger_entries, " entries (",
                          result->refused,
                          " of a refused call), verified by all three: ",
                          result->ledger_verified ? "yes" : "NO"));
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<Result> RunStory(world::World& world, const Input& input) {
  const auto plan = PlanFor(world, input);
  if (!plan.ok()) return plan.status();
  for (const char* folder : {"left", "right"}) {
    std::filesystem::create_directories(world.Path(folder));
  }
  Result result;
  Views views;
  absl::Status done = world.Register();
  if (done.ok()) done = world.Agree(plan->document);
  if (done.ok()) done = Enrol(world, *plan);
  if (done.ok()) done = Send(world, *plan, &result);
  if (done.ok()) done = views.LookAtBroker(world);
  if (done.ok()) done = Receive(world, &result);
  if (done.ok()) done = Audit(world, &result);
  if (done.ok()) done = views.LookAtParties(world, plan->left_table);
  if (!done.ok()) return done;
  world.Tell(
      absl::StrCat("\n12. What each of them could see of one record, from "
                   "what they hold.\n\n",
                   views.Table()));
  if (!input.truth.empty()) {
    const auto score =
        ScoreMatches(world.Path("left/sent.csv"), world.Path("right"),
                     plan->left_table, plan->right_table, input.truth);
    if (!score.ok()) return score.status();
    result.correct = score->correct;
    result.wrong = score->wrong;
  }
  return result;
}

}  // namespace entente::demo

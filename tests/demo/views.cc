#include "tests/demo/views.h"

#include <sqlite3.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <nlohmann/json.hpp>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "crypto/hex.h"

namespace entente::demo {
namespace {

using nlohmann::json;

std::string ReadAll(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file),
          std::istreambuf_iterator<char>()};
}

// How many files of the broker's data folder hold `value`.
int FilesWith(const std::string& folder, const std::string& value) {
  int found = 0;
  for (const auto& entry :
       std::filesystem::recursive_directory_iterator(folder)) {
    if (entry.is_regular_file() &&
        ReadAll(entry.path()).find(value) != std::string::npos) {
      ++found;
    }
  }
  return found;
}

std::string Hex(sqlite3_stmt* row, int column, int limit) {
  const int size = sqlite3_column_bytes(row, column);
  const auto* bytes =
      static_cast<const uint8_t*>(sqlite3_column_blob(row, column));
  const size_t shown = static_cast<size_t>(size < limit ? size : limit);
  return crypto::ToHex({bytes, shown});
}

absl::StatusOr<int64_t> RowOfRecord(const std::string& journal,
                                    const std::string& batch) {
  const auto table = ReadCsv(journal);
  if (!table.ok()) return table.status();
  const int row = table->Column("row");
  for (const std::vector<std::string>& line : table->rows) {
    int64_t number = 0;
    if (line.at(static_cast<size_t>(table->Column("batch"))) == batch &&
        line.at(static_cast<size_t>(table->Column("index"))) == "0" &&
        absl::SimpleAtoi(line.at(static_cast<size_t>(row)), &number)) {
      return number;
    }
  }
  return absl::NotFoundError("the journal does not hold the record");
}

}  // namespace

absl::Status Views::LookAtBroker(const world::World& world) {
  sqlite3* handle = nullptr;
  const std::string path = world.Path("operator/data/entente.db");
  const int opened =
      sqlite3_open_v2(path.c_str(), &handle, SQLITE_OPEN_READONLY, nullptr);
  const std::unique_ptr<sqlite3, decltype(&sqlite3_close)> database(
      handle, sqlite3_close);
  sqlite3_stmt* statement = nullptr;
  if (opened != SQLITE_OK ||
      sqlite3_prepare_v2(
          handle,
          "SELECT b.batch_id, b.sender, b.recipient, b.flow, c.records, "
          "c.pseudonyms, c.sealed FROM batches b JOIN chunks c ON c.batch = "
          "b.sequence WHERE c.number = 0 ORDER BY b.sequence LIMIT 1",
          -1, &statement, nullptr) != SQLITE_OK) {
    return absl::InternalError(
        absl::StrCat("cannot read the broker's store: ", path));
  }
  const std::unique_ptr<sqlite3_stmt, decltype(&sqlite3_finalize)> row(
      statement, sqlite3_finalize);
  if (sqlite3_step(statement) != SQLITE_ROW) {
    return absl::InternalError("no batch waits at the broker");
  }
  const auto text = [statement](int column) {
    return std::string(
        reinterpret_cast<const char*>(sqlite3_column_text(statement, column)));
  };
  batch_ = Hex(statement, 0, 16);
  broker_ = absl::StrCat(text(1), " to ", text(2), ", flow ", text(3), ", ",
                         sqlite3_column_int64(statement, 4),
                         " records; a pseudonym as ", Hex(statement, 5, 12),
                         "..., the values as ", Hex(statement, 6, 12), "...");
  return absl::OkStatus();
}

absl::Status Views::LookAtParties(world::World& world, const CsvTable& left) {
  const auto row = RowOfRecord(world.Path("left/sent.csv"), batch_);
  if (!row.ok()) return row.status();
  const std::vector<std::string>& cells =
      left.rows.at(static_cast<size_t>(*row - 1));
  sender_ = absl::StrJoin(cells, ", ");
  std::ifstream records(world.Path(absl::StrCat("right/", batch_, ".jsonl")));
  for (std::string line; std::getline(records, line);) {
    const json record = json::parse(line, nullptr, false);
    if (!record.is_object() || record.value("index", -1) != 0) continue;
    recipient_ = absl::StrCat(record.at("fields").dump(), ", pseudonym ",
                              record.at("pseudonyms").dump());
  }
  if (recipient_.empty()) {
    return absl::InternalError("the recipient does not hold the record");
  }
  const json sent = json::parse(ReadAll(world.Path("left/sent.json")));
  int64_t entry = -1;
  for (const json& batch : sent.at("batches")) {
    if (batch.at("batch") == batch_) entry = batch.at("entry").get<int64_t>();
  }
  const auto shown = world.Entente(
      world.Profile(kInspector, "auditor"),
      {"audit", "show", absl::StrCat(entry), "--agreement", kAgreement});
  if (!shown.ok()) return shown.status();
  overseer_ = absl::StrCat("entry ", entry, ": ", shown->at("entry").dump());
  // Values that are long enough to be no accident, and that the agreement does
  // not say itself: a date of its own may be someone's date too.
  const std::string agreement = ReadAll(world.Path("agreement.yaml"));
  int searched = 0;
  for (const std::string& cell : cells) {
    if (cell.size() < 8 || agreement.find(cell) != std::string::npos) continue;
    ++searched;
    if (FilesWith(world.Path("operator/data"), cell) > 0) {
      return absl::InternalError("the broker's store holds a value in clear");
    }
  }
  absl::StrAppend(&broker_, "; its whole store searched for ", searched,
                  " of the record's values: none found");
  return absl::OkStatus();
}

std::string Views::Table() const {
  const std::pair<const char*, const std::string*> rows[] = {
      {"sender", &sender_},
      {"broker", &broker_},
      {"recipient", &recipient_},
      {"overseer", &overseer_}};
  std::string table;
  for (const auto& [who, what] : rows) {
    absl::StrAppend(&table, "  ", who,
                    std::string(11 - std::string(who).size(), ' '), "| ", *what,
                    "\n");
  }
  return table;
}

}  // namespace entente::demo

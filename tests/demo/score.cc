#include "tests/demo/score.h"

#include <filesystem>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"

namespace entente::demo {
namespace {

using nlohmann::json;
using RecordKey = std::pair<std::string, int64_t>;  // batch, index

// Rows are counted from 1.
absl::StatusOr<std::string> TruthOf(const CsvTable& table, int column,
                                    int64_t row) {
  if (row < 1 || row > static_cast<int64_t>(table.rows.size())) {
    return absl::InvalidArgumentError(absl::StrCat("there is no row ", row));
  }
  const std::vector<std::string>& cells =
      table.rows[static_cast<size_t>(row - 1)];
  return column < static_cast<int>(cells.size())
             ? FirstDigits(cells[static_cast<size_t>(column)])
             : std::string();
}

absl::StatusOr<std::map<RecordKey, int64_t>> ReadJournal(
    const std::string& path) {
  const absl::StatusOr<CsvTable> journal = ReadCsv(path);
  if (!journal.ok()) return journal.status();
  const int row = journal->Column("row");
  const int batch = journal->Column("batch");
  const int index = journal->Column("index");
  if (row < 0 || batch < 0 || index < 0) {
    return absl::InvalidArgumentError("the journal lacks a column");
  }
  std::map<RecordKey, int64_t> rows;
  for (const std::vector<std::string>& line : journal->rows) {
    int64_t from = 0;
    int64_t at = 0;
    if (!absl::SimpleAtoi(line.at(static_cast<size_t>(row)), &from) ||
        !absl::SimpleAtoi(line.at(static_cast<size_t>(index)), &at)) {
      return absl::InvalidArgumentError("the journal has a bad line");
    }
    rows[{line.at(static_cast<size_t>(batch)), at}] = from;
  }
  return rows;
}

// The rows of the recipient that a record matched; empty if none.
std::vector<int64_t> Matches(const json& record) {
  std::vector<int64_t> rows;
  for (const auto& [field, pseudonym] : record.at("pseudonyms").items()) {
    for (const json& reference : pseudonym.at("matches")) {
      int64_t row = 0;
      if (absl::SimpleAtoi(reference.get<std::string>(), &row)) {
        rows.push_back(row);
      }
    }
  }
  return rows;
}

}  // namespace

std::string FirstDigits(const std::string& text) {
  const size_t begin = text.find_first_of("0123456789");
  if (begin == std::string::npos) return "";
  const size_t end = text.find_first_not_of("0123456789", begin);
  return text.substr(begin, end == std::string::npos ? end : end - begin);
}

absl::StatusOr<Score> ScoreMatches(const std::string& journal,
                                   const std::string& received_folder,
                                   const CsvTable& left, const CsvTable& right,
                                   const std::string& truth) {
  const int left_column = left.Column(truth);
  const int right_column = right.Column(truth);
  if (left_column < 0 || right_column < 0) {
    return absl::InvalidArgumentError(
        absl::StrCat("a file has no column ", truth));
  }
  const auto rows = ReadJournal(journal);
  if (!rows.ok()) return rows.status();
  Score score;
  for (const auto& file :
       std::filesystem::directory_iterator(received_folder)) {
    if (file.path().extension() != ".jsonl") continue;
    std::ifstream lines(file.path());
    for (std::string line; std::getline(lines, line);) {
      const json record = json::parse(line, nullptr, false);
      const std::vector<int64_t> matches = Matches(record);
      if (matches.empty()) continue;
      const auto row = rows->find({record.at("batch").get<std::string>(),
                                   record.at("index").get<int64_t>()});
      if (row == rows->end()) {
        return absl::InvalidArgumentError("a record was never sent");
      }
      const auto sent = TruthOf(left, left_column, row->second);
      if (!sent.ok()) return sent.status();
      bool right_person = !sent->empty();
      for (const int64_t match : matches) {
        const auto found = TruthOf(right, right_column, match);
        if (!found.ok()) return found.status();
        right_person = right_person && *found == *sent;
      }
      ++(right_person ? score.correct : score.wrong);
    }
  }
  return score;
}

}  // namespace entente::demo

#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "client/cell_check.h"
#include "client/row_reader.h"

namespace entente::client {
namespace {

constexpr int kEnd = std::char_traits<char>::eof();

// One record as it stands in the file.
struct CsvRecord {
  uint64_t line = 0;
  std::vector<std::string> cells;
  size_t bad_cell = 0;  // where `problem` is
  std::string problem;
};

class CsvReader final : public RowReader {
 public:
  CsvReader(std::istream* in, bool trim) : in_(*in), trim_(trim) {}

  absl::Status ReadHeading() {
    SkipMark();
    CsvRecord record;
    const absl::StatusOr<bool> read = ReadRecord(&record);
    if (!read.ok()) return read.status();
    if (!*read) {
      return absl::InvalidArgumentError(
          "empty: the first line must name the columns");
    }
    if (!record.problem.empty()) {
      return absl::InvalidArgumentError(absl::StrCat(
          "line 1: column ", record.bad_cell + 1, ": ", record.problem));
    }
    columns_ = std::move(record.cells);
    return CheckColumns(columns_);
  }

  const std::vector<std::string>& columns() const override { return columns_; }

  absl::StatusOr<bool> Next(Row* row, std::vector<BadRow>* bad) override {
    while (true) {
      CsvRecord record;
      const absl::StatusOr<bool> read = ReadRecord(&record);
      if (!read.ok() || !*read) return read;
      ++number_;
      if (record.problem.empty() && record.cells.size() != columns_.size()) {
        bad->push_back({number_, record.line, "",
                        absl::StrCat(record.cells.size(),
                                     " cells where the "
                                     "heading has ",
                                     columns_.size())});
        continue;
      }
      if (!record.problem.empty()) {
        bad->push_back(
            {number_, record.line,
             record.bad_cell < columns_.size() ? columns_[record.bad_cell] : "",
             std::move(record.problem)});
        continue;
      }
      *row = {number_, record.line, std::move(record.cells)};
      return true;
    }
  }

 private:
  void SkipMark() {
    constexpr char kMark[] = {'\xEF', '\xBB', '\xBF'};
    for (const char byte : kMark) {
      if (in_.peek() != static_cast<unsigned char>(byte)) return;
      in_.get();
    }
  }

  int Get() {
    const int c = in_.get();
    if (c == '\n') ++line_;
    return c;
  }

  // Takes `\r\n`, `\n` or the end, if they are next.
  bool TakeLineEnd() {
    if (in_.peek() == '\r') {
      in_.get();
      if (in_.peek() != '\n') {
        in_.unget();
        return false;
      }
    }
    if (in_.peek() != '\n' && in_.peek() != kEnd) return false;
    Get();
    return true;
  }

  void SkipLine() {
    for (int c = Get(); c != '\n' && c != kEnd; c = Get()) {
    }
  }

  // The rest of a quoted cell; an empty string, or what is wrong.
  std::string ReadQuoted(std::string* cell) {
    const uint64_t opened = line_;
    while (true) {
      const int c = Get();
      if (c == kEnd) {
        return absl::StrCat("a quote that opens in line ", opened,
                            " is never closed; nothing after it was read");
      }
      if (c == '"' && in_.peek() != '"') return "";
      if (c == '"') Get();
      cell->push_back(static_cast<char>(c));
      if (cell->size() > kMaxRowBytes) return "a quoted cell without end";
    }
  }

  std::string ReadPlain(std::string* cell) {
    while (in_.peek() != ',' && in_.peek() != kEnd) {
      if (in_.peek() == '\n') return "";
      const int c = Get();
      if (c == '\r' && in_.peek() == '\n') {
        in_.unget();
        return "";
      }
      if (c == '"') return "a quote inside a cell that is not quoted";
      cell->push_back(static_cast<char>(c));
      if (cell->size() > kMaxRowBytes) return "a line without end";
    }
    return "";
  }

  // False at the end of the file. Lines with nothing on them are no records.
  absl::StatusOr<bool> ReadRecord(CsvRecord* record) {
    while (in_.peek() != kEnd && TakeLineEnd()) {
    }
    record->line = line_;
    if (in_.peek() == kEnd) {
      if (in_.bad()) return absl::UnavailableError("reading failed");
      return false;
    }
    size_t bytes = 0;
    while (true) {
      std::string& cell = record->cells.emplace_back();
      std::string broken = ReadCell(&cell);
      bytes += cell.size();
      if (broken.empty()) {
        Note(CellProblem(cell), record);
        if (record->cells.size() > kMaxColumns || bytes > kMaxRowBytes) {
          broken = "the row is too long";
        } else if (in_.peek() == ',') {
          Get();
          continue;
        } else if (TakeLineEnd()) {
          return true;
        } else {
          broken = "text after a closing quote";
        }
      }
      // Where cells begin is lost until the next line.
      Note(std::move(broken), record);
      SkipLine();
      return true;
    }
  }

  // Keeps the first problem of a record, and where it is.
  static void Note(std::string problem, CsvRecord* record) {
    if (problem.empty() || !record->problem.empty()) return;
    record->problem = std::move(problem);
    record->bad_cell = record->cells.size() - 1;
  }

  std::string ReadCell(std::string* cell) {
    const bool quoted = in_.peek() == '"';
    if (quoted) Get();
    std::string broken = quoted ? ReadQuoted(cell) : ReadPlain(cell);
    if (trim_) *cell = std::string(absl::StripAsciiWhitespace(*cell));
    return broken;
  }

  std::istream& in_;
  const bool trim_;
  uint64_t line_ = 1;
  uint64_t number_ = 0;
  std::vector<std::string> columns_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<RowReader>> ReadCsv(std::istream* in,
                                                   bool trim) {
  auto reader = std::make_unique<CsvReader>(in, trim);
  if (absl::Status read = reader->ReadHeading(); !read.ok()) return read;
  return reader;
}

}  // namespace entente::client

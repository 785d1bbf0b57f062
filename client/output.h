// What a command says: data on standard output, talk on standard error.
#ifndef ENTENTE_CLIENT_OUTPUT_H_
#define ENTENTE_CLIENT_OUTPUT_H_

#include <cstdint>
#include <ostream>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "client/error.h"

namespace entente::client {

enum class Format { kTable, kJson, kNdjson, kCsv };

// `table`, `json`, `ndjson`, `csv`; a usage error for anything else.
absl::StatusOr<Format> ParseFormat(absl::string_view name);

// One thing that a command prints.
struct Value;
// Named values, in the order in which they are printed.
using Record = std::vector<std::pair<std::string, Value>>;
struct Value {
  Value() = default;  // null
  Value(const char* value) : of(std::string(value)) {}
  Value(std::string value) : of(std::move(value)) {}
  Value(absl::string_view value) : of(std::string(value)) {}
  Value(bool value) : of(value) {}
  Value(int value) : of(int64_t{value}) {}
  Value(int64_t value) : of(value) {}
  Value(uint64_t value) : of(static_cast<int64_t>(value)) {}
  Value(std::vector<Value> value) : of(std::move(value)) {}
  Value(Record value) : of(std::move(value)) {}

  std::variant<std::monostate, std::string, int64_t, bool, std::vector<Value>,
               Record>
      of;
};

// A list of texts.
inline Value ListOf(const std::vector<std::string>& texts) {
  return std::vector<Value>(texts.begin(), texts.end());
}

// The value as compact JSON.
std::string ToJson(const Value& value);

// Columns that a terminal needs for `text`, which holds no control characters
// (wide characters count two, marks none).
size_t DisplayWidth(absl::string_view text);

// Writes in the format that the caller asked for. Text that came from
// elsewhere cannot move the cursor, and a spreadsheet cannot take it for a
// formula. JSON objects begin with "schema":1; tables may change, JSON only
// grows.
class Output {
 public:
  // Streams are borrowed. `quiet` silences Say.
  // `watched`: standard error is a terminal.
  Output(std::ostream* out, std::ostream* err, Format format, bool quiet,
         bool watched = false)
      : out_(*out),
        err_(*err),
        format_(format),
        quiet_(quiet),
        watched_(watched) {}

  Format format() const { return format_; }
  // Whether people read it: tables.
  bool for_people() const { return format_ == Format::kTable; }

  // One object: a table of names and values, or {"schema":1,…}.
  void Print(const Record& record);

  // Rows with the same names in the same order, all at once, so that a table's
  // columns fit: {"schema":1,"<name>":[…]}, one object a line, or CSV.
  // `columns` are the names, and the heading also when there is no row.
  void PrintList(absl::string_view name,
                 const std::vector<std::string>& columns,
                 const std::vector<Record>& rows);

  // Row by row, for streams: CSV and tables (in which values are separated by
  // two spaces) get a heading before the first; json prints as ndjson does.
  void StreamRow(const Record& row);

  // One record as a line of JSON without "schema", whatever the format.
  void PrintLine(const Record& record);

  // Unavailable if anything printed so far could not be written.
  absl::Status Flush();

  // A text for people, as data: only its control characters are made visible
  // (line feeds stay).
  void PrintText(absl::string_view text);

  // Bytes as they are, for what has its own format.
  void PrintRaw(absl::string_view bytes) { out_ << bytes; }

  // A line of talk on standard error.
  void Say(absl::string_view line);

  // A question on standard error, also when quiet; no line feed.
  void Ask(absl::string_view question);

  // Where a person watches how far things have come, or null.
  std::ostream* watched() const {
    return watched_ && !quiet_ ? &err_ : nullptr;
  }

  // The error on standard error: people's lines, or JSON unless `for_people`.
  void Fail(const Failure& failure);

 private:
  void CsvRow(const std::vector<std::string>& cells);

  std::ostream& out_;
  std::ostream& err_;
  const Format format_;
  const bool quiet_;
  const bool watched_;
  bool streaming_ = false;
};

}  // namespace entente::client

#endif  // ENTENTE_CLIENT_OUTPUT_H_

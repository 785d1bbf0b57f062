#include "client/output.h"

#include <uniwidth.h>

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "client/csv_writer.h"
#include "client/json_text.h"
#include "policy/printable.h"

namespace entente::client {
namespace {

std::string JsonMembers(const Record& record) {
  return absl::StrJoin(record, ",", [](std::string* out, const auto& member) {
    absl::StrAppend(out, JsonString(member.first), ":", ToJson(member.second));
  });
}

// One line, for a table or a CSV cell.
std::string CellText(const Value& value) {
  if (const auto* text = std::get_if<std::string>(&value.of)) return *text;
  if (const auto* list = std::get_if<std::vector<Value>>(&value.of)) {
    return absl::StrJoin(*list, ", ", [](std::string* out, const Value& part) {
      absl::StrAppend(out, CellText(part));
    });
  }
  if (std::holds_alternative<std::monostate>(value.of)) return "";
  if (const auto* yes = std::get_if<bool>(&value.of)) {
    return *yes ? "yes" : "no";
  }
  return ToJson(value);
}

std::vector<std::string> Names(const Record& record) {
  std::vector<std::string> names;
  for (const auto& [name, value] : record) names.push_back(name);
  return names;
}

std::vector<std::string> Cells(const Record& record) {
  std::vector<std::string> cells;
  for (const auto& [name, value] : record) cells.push_back(CellText(value));
  return cells;
}

std::string Padded(const std::string& cell, size_t width) {
  const size_t own = DisplayWidth(cell);
  return own >= width ? cell : cell + std::string(width - own, ' ');
}

}  // namespace

absl::StatusOr<Format> ParseFormat(absl::string_view name) {
  if (name == "table") return Format::kTable;
  if (name == "json") return Format::kJson;
  if (name == "ndjson") return Format::kNdjson;
  if (name == "csv") return Format::kCsv;
  return UsageError(absl::StrCat("no output format \"", name, "\""),
                    "choose table, json, ndjson or csv");
}

std::string ToJson(const Value& value) {
  if (const auto* text = std::get_if<std::string>(&value.of)) {
    return JsonString(*text);
  }
  if (const auto* number = std::get_if<int64_t>(&value.of)) {
    return absl::StrCat(*number);
  }
  if (const auto* yes = std::get_if<bool>(&value.of)) {
    return *yes ? "true" : "false";
  }
  if (const auto* list = std::get_if<std::vector<Value>>(&value.of)) {
    return absl::StrCat("[",
                        absl::StrJoin(*list, ",",
                                      [](std::string* out, const Value& part) {
                                        absl::StrAppend(out, ToJson(part));
                                      }),
                        "]");
  }
  if (const auto* record = std::get_if<Record>(&value.of)) {
    return absl::StrCat("{", JsonMembers(*record), "}");
  }
  return "null";
}

size_t DisplayWidth(absl::string_view text) {
  const int width = u8_width(reinterpret_cast<const uint8_t*>(text.data()),
                             text.size(), "UTF-8");
  return width < 0 ? text.size() : static_cast<size_t>(width);
}

void Output::Print(const Record& record) {
  if (format_ == Format::kCsv) {
    CsvRow(Names(record));
    CsvRow(Cells(record));
    return;
  }
  if (!for_people()) {
    out_ << (record.empty()
                 ? std::string("{\"schema\":1}\n")
                 : absl::StrCat("{\"schema\":1,", JsonMembers(record), "}\n"));
    return;
  }
  size_t width = 0;
  for (const auto& [name, value] : record) {
    width = std::max(width, DisplayWidth(name));
  }
  for (const auto& [name, value] : record) {
    out_ << Padded(name, width) << "  " << policy::Printable(CellText(value))
         << "\n";
  }
}

void Output::PrintList(absl::string_view name,
                       const std::vector<std::string>& columns,
                       const std::vector<Record>& rows) {
  if (format_ == Format::kJson) {
    std::vector<Value> list(rows.begin(), rows.end());
    out_ << "{\"schema\":1," << JsonString(name) << ":"
         << ToJson(Value(std::move(list))) << "}\n";
    return;
  }
  if (format_ == Format::kNdjson) {
    for (const Record& row : rows) StreamRow(row);
    return;
  }
  if (format_ == Format::kCsv) {
    CsvRow(columns);
    for (const Record& row : rows) CsvRow(Cells(row));
    return;
  }
  std::vector<std::vector<std::string>> lines = {columns};
  for (const Record& row : rows) lines.push_back(Cells(row));
  std::vector<size_t> widths;
  for (std::vector<std::string>& line : lines) {
    widths.resize(std::max(widths.size(), line.size()));
    for (size_t i = 0; i < line.size(); ++i) {
      line[i] = policy::Printable(line[i]);
      widths[i] = std::max(widths[i], DisplayWidth(line[i]));
    }
  }
  for (const std::vector<std::string>& line : lines) {
    std::string text;
    for (size_t i = 0; i < line.size(); ++i) {
      const bool last = i + 1 == line.size();
      absl::StrAppend(&text, last ? line[i] : Padded(line[i], widths[i] + 2));
    }
    out_ << absl::StripTrailingAsciiWhitespace(text) << "\n";
  }
}

void Output::StreamRow(const Record& row) {
  const bool first = !std::exchange(streaming_, true);
  if (format_ == Format::kJson || format_ == Format::kNdjson) {
    out_ << "{\"schema\":1" << (row.empty() ? "" : ",") << JsonMembers(row)
         << "}\n";
  } else if (format_ == Format::kCsv) {
    if (first) CsvRow(Names(row));
    CsvRow(Cells(row));
  } else {
    if (first) out_ << absl::StrJoin(Names(row), "  ") << "\n";
    out_ << policy::Printable(absl::StrJoin(Cells(row), "  ")) << "\n";
  }
  out_.flush();
}

void Output::PrintLine(const Record& record) {
  out_ << ToJson(Value(record)) << "\n";
}

absl::Status Output::Flush() {
  if (out_.flush()) return absl::OkStatus();
  return absl::UnavailableError("standard output cannot be written");
}

void Output::PrintText(absl::string_view text) {
  const bool ended = absl::ConsumeSuffix(&text, "\n");
  for (const absl::string_view line : absl::StrSplit(text, '\n')) {
    out_ << policy::Printable(line) << "\n";
  }
  if (!ended) out_.flush();
}

void Output::Say(absl::string_view line) {
  if (!quiet_) err_ << policy::Printable(line) << "\n";
}

void Output::Ask(absl::string_view question) {
  err_ << policy::Printable(question) << std::flush;
}

void Output::Fail(const Failure& failure) {
  err_ << (for_people() ? FailureText(failure) : FailureJson(failure));
}

void Output::CsvRow(const std::vector<std::string>& cells) {
  out_ << CsvLine(cells);
}

}  // namespace entente::client

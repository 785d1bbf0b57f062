#include "client/csv_writer.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/string_view.h"

namespace entente::client {
namespace {

bool IsPlainNumber(absl::string_view text) {
  if (!text.empty() && (text[0] == '-' || text[0] == '+')) {
    text.remove_prefix(1);
  }
  return !text.empty() && absl::ascii_isdigit(text[0]) &&
         std::all_of(text.begin(), text.end(),
                     [](char c) { return absl::ascii_isdigit(c) || c == '.'; });
}

std::string Cell(absl::string_view text) {
  constexpr absl::string_view kFormula = "=+-@\t\r";
  std::string cell(text);
  if (!text.empty() && kFormula.find(text[0]) != absl::string_view::npos &&
      !IsPlainNumber(text)) {
    cell = absl::StrCat("'", text);
  }
  const bool quote = cell.find_first_of(",\"\r\n") != std::string::npos ||
                     (!cell.empty() && (absl::ascii_isspace(cell.front()) ||
                                        absl::ascii_isspace(cell.back())));
  if (!quote) return cell;
  return absl::StrCat("\"", absl::StrReplaceAll(cell, {{"\"", "\"\""}}), "\"");
}

}  // namespace

std::string CsvLine(const std::vector<std::string>& cells) {
  // A single empty cell would read back as an empty line.
  if (cells.size() == 1 && cells[0].empty()) return "\"\"\r\n";
  return absl::StrCat(
      absl::StrJoin(cells, ",",
                    [](std::string* out, const std::string& cell) {
                      absl::StrAppend(out, Cell(cell));
                    }),
      "\r\n");
}

}  // namespace entente::client

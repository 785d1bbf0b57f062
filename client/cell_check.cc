#include "client/cell_check.h"

#include <set>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "client/row_reader.h"
#include "policy/printable.h"

namespace entente::client {

std::string CellProblem(absl::string_view cell) {
  if (cell.size() > kMaxCellBytes) {
    return absl::StrCat("longer than ", kMaxCellBytes, " bytes");
  }
  if (absl::StrContains(cell, '\0')) return "a NUL character";
  while (!cell.empty()) {
    const size_t length = policy::CharacterLength(cell);
    if (length == 0) return "not UTF-8; save the file as UTF-8";
    cell.remove_prefix(length);
  }
  return "";
}

absl::Status CheckColumns(const std::vector<std::string>& columns) {
  if (columns.empty() || columns.size() > kMaxColumns) {
    return absl::InvalidArgumentError(
        absl::StrCat("line 1: must name 1 to ", kMaxColumns, " columns"));
  }
  std::set<std::string> seen;
  for (size_t i = 0; i < columns.size(); ++i) {
    std::string problem = CellProblem(columns[i]);
    if (columns[i].empty()) problem = "has no name";
    if (!seen.insert(columns[i]).second) {
      problem = absl::StrCat("is named as an earlier one, \"",
                             policy::PrintableStart(columns[i], 60), "\"");
    }
    if (!problem.empty()) {
      return absl::InvalidArgumentError(
          absl::StrCat("line 1: column ", i + 1, ": ", problem));
    }
  }
  return absl::OkStatus();
}

}  // namespace entente::client

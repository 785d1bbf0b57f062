// Rows that are read have a cell for each column, and read the same when they
// are written again as objects of text.
#include <cstdint>
#include <cstdlib>
#include <sstream>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "client/json_text.h"
#include "client/row_reader.h"

namespace {

using namespace entente::client;  // NOLINT

std::string Object(const std::vector<std::string>& columns,
                   const std::vector<std::string>& cells) {
  std::string line;
  for (size_t i = 0; i < columns.size(); ++i) {
    absl::StrAppend(&line, i == 0 ? "{" : ",", JsonString(columns[i]), ":",
                    JsonString(cells[i]));
  }
  return line + "}\n";
}

// The rows as lines of text alone; empty if there is none.
std::string ReadAll(const std::string& text, bool trim,
                    std::vector<BadRow>* bad) {
  std::istringstream in(text);
  const auto reader = ReadJsonLines(&in, trim);
  if (!reader.ok()) return "";
  std::string lines;
  Row row;
  uint64_t last = 0;
  while (true) {
    const auto more = (*reader)->Next(&row, bad);
    if (!more.ok()) std::abort();
    if (!*more) return lines;
    if (row.cells.size() != (*reader)->columns().size() || row.number <= last) {
      std::abort();
    }
    last = row.number;
    lines += Object((*reader)->columns(), row.cells);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  const bool trim = (data[0] & 1) != 0;
  const std::string text(data + 1, data + size);
  std::vector<BadRow> bad;
  const std::string lines = ReadAll(text, trim, &bad);
  if (lines.empty()) return 0;
  std::vector<BadRow> none;
  if (ReadAll(lines, trim, &none) != lines || !none.empty()) std::abort();
  return 0;
}

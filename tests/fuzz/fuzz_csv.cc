// Rows that are read have a cell for each column, and read the same when they
// are written again with every cell in quotes.
#include <cstdint>
#include <cstdlib>
#include <sstream>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "client/row_reader.h"

namespace {

using namespace entente::client;  // NOLINT

std::string Quoted(const std::vector<std::string>& cells) {
  std::string line;
  for (const std::string& cell : cells) {
    absl::StrAppend(&line, line.empty() ? "\"" : ",\"",
                    absl::StrReplaceAll(cell, {{"\"", "\"\""}}), "\"");
  }
  return line + "\n";
}

// The rows as quoted lines, the heading first; empty if the heading is bad.
std::string ReadAll(const std::string& text, bool trim,
                    std::vector<BadRow>* bad) {
  std::istringstream in(text);
  const auto reader = ReadCsv(&in, trim);
  if (!reader.ok()) return "";
  std::string lines = Quoted((*reader)->columns());
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
    lines += Quoted(row.cells);
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

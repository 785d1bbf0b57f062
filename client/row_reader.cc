#include "client/row_reader.h"

#include <unistd.h>

#include <cerrno>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "client/csv_writer.h"
#include "client/durable_file.h"

namespace entente::client {

absl::StatusOr<std::unique_ptr<RowReader>> ReadRows(absl::string_view name,
                                                    std::istream* in,
                                                    bool trim) {
  const bool json =
      absl::EndsWith(name, ".jsonl") || absl::EndsWith(name, ".ndjson");
  absl::StatusOr<std::unique_ptr<RowReader>> reader =
      json ? ReadJsonLines(in, trim) : ReadCsv(in, trim);
  if (reader.ok()) return reader;
  return absl::Status(reader.status().code(),
                      absl::StrCat(name, ": ", reader.status().message()));
}

absl::Status WriteRefusedRows(const std::string& path,
                              const std::vector<BadRow>& bad) {
  if (bad.empty()) {
    // What an earlier run said is no longer true.
    if (unlink(path.c_str()) != 0 && errno != ENOENT) {
      return absl::ErrnoToStatus(errno, absl::StrCat("cannot remove ", path));
    }
    return absl::OkStatus();
  }
  std::string text = CsvLine({"row", "line", "column", "reason"});
  for (const BadRow& row : bad) {
    absl::StrAppend(&text,
                    CsvLine({absl::StrCat(row.number), absl::StrCat(row.line),
                             row.column, row.reason}));
  }
  return WriteDurably(path, text, 0600);
}

}  // namespace entente::client

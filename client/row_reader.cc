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

}  // namespace entente::client

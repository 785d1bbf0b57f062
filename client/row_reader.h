// Rows of an agency's own data, from CSV or JSON Lines.
#ifndef ENTENTE_CLIENT_ROW_READER_H_
#define ENTENTE_CLIENT_ROW_READER_H_

#include <cstddef>
#include <cstdint>
#include <istream>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace entente::client {

inline constexpr size_t kMaxCellBytes = 64 << 10;
inline constexpr size_t kMaxColumns = 1000;
inline constexpr size_t kMaxRowBytes = 4 << 20;

// Numbers count from 1; the heading is no row but has a line.
struct Row {
  uint64_t number = 0;
  uint64_t line = 0;  // on which it begins
  // As many as there are columns. Empty where nothing stands.
  std::vector<std::string> cells;
};

// A row that cannot be used, and why; never what stands in it.
struct BadRow {
  uint64_t number = 0;
  uint64_t line = 0;
  std::string column;  // its name, or empty if it is not about one
  std::string reason;

  bool operator==(const BadRow&) const = default;
};

// Reads row by row; memory for one row.
class RowReader {
 public:
  virtual ~RowReader() = default;

  virtual const std::vector<std::string>& columns() const = 0;

  // The next good row; false at the end. Bad ones on the way are appended to
  // `bad`. Unavailable if reading fails.
  virtual absl::StatusOr<bool> Next(Row* row, std::vector<BadRow>* bad) = 0;
};

// RFC 4180 with a heading: quotes, CRLF or LF, a BOM allowed, UTF-8. `trim`
// takes ASCII white space from both ends of names and cells. Bad rows: another
// number of cells than the heading, quotes out of place, bad UTF-8, NUL, too
// long. InvalidArgument if the heading is missing or bad, or names a column
// twice.
absl::StatusOr<std::unique_ptr<RowReader>> ReadCsv(std::istream* in, bool trim);

// JSON Lines: one flat object a line. The keys of the first are the columns; a
// missing key or null is an empty cell. Numbers keep their spelling, booleans
// are `true` and `false`. Bad rows: no object, a nested value, a key twice or
// unknown, bad UTF-8, too long. InvalidArgument if the first line is bad.
absl::StatusOr<std::unique_ptr<RowReader>> ReadJsonLines(std::istream* in,
                                                         bool trim);

// By the name: `.jsonl` and `.ndjson` are JSON Lines, everything else CSV.
absl::StatusOr<std::unique_ptr<RowReader>> ReadRows(absl::string_view name,
                                                    std::istream* in,
                                                    bool trim);

}  // namespace entente::client

#endif  // ENTENTE_CLIENT_ROW_READER_H_

// The list of rows that were not used, and why.
#ifndef ENTENTE_CLIENT_REFUSED_ROWS_H_
#define ENTENTE_CLIENT_REFUSED_ROWS_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "client/line_file.h"
#include "client/row_reader.h"

namespace entente::client {

// A CSV file beside the input (0600): row, line, column, reason; never a value.
// Not thread-safe.
class RefusedRows {
 public:
  // For the input `name`; `-` has `refused-rows.csv` in the working folder.
  explicit RefusedRows(const std::string& name);

  // Everything about some rows, none of which comes again; the same thing said
  // twice is written once. As LineFile::Append.
  absl::Status Add(const std::vector<BadRow>& bad);

  // Puts the file in its place, or removes an old one if nothing was refused.
  absl::Status Keep() { return file_.Keep(); }

  uint64_t count() const { return count_; }  // rows
  const std::string& path() const { return file_.path(); }

  // What a command ends with that did `good` of its rows: OK if none was
  // refused; else the code ROWS_REFUSED, exit 8, or 1 if nothing was done.
  absl::Status Verdict(uint64_t good) const;

 private:
  LineFile file_;
  uint64_t count_ = 0;
};

}  // namespace entente::client

#endif  // ENTENTE_CLIENT_REFUSED_ROWS_H_

// From the rows of a file to the records that may leave.
#ifndef ENTENTE_CLIENT_OUTGOING_ROWS_H_
#define ENTENTE_CLIENT_OUTGOING_ROWS_H_

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "client/batch_builder.h"
#include "client/pseudonym_table.h"
#include "client/row_reader.h"
#include "policy/release.h"

namespace entente::client {

// A whole file in memory.
struct RowFile {
  std::vector<std::string> columns;
  std::vector<Row> rows;
  std::vector<BadRow> bad;
  uint64_t count = 0;  // rows, good and bad
};

// Reads `name` (`-`: `in`, as CSV), trimming names and cells. As ReadRows;
// NotFound.
absl::StatusOr<RowFile> ReadRowFile(const std::string& name, std::istream* in);

// Where the file of refused rows of `name` goes.
std::string RefusedFile(const std::string& name);

// How many different rows `bad` is about.
uint64_t CountRows(const std::vector<BadRow>& bad);

// What a command ends with that did `good` of its rows and refused `refused`:
// OK if none was refused; else the code ROWS_REFUSED, exit 8, or 1 if nothing
// was done.
absl::Status SomeRefused(uint64_t refused, uint64_t good,
                         const std::string& refused_file);

// The position of a column. A usage error, naming the file's columns, if there
// is none.
absl::StatusOr<size_t> FindColumn(const std::vector<std::string>& columns,
                                  const std::string& name,
                                  const std::string& what_for);

// Field to column, as given by --map. A field that is not named stands in the
// column of its name. Three columns of an identifier are parted by commas.
using ColumnMap = std::map<std::string, std::string>;

struct OutgoingRows {
  std::vector<OutgoingRecord> records;
  std::vector<BadRow> refused;
};

// Releases every row of `file` as `plan` says, and looks up its identifiers
// among those that are enrolled under `agreement` in `epoch`. A row with a bad
// value, against a rule, or with an identifier that is malformed or not
// enrolled is refused, with every reason; a blank identifier is sent as absent.
// Identifiers by which days are shifted need not be enrolled.
// A usage error if a column is missing or `map` names a field that the plan
// does not use.
absl::StatusOr<OutgoingRows> ReleaseRows(const policy::RowPlan& plan,
                                         const std::string& agreement,
                                         uint32_t epoch, const ColumnMap& map,
                                         const RowFile& file,
                                         PseudonymTable* enrolled);

}  // namespace entente::client

#endif  // ENTENTE_CLIENT_OUTGOING_ROWS_H_

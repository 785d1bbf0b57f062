// From the rows of a file to the records that may leave.
#ifndef ENTENTE_CLIENT_OUTGOING_ROWS_H_
#define ENTENTE_CLIENT_OUTGOING_ROWS_H_

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "client/batch_builder.h"
#include "client/pseudonym_table.h"
#include "client/row_source.h"
#include "crypto/hex.h"
#include "policy/release.h"

namespace entente::client {

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
  // For each record, what of its row the flow uses: names and cells, so that
  // another row has other bytes. Not to be kept in clear.
  std::vector<crypto::Bytes> contents;
  std::vector<BadRow> refused;
};

// Releases every row of `block` as `plan` says, and looks up its identifiers
// among those that are enrolled under `agreement` in `epoch`. A row with a bad
// value, against a rule, or with an identifier that is malformed or not
// enrolled is refused, with every reason; a blank identifier is sent as absent.
// Identifiers by which days are shifted need not be enrolled.
// A usage error if a column is missing or `map` names a field that the plan
// does not use.
absl::StatusOr<OutgoingRows> ReleaseRows(const policy::RowPlan& plan,
                                         const std::string& agreement,
                                         uint32_t epoch, const ColumnMap& map,
                                         const RowBlock& block,
                                         PseudonymTable* enrolled);

}  // namespace entente::client

#endif  // ENTENTE_CLIENT_OUTGOING_ROWS_H_

// Checks that CSV and JSON Lines share.
#ifndef ENTENTE_CLIENT_CELL_CHECK_H_
#define ENTENTE_CLIENT_CELL_CHECK_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace entente::client {

// Why `cell` cannot be used, or empty: bad UTF-8, NUL, longer than
// kMaxCellBytes.
std::string CellProblem(absl::string_view cell);

// InvalidArgument unless `columns` are between 1 and kMaxColumns names, good as
// cells, none empty and none twice.
absl::Status CheckColumns(const std::vector<std::string>& columns);

}  // namespace entente::client

#endif  // ENTENTE_CLIENT_CELL_CHECK_H_

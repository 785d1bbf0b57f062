#include "client/refused_rows.h"

#include <set>
#include <tuple>

#include "absl/strings/str_cat.h"
#include "client/csv_writer.h"
#include "client/error.h"
#include "client/row_source.h"

namespace entente::client {

RefusedRows::RefusedRows(const std::string& name)
    : file_(name == "-" ? "refused-rows.csv"
                        : absl::StrCat(name, ".refused.csv")) {}

absl::Status RefusedRows::Add(const std::vector<BadRow>& bad) {
  if (bad.empty()) return absl::OkStatus();
  std::string text;
  if (count_ == 0) text = CsvLine({"row", "line", "column", "reason"});
  std::set<std::tuple<uint64_t, std::string, std::string>> said;
  for (const BadRow& row : bad) {
    if (!said.emplace(row.number, row.column, row.reason).second) continue;
    absl::StrAppend(&text,
                    CsvLine({absl::StrCat(row.number), absl::StrCat(row.line),
                             row.column, row.reason}));
  }
  count_ += CountRows(bad);
  return file_.Append(text);
}

absl::Status RefusedRows::Verdict(uint64_t good) const {
  if (count_ == 0) return absl::OkStatus();
  return ToStatus(
      {.what = absl::StrCat(count_, " rows were refused"),
       .why = good == 0 ? "no row was good, so nothing was done"
                        : "the others went through",
       .next = absl::StrCat("every reason stands in ", path(),
                            "; mend the rows and repeat with them alone"),
       .code = "ROWS_REFUSED",
       .exit = good == 0 ? ExitCode::kFailed : ExitCode::kPartial});
}

}  // namespace entente::client

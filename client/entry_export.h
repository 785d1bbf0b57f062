// Entries of a ledger for other programs.
#ifndef ENTENTE_CLIENT_ENTRY_EXPORT_H_
#define ENTENTE_CLIENT_ENTRY_EXPORT_H_

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "client/entry_filter.h"
#include "client/entry_search.h"
#include "client/output.h"

namespace entente::client {

enum class ExportFormat {
  kNdjson,  // one object a line: EntryRecord (client/entry_row.h)
  kCsv,     // RFC 4180 with a heading: FullRow; no cell is a formula
  kOcsf,    // one object a line: API Activity of OCSF 1.1.0
};

// `ndjson`, `csv`, `ocsf`; a usage error for anything else.
absl::StatusOr<ExportFormat> ParseExportFormat(absl::string_view name);

// An entry as an event of the class API Activity (6003). `origin` is the log's.
Record OcsfEvent(const FoundEntry& found, absl::string_view origin);

// Writes every entry that `filter` matches, from the oldest on, piece by piece;
// how many there were. INTERRUPTED if a StopSignal was asked; otherwise as
// ForEachEntry and `write`.
absl::StatusOr<uint64_t> ExportEntries(
    std::vector<ReadablePart>& parts, const EntryFilter& filter,
    ExportFormat format, absl::TimeZone zone,
    const std::function<absl::Status(absl::string_view)>& write);

}  // namespace entente::client

#endif  // ENTENTE_CLIENT_ENTRY_EXPORT_H_

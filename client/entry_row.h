// An entry of a ledger as a row.
#ifndef ENTENTE_CLIENT_ENTRY_ROW_H_
#define ENTENTE_CLIENT_ENTRY_ROW_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "client/entry_search.h"
#include "client/output.h"

namespace entente::client {

// For people: what fits on a terminal.
const std::vector<std::string>& ShortColumns();
Record ShortRow(const FoundEntry& found);

// For tables elsewhere: all that an entry says, a column each, with the time in
// UTC and in `zone`.
const std::vector<std::string>& FullColumns();
Record FullRow(const FoundEntry& found, absl::TimeZone zone);

// For programs: `part`, `index`, `local_time`, and the entry itself as `entry`.
absl::StatusOr<Record> EntryRecord(const FoundEntry& found,
                                   absl::TimeZone zone);

// `2027-03-01T09:30:00.000Z`, and the same instant in `zone` with its offset.
std::string UtcTime(absl::Time time);
std::string LocalTime(absl::Time time, absl::TimeZone zone);

}  // namespace entente::client

#endif  // ENTENTE_CLIENT_ENTRY_ROW_H_

#include "client/occurrences.h"

#include <atomic>

namespace entente::client {
namespace {

constexpr char kTable[] =
    "CREATE TEMP TABLE IF NOT EXISTS occurrence ("
    " counting INTEGER NOT NULL, key BLOB NOT NULL, count INTEGER NOT NULL,"
    " PRIMARY KEY (counting, key)) STRICT, WITHOUT ROWID";

std::atomic<int64_t> countings = 0;

}  // namespace

absl::StatusOr<std::unique_ptr<Occurrences>> Occurrences::Begin(
    Database* database, const RowSealer* sealer) {
  if (absl::Status made = database->Execute(kTable); !made.ok()) return made;
  return std::unique_ptr<Occurrences>(
      new Occurrences(database, sealer, ++countings));
}

Occurrences::Occurrences(Database* database, const RowSealer* sealer,
                         int64_t counting)
    : database_(*database),
      sealer_(*sealer),
      counting_(counting),
      count_(database->Query(
          "INSERT INTO temp.occurrence VALUES (?,?,1) ON CONFLICT DO UPDATE"
          " SET count = count + 1 RETURNING count")) {}

Occurrences::~Occurrences() {
  // If this fails, the rows go with the connection.
  database_.Query("DELETE FROM temp.occurrence WHERE counting = ?")
      .Int(counting_)
      .Run()
      .IgnoreError();
}

absl::StatusOr<uint64_t> Occurrences::Count(absl::Span<const uint8_t> thing) {
  const absl::StatusOr<bool> counted =
      count_.Again().Int(counting_).Blob(sealer_.IndexOf(thing)).Step();
  if (!counted.ok()) return counted.status();
  const auto count = static_cast<uint64_t>(count_.ColumnInt(0));
  // A statement half way through would hold up the store's transactions.
  const absl::StatusOr<bool> done = count_.Step();
  if (!done.ok()) return done.status();
  return count;
}

}  // namespace entente::client

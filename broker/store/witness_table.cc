#include "broker/store/witness_table.h"

#include <utility>

#include "absl/strings/str_cat.h"

namespace entente::broker {

absl::Status WitnessTable::Put(const CosignatureRow& row) {
  return transaction_
      .Query(
          "INSERT INTO cosignatures (part, witness, size, line, cosigned_ms)"
          " VALUES (?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET"
          " size = excluded.size, line = excluded.line,"
          " cosigned_ms = excluded.cosigned_ms")
      .Text(row.part)
      .Text(row.witness)
      .Int(static_cast<int64_t>(row.size))
      .Text(row.line)
      .Int(absl::ToUnixMillis(row.time))
      .Run();
}

absl::StatusOr<std::vector<CosignatureRow>> WitnessTable::Of(
    absl::string_view part) {
  Statement query = transaction_.Query(
      "SELECT witness, size, line, cosigned_ms FROM cosignatures"
      " WHERE part = ? ORDER BY witness");
  query.Text(part);
  std::vector<CosignatureRow> rows;
  while (true) {
    const absl::StatusOr<bool> row = query.Step();
    if (!row.ok()) return row.status();
    if (!*row) return rows;
    rows.push_back({std::string(part), query.ColumnText(0),
                    static_cast<uint64_t>(query.ColumnInt(1)),
                    query.ColumnText(2),
                    absl::FromUnixMillis(query.ColumnInt(3))});
  }
}

absl::Status WitnessTable::PutWitnessed(const WitnessedRow& row) {
  return transaction_
      .Query(
          "INSERT INTO witnessed (part, size, checkpoint) VALUES (?, ?, ?)"
          " ON CONFLICT DO UPDATE SET size = excluded.size,"
          " checkpoint = excluded.checkpoint WHERE size <= excluded.size")
      .Text(row.part)
      .Int(static_cast<int64_t>(row.size))
      .Text(row.checkpoint)
      .Run();
}

absl::StatusOr<WitnessedRow> WitnessTable::GetWitnessed(
    absl::string_view part) {
  Statement query = transaction_.Query(
      "SELECT size, checkpoint FROM witnessed WHERE part = ?");
  const absl::StatusOr<bool> row = query.Text(part).Step();
  if (!row.ok()) return row.status();
  if (!*row) {
    return absl::NotFoundError(
        absl::StrCat("no quorum has cosigned ledger ", part));
  }
  return WitnessedRow{std::string(part),
                      static_cast<uint64_t>(query.ColumnInt(0)),
                      query.ColumnText(1)};
}

absl::Status WitnessTable::SetMissing(absl::string_view agreement,
                                      absl::Time since) {
  return transaction_
      .Query("INSERT INTO quorums_missing (agreement, since_ms) VALUES (?, ?)")
      .Text(agreement)
      .Int(absl::ToUnixMillis(since))
      .Run();
}

absl::StatusOr<absl::optional<absl::Time>> WitnessTable::MissingSince(
    absl::string_view agreement) {
  Statement query = transaction_.Query(
      "SELECT since_ms FROM quorums_missing WHERE agreement = ?");
  const absl::StatusOr<bool> row = query.Text(agreement).Step();
  if (!row.ok()) return row.status();
  if (!*row) return absl::optional<absl::Time>();
  return absl::optional<absl::Time>(absl::FromUnixMillis(query.ColumnInt(0)));
}

absl::Status WitnessTable::ClearMissing(absl::string_view agreement) {
  return transaction_.Query("DELETE FROM quorums_missing WHERE agreement = ?")
      .Text(agreement)
      .Run();
}

absl::StatusOr<uint64_t> WitnessTable::CountMissing() {
  Statement query = transaction_.Query("SELECT count(*) FROM quorums_missing");
  const absl::StatusOr<bool> row = query.Step();
  if (!row.ok()) return row.status();
  return static_cast<uint64_t>(query.ColumnInt(0));
}

}  // namespace entente::broker

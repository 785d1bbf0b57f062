#include "broker/store/agencies_table.h"

#include "absl/strings/str_cat.h"

namespace entente::broker {
namespace {

AgencyRow ReadAgency(const Statement& row) {
  return {row.ColumnText(0), row.ColumnText(1), row.ColumnText(2),
          row.ColumnText(3), absl::FromUnixMillis(row.ColumnInt(4))};
}

}  // namespace

absl::Status AgenciesTable::Insert(const AgencyRow& row) {
  return transaction_
      .Query(
          "INSERT INTO agencies (id, name, root_digest, root_pem, added_ms)"
          " VALUES (?, ?, ?, ?, ?)")
      .Text(row.id)
      .Text(row.name)
      .Text(row.root_digest)
      .Text(row.root_pem)
      .Int(absl::ToUnixMillis(row.added))
      .Run();
}

absl::StatusOr<AgencyRow> AgenciesTable::Get(absl::string_view id) {
  Statement query = transaction_.Query(
      "SELECT id, name, root_digest, root_pem, added_ms FROM agencies"
      " WHERE id = ?");
  const absl::StatusOr<bool> row = query.Text(id).Step();
  if (!row.ok()) return row.status();
  if (!*row) return absl::NotFoundError(absl::StrCat("no agency ", id));
  return ReadAgency(query);
}

absl::StatusOr<std::vector<AgencyRow>> AgenciesTable::List(
    absl::string_view after, int limit) {
  Statement query = transaction_.Query(
      "SELECT id, name, root_digest, root_pem, added_ms FROM agencies"
      " WHERE id > ? ORDER BY id LIMIT ?");
  query.Text(after).Int(limit);
  std::vector<AgencyRow> rows;
  while (true) {
    const absl::StatusOr<bool> row = query.Step();
    if (!row.ok()) return row.status();
    if (!*row) return rows;
    rows.push_back(ReadAgency(query));
  }
}

absl::StatusOr<bool> AgenciesTable::Revoke(const RevokedRow& row) {
  const absl::Status written =
      transaction_
          .Query(
              "INSERT INTO revoked (fingerprint, agency, reason, revoked_by,"
              " revoked_ms) VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING")
          .Text(row.fingerprint)
          .Text(row.agency)
          .Text(row.reason)
          .Text(row.revoked_by)
          .Int(absl::ToUnixMillis(row.revoked))
          .Run();
  if (!written.ok()) return written;
  return transaction_.changes() == 1;
}

absl::StatusOr<bool> AgenciesTable::IsRevoked(absl::string_view fingerprint,
                                              absl::string_view agency) {
  return transaction_
      .Query(
          "SELECT 1 FROM revoked WHERE fingerprint = ? AND agency IN ('', ?)")
      .Text(fingerprint)
      .Text(agency)
      .Step();
}

absl::StatusOr<std::vector<RevokedRow>> AgenciesTable::Revoked() {
  Statement query = transaction_.Query(
      "SELECT fingerprint, agency, reason, revoked_by, revoked_ms FROM revoked"
      " ORDER BY fingerprint, agency");
  std::vector<RevokedRow> rows;
  while (true) {
    const absl::StatusOr<bool> row = query.Step();
    if (!row.ok()) return row.status();
    if (!*row) return rows;
    rows.push_back({query.ColumnText(0), query.ColumnText(1),
                    query.ColumnText(2), query.ColumnText(3),
                    absl::FromUnixMillis(query.ColumnInt(4))});
  }
}

}  // namespace entente::broker

#include "broker/store/enrolment_table.h"

#include <algorithm>

namespace entente::broker {

absl::StatusOr<absl::optional<EnrolmentRow>> EnrolmentTable::Find(
    absl::string_view agency, absl::Span<const uint8_t> domain,
    absl::Span<const uint8_t> request_id,
    absl::Span<const uint8_t> blinded_digest) {
  Statement query = transaction_.Query(
      "SELECT agency, domain, request_id, blinded_digest, evaluated, proof,"
      " ledger, entry, created_ms FROM enrolments"
      " WHERE agency = ? AND domain = ? AND request_id = ?");
  const absl::StatusOr<bool> found =
      query.Text(agency).Blob(domain).Blob(request_id).Step();
  if (!found.ok()) return found.status();
  if (!*found) return absl::optional<EnrolmentRow>();
  EnrolmentRow row = {query.ColumnText(0),
                      query.ColumnBlob(1),
                      query.ColumnBlob(2),
                      query.ColumnBlob(3),
                      query.ColumnBlob(4),
                      query.ColumnBlob(5),
                      query.ColumnText(6),
                      absl::nullopt,
                      absl::FromUnixMillis(query.ColumnInt(8))};
  if (!query.ColumnIsNull(7)) {
    row.entry = static_cast<uint64_t>(query.ColumnInt(7));
  }
  if (!std::equal(row.blinded_digest.begin(), row.blinded_digest.end(),
                  blinded_digest.begin(), blinded_digest.end())) {
    return absl::AlreadyExistsError(
        "this request id was used for other elements; use a new one");
  }
  return absl::optional<EnrolmentRow>(std::move(row));
}

absl::Status EnrolmentTable::Insert(const EnrolmentRow& row) {
  return transaction_
      .Query(
          "INSERT INTO enrolments (agency, domain, request_id, blinded_digest,"
          " evaluated, proof, ledger, created_ms)"
          " VALUES (?, ?, ?, ?, ?, ?, ?, ?)")
      .Text(row.agency)
      .Blob(row.domain)
      .Blob(row.request_id)
      .Blob(row.blinded_digest)
      .Blob(row.evaluated)
      .Blob(row.proof)
      .Text(row.ledger)
      .Int(absl::ToUnixMillis(row.created))
      .Run();
}

absl::Status EnrolmentTable::SetEntry(const EnrolmentRow& row, uint64_t entry) {
  return transaction_
      .Query(
          "UPDATE enrolments SET entry = ?"
          " WHERE agency = ? AND domain = ? AND request_id = ?")
      .Int(static_cast<int64_t>(entry))
      .Text(row.agency)
      .Blob(row.domain)
      .Blob(row.request_id)
      .Run();
}

absl::Status EnrolmentTable::Forget(absl::Time at) {
  return transaction_.Query("DELETE FROM enrolments WHERE created_ms < ?")
      .Int(absl::ToUnixMillis(at))
      .Run();
}

}  // namespace entente::broker

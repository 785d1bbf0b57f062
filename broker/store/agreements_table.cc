#include "broker/store/agreements_table.h"

#include "absl/strings/str_cat.h"

namespace entente::broker {
namespace {

constexpr absl::string_view kSelectAgreement =
    "SELECT a.id, a.version, a.document, a.digest, a.state, a.proposed_by,"
    " a.proposed_ms, a.activated_ms, a.activation_entry, a.overdue_entry"
    " FROM agreements a ";

AgreementRow ReadAgreement(const Statement& row) {
  AgreementRow read;
  read.id = row.ColumnText(0);
  read.version = static_cast<uint32_t>(row.ColumnInt(1));
  read.document = row.ColumnBlob(2);
  read.digest = row.ColumnBlob(3);
  read.state = static_cast<AgreementState>(row.ColumnInt(4));
  read.proposed_by = row.ColumnText(5);
  read.proposed = absl::FromUnixMillis(row.ColumnInt(6));
  if (!row.ColumnIsNull(7)) {
    read.activated = absl::FromUnixMillis(row.ColumnInt(7));
  }
  if (!row.ColumnIsNull(8)) {
    read.activation_entry = static_cast<uint64_t>(row.ColumnInt(8));
  }
  if (!row.ColumnIsNull(9)) {
    read.overdue_entry = static_cast<uint64_t>(row.ColumnInt(9));
  }
  return read;
}

absl::StatusOr<AgreementRow> ReadOne(Statement& query, absl::string_view id) {
  const absl::StatusOr<bool> row = query.Step();
  if (!row.ok()) return row.status();
  if (!*row) return absl::NotFoundError(absl::StrCat("no agreement ", id));
  return ReadAgreement(query);
}

absl::StatusOr<std::vector<AgreementRow>> ReadAgreements(Statement& query) {
  std::vector<AgreementRow> rows;
  while (true) {
    const absl::StatusOr<bool> row = query.Step();
    if (!row.ok()) return row.status();
    if (!*row) return rows;
    rows.push_back(ReadAgreement(query));
  }
}

}  // namespace

absl::Status AgreementsTable::Insert(const AgreementRow& row,
                                     absl::Span<const std::string> parties) {
  const absl::Status written =
      transaction_
          .Query(
              "INSERT INTO agreements (id, version, document, digest, state,"
              " proposed_by, proposed_ms) VALUES (?, ?, ?, ?, ?, ?, ?)")
          .Text(row.id)
          .Int(row.version)
          .Blob(row.document)
          .Blob(row.digest)
          .Int(static_cast<int64_t>(row.state))
          .Text(row.proposed_by)
          .Int(absl::ToUnixMillis(row.proposed))
          .Run();
  if (!written.ok()) return written;
  for (const std::string& party : parties) {
    const absl::Status named =
        transaction_
            .Query(
                "INSERT INTO agreement_parties (id, version, agency)"
                " VALUES (?, ?, ?)")
            .Text(row.id)
            .Int(row.version)
            .Text(party)
            .Run();
    if (!named.ok()) return named;
  }
  return absl::OkStatus();
}

absl::StatusOr<AgreementRow> AgreementsTable::Get(absl::string_view id,
                                                  uint32_t version) {
  Statement query = transaction_.Query(
      absl::StrCat(kSelectAgreement, "WHERE a.id = ? AND a.version = ?"));
  return ReadOne(query.Text(id).Int(version), id);
}

absl::StatusOr<AgreementRow> AgreementsTable::GetHighest(absl::string_view id) {
  Statement query = transaction_.Query(absl::StrCat(
      kSelectAgreement, "WHERE a.id = ? ORDER BY a.version DESC LIMIT 1"));
  return ReadOne(query.Text(id), id);
}

absl::StatusOr<AgreementRow> AgreementsTable::GetActive(absl::string_view id) {
  Statement query = transaction_.Query(
      absl::StrCat(kSelectAgreement, "WHERE a.id = ? AND a.state = 3"));
  return ReadOne(query.Text(id), id);
}

absl::StatusOr<std::vector<AgreementRow>> AgreementsTable::ListOf(
    absl::string_view agency, absl::string_view after, int limit) {
  Statement query = transaction_.Query(
      absl::StrCat(kSelectAgreement,
                   "JOIN (SELECT id, max(version) AS version"
                   " FROM agreement_parties WHERE agency = ? AND id > ?"
                   " GROUP BY id ORDER BY id LIMIT ?) h"
                   " ON a.id = h.id AND a.version = h.version ORDER BY a.id"));
  return ReadAgreements(query.Text(agency).Text(after).Int(limit));
}

absl::StatusOr<std::vector<std::string>> AgreementsTable::Ids() {
  Statement query =
      transaction_.Query("SELECT DISTINCT id FROM agreements ORDER BY id");
  std::vector<std::string> ids;
  while (true) {
    const absl::StatusOr<bool> row = query.Step();
    if (!row.ok()) return row.status();
    if (!*row) return ids;
    ids.push_back(query.ColumnText(0));
  }
}

absl::StatusOr<std::vector<AgreementRow>> AgreementsTable::Versions(
    absl::string_view id) {
  Statement query = transaction_.Query(
      absl::StrCat(kSelectAgreement, "WHERE a.id = ? ORDER BY a.version"));
  return ReadAgreements(query.Text(id));
}

absl::StatusOr<std::vector<AgreementRow>> AgreementsTable::ListIn(
    AgreementState state) {
  Statement query = transaction_.Query(absl::StrCat(
      kSelectAgreement, "WHERE a.state = ? ORDER BY a.id, a.version"));
  return ReadAgreements(query.Int(static_cast<int64_t>(state)));
}

absl::Status AgreementsTable::SetState(absl::string_view id, uint32_t version,
                                       AgreementState state) {
  const absl::Status set =
      transaction_
          .Query("UPDATE agreements SET state = ? WHERE id = ? AND version = ?")
          .Int(static_cast<int64_t>(state))
          .Text(id)
          .Int(version)
          .Run();
  if (!set.ok()) return set;
  if (transaction_.changes() == 0) {
    return absl::NotFoundError(
        absl::StrCat("no agreement ", id, " version ", version));
  }
  return absl::OkStatus();
}

absl::Status AgreementsTable::Activate(absl::string_view id, uint32_t version,
                                       absl::Time at) {
  const absl::Status superseded =
      transaction_
          .Query(
              "UPDATE agreements SET state = 4"
              " WHERE id = ? AND state = 3 AND version <> ?")
          .Text(id)
          .Int(version)
          .Run();
  if (!superseded.ok()) return superseded;
  if (absl::Status set = SetState(id, version, AgreementState::kActive);
      !set.ok()) {
    return set;
  }
  return transaction_
      .Query(
          "UPDATE agreements SET activated_ms = ? WHERE id = ? AND version = ?")
      .Int(absl::ToUnixMillis(at))
      .Text(id)
      .Int(version)
      .Run();
}

absl::Status AgreementsTable::SetActivationEntry(absl::string_view id,
                                                 uint32_t version,
                                                 uint64_t entry) {
  return transaction_
      .Query(
          "UPDATE agreements SET activation_entry = ?"
          " WHERE id = ? AND version = ?")
      .Int(static_cast<int64_t>(entry))
      .Text(id)
      .Int(version)
      .Run();
}

absl::Status AgreementsTable::SetOverdueEntry(absl::string_view id,
                                              uint32_t version,
                                              uint64_t entry) {
  return transaction_
      .Query(
          "UPDATE agreements SET overdue_entry = ?"
          " WHERE id = ? AND version = ?")
      .Int(static_cast<int64_t>(entry))
      .Text(id)
      .Int(version)
      .Run();
}

absl::Status AgreementsTable::InsertSignature(absl::string_view id,
                                              uint32_t version,
                                              const SignatureRow& row) {
  Statement insert = transaction_.Query(
      "INSERT INTO signatures (id, version, party, role, name, envelope,"
      " signed_ms, diff) VALUES (?, ?, ?, ?, ?, ?, ?, ?)");
  insert.Text(id)
      .Int(version)
      .Text(row.party)
      .Text(row.role)
      .Text(row.name)
      .Blob(row.envelope)
      .Int(absl::ToUnixMillis(row.signed_at));
  return (row.diff.empty() ? insert.Null() : insert.Blob(row.diff)).Run();
}

absl::Status AgreementsTable::RemoveSignature(absl::string_view id,
                                              uint32_t version,
                                              const SignatureRow& row) {
  return transaction_
      .Query(
          "DELETE FROM signatures WHERE id = ? AND version = ?"
          " AND party = ? AND role = ? AND name = ?")
      .Text(id)
      .Int(version)
      .Text(row.party)
      .Text(row.role)
      .Text(row.name)
      .Run();
}

absl::StatusOr<std::vector<SignatureRow>> AgreementsTable::Signatures(
    absl::string_view id, uint32_t version) {
  Statement query = transaction_.Query(
      "SELECT party, role, name, envelope, signed_ms, diff FROM signatures"
      " WHERE id = ? AND version = ? ORDER BY party, role, name");
  query.Text(id).Int(version);
  std::vector<SignatureRow> rows;
  while (true) {
    const absl::StatusOr<bool> row = query.Step();
    if (!row.ok()) return row.status();
    if (!*row) return rows;
    rows.push_back({query.ColumnText(0), query.ColumnText(1),
                    query.ColumnText(2), query.ColumnBlob(3),
                    absl::FromUnixMillis(query.ColumnInt(4)),
                    query.ColumnBlob(5)});
  }
}

absl::StatusOr<std::vector<SignatureRow>> AgreementsTable::SignedLines(
    absl::string_view id, uint32_t version) {
  Statement query = transaction_.Query(
      "SELECT party, role, name FROM signatures"
      " WHERE id = ? AND version = ? ORDER BY party, role, name");
  query.Text(id).Int(version);
  std::vector<SignatureRow> rows;
  while (true) {
    const absl::StatusOr<bool> row = query.Step();
    if (!row.ok()) return row.status();
    if (!*row) return rows;
    SignatureRow& line = rows.emplace_back();
    line.party = query.ColumnText(0);
    line.role = query.ColumnText(1);
    line.name = query.ColumnText(2);
  }
}

}  // namespace entente::broker

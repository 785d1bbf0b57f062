#include "broker/store/acts_table.h"

#include "absl/strings/str_cat.h"

namespace entente::broker {
namespace {

constexpr absl::string_view kSelectAct =
    "SELECT id, digest, kind, agency, actor, reason, through, envelope,"
    " acted_ms, stands, entry FROM acts ";

// Kept as numbers from 1: values are never reused.
int64_t NumberOf(certs::ActKind kind) { return static_cast<int64_t>(kind) + 1; }

ActRow ReadAct(const Statement& row) {
  ActRow read;
  read.agreement = row.ColumnText(0);
  read.digest = row.ColumnBlob(1);
  read.kind = static_cast<certs::ActKind>(row.ColumnInt(2) - 1);
  read.agency = row.ColumnText(3);
  read.actor = row.ColumnText(4);
  read.reason = row.ColumnText(5);
  read.through = static_cast<uint32_t>(row.ColumnInt(6));
  read.envelope = row.ColumnBlob(7);
  read.acted = absl::FromUnixMillis(row.ColumnInt(8));
  read.stands = row.ColumnInt(9) != 0;
  if (!row.ColumnIsNull(10)) {
    read.entry = static_cast<uint64_t>(row.ColumnInt(10));
  }
  return read;
}

}  // namespace

absl::Status ActsTable::Insert(const ActRow& row) {
  return transaction_
      .Query(
          "INSERT INTO acts (id, digest, kind, agency, actor, reason, through,"
          " envelope, acted_ms, stands) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)")
      .Text(row.agreement)
      .Blob(row.digest)
      .Int(NumberOf(row.kind))
      .Text(row.agency)
      .Text(row.actor)
      .Text(row.reason)
      .Int(row.through)
      .Blob(row.envelope)
      .Int(absl::ToUnixMillis(row.acted))
      .Int(row.stands ? 1 : 0)
      .Run();
}

absl::StatusOr<ActRow> ActsTable::Get(absl::string_view id,
                                      absl::Span<const uint8_t> digest) {
  Statement query = transaction_.Query(
      absl::StrCat(kSelectAct, "WHERE id = ? AND digest = ?"));
  const absl::StatusOr<bool> row = query.Text(id).Blob(digest).Step();
  if (!row.ok()) return row.status();
  if (!*row) return absl::NotFoundError(absl::StrCat("no such act on ", id));
  return ReadAct(query);
}

absl::Status ActsTable::Lift(absl::string_view id,
                             absl::Span<const uint8_t> digest) {
  const absl::Status lifted =
      transaction_
          .Query(
              "UPDATE acts SET stands = 0"
              " WHERE id = ? AND digest = ? AND stands = 1")
          .Text(id)
          .Blob(digest)
          .Run();
  if (!lifted.ok()) return lifted;
  if (transaction_.changes() == 0) {
    return absl::NotFoundError(absl::StrCat("no such act on ", id, " stands"));
  }
  return absl::OkStatus();
}

absl::Status ActsTable::SetEntry(absl::string_view id,
                                 absl::Span<const uint8_t> digest,
                                 uint64_t entry) {
  return transaction_
      .Query("UPDATE acts SET entry = ? WHERE id = ? AND digest = ?")
      .Int(static_cast<int64_t>(entry))
      .Text(id)
      .Blob(digest)
      .Run();
}

absl::StatusOr<std::vector<ActRow>> ActsTable::Standing(absl::string_view id) {
  Statement query = transaction_.Query(absl::StrCat(
      kSelectAct, "WHERE id = ? AND stands = 1 ORDER BY agency, kind"));
  query.Text(id);
  std::vector<ActRow> rows;
  while (true) {
    const absl::StatusOr<bool> row = query.Step();
    if (!row.ok()) return row.status();
    if (!*row) return rows;
    rows.push_back(ReadAct(query));
  }
}

}  // namespace entente::broker

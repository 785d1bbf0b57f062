#include "broker/store/glass_table.h"

#include "absl/strings/str_cat.h"

namespace entente::broker {
namespace {

constexpr absl::string_view kSelectGlass =
    "SELECT sequence, id, glass, step, digest, agency, actor, envelope, at_ms,"
    " entry FROM break_glass ";

GlassRow ReadGlass(const Statement& row) {
  GlassRow read;
  read.sequence = row.ColumnInt(0);
  read.agreement = row.ColumnText(1);
  read.grant = row.ColumnBlob(2);
  read.step = static_cast<GlassStep>(row.ColumnInt(3));
  read.digest = row.ColumnBlob(4);
  read.agency = row.ColumnText(5);
  read.actor = row.ColumnText(6);
  read.envelope = row.ColumnBlob(7);
  read.at = absl::FromUnixMillis(row.ColumnInt(8));
  if (!row.ColumnIsNull(9)) {
    read.entry = static_cast<uint64_t>(row.ColumnInt(9));
  }
  return read;
}

absl::StatusOr<std::vector<GlassRow>> ReadGlassRows(Statement& query) {
  std::vector<GlassRow> rows;
  while (true) {
    const absl::StatusOr<bool> row = query.Step();
    if (!row.ok()) return row.status();
    if (!*row) return rows;
    rows.push_back(ReadGlass(query));
  }
}

Statement& BlobOrNull(Statement& query, absl::Span<const uint8_t> bytes) {
  return bytes.empty() ? query.Null() : query.Blob(bytes);
}

}  // namespace

absl::Status GlassTable::Insert(const GlassRow& row) {
  Statement query = transaction_.Query(
      "INSERT INTO break_glass (id, glass, step, digest, agency, actor,"
      " envelope, at_ms) VALUES (?, ?, ?, ?, ?, ?, ?, ?)");
  query.Text(row.agreement).Blob(row.grant).Int(static_cast<int64_t>(row.step));
  BlobOrNull(query, row.digest).Text(row.agency).Text(row.actor);
  return BlobOrNull(query, row.envelope).Int(absl::ToUnixMillis(row.at)).Run();
}

absl::Status GlassTable::SetEntry(absl::string_view id,
                                  absl::Span<const uint8_t> grant,
                                  GlassStep step, uint64_t entry) {
  return transaction_
      .Query(
          "UPDATE break_glass SET entry = ?"
          " WHERE id = ? AND glass = ? AND step = ?")
      .Int(static_cast<int64_t>(entry))
      .Text(id)
      .Blob(grant)
      .Int(static_cast<int64_t>(step))
      .Run();
}

absl::StatusOr<std::vector<GlassRow>> GlassTable::OfGrant(
    absl::string_view id, absl::Span<const uint8_t> grant) {
  Statement query = transaction_.Query(
      absl::StrCat(kSelectGlass, "WHERE id = ? AND glass = ? ORDER BY step"));
  return ReadGlassRows(query.Text(id).Blob(grant));
}

absl::StatusOr<std::vector<GlassRow>> GlassTable::Asked(absl::string_view id,
                                                        int64_t before,
                                                        int limit) {
  Statement query = transaction_.Query(
      absl::StrCat(kSelectGlass,
                   "WHERE id = ? AND step = 1 AND sequence < ?"
                   " ORDER BY sequence DESC LIMIT ?"));
  return ReadGlassRows(query.Text(id).Int(before).Int(limit));
}

absl::StatusOr<std::vector<GlassTable::Name>> GlassTable::Unsettled(
    absl::string_view id) {
  // A report settles; so does an end, if there is nothing to report on.
  Statement query = transaction_.Query(
      "SELECT a.id, a.glass FROM break_glass a"
      " WHERE a.step = 1 AND (?1 = '' OR a.id = ?1)"
      " AND NOT EXISTS (SELECT 1 FROM break_glass b WHERE b.id = a.id"
      "  AND b.glass = a.glass AND b.step = 5)"
      " AND (EXISTS (SELECT 1 FROM break_glass b WHERE b.id = a.id"
      "   AND b.glass = a.glass AND b.step = 2)"
      "  OR NOT EXISTS (SELECT 1 FROM break_glass b WHERE b.id = a.id"
      "   AND b.glass = a.glass AND b.step IN (3, 4)))"
      " ORDER BY a.sequence");
  query.Text(id);
  std::vector<Name> names;
  while (true) {
    const absl::StatusOr<bool> row = query.Step();
    if (!row.ok()) return row.status();
    if (!*row) return names;
    names.emplace_back(query.ColumnText(0), query.ColumnBlob(1));
  }
}

}  // namespace entente::broker

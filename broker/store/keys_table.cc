#include "broker/store/keys_table.h"

#include "absl/strings/str_cat.h"

namespace entente::broker {
namespace {

absl::StatusOr<BundleRow> ReadBundle(Statement& query) {
  const absl::StatusOr<bool> row = query.Step();
  if (!row.ok()) return row.status();
  if (!*row) return absl::NotFoundError("no such key bundle");
  return BundleRow{query.ColumnBlob(0), query.ColumnText(1),
                   query.ColumnBlob(2),
                   absl::FromUnixMillis(query.ColumnInt(3))};
}

absl::StatusOr<ManifestRow> ReadManifest(Statement& query) {
  const absl::StatusOr<bool> row = query.Step();
  if (!row.ok()) return row.status();
  if (!*row) return absl::NotFoundError("no such key manifest");
  ManifestRow manifest = {query.ColumnBlob(0),
                          query.ColumnText(1),
                          static_cast<uint32_t>(query.ColumnInt(2)),
                          static_cast<uint32_t>(query.ColumnInt(3)),
                          query.ColumnBlob(4),
                          absl::nullopt};
  if (!query.ColumnIsNull(5)) {
    manifest.entry = static_cast<uint64_t>(query.ColumnInt(5));
  }
  return manifest;
}

MasterRow ReadMaster(const Statement& row) {
  return {row.ColumnText(0), static_cast<uint32_t>(row.ColumnInt(1)),
          row.ColumnBlob(2), absl::FromUnixMillis(row.ColumnInt(3))};
}

}  // namespace

absl::Status KeysTable::PutBundle(const BundleRow& row) {
  const absl::Status retired =
      transaction_
          .Query(
              "UPDATE bundles SET in_force = 0 WHERE agency = ? AND"
              " in_force = 1")
          .Text(row.agency)
          .Run();
  if (!retired.ok()) return retired;
  return transaction_
      .Query(
          "INSERT INTO bundles (digest, agency, envelope, published_ms,"
          " in_force) VALUES (?, ?, ?, ?, 1)"
          " ON CONFLICT (digest) DO UPDATE SET in_force = 1")
      .Blob(row.digest)
      .Text(row.agency)
      .Blob(row.envelope)
      .Int(absl::ToUnixMillis(row.published))
      .Run();
}

absl::StatusOr<BundleRow> KeysTable::GetBundle(
    absl::Span<const uint8_t> digest) {
  Statement query = transaction_.Query(
      "SELECT digest, agency, envelope, published_ms FROM bundles"
      " WHERE digest = ?");
  return ReadBundle(query.Blob(digest));
}

absl::StatusOr<BundleRow> KeysTable::GetBundleInForce(
    absl::string_view agency) {
  Statement query = transaction_.Query(
      "SELECT digest, agency, envelope, published_ms FROM bundles"
      " WHERE agency = ? AND in_force = 1");
  return ReadBundle(query.Text(agency));
}

absl::Status KeysTable::InsertManifest(const ManifestRow& row) {
  return transaction_
      .Query(
          "INSERT INTO manifests (digest, agreement, version, epoch, sequence,"
          " content) VALUES (?1, ?2, ?3, ?4, (SELECT 1 +"
          " coalesce(max(sequence), 0) FROM manifests WHERE agreement = ?2),"
          " ?5)")
      .Blob(row.digest)
      .Text(row.agreement)
      .Int(row.version)
      .Int(row.epoch)
      .Blob(row.content)
      .Run();
}

absl::Status KeysTable::SetManifestEntry(absl::Span<const uint8_t> digest,
                                         uint64_t entry) {
  return transaction_.Query("UPDATE manifests SET entry = ? WHERE digest = ?")
      .Int(static_cast<int64_t>(entry))
      .Blob(digest)
      .Run();
}

absl::StatusOr<ManifestRow> KeysTable::GetManifest(
    absl::Span<const uint8_t> digest) {
  Statement query = transaction_.Query(
      "SELECT digest, agreement, version, epoch, content, entry"
      " FROM manifests WHERE digest = ?");
  return ReadManifest(query.Blob(digest));
}

absl::StatusOr<ManifestRow> KeysTable::GetManifestInForce(
    absl::string_view agreement, uint32_t version) {
  Statement query = transaction_.Query(
      "SELECT digest, agreement, version, epoch, content, entry"
      " FROM manifests WHERE agreement = ? AND (?2 = 0 OR version = ?2)"
      " ORDER BY version DESC, sequence DESC LIMIT 1");
  return ReadManifest(query.Text(agreement).Int(version));
}

absl::Status KeysTable::InsertMaster(const MasterRow& row) {
  return transaction_
      .Query(
          "INSERT INTO masters (agreement, epoch, sealed, created_ms)"
          " VALUES (?, ?, ?, ?)")
      .Text(row.agreement)
      .Int(row.epoch)
      .Blob(row.sealed)
      .Int(absl::ToUnixMillis(row.created))
      .Run();
}

absl::StatusOr<MasterRow> KeysTable::GetMaster(absl::string_view agreement,
                                               uint32_t epoch) {
  Statement query = transaction_.Query(
      "SELECT agreement, epoch, sealed, created_ms FROM masters"
      " WHERE agreement = ? AND epoch = ?");
  const absl::StatusOr<bool> row = query.Text(agreement).Int(epoch).Step();
  if (!row.ok()) return row.status();
  if (!*row) {
    return absl::NotFoundError(
        absl::StrCat("no master of ", agreement, " epoch ", epoch));
  }
  return ReadMaster(query);
}

absl::StatusOr<std::vector<MasterRow>> KeysTable::ListMasters() {
  Statement query = transaction_.Query(
      "SELECT agreement, epoch, sealed, created_ms FROM masters"
      " ORDER BY agreement, epoch");
  std::vector<MasterRow> rows;
  while (true) {
    const absl::StatusOr<bool> row = query.Step();
    if (!row.ok()) return row.status();
    if (!*row) return rows;
    rows.push_back(ReadMaster(query));
  }
}

absl::Status KeysTable::DeleteMaster(absl::string_view agreement,
                                     uint32_t epoch) {
  const absl::Status deleted =
      transaction_
          .Query("DELETE FROM masters WHERE agreement = ? AND epoch = ?")
          .Text(agreement)
          .Int(epoch)
          .Run();
  if (!deleted.ok()) return deleted;
  if (transaction_.changes() == 0) {
    return absl::NotFoundError(
        absl::StrCat("no master of ", agreement, " epoch ", epoch));
  }
  return absl::OkStatus();
}

absl::Status KeysTable::InsertSealed(absl::string_view name,
                                     absl::Span<const uint8_t> sealed) {
  return transaction_
      .Query("INSERT INTO sealed_keys (name, sealed) VALUES (?, ?)")
      .Text(name)
      .Blob(sealed)
      .Run();
}

absl::StatusOr<std::vector<uint8_t>> KeysTable::GetSealed(
    absl::string_view name) {
  Statement query =
      transaction_.Query("SELECT sealed FROM sealed_keys WHERE name = ?");
  const absl::StatusOr<bool> row = query.Text(name).Step();
  if (!row.ok()) return row.status();
  if (!*row) return absl::NotFoundError(absl::StrCat("no sealed key ", name));
  return query.ColumnBlob(0);
}

}  // namespace entente::broker

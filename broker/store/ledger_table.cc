#include "broker/store/ledger_table.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "crypto/hex.h"

namespace entente::broker {
namespace {

using crypto::AsBytes;
using crypto::AsText;

constexpr absl::string_view kColumns =
    "id, origin, size, signed_size, signed_root, checkpoint";

// The ids of a ledger's parts: the bare one, and those with a dot, which `/`
// follows in ASCII.
constexpr absl::string_view kIsPart =
    " FROM ledgers WHERE id = ? OR (id > ? AND id < ?) ORDER BY length(id)";

Statement& BindPart(Statement& query, absl::string_view ledger) {
  return query.Text(ledger)
      .Text(absl::StrCat(ledger, "."))
      .Text(absl::StrCat(ledger, "/"));
}

LedgerRow ReadLedger(const Statement& row) {
  return {row.ColumnText(0),
          row.ColumnText(1),
          static_cast<uint64_t>(row.ColumnInt(2)),
          static_cast<uint64_t>(row.ColumnInt(3)),
          row.ColumnBlob(4),
          row.ColumnText(5)};
}

}  // namespace

absl::Status LedgerTable::Insert(const LedgerRow& row) {
  return transaction_
      .Query(
          "INSERT INTO ledgers (id, origin, size, signed_size, signed_root,"
          " checkpoint) VALUES (?, ?, ?, ?, ?, ?)")
      .Text(row.id)
      .Text(row.origin)
      .Int(static_cast<int64_t>(row.size))
      .Int(static_cast<int64_t>(row.signed_size))
      .Blob(row.signed_root)
      .Text(row.checkpoint)
      .Run();
}

absl::StatusOr<LedgerRow> LedgerTable::Get(absl::string_view id) {
  Statement query = transaction_.Query(
      absl::StrCat("SELECT ", kColumns, " FROM ledgers WHERE id = ?"));
  const absl::StatusOr<bool> row = query.Text(id).Step();
  if (!row.ok()) return row.status();
  if (!*row) return absl::NotFoundError(absl::StrCat("no ledger ", id));
  return ReadLedger(query);
}

absl::StatusOr<std::vector<LedgerRow>> LedgerTable::List() {
  Statement query = transaction_.Query(
      absl::StrCat("SELECT ", kColumns, " FROM ledgers ORDER BY id"));
  std::vector<LedgerRow> rows;
  while (true) {
    const absl::StatusOr<bool> row = query.Step();
    if (!row.ok()) return row.status();
    if (!*row) return rows;
    rows.push_back(ReadLedger(query));
  }
}

absl::StatusOr<std::vector<LedgerRow>> LedgerTable::Parts(
    absl::string_view ledger) {
  Statement query =
      transaction_.Query(absl::StrCat("SELECT ", kColumns, kIsPart, ", id"));
  BindPart(query, ledger);
  std::vector<LedgerRow> rows;
  while (true) {
    const absl::StatusOr<bool> row = query.Step();
    if (!row.ok()) return row.status();
    if (!*row) return rows;
    rows.push_back(ReadLedger(query));
  }
}

absl::StatusOr<std::string> LedgerTable::NewestPart(absl::string_view ledger) {
  Statement query = transaction_.Query(
      absl::StrCat("SELECT id", kIsPart, " DESC, id DESC LIMIT 1"));
  const absl::StatusOr<bool> row = BindPart(query, ledger).Step();
  if (!row.ok()) return row.status();
  if (!*row) return absl::NotFoundError(absl::StrCat("no ledger ", ledger));
  return query.ColumnText(0);
}

absl::Status LedgerTable::SetSize(absl::string_view id, uint64_t size) {
  return transaction_.Query("UPDATE ledgers SET size = ? WHERE id = ?")
      .Int(static_cast<int64_t>(size))
      .Text(id)
      .Run();
}

absl::Status LedgerTable::SetSigned(const LedgerRow& row) {
  return transaction_
      .Query(
          "UPDATE ledgers SET signed_size = ?, signed_root = ?, checkpoint = ?"
          " WHERE id = ?")
      .Int(static_cast<int64_t>(row.signed_size))
      .Blob(row.signed_root)
      .Text(row.checkpoint)
      .Text(row.id)
      .Run();
}

absl::Status LedgerTable::InsertEntry(absl::string_view id, uint64_t position,
                                      absl::string_view content) {
  return transaction_
      .Query("INSERT INTO entries (ledger, position, content) VALUES (?, ?, ?)")
      .Text(id)
      .Int(static_cast<int64_t>(position))
      .Blob(AsBytes(content))
      .Run();
}

absl::StatusOr<std::string> LedgerTable::GetEntry(absl::string_view id,
                                                  uint64_t position) {
  Statement query = transaction_.Query(
      "SELECT content FROM entries WHERE ledger = ? AND position = ?");
  const absl::StatusOr<bool> row =
      query.Text(id).Int(static_cast<int64_t>(position)).Step();
  if (!row.ok()) return row.status();
  if (!*row) {
    return absl::NotFoundError(
        absl::StrCat("no entry ", position, " in ledger ", id));
  }
  return std::string(AsText(query.ColumnBlob(0)));
}

absl::StatusOr<std::vector<std::string>> LedgerTable::GetEntries(
    absl::string_view id, uint64_t begin, uint64_t end) {
  Statement query = transaction_.Query(
      "SELECT position, content FROM entries WHERE ledger = ?"
      " AND position >= ? AND position < ? ORDER BY position");
  query.Text(id)
      .Int(static_cast<int64_t>(begin))
      .Int(static_cast<int64_t>(end));
  std::vector<std::string> entries;
  for (uint64_t position = begin; position < end; ++position) {
    const absl::StatusOr<bool> row = query.Step();
    if (!row.ok()) return row.status();
    if (!*row || query.ColumnInt(0) != static_cast<int64_t>(position)) {
      return absl::DataLossError(
          absl::StrCat("entry ", position, " of ledger ", id, " is missing"));
    }
    entries.emplace_back(AsText(query.ColumnBlob(1)));
  }
  return entries;
}

absl::StatusOr<std::vector<uint8_t>> LedgerTable::GetTile(absl::string_view id,
                                                          uint32_t level,
                                                          uint64_t tile) {
  Statement query = transaction_.Query(
      "SELECT hashes FROM tiles WHERE ledger = ? AND level = ? AND tile = ?");
  const absl::StatusOr<bool> row =
      query.Text(id).Int(level).Int(static_cast<int64_t>(tile)).Step();
  if (!row.ok()) return row.status();
  if (!*row) return std::vector<uint8_t>();
  return query.ColumnBlob(0);
}

absl::Status LedgerTable::PutTile(absl::string_view id, uint32_t level,
                                  uint64_t tile,
                                  absl::Span<const uint8_t> hashes) {
  return transaction_
      .Query(
          "INSERT INTO tiles (ledger, level, tile, hashes) VALUES (?, ?, ?, ?)"
          " ON CONFLICT DO UPDATE SET hashes = excluded.hashes")
      .Text(id)
      .Int(level)
      .Int(static_cast<int64_t>(tile))
      .Blob(hashes)
      .Run();
}

absl::StatusOr<LedgerTable::Totals> LedgerTable::CountAll() {
  Statement query = transaction_.Query(
      "SELECT COUNT(*), COALESCE(SUM(size), 0) FROM ledgers");
  const absl::StatusOr<bool> row = query.Step();
  if (!row.ok()) return row.status();
  return Totals{static_cast<uint64_t>(query.ColumnInt(0)),
                static_cast<uint64_t>(query.ColumnInt(1))};
}

absl::StatusOr<uint64_t> LedgerTable::CountEntries(absl::string_view id) {
  Statement query =
      transaction_.Query("SELECT count(*) FROM entries WHERE ledger = ?");
  const absl::StatusOr<bool> row = query.Text(id).Step();
  if (!row.ok()) return row.status();
  return static_cast<uint64_t>(query.ColumnInt(0));
}

absl::StatusOr<uint64_t> LedgerTable::CountHashBytes(absl::string_view id) {
  Statement query = transaction_.Query(
      "SELECT coalesce(sum(length(hashes)), 0) FROM tiles WHERE ledger = ?");
  const absl::StatusOr<bool> row = query.Text(id).Step();
  if (!row.ok()) return row.status();
  return static_cast<uint64_t>(query.ColumnInt(0));
}

}  // namespace entente::broker

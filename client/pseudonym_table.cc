#include "client/pseudonym_table.h"

#include <algorithm>
#include <utility>

#include "crypto/encoding.h"

namespace entente::client {
namespace {

absl::StatusOr<crypto::Bytes> ScopeBytes(const PseudonymScope& scope) {
  return crypto::ByteWriter()
      .Raw("scope")
      .Lp(scope.agreement)
      .Lp(scope.scheme)
      .U32(scope.epoch)
      .Finish();
}

crypto::Bytes Subject(absl::string_view kind, const crypto::Bytes& scope,
                      absl::Span<const uint8_t> of) {
  crypto::Bytes subject = scope;
  crypto::AppendRaw(&subject, kind);
  crypto::AppendRaw(&subject, of);
  return subject;
}

absl::StatusOr<EnrolledRow> Unpack(absl::Span<const uint8_t> plain) {
  crypto::ByteReader reader(plain);
  const auto element = reader.Raw(crypto::kPointBytes);
  if (!element.ok()) return element.status();
  absl::StatusOr<crypto::Point> point = crypto::Point::Parse(*element);
  if (!point.ok()) return point.status();
  const auto identifier = reader.Lp();
  if (!identifier.ok()) return identifier.status();
  const auto reference = reader.Lp();
  if (!reference.ok()) return reference.status();
  return EnrolledRow{{identifier->begin(), identifier->end()},
                     *point,
                     {reference->begin(), reference->end()}};
}

absl::StatusOr<std::vector<EnrolledRow>> Rows(const RowSealer& sealer,
                                              const crypto::Bytes& scope,
                                              Statement query) {
  std::vector<EnrolledRow> rows;
  while (true) {
    const absl::StatusOr<bool> more = query.Step();
    if (!more.ok()) return more.status();
    if (!*more) return rows;
    absl::StatusOr<crypto::Bytes> plain =
        sealer.Open(scope, query.ColumnBlob(0));
    if (!plain.ok()) return plain.status();
    absl::StatusOr<EnrolledRow> row = Unpack(*plain);
    sodium_memzero(plain->data(), plain->size());
    if (!row.ok()) return row.status();
    rows.push_back(*std::move(row));
  }
}

}  // namespace

absl::Status PseudonymTable::Add(const PseudonymScope& scope,
                                 absl::Span<const EnrolledRow> rows) {
  const absl::StatusOr<crypto::Bytes> in = ScopeBytes(scope);
  if (!in.ok()) return in.status();
  const crypto::Bytes scope_key = sealer_.IndexOf(*in);
  absl::StatusOr<Transaction> transaction = Transaction::Begin(&database_);
  if (!transaction.ok()) return transaction.status();
  for (const EnrolledRow& row : rows) {
    const absl::StatusOr<crypto::Bytes> plain = crypto::ByteWriter()
                                                    .Raw(row.pseudonym.bytes())
                                                    .Lp(row.identifier)
                                                    .Lp(row.reference)
                                                    .Finish();
    if (!plain.ok()) return plain.status();
    if (absl::Status put =
            database_
                .Query("INSERT OR REPLACE INTO pseudonym VALUES (?,?,?,?,?)")
                .Blob(scope_key)
                .Blob(sealer_.IndexOf(Subject("identifier", *in,
                                              crypto::AsBytes(row.identifier))))
                .Blob(sealer_.IndexOf(
                    Subject("reference", *in, crypto::AsBytes(row.reference))))
                .Blob(sealer_.IndexOf(
                    Subject("element", *in, row.pseudonym.bytes())))
                .Blob(sealer_.Seal(*in, *plain))
                .Run();
        !put.ok()) {
      return put;
    }
  }
  return transaction->Commit();
}

absl::StatusOr<std::optional<crypto::Point>> PseudonymTable::Find(
    const PseudonymScope& scope, absl::string_view identifier) {
  const absl::StatusOr<crypto::Bytes> in = ScopeBytes(scope);
  if (!in.ok()) return in.status();
  Statement query = database_.Query(
      "SELECT sealed FROM pseudonym WHERE scope_key = ? AND identifier_key = ?"
      " LIMIT 1");
  query.Blob(sealer_.IndexOf(*in))
      .Blob(sealer_.IndexOf(
          Subject("identifier", *in, crypto::AsBytes(identifier))));
  const absl::StatusOr<std::vector<EnrolledRow>> rows =
      Rows(sealer_, *in, std::move(query));
  if (!rows.ok()) return rows.status();
  if (rows->empty()) return std::nullopt;
  return rows->front().pseudonym;
}

absl::StatusOr<std::vector<std::string>> PseudonymTable::ReferencesOf(
    const PseudonymScope& scope, const crypto::Point& pseudonym) {
  const absl::StatusOr<crypto::Bytes> in = ScopeBytes(scope);
  if (!in.ok()) return in.status();
  // Left alone, SQLite's planner walks the whole scope by its primary key.
  Statement query = database_.Query(
      "SELECT sealed FROM pseudonym INDEXED BY pseudonym_by_element"
      " WHERE scope_key = ? AND element_key = ?");
  query.Blob(sealer_.IndexOf(*in))
      .Blob(sealer_.IndexOf(Subject("element", *in, pseudonym.bytes())));
  absl::StatusOr<std::vector<EnrolledRow>> rows =
      Rows(sealer_, *in, std::move(query));
  if (!rows.ok()) return rows.status();
  std::vector<std::string> references;
  for (EnrolledRow& row : *rows) {
    references.push_back(std::move(row.reference));
  }
  std::sort(references.begin(), references.end());
  return references;
}

absl::StatusOr<uint64_t> PseudonymTable::Count(const PseudonymScope& scope) {
  const absl::StatusOr<crypto::Bytes> in = ScopeBytes(scope);
  if (!in.ok()) return in.status();
  Statement query =
      database_.Query("SELECT count(*) FROM pseudonym WHERE scope_key = ?");
  const absl::StatusOr<bool> found = query.Blob(sealer_.IndexOf(*in)).Step();
  if (!found.ok()) return found.status();
  return static_cast<uint64_t>(query.ColumnInt(0));
}

absl::StatusOr<std::vector<EnrolledRow>> PseudonymTable::All(
    const PseudonymScope& scope) {
  const absl::StatusOr<crypto::Bytes> in = ScopeBytes(scope);
  if (!in.ok()) return in.status();
  Statement query =
      database_.Query("SELECT sealed FROM pseudonym WHERE scope_key = ?");
  query.Blob(sealer_.IndexOf(*in));
  return Rows(sealer_, *in, std::move(query));
}

absl::Status PseudonymTable::Erase(const PseudonymScope& scope) {
  const absl::StatusOr<crypto::Bytes> in = ScopeBytes(scope);
  if (!in.ok()) return in.status();
  return database_.Query("DELETE FROM pseudonym WHERE scope_key = ?")
      .Blob(sealer_.IndexOf(*in))
      .Run();
}

absl::Status PseudonymTable::PutPending(const PendingEnrolment& enrolment) {
  return database_.Query("INSERT INTO enrolment VALUES (?,?,?)")
      .Text(enrolment.request_id)
      .Text(enrolment.agreement)
      .Blob(
          sealer_.Seal(crypto::AsBytes(enrolment.request_id), enrolment.state))
      .Run();
}

absl::StatusOr<std::vector<PendingEnrolment>> PseudonymTable::Pending(
    absl::string_view agreement) {
  std::vector<PendingEnrolment> pending;
  Statement query = database_.Query(
      "SELECT request_id, sealed FROM enrolment WHERE agreement = ?"
      " ORDER BY rowid");
  query.Text(agreement);
  while (true) {
    const absl::StatusOr<bool> more = query.Step();
    if (!more.ok()) return more.status();
    if (!*more) return pending;
    std::string request_id = query.ColumnText(0);
    absl::StatusOr<crypto::Bytes> state =
        sealer_.Open(crypto::AsBytes(request_id), query.ColumnBlob(1));
    if (!state.ok()) return state.status();
    pending.push_back(
        {std::move(request_id), std::string(agreement), *std::move(state)});
  }
}

absl::Status PseudonymTable::DropPending(absl::string_view request_id) {
  return database_.Query("DELETE FROM enrolment WHERE request_id = ?")
      .Text(request_id)
      .Run();
}

}  // namespace entente::client

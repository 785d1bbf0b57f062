#include "broker/store/mailbox_table.h"

#include "absl/strings/str_cat.h"

namespace entente::broker {
namespace {

constexpr absl::string_view kSelectBatch =
    "SELECT sequence, sender, batch_id, recipient, agreement, version, flow,"
    " header, enc, state, chunks, records, digest, entry, created_ms,"
    " not_after_ms, glass FROM batches ";

BatchRow ReadBatch(const Statement& row) {
  BatchRow read;
  read.sequence = row.ColumnInt(0);
  read.sender = row.ColumnText(1);
  read.batch_id = row.ColumnBlob(2);
  read.recipient = row.ColumnText(3);
  read.agreement = row.ColumnText(4);
  read.version = static_cast<uint32_t>(row.ColumnInt(5));
  read.flow = row.ColumnText(6);
  read.header = row.ColumnBlob(7);
  read.enc = row.ColumnBlob(8);
  read.state = static_cast<BatchState>(row.ColumnInt(9));
  read.chunks = static_cast<uint32_t>(row.ColumnInt(10));
  read.records = static_cast<uint64_t>(row.ColumnInt(11));
  read.digest = row.ColumnBlob(12);
  if (!row.ColumnIsNull(13)) {
    read.entry = static_cast<uint64_t>(row.ColumnInt(13));
  }
  read.created = absl::FromUnixMillis(row.ColumnInt(14));
  read.not_after = absl::FromUnixMillis(row.ColumnInt(15));
  read.grant = row.ColumnBlob(16);
  return read;
}

absl::StatusOr<std::vector<BatchRow>> ReadBatches(Statement& query) {
  std::vector<BatchRow> rows;
  while (true) {
    const absl::StatusOr<bool> row = query.Step();
    if (!row.ok()) return row.status();
    if (!*row) return rows;
    rows.push_back(ReadBatch(query));
  }
}

}  // namespace

absl::StatusOr<int64_t> MailboxTable::Insert(const BatchRow& row) {
  Statement query = transaction_.Query(
      "INSERT INTO batches (sender, batch_id, recipient, agreement, version,"
      " flow, header, enc, state, created_ms, not_after_ms, glass)"
      " VALUES (?, ?, ?, ?, ?, ?, ?, ?, 1, ?, ?, ?) RETURNING sequence");
  query.Text(row.sender)
      .Blob(row.batch_id)
      .Text(row.recipient)
      .Text(row.agreement)
      .Int(row.version)
      .Text(row.flow)
      .Blob(row.header)
      .Blob(row.enc)
      .Int(absl::ToUnixMillis(row.created))
      .Int(absl::ToUnixMillis(row.not_after));
  const absl::StatusOr<bool> inserted =
      (row.grant.empty() ? query.Null() : query.Blob(row.grant)).Step();
  if (!inserted.ok()) return inserted.status();
  return query.ColumnInt(0);
}

absl::StatusOr<BatchRow> MailboxTable::Find(
    absl::string_view sender, absl::Span<const uint8_t> batch_id) {
  Statement query = transaction_.Query(
      absl::StrCat(kSelectBatch, "WHERE sender = ? AND batch_id = ?"));
  const absl::StatusOr<bool> row = query.Text(sender).Blob(batch_id).Step();
  if (!row.ok()) return row.status();
  if (!*row) {
    return absl::NotFoundError(absl::StrCat("no such batch of ", sender));
  }
  return ReadBatch(query);
}

absl::Status MailboxTable::AddChunk(int64_t sequence, const ChunkRow& chunk) {
  const absl::Status counted =
      transaction_
          .Query(
              "UPDATE batches SET chunks = chunks + 1, records = records + ?"
              " WHERE sequence = ? AND state = 1 AND chunks = ?")
          .Int(chunk.records)
          .Int(sequence)
          .Int(chunk.number)
          .Run();
  if (!counted.ok()) return counted;
  if (transaction_.changes() == 0) {
    return absl::FailedPreconditionError(
        absl::StrCat("chunk ", chunk.number, " is not the next of this batch"));
  }
  return transaction_
      .Query(
          "INSERT INTO chunks (batch, number, final, records, hash,"
          " pseudonyms, sealed, converted, proof, signature)"
          " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)")
      .Int(sequence)
      .Int(chunk.number)
      .Int(chunk.final ? 1 : 0)
      .Int(chunk.records)
      .Blob(chunk.hash)
      .Blob(chunk.pseudonyms)
      .Blob(chunk.sealed)
      .Blob(chunk.converted)
      .Blob(chunk.proof)
      .Blob(chunk.signature)
      .Run();
}

absl::StatusOr<ChunkRow> MailboxTable::GetChunk(int64_t sequence,
                                                uint32_t number) {
  Statement query = transaction_.Query(
      "SELECT number, final, records, hash, pseudonyms, sealed, converted,"
      " proof, signature FROM chunks WHERE batch = ? AND number = ?");
  const absl::StatusOr<bool> row = query.Int(sequence).Int(number).Step();
  if (!row.ok()) return row.status();
  if (!*row) {
    return absl::NotFoundError(absl::StrCat("no chunk ", number));
  }
  ChunkRow chunk;
  chunk.number = static_cast<uint32_t>(query.ColumnInt(0));
  chunk.final = query.ColumnInt(1) != 0;
  chunk.records = static_cast<uint32_t>(query.ColumnInt(2));
  chunk.hash = query.ColumnBlob(3);
  chunk.pseudonyms = query.ColumnBlob(4);
  chunk.sealed = query.ColumnBlob(5);
  chunk.converted = query.ColumnBlob(6);
  chunk.proof = query.ColumnBlob(7);
  chunk.signature = query.ColumnBlob(8);
  return chunk;
}

absl::StatusOr<std::vector<std::vector<uint8_t>>> MailboxTable::Pseudonyms(
    int64_t sequence) {
  Statement query = transaction_.Query(
      "SELECT pseudonyms FROM chunks WHERE batch = ? ORDER BY number");
  query.Int(sequence);
  std::vector<std::vector<uint8_t>> chunks;
  while (true) {
    const absl::StatusOr<bool> row = query.Step();
    if (!row.ok()) return row.status();
    if (!*row) return chunks;
    chunks.push_back(query.ColumnBlob(0));
  }
}

absl::Status MailboxTable::Move(int64_t sequence, BatchState from,
                                BatchState to) {
  const absl::Status moved =
      transaction_
          .Query(
              "UPDATE batches SET state = ? WHERE sequence = ? AND state = ?")
          .Int(static_cast<int64_t>(to))
          .Int(sequence)
          .Int(static_cast<int64_t>(from))
          .Run();
  if (!moved.ok()) return moved;
  if (transaction_.changes() == 0) {
    return absl::FailedPreconditionError("the batch is not in that state");
  }
  return absl::OkStatus();
}

absl::Status MailboxTable::DropChunks(int64_t sequence) {
  return transaction_.Query("DELETE FROM chunks WHERE batch = ?")
      .Int(sequence)
      .Run();
}

absl::Status MailboxTable::Complete(int64_t sequence,
                                    absl::Span<const uint8_t> digest) {
  if (absl::Status moved =
          Move(sequence, BatchState::kStaged, BatchState::kDeliverable);
      !moved.ok()) {
    return moved;
  }
  return transaction_.Query("UPDATE batches SET digest = ? WHERE sequence = ?")
      .Blob(digest)
      .Int(sequence)
      .Run();
}

absl::Status MailboxTable::SetEntry(int64_t sequence, uint64_t entry) {
  return transaction_.Query("UPDATE batches SET entry = ? WHERE sequence = ?")
      .Int(static_cast<int64_t>(entry))
      .Int(sequence)
      .Run();
}

absl::StatusOr<std::vector<BatchRow>> MailboxTable::Waiting(
    absl::string_view recipient, absl::string_view agreement,
    int64_t after_sequence, int limit) {
  Statement query = transaction_.Query(absl::StrCat(
      kSelectBatch,
      "WHERE recipient = ? AND agreement = ? AND state = 2 AND sequence > ?"
      " ORDER BY sequence LIMIT ?"));
  return ReadBatches(
      query.Text(recipient).Text(agreement).Int(after_sequence).Int(limit));
}

absl::StatusOr<uint64_t> MailboxTable::CountWaiting(
    absl::string_view recipient, absl::string_view agreement) {
  Statement query = transaction_.Query(
      "SELECT count(*) FROM batches"
      " WHERE recipient = ? AND agreement = ? AND state = 2");
  const absl::StatusOr<bool> row = query.Text(recipient).Text(agreement).Step();
  if (!row.ok()) return row.status();
  return static_cast<uint64_t>(query.ColumnInt(0));
}

absl::StatusOr<std::vector<std::vector<uint8_t>>> MailboxTable::WaitingGrants(
    absl::string_view recipient, absl::string_view agreement) {
  Statement query = transaction_.Query(
      "SELECT glass FROM batches WHERE recipient = ? AND agreement = ?"
      " AND state = 2 AND glass IS NOT NULL ORDER BY sequence");
  query.Text(recipient).Text(agreement);
  std::vector<std::vector<uint8_t>> grants;
  while (true) {
    const absl::StatusOr<bool> row = query.Step();
    if (!row.ok()) return row.status();
    if (!*row) return grants;
    grants.push_back(query.ColumnBlob(0));
  }
}

absl::Status MailboxTable::Deliver(int64_t sequence,
                                   const DeliveryRow& delivery) {
  if (absl::Status moved =
          Move(sequence, BatchState::kDeliverable, BatchState::kDelivered);
      !moved.ok()) {
    return moved;
  }
  if (absl::Status dropped = DropChunks(sequence); !dropped.ok()) {
    return dropped;
  }
  return transaction_
      .Query(
          "INSERT INTO deliveries (batch, converted_hash, signature,"
          " delivered_ms) VALUES (?, ?, ?, ?)")
      .Int(sequence)
      .Blob(delivery.converted_hash)
      .Blob(delivery.signature)
      .Int(absl::ToUnixMillis(delivery.delivered))
      .Run();
}

absl::Status MailboxTable::SetDeliveryEntry(int64_t sequence, uint64_t entry) {
  return transaction_.Query("UPDATE deliveries SET entry = ? WHERE batch = ?")
      .Int(static_cast<int64_t>(entry))
      .Int(sequence)
      .Run();
}

absl::StatusOr<DeliveryRow> MailboxTable::GetDelivery(int64_t sequence) {
  Statement query = transaction_.Query(
      "SELECT converted_hash, signature, entry, delivered_ms FROM deliveries"
      " WHERE batch = ?");
  const absl::StatusOr<bool> row = query.Int(sequence).Step();
  if (!row.ok()) return row.status();
  if (!*row) return absl::NotFoundError("the batch is not delivered");
  DeliveryRow delivery = {query.ColumnBlob(0), query.ColumnBlob(1),
                          absl::nullopt,
                          absl::FromUnixMillis(query.ColumnInt(3))};
  if (!query.ColumnIsNull(2)) {
    delivery.entry = static_cast<uint64_t>(query.ColumnInt(2));
  }
  return delivery;
}

absl::StatusOr<std::vector<BatchRow>> MailboxTable::StagedBefore(absl::Time at,
                                                                 int limit) {
  Statement query = transaction_.Query(
      absl::StrCat(kSelectBatch,
                   "WHERE state = 1 AND created_ms < ?"
                   " ORDER BY created_ms, sequence LIMIT ?"));
  return ReadBatches(query.Int(absl::ToUnixMillis(at)).Int(limit));
}

absl::Status MailboxTable::Expire(int64_t sequence) {
  if (absl::Status moved =
          Move(sequence, BatchState::kStaged, BatchState::kExpired);
      !moved.ok()) {
    return moved;
  }
  return DropChunks(sequence);
}

absl::Status MailboxTable::Forget(absl::Time at) {
  const absl::Status deliveries =
      transaction_
          .Query(
              "DELETE FROM deliveries WHERE batch IN (SELECT sequence"
              " FROM batches WHERE state = 3 AND not_after_ms < ?)")
          .Int(absl::ToUnixMillis(at))
          .Run();
  if (!deliveries.ok()) return deliveries;
  return transaction_
      .Query("DELETE FROM batches WHERE state IN (3, 4) AND not_after_ms < ?")
      .Int(absl::ToUnixMillis(at))
      .Run();
}

}  // namespace entente::broker

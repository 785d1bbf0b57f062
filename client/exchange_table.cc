#include "client/exchange_table.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"

namespace entente::client {
namespace {

absl::Status Changed(Database& database, const absl::Status& run,
                     absl::string_view what) {
  if (!run.ok()) return run;
  if (database.changes() == 0) {
    return absl::NotFoundError(absl::StrCat("local store: no such ", what));
  }
  return absl::OkStatus();
}

template <size_t N>
absl::Status Copy(const crypto::Bytes& from, std::array<uint8_t, N>* to) {
  if (from.size() != N) {
    return absl::DataLossError("local store: a batch is damaged");
  }
  std::copy(from.begin(), from.end(), to->begin());
  return absl::OkStatus();
}

absl::Status PutChunks(Database& database, const OutgoingBatch& batch) {
  for (size_t i = 0; i < batch.chunks.size(); ++i) {
    const OutgoingChunk& chunk = batch.chunks[i];
    if (absl::Status put =
            database.Query("INSERT INTO outgoing_chunk VALUES (?,?,?,?,?,?)")
                .Blob(batch.batch_id)
                .Int(static_cast<int64_t>(i))
                .Int(chunk.count)
                .Blob(chunk.pseudonyms)
                .Blob(chunk.sealed)
                .Blob(chunk.signature)
                .Run();
        !put.ok()) {
      return put;
    }
  }
  return absl::OkStatus();
}

absl::Status ReadChunks(Database& database, OutgoingBatch* batch) {
  Statement query = database.Query(
      "SELECT count, pseudonyms, sealed, signature FROM outgoing_chunk"
      " WHERE batch_id = ? ORDER BY number");
  query.Blob(batch->batch_id);
  while (true) {
    const absl::StatusOr<bool> more = query.Step();
    if (!more.ok()) return more.status();
    if (!*more) return absl::OkStatus();
    batch->chunks.push_back({static_cast<uint32_t>(query.ColumnInt(0)),
                             query.ColumnBlob(1), query.ColumnBlob(2),
                             query.ColumnBlob(3)});
  }
}

}  // namespace

absl::Status ExchangeTable::PutOutgoing(
    const OutgoingBatch& batch, absl::Span<const crypto::Bytes> row_keys) {
  absl::StatusOr<Transaction> transaction = Transaction::Begin(&database_);
  if (!transaction.ok()) return transaction.status();
  if (absl::Status put =
          database_
              .Query("INSERT INTO outgoing SELECT ?,"
                     " coalesce((SELECT max(number) FROM outgoing), 0) + 1,"
                     " ?,?,?,?,?,0,?,0,x''")
              .Blob(batch.batch_id)
              .Text(batch.agreement)
              .Text(batch.recipient)
              .Blob(batch.header)
              .Blob(batch.enc)
              .Blob(batch.digest)
              .Int(static_cast<int64_t>(batch.chunks.size()))
              .Run();
      !put.ok()) {
    return put;
  }
  if (absl::Status put = PutChunks(database_, batch); !put.ok()) return put;
  Statement insert =
      database_.Query("INSERT OR REPLACE INTO sent VALUES (?,?)");
  for (const crypto::Bytes& key : row_keys) {
    const absl::Status put =
        insert.Again().Blob(key).Blob(batch.batch_id).Run();
    if (!put.ok()) return put;
  }
  return transaction->Commit();
}

absl::StatusOr<OutgoingBatch> ExchangeTable::Outgoing(const BatchId& batch_id) {
  Statement query = database_.Query(
      "SELECT agreement, recipient, header, enc, digest, staged, state, receipt"
      " FROM outgoing WHERE batch_id = ?");
  const absl::StatusOr<bool> found = query.Blob(batch_id).Step();
  if (!found.ok()) return found.status();
  if (!*found) return absl::NotFoundError("local store: no such batch");
  OutgoingBatch batch;
  batch.batch_id = batch_id;
  batch.agreement = query.ColumnText(0);
  batch.recipient = query.ColumnText(1);
  batch.header = query.ColumnBlob(2);
  batch.enc = query.ColumnBlob(3);
  if (absl::Status copied = Copy(query.ColumnBlob(4), &batch.digest);
      !copied.ok()) {
    return copied;
  }
  batch.staged = static_cast<uint32_t>(query.ColumnInt(5));
  batch.state = static_cast<OutgoingState>(query.ColumnInt(6));
  batch.receipt = query.ColumnText(7);
  if (absl::Status read = ReadChunks(database_, &batch); !read.ok()) {
    return read;
  }
  return batch;
}

absl::StatusOr<std::vector<BatchId>> ExchangeTable::Unfinished(
    absl::string_view agreement) {
  std::vector<BatchId> ids;
  Statement query = database_.Query(
      "SELECT batch_id FROM outgoing WHERE agreement = ? AND state = 0"
      " ORDER BY number");
  query.Text(agreement);
  while (true) {
    const absl::StatusOr<bool> more = query.Step();
    if (!more.ok()) return more.status();
    if (!*more) return ids;
    if (absl::Status copied = Copy(query.ColumnBlob(0), &ids.emplace_back());
        !copied.ok()) {
      return copied;
    }
  }
}

absl::StatusOr<std::vector<ExchangeTable::AcceptedBatch>>
ExchangeTable::Accepted(absl::string_view agreement) {
  std::vector<AcceptedBatch> batches;
  Statement query = database_.Query(
      "SELECT batch_id, digest, receipt FROM outgoing"
      " WHERE agreement = ? AND state = 1 ORDER BY number");
  query.Text(agreement);
  while (true) {
    const absl::StatusOr<bool> more = query.Step();
    if (!more.ok()) return more.status();
    if (!*more) return batches;
    AcceptedBatch& batch = batches.emplace_back();
    for (const absl::Status& copied :
         {Copy(query.ColumnBlob(0), &batch.batch_id),
          Copy(query.ColumnBlob(1), &batch.digest)}) {
      if (!copied.ok()) return copied;
    }
    batch.receipt = query.ColumnText(2);
  }
}

absl::Status ExchangeTable::MarkStaged(const BatchId& batch_id,
                                       uint32_t staged) {
  const absl::Status run = database_
                               .Query(
                                   "UPDATE outgoing SET staged = max(staged, ?)"
                                   " WHERE batch_id = ?")
                               .Int(staged)
                               .Blob(batch_id)
                               .Run();
  return Changed(database_, run, "batch");
}

absl::Status ExchangeTable::MarkAccepted(const BatchId& batch_id,
                                         absl::string_view receipt) {
  return Finish(batch_id, OutgoingState::kAccepted, receipt);
}

absl::Status ExchangeTable::MarkRefused(const BatchId& batch_id) {
  return Finish(batch_id, OutgoingState::kRefused, "");
}

absl::Status ExchangeTable::Finish(const BatchId& batch_id, OutgoingState state,
                                   absl::string_view receipt) {
  absl::StatusOr<Transaction> transaction = Transaction::Begin(&database_);
  if (!transaction.ok()) return transaction.status();
  const absl::Status run = database_
                               .Query(
                                   "UPDATE outgoing SET state = ?, receipt = ?"
                                   " WHERE batch_id = ?")
                               .Int(static_cast<int>(state))
                               .Blob(crypto::AsBytes(receipt))
                               .Blob(batch_id)
                               .Run();
  if (absl::Status changed = Changed(database_, run, "batch"); !changed.ok()) {
    return changed;
  }
  if (absl::Status dropped =
          database_.Query("DELETE FROM outgoing_chunk WHERE batch_id = ?")
              .Blob(batch_id)
              .Run();
      !dropped.ok()) {
    return dropped;
  }
  if (state == OutgoingState::kRefused) {
    const absl::Status forgotten =
        database_.Query("DELETE FROM sent WHERE batch_id = ?")
            .Blob(batch_id)
            .Run();
    if (!forgotten.ok()) return forgotten;
  }
  return transaction->Commit();
}

absl::StatusOr<ReceivedState> ExchangeTable::PutReceived(
    const ReceivedBatch& batch) {
  absl::StatusOr<Transaction> transaction = Transaction::Begin(&database_);
  if (!transaction.ok()) return transaction.status();
  {
    Statement query = database_.Query(
        "SELECT digest, state FROM received"
        " WHERE agreement = ? AND sender = ? AND batch_id = ?");
    const absl::StatusOr<bool> found = query.Text(batch.agreement)
                                           .Text(batch.sender)
                                           .Blob(batch.batch_id)
                                           .Step();
    if (!found.ok()) return found.status();
    if (*found) {
      const crypto::Bytes digest = query.ColumnBlob(0);
      if (!std::equal(digest.begin(), digest.end(), batch.digest.begin(),
                      batch.digest.end())) {
        return absl::AlreadyExistsError(absl::StrCat(
            "batch ", crypto::ToHex(batch.batch_id), " of ", batch.sender,
            " came before with another content; nothing of it was "
            "handed over"));
      }
      return static_cast<ReceivedState>(query.ColumnInt(1));
    }
  }
  if (absl::Status put =
          database_.Query("INSERT INTO received VALUES (?,?,?,?,0,x'',x'')")
              .Text(batch.agreement)
              .Text(batch.sender)
              .Blob(batch.batch_id)
              .Blob(batch.digest)
              .Run();
      !put.ok()) {
    return put;
  }
  if (absl::Status committed = transaction->Commit(); !committed.ok()) {
    return committed;
  }
  return ReceivedState::kArrived;
}

absl::Status ExchangeTable::MarkHandedOver(const ReceivedBatch& batch,
                                           absl::Span<const uint8_t> delivery) {
  const absl::Status run =
      database_
          .Query(
              "UPDATE received SET state = max(state, 1), delivery = ?"
              " WHERE agreement = ? AND sender = ? AND batch_id = ?")
          .Blob(delivery)
          .Text(batch.agreement)
          .Text(batch.sender)
          .Blob(batch.batch_id)
          .Run();
  return Changed(database_, run, "batch");
}

absl::Status ExchangeTable::MarkAcknowledged(const ReceivedBatch& batch,
                                             absl::string_view receipt) {
  const absl::Status run =
      database_
          .Query(
              "UPDATE received SET state = 2, receipt = ?"
              " WHERE agreement = ? AND sender = ? AND batch_id = ?")
          .Blob(crypto::AsBytes(receipt))
          .Text(batch.agreement)
          .Text(batch.sender)
          .Blob(batch.batch_id)
          .Run();
  return Changed(database_, run, "batch");
}

absl::StatusOr<std::vector<ReceivedBatch>> ExchangeTable::Received(
    absl::string_view agreement) {
  std::vector<ReceivedBatch> all;
  Statement query = database_.Query(
      "SELECT sender, batch_id, digest, state, delivery, receipt FROM received"
      " WHERE agreement = ? ORDER BY rowid");
  query.Text(agreement);
  while (true) {
    const absl::StatusOr<bool> more = query.Step();
    if (!more.ok()) return more.status();
    if (!*more) return all;
    ReceivedBatch batch;
    batch.agreement = std::string(agreement);
    batch.sender = query.ColumnText(0);
    for (const absl::Status& copied :
         {Copy(query.ColumnBlob(1), &batch.batch_id),
          Copy(query.ColumnBlob(2), &batch.digest)}) {
      if (!copied.ok()) return copied;
    }
    batch.state = static_cast<ReceivedState>(query.ColumnInt(3));
    batch.delivery = query.ColumnBlob(4);
    batch.receipt = query.ColumnText(5);
    all.push_back(std::move(batch));
  }
}

}  // namespace entente::client

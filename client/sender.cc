#include "client/sender.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "client/error.h"
#include "client/final_refusal.h"
#include "client/rpc/connection.h"
#include "client/rpc/receipts.h"
#include "crypto/hex.h"
#include "policy/ledger_entry.h"

namespace entente::client {
namespace {

using crypto::AsText;

// How often the last chunk is repeated because another process of this profile
// saw more of the ledger meanwhile.
constexpr int kAttempts = 3;

v1::SendChunkRequest RequestOf(const OutgoingBatch& batch, size_t number) {
  const OutgoingChunk& chunk = batch.chunks[number];
  v1::SendChunkRequest request;
  request.set_batch_id(std::string(AsText(batch.batch_id)));
  if (number == 0) {
    request.set_header(std::string(AsText(batch.header)));
    request.set_enc(std::string(AsText(batch.enc)));
  }
  request.set_chunk(static_cast<uint32_t>(number));
  request.set_final(number + 1 == batch.chunks.size());
  request.set_count(chunk.count);
  request.set_pseudonyms(std::string(AsText(chunk.pseudonyms)));
  request.set_sealed(std::string(AsText(chunk.sealed)));
  request.set_signature(std::string(AsText(chunk.signature)));
  return request;
}

// The last chunk, whose answer has the receipt.
absl::Status SendLast(const Dealings& dealings, const OutgoingBatch& batch,
                      SentBatch* sent) {
  v1::SendChunkRequest request = RequestOf(batch, batch.chunks.size() - 1);
  absl::Status done;
  for (int attempt = 0; attempt < kAttempts; ++attempt) {
    const absl::StatusOr<KeptCheckpoint> known = dealings.view.Known();
    if (!known.ok()) return known.status();
    SetKnown(*known, request.mutable_known());
    const auto answer =
        Call(dealings.link.exchange(), &v1::Exchange::Stub::SendChunk, request);
    if (!answer.ok()) return answer.status();
    const auto receipt = AcceptReceipt(dealings.view, *known, answer->receipt(),
                                       policy::EntryKind::kBatch, batch.digest);
    if (receipt.ok()) {
      sent->ledger = answer->receipt().ledger();
      sent->entry = receipt->index;
      if (answer->has_good_until_time()) {
        sent->good_until =
            absl::FromUnixSeconds(answer->good_until_time().seconds());
      }
      return dealings.store.exchange().MarkAccepted(batch.batch_id,
                                                    answer->receipt().proof());
    }
    done = receipt.status();
    if (!absl::IsUnavailable(done)) return done;
  }
  return done;
}

absl::Status SendChunks(const Dealings& dealings, const OutgoingBatch& batch,
                        SentBatch* sent) {
  const size_t last = batch.chunks.size() - 1;
  for (size_t number = batch.staged; number < last; ++number) {
    const auto answer =
        Call(dealings.link.exchange(), &v1::Exchange::Stub::SendChunk,
             RequestOf(batch, number));
    if (!answer.ok()) return answer.status();
    const absl::Status marked = dealings.store.exchange().MarkStaged(
        batch.batch_id, static_cast<uint32_t>(number + 1));
    if (!marked.ok()) return marked;
  }
  return SendLast(dealings, batch, sent);
}

// As SendStored; `sent` says which batch it is also if it is refused.
absl::Status SendInto(const Dealings& dealings, const BatchId& batch_id,
                      SentBatch* sent) {
  const absl::StatusOr<OutgoingBatch> batch =
      dealings.store.exchange().Outgoing(batch_id);
  if (!batch.ok()) return batch.status();
  if (batch->chunks.empty()) {
    return absl::NotFoundError("the batch is finished");
  }
  sent->batch_id = batch_id;
  sent->recipient = batch->recipient;
  sent->digest = batch->digest;
  for (const OutgoingChunk& chunk : batch->chunks) sent->records += chunk.count;
  const absl::Status done = SendChunks(dealings, *batch, sent);
  if (!IsFinalRefusal(done)) return done;
  const absl::Status marked = dealings.store.exchange().MarkRefused(batch_id);
  return marked.ok() ? done : marked;
}

}  // namespace

absl::StatusOr<SentBatch> SendStored(const Dealings& dealings,
                                     const BatchId& batch_id) {
  SentBatch sent;
  const absl::Status done = SendInto(dealings, batch_id, &sent);
  if (!done.ok()) return done;
  return sent;
}

absl::StatusOr<UnfinishedBatches> SendUnfinished(const Dealings& dealings) {
  const absl::StatusOr<std::vector<BatchId>> unfinished =
      dealings.store.exchange().Unfinished(dealings.verified.id());
  if (!unfinished.ok()) return unfinished.status();
  UnfinishedBatches batches;
  for (const BatchId& id : *unfinished) {
    const std::string name = crypto::ToHex(id);
    SentBatch batch;
    const absl::Status done = SendInto(dealings, id, &batch);
    if (done.ok()) {
      dealings.out.Say(
          absl::StrCat("batch ", name, ", left unfinished before, was sent"));
      batches.sent.push_back(std::move(batch));
      continue;
    }
    if (!IsFinalRefusal(done)) return done;
    dealings.out.Say(absl::StrCat(
        "batch ", name,
        ", left unfinished before, was refused: ", done.message()));
    batches.dropped.push_back(
        {id, std::move(batch.recipient), batch.records, done});
  }
  return batches;
}

absl::Status VerdictOn(const std::vector<DroppedBatch>& dropped) {
  if (dropped.empty()) return absl::OkStatus();
  uint64_t records = 0;
  for (const DroppedBatch& batch : dropped) records += batch.records;
  const Failure first = FromStatus(dropped.front().why);
  return ToStatus(
      {.what = absl::StrCat(dropped.size(), " batches (", records,
                            " records) that an earlier run left unfinished "
                            "were refused for good"),
       .why = absl::StrCat("the first because ", first.what, " (", first.code,
                           ")"),
       .next =
           "send the files of that run again: what was refused counts as never "
           "sent",
       .code = "UNFINISHED_REFUSED",
       .exit = ExitCode::kPartial});
}

}  // namespace entente::client

// The half of ExchangeService that writes stages, and what comes after them.
#include <utility>

#include "absl/strings/str_cat.h"
#include "broker/agreement_state.h"
#include "broker/batch_check.h"
#include "broker/exchange_service.h"
#include "broker/held_batches.h"
#include "broker/rpc/refusal.h"
#include "crypto/hex.h"
#include "policy/ledger_part.h"

namespace entente::broker {
namespace {

using crypto::AsBytes;
using crypto::AsText;
using policy::EntryKind;
using policy::Reason;

constexpr int kExpireAtOnce = 100;

absl::Status AcknowledgedMeanwhile() {
  return Refuse(Reason::kBatchUnknown, "the batch was acknowledged meanwhile");
}

absl::StatusOr<int64_t> InsertBatch(MailboxTable* mailbox,
                                    const v1::SendChunkRequest& request,
                                    const v1::BatchHeader& header,
                                    absl::Time now) {
  BatchRow row;
  row.sender = header.sender();
  row.recipient = header.recipient();
  row.agreement = header.agreement();
  row.version = header.agreement_version();
  row.flow = header.flow();
  const auto id = AsBytes(header.batch_id());
  const auto bytes = AsBytes(request.header());
  const auto enc = AsBytes(request.enc());
  row.batch_id.assign(id.begin(), id.end());
  row.header.assign(bytes.begin(), bytes.end());
  row.enc.assign(enc.begin(), enc.end());
  row.created = absl::FromUnixMillis(absl::ToUnixMillis(now));
  row.not_after = absl::FromUnixMillis(header.not_after_unix_ms());
  row.grant = {header.break_glass().begin(), header.break_glass().end()};
  const absl::StatusOr<int64_t> sequence = mailbox->Insert(row);
  if (absl::IsAlreadyExists(sequence.status())) {
    return Refuse(Reason::kChunkOrder,
                  "another call has just staged this batch; repeat");
  }
  return sequence;
}

}  // namespace

absl::StatusOr<std::vector<PendingEntry>> ExchangeService::Stage(
    Transaction& transaction, const Caller& caller,
    const v1::SendChunkRequest& request, Incoming* in) {
  const v1::BatchHeader& header = *in->header;
  const absl::Time now = context_.clock->Now();
  const auto known = context_.agreements->Get();
  const auto decision =
      DecideBatch(transaction, *known, now, caller.agency(), header);
  if (!decision.ok()) return decision.status();
  absl::Status ok =
      CheckStored(transaction, *known, now, caller, *decision->agreement,
                  {header.sender(), header.recipient()});
  if (!ok.ok()) return ok;
  if (ok = CheckFresh(header, now); !ok.ok()) return ok;
  const auto manifest = manifests_.Get(transaction, header.agreement(),
                                       header.agreement_version());
  if (!manifest.ok()) return manifest.status();
  if (ok = CheckKeysNamed(header, **manifest); !ok.ok()) return ok;

  MailboxTable mailbox(transaction);
  const absl::StatusOr<int64_t> sequence =
      in->row.has_value() ? absl::StatusOr<int64_t>(in->row->sequence)
                          : InsertBatch(&mailbox, request, header, now);
  if (!sequence.ok()) return sequence.status();
  in->sequence = *sequence;
  in->good_until = decision->good_until;
  ok = mailbox.AddChunk(*sequence, in->chunk);
  if (absl::IsFailedPrecondition(ok)) {
    return Refuse(Reason::kChunkOrder, ok.message());
  }
  if (!ok.ok()) return ok;
  if (!in->chunk.final) return std::vector<PendingEntry>();

  ok = TakeQuotas(transaction, *decision, now, header);
  if (!ok.ok()) return ok;
  if (ok = mailbox.Complete(*sequence, in->chunk.hash); !ok.ok()) return ok;
  policy::LedgerEntry entry =
      context_.recorder->Allowed(EntryKind::kBatch, caller);
  entry.operation = policy::Operation::kDisclosure;
  Describe(header, &entry);
  Justify(*context_.agreements->Get(), &entry);
  entry.flow = decision->flow->id;
  entry.subject = crypto::ToHex(in->chunk.hash);
  auto pending = Recorder::Pending(header.agreement(), std::move(entry));
  if (!pending.ok()) return pending.status();
  pending->appended = [number = *sequence](Transaction& inside,
                                           uint64_t index) {
    return MailboxTable(inside).SetEntry(number, index);
  };
  return std::vector<PendingEntry>{*std::move(pending)};
}

bool ExchangeService::Held(const policy::Register& known, const BatchRow& row,
                           absl::Time now) const {
  if (now >= row.not_after) return true;
  if (!row.grant.empty() &&
      (context_.grants == nullptr ||
       !context_.grants->IsOpen(row.agreement, crypto::ToHex(row.grant),
                                now))) {
    return true;
  }
  return WhyHeld(known, row, now).has_value();
}

absl::StatusOr<std::vector<BatchRow>> ExchangeService::NextWaiting(
    const Caller& caller, absl::string_view agreement, int64_t after_sequence,
    int limit) {
  const auto known = context_.agreements->Get();
  const absl::Time now = context_.clock->Now();
  std::vector<BatchRow> ready;
  const auto in_force = InForce(*known, agreement, 0, caller.agency(), now);
  absl::Status ok = in_force.status();
  if (ok.ok() &&
      context_.trust->IsRevoked(caller.fingerprint, caller.agency())) {
    ok = Refuse(Reason::kCertificateRevoked, "");
  }
  if (ok.ok()) {
    ok = context_.store->Read([&](Transaction& transaction) -> absl::Status {
      absl::Status stored =
          CheckStored(transaction, *known, now, caller, **in_force, {});
      if (!stored.ok()) return stored;
      MailboxTable mailbox(transaction);
      while (ready.size() < static_cast<size_t>(limit)) {
        const auto rows =
            mailbox.Waiting(caller.agency(), agreement, after_sequence, limit);
        if (!rows.ok()) return rows.status();
        if (rows->empty()) break;
        for (const BatchRow& row : *rows) {
          after_sequence = row.sequence;
          if (Held(*known, row, now)) continue;
          ready.push_back(row);
          if (ready.size() == static_cast<size_t>(limit)) break;
        }
      }
      return absl::OkStatus();
    });
  }
  if (ok.ok()) return ready;
  if (ConditionsOf(ok).empty()) return ok;
  policy::LedgerEntry entry =
      context_.recorder->Allowed(EntryKind::kDelivery, caller);
  entry.operation = policy::Operation::kCollection;
  entry.agreement = std::string(agreement);
  entry.recipient = caller.agency();
  return context_.recorder->Refused(
      LedgerFor(*known, agreement, caller.agency()), std::move(entry), ok);
}

absl::Status ExchangeService::FillStart(const BatchRow& row,
                                        v1::BatchStart* start) const {
  const auto header = ParseHeader(row.header);
  if (!header.ok()) return header.status();
  if (!row.entry.has_value()) {
    return absl::InternalError("a deliverable batch has no entry");
  }
  const absl::Status waits =
      context_.store->Read([&](Transaction& transaction) -> absl::Status {
        const auto now = MailboxTable(transaction)
                             .Find(row.sender, AsBytes(AsText(row.batch_id)));
        if (now.ok() && now->state == BatchState::kDeliverable) {
          return absl::OkStatus();
        }
        return now.ok() || absl::IsNotFound(now.status())
                   ? AcknowledgedMeanwhile()
                   : now.status();
      });
  if (!waits.ok()) return waits;
  v1::KnownView known;
  known.set_size(header->view_size());
  known.set_part(header->view_part());
  absl::Status filled = context_.receipts->Fill(
      row.agreement, *row.entry, known, start->mutable_receipt());
  if (!filled.ok()) return filled;
  start->mutable_view_consistency()->Swap(
      start->mutable_receipt()->mutable_consistency());
  const std::string seen = policy::PartName(row.agreement, header->view_part());
  if (seen != start->receipt().ledger()) {
    filled = context_.receipts->FillConsistency(
        seen, header->view_size(), start->mutable_view_consistency());
    if (!filled.ok()) return filled;
  }
  start->set_header(row.header.data(), row.header.size());
  start->set_enc(row.enc.data(), row.enc.size());
  start->set_chunks(row.chunks);
  return absl::OkStatus();
}

absl::Status ExchangeService::FillChunk(const BatchRow& row, uint32_t number,
                                        v1::BatchChunk* chunk) const {
  return context_.store->Read([&](Transaction& transaction) -> absl::Status {
    const auto stored =
        MailboxTable(transaction).GetChunk(row.sequence, number);
    if (absl::IsNotFound(stored.status())) {
      return AcknowledgedMeanwhile();
    }
    if (!stored.ok()) return stored.status();
    chunk->set_chunk(stored->number);
    chunk->set_final(stored->final);
    chunk->set_count(stored->records);
    chunk->set_pseudonyms(std::string(AsText(stored->pseudonyms)));
    chunk->set_sealed(std::string(AsText(stored->sealed)));
    chunk->set_signature(std::string(AsText(stored->signature)));
    chunk->set_converted(std::string(AsText(stored->converted)));
    chunk->set_proof(std::string(AsText(stored->proof)));
    return absl::OkStatus();
  });
}

absl::Status ExchangeService::ExpireStages() {
  const absl::Time before = context_.clock->Now() - kStageLife;
  const auto expire = [&](Transaction& transaction)
      -> absl::StatusOr<std::vector<PendingEntry>> {
    MailboxTable mailbox(transaction);
    const auto rows = mailbox.StagedBefore(before, kExpireAtOnce);
    if (!rows.ok()) return rows.status();
    std::vector<PendingEntry> entries;
    for (const BatchRow& row : *rows) {
      const absl::Status expired = mailbox.Expire(row.sequence);
      if (!expired.ok()) return expired;
      policy::LedgerEntry entry =
          context_.recorder->OwnAct(EntryKind::kStageExpired);
      entry.operation = policy::Operation::kErasure;
      entry.agreement = row.agreement;
      entry.version = row.version;
      entry.flow = row.flow;
      entry.sender = row.sender;
      entry.recipient = row.recipient;
      entry.records = row.records;
      entry.batch = crypto::ToHex(row.batch_id);
      auto pending = Recorder::Pending(row.agreement, std::move(entry));
      if (!pending.ok()) return pending.status();
      entries.push_back(*std::move(pending));
    }
    return entries;
  };
  while (true) {
    const auto written = context_.recorder->Run(expire);
    if (!written.ok()) return written.status();
    if (written->size() < kExpireAtOnce) return absl::OkStatus();
  }
}

}  // namespace entente::broker

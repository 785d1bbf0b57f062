// The half of ExchangeService that takes deliveries.
#include <algorithm>
#include <utility>

#include "broker/agreement_state.h"
#include "broker/batch_check.h"
#include "broker/exchange_service.h"
#include "broker/rpc/refusal.h"
#include "broker/store/keys_table.h"
#include "crypto/chunk.h"
#include "crypto/faulty_delivery.h"
#include "crypto/hex.h"
#include "crypto/hpke.h"
#include "crypto/seal.h"
#include "crypto/sha.h"
#include "policy/violations.h"

namespace entente::broker {
namespace {

using crypto::AsBytes;
using crypto::AsText;
using policy::EntryKind;
using policy::Reason;

// The recipient may have renewed its bundle since the batch was sealed: a
// signature by either key counts.
absl::Status CheckSignature(Transaction& transaction, const BatchRow& row,
                            const v1::BatchHeader& header,
                            const crypto::Hash& converted,
                            const v1::AcknowledgeRequest& request) {
  const auto signature = crypto::ParseSignature(AsBytes(request.signature()));
  if (!signature.ok()) return Refuse(Reason::kBadSignature, "");
  crypto::HpkeEnc enc = {};
  if (row.enc.size() != enc.size()) {
    return absl::InternalError("a stored batch has no enc");
  }
  std::copy(row.enc.begin(), row.enc.end(), enc.begin());
  const crypto::Hash head =
      crypto::BatchHeadHash(crypto::HeaderHash(row.header), enc);
  crypto::Hash digest = {};
  std::copy_n(row.digest.begin(), std::min(row.digest.size(), digest.size()),
              digest.begin());
  std::vector<std::vector<uint8_t>> bundles = {
      {header.recipient_bundle().begin(), header.recipient_bundle().end()}};
  const auto newest = KeysTable(transaction).GetBundleInForce(row.recipient);
  if (newest.ok() && newest->digest != bundles[0]) {
    bundles.push_back(newest->digest);
  }
  for (const std::vector<uint8_t>& named : bundles) {
    const auto bundle = LoadBundle(transaction, named, row.recipient);
    if (!bundle.ok()) return bundle.status();
    const absl::Status good =
        request.violations().empty()
            ? crypto::VerifyDelivery(bundle->batch_key, head, digest, converted,
                                     *signature)
            : crypto::VerifyFaultyDelivery(bundle->batch_key, head, digest,
                                           converted, request.violations(),
                                           *signature);
    if (good.ok()) return good;
  }
  return Refuse(Reason::kBadSignature,
                "the delivery is not signed by the recipient's batch key");
}

absl::Status CheckReported(const v1::BatchHeader& header,
                           const std::string& text) {
  const auto violations = policy::ParseViolations(text);
  const absl::Status fit =
      violations.ok()
          ? policy::CheckViolations(*violations, header.record_count(),
                                    {header.released_fields().begin(),
                                     header.released_fields().end()})
          : violations.status();
  return fit.ok() ? fit : Refuse(Reason::kBadRequest, fit.message());
}

}  // namespace

absl::Status ExchangeService::Acknowledge(const Caller& caller,
                                          const v1::AcknowledgeRequest& request,
                                          v1::AcknowledgeResponse* response) {
  absl::optional<BatchRow> row;
  const absl::Status done = Deliver(caller, request, &row, response);
  if (done.ok()) claims_.Done(row->sequence);
  if (done.ok() || ConditionsOf(done).empty() || absl::IsUnavailable(done)) {
    return done;
  }
  policy::LedgerEntry entry =
      context_.recorder->Allowed(EntryKind::kDelivery, caller);
  entry.operation = policy::Operation::kCollection;
  entry.agreement = request.agreement();
  entry.sender = request.sender();
  entry.recipient = caller.agency();
  entry.batch = crypto::ToHex(AsBytes(request.batch_id()));
  return context_.recorder->Refused(
      LedgerFor(*context_.agreements->Get(), request.agreement(),
                caller.agency()),
      std::move(entry), done);
}

absl::Status ExchangeService::Deliver(const Caller& caller,
                                      const v1::AcknowledgeRequest& request,
                                      absl::optional<BatchRow>* row,
                                      v1::AcknowledgeResponse* response) {
  const policy::AgreementRecord* record = nullptr;
  const auto known = context_.agreements->Get();
  record = known->Find(request.agreement());
  if (record == nullptr || !record->IsParty(caller.agency())) {
    return Refuse(Reason::kNoAgreement, "");
  }
  if (context_.trust->IsRevoked(caller.fingerprint, caller.agency())) {
    return Refuse(Reason::kCertificateRevoked, "");
  }
  absl::optional<uint64_t> earlier;
  const absl::Status read =
      context_.store->Read([&](Transaction& transaction) -> absl::Status {
        auto found = MailboxTable(transaction)
                         .Find(request.sender(), AsBytes(request.batch_id()));
        if (!found.ok() && !absl::IsNotFound(found.status())) {
          return found.status();
        }
        if (!found.ok() || found->agreement != request.agreement() ||
            found->recipient != caller.agency() ||
            (found->state != BatchState::kDeliverable &&
             found->state != BatchState::kDelivered)) {
          return Refuse(Reason::kBatchUnknown, "");
        }
        *row = *std::move(found);
        absl::Status ok = CheckKnown(transaction, *context_.ledgers,
                                     request.agreement(), request.known());
        if (ok.ok()) ok = CheckDelivery(transaction, **row, request);
        if (!ok.ok() || (*row)->state != BatchState::kDelivered) return ok;
        const auto delivery =
            MailboxTable(transaction).GetDelivery((*row)->sequence);
        if (!delivery.ok()) return delivery.status();
        earlier = delivery->entry;
        return absl::OkStatus();
      });
  if (!read.ok()) return read;
  if (earlier.has_value()) {
    return context_.receipts->Fill(request.agreement(), *earlier,
                                   request.known(),
                                   response->mutable_receipt());
  }
  const auto receipts = context_.recorder->Run([&](Transaction& transaction) {
    return Acknowledged(transaction, caller, request, **row);
  });
  if (!receipts.ok()) return receipts.status();
  return context_.receipts->Fill(receipts->front(), request.known(),
                                 response->mutable_receipt());
}

absl::Status ExchangeService::CheckDelivery(
    Transaction& transaction, const BatchRow& row,
    const v1::AcknowledgeRequest& request) const {
  if (request.final_hash() != AsText(row.digest)) {
    return Refuse(Reason::kReplayedDifferently,
                  "the batch ends with another chunk");
  }
  const auto header = ParseHeader(row.header);
  if (!header.ok()) return header.status();
  if (absl::Status ok = CheckReported(*header, request.violations());
      !ok.ok()) {
    return ok;
  }
  MailboxTable mailbox(transaction);
  crypto::Hash converted = {};
  if (row.state == BatchState::kDelivered) {
    const auto delivery = mailbox.GetDelivery(row.sequence);
    if (!delivery.ok()) return delivery.status();
    if (delivery->converted_hash.size() != converted.size()) {
      return absl::InternalError("a delivery has no hash");
    }
    std::copy(delivery->converted_hash.begin(), delivery->converted_hash.end(),
              converted.begin());
  } else {
    crypto::Sha256Hasher hasher;
    for (uint32_t number = 0; number < row.chunks; ++number) {
      const auto chunk = mailbox.GetChunk(row.sequence, number);
      if (!chunk.ok()) return chunk.status();
      hasher.Update(absl::MakeConstSpan(chunk->converted));
    }
    converted = hasher.Finish();
  }
  if (request.converted_hash() != AsText(converted)) {
    return Refuse(Reason::kReplayedDifferently,
                  "the pseudonyms received are not those sent");
  }
  return CheckSignature(transaction, row, *header, converted, request);
}

absl::StatusOr<std::vector<PendingEntry>> ExchangeService::Acknowledged(
    Transaction& transaction, const Caller& caller,
    const v1::AcknowledgeRequest& request, const BatchRow& row) {
  const auto header = ParseHeader(row.header);
  if (!header.ok()) return header.status();
  const auto hash = AsBytes(request.converted_hash());
  const auto signature = AsBytes(request.signature());
  DeliveryRow delivery;
  delivery.converted_hash.assign(hash.begin(), hash.end());
  delivery.signature.assign(signature.begin(), signature.end());
  policy::LedgerEntry entry =
      context_.recorder->Allowed(EntryKind::kDelivery, caller);
  entry.operation = policy::Operation::kCollection;
  delivery.delivered = entry.time;
  const absl::Status ok =
      MailboxTable(transaction).Deliver(row.sequence, delivery);
  if (absl::IsFailedPrecondition(ok)) {
    return Refuse(Reason::kChunkOrder,
                  "another call has just acknowledged this batch; repeat");
  }
  if (!ok.ok()) return ok;
  Describe(*header, &entry);
  entry.subject = crypto::ToHex(row.digest);
  if (!request.violations().empty()) {
    entry.detail["violations"] = request.violations();
  }
  auto pending = Recorder::Pending(row.agreement, std::move(entry));
  if (!pending.ok()) return pending.status();
  pending->appended = [sequence = row.sequence](Transaction& inside,
                                                uint64_t index) {
    return MailboxTable(inside).SetDeliveryEntry(sequence, index);
  };
  return std::vector<PendingEntry>{*std::move(pending)};
}

}  // namespace entente::broker

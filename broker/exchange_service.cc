#include "broker/exchange_service.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "broker/agreement_state.h"
#include "broker/batch_check.h"
#include "broker/instants.h"
#include "broker/rpc/refusal.h"
#include "crypto/batch_limits.h"
#include "crypto/chunk.h"
#include "crypto/hex.h"
#include "crypto/hpke.h"
#include "crypto/seal.h"

namespace entente::broker {
namespace {

using crypto::AsBytes;
using crypto::AsText;
using policy::EntryKind;
using policy::Reason;

crypto::Bytes ToBytes(absl::string_view text) {
  const auto bytes = AsBytes(text);
  return crypto::Bytes(bytes.begin(), bytes.end());
}

crypto::Hash ToHash(absl::Span<const uint8_t> bytes) {
  crypto::Hash hash = {};
  if (bytes.size() == hash.size()) {
    std::copy(bytes.begin(), bytes.end(), hash.begin());
  }
  return hash;
}

// Whether a refusal is worth an entry: all but those that a well-meaning sender
// meets when it repeats or reorders, and our own failures.
bool IsOfSubstance(const absl::Status& status) {
  const std::vector<Condition> conditions = ConditionsOf(status);
  if (conditions.empty()) return false;
  const auto reason = policy::ReasonOf(conditions.front().reason);
  return reason != Reason::kChunkOrder && reason != Reason::kBatchUnknown &&
         reason != Reason::kLedgerContinued &&
         reason != Reason::kLogUnavailable && reason != Reason::kDiskFull &&
         reason != Reason::kInternal;
}

absl::Status CheckForm(const v1::SendChunkRequest& request) {
  if (request.batch_id().size() != 16) {
    return Refuse(Reason::kBadHeader, "a batch id has 16 bytes");
  }
  if (request.chunk() == 0 && request.enc().size() != crypto::kHpkeEncSize) {
    return Refuse(Reason::kBadHeader, "enc has 32 bytes");
  }
  if (request.chunk() != 0 &&
      !(request.header().empty() && request.enc().empty())) {
    return Refuse(Reason::kBadChunk, "header and enc come with chunk 0 only");
  }
  if (request.signature().size() != 64) {
    return Refuse(Reason::kBadSignature, "a signature has 64 bytes");
  }
  return absl::OkStatus();
}

absl::Status ReplayedDifferently(absl::string_view detail) {
  return Refuse(Reason::kReplayedDifferently, detail);
}

crypto::Hash HeadHashOf(absl::Span<const uint8_t> header,
                        absl::Span<const uint8_t> enc) {
  crypto::HpkeEnc fixed = {};
  std::copy_n(enc.begin(), std::min(enc.size(), fixed.size()), fixed.begin());
  return crypto::BatchHeadHash(crypto::HeaderHash(header), fixed);
}

ChunkRow RowOf(const v1::SendChunkRequest& request) {
  ChunkRow row;
  row.number = request.chunk();
  row.final = request.final();
  row.records = request.count();
  row.pseudonyms = ToBytes(request.pseudonyms());
  row.sealed = ToBytes(request.sealed());
  row.signature = ToBytes(request.signature());
  return row;
}

// Follows the chain one step, and notes the chunk's hash.
absl::Status Follow(crypto::ChunkChain chain,
                    const crypto::Ed25519PublicKey& key, ChunkRow* row) {
  const auto signature = crypto::ParseSignature(row->signature);
  if (!signature.ok()) return Refuse(Reason::kBadSignature, "");
  const crypto::Chunk chunk = {row->number, row->final, row->records,
                               row->pseudonyms, row->sealed};
  const absl::Status added = chain.AppendSigned(chunk, key, *signature);
  if (absl::IsDataLoss(added)) return Refuse(Reason::kBadSignature, "");
  if (absl::IsFailedPrecondition(added)) {
    return Refuse(Reason::kChunkOrder, added.message());
  }
  if (!added.ok()) return Refuse(Reason::kBadChunk, added.message());
  const crypto::Hash& hash = chain.position().last_hash;
  row->hash.assign(hash.begin(), hash.end());
  return absl::OkStatus();
}

absl::Status CheckValid(const certs::KeyBundle& bundle, absl::Time now) {
  if (now >= bundle.not_before && now < bundle.not_after) {
    return absl::OkStatus();
  }
  return Refuse(Reason::kKeyUnknown,
                absl::StrCat("the bundle of ", bundle.agency,
                             " is not valid now; publish a new one"));
}

}  // namespace

absl::Status ExchangeService::SendChunk(const Caller& caller,
                                        const v1::SendChunkRequest& request,
                                        v1::SendChunkResponse* response) {
  Incoming in;
  in.known = context_.agreements->Get();
  in.now = context_.clock->Now();
  const absl::Status accepted = Accept(caller, request, &in, response);
  if (accepted.ok() || !IsOfSubstance(accepted)) return accepted;
  policy::LedgerEntry entry =
      context_.recorder->Allowed(EntryKind::kBatch, caller);
  entry.operation = policy::Operation::kDisclosure;
  std::string agreement;
  if (in.header.has_value()) {
    Describe(*in.header, &entry);
    agreement = in.header->agreement();
  } else {
    entry.sender = caller.agency();
    entry.batch = crypto::ToHex(AsBytes(request.batch_id()));
  }
  const std::string ledger = LedgerFor(*in.known, agreement, caller.agency());
  // To strangers the words of an agreement do not exist.
  if (ledger == agreement) Justify(*in.known, &entry);
  return context_.recorder->Refused(ledger, std::move(entry), accepted);
}

absl::Status ExchangeService::Accept(const Caller& caller,
                                     const v1::SendChunkRequest& request,
                                     Incoming* in,
                                     v1::SendChunkResponse* response) {
  if (absl::Status s = CheckForm(request); !s.ok()) return s;
  if (context_.trust->IsRevoked(caller.fingerprint, caller.agency())) {
    return Refuse(Reason::kCertificateRevoked, "");
  }
  if (absl::Status s = FindStage(caller, request, in); !s.ok()) return s;
  if (in->repeated) {
    response->set_staged_chunks(in->row->chunks);
    if (!request.final()) return absl::OkStatus();
    if (!in->row->entry.has_value()) {
      return absl::InternalError("a complete batch has no entry");
    }
    return context_.receipts->Fill(in->row->agreement, *in->row->entry,
                                   request.known(),
                                   response->mutable_receipt());
  }
  if (absl::Status s = Prepare(caller, request, in); !s.ok()) return s;
  const auto receipts = context_.recorder->Run([&](Transaction& transaction) {
    return Stage(transaction, caller, request, in);
  });
  if (!receipts.ok()) return receipts.status();
  response->set_staged_chunks(in->chunk.number + 1);
  if (receipts->empty()) return absl::OkStatus();
  SetTimestamp(in->good_until, response->mutable_good_until_time());
  signal_.Notify(in->header->recipient(), in->header->agreement(),
                 in->sequence);
  return context_.receipts->Fill(receipts->front(), request.known(),
                                 response->mutable_receipt());
}

absl::Status ExchangeService::FindStage(const Caller& caller,
                                        const v1::SendChunkRequest& request,
                                        Incoming* in) {
  return context_.store->Read([&](Transaction& transaction) -> absl::Status {
    auto row = MailboxTable(transaction)
                   .Find(caller.agency(), AsBytes(request.batch_id()));
    if (!row.ok() && !absl::IsNotFound(row.status())) return row.status();
    if (row.ok()) in->row = *std::move(row);
    if (!in->row.has_value() && request.chunk() != 0) {
      return Refuse(Reason::kBatchUnknown, "no chunk of this batch is staged");
    }
    auto header =
        ParseHeader(in->row.has_value() ? absl::MakeConstSpan(in->row->header)
                                        : AsBytes(request.header()));
    if (!header.ok()) return header.status();
    if (header->batch_id() != request.batch_id()) {
      return Refuse(Reason::kBadHeader, "the header has another batch id");
    }
    in->header = *std::move(header);
    in->head_hash =
        in->row.has_value()
            ? HeadHashOf(in->row->header, in->row->enc)
            : HeadHashOf(AsBytes(request.header()), AsBytes(request.enc()));
    return in->row.has_value() ? CheckRepeat(transaction, request, in)
                               : absl::OkStatus();
  });
}

absl::Status ExchangeService::CheckRepeat(Transaction& transaction,
                                          const v1::SendChunkRequest& request,
                                          Incoming* in) {
  const BatchRow& row = *in->row;
  if (request.chunk() == 0 && (request.header() != AsText(row.header) ||
                               request.enc() != AsText(row.enc))) {
    return ReplayedDifferently("another batch has this id");
  }
  if (row.state == BatchState::kExpired) {
    return Refuse(Reason::kBatchExpired,
                  "its stage was given up; seal it again under a new id");
  }
  if (request.chunk() >= row.chunks) {
    if (row.state != BatchState::kStaged) {
      return ReplayedDifferently("the batch ended before this chunk");
    }
    if (request.chunk() == row.chunks) return absl::OkStatus();
    return Refuse(Reason::kChunkOrder,
                  absl::StrCat("chunk ", row.chunks, " is the next"));
  }
  in->repeated = true;
  if (row.state == BatchState::kDelivered) {
    // The chunks are gone; the final signature still says which batch it is.
    const bool last = request.chunk() + 1 == row.chunks;
    if (request.final() != last) return ReplayedDifferently("");
    if (!last) return absl::OkStatus();
    const auto sender = LoadBundle(
        transaction, AsBytes(in->header->sender_bundle()), row.sender);
    if (!sender.ok()) return sender.status();
    const auto signature = crypto::ParseSignature(AsBytes(request.signature()));
    if (!signature.ok() ||
        !crypto::VerifyChunk(sender->batch_key, ToHash(row.digest), *signature)
             .ok()) {
      return ReplayedDifferently("the batch ended with another chunk");
    }
    return absl::OkStatus();
  }
  const auto stored =
      MailboxTable(transaction).GetChunk(row.sequence, request.chunk());
  if (!stored.ok()) return stored.status();
  const ChunkRow sent = RowOf(request);
  if (sent.final != stored->final || sent.records != stored->records ||
      sent.pseudonyms != stored->pseudonyms || sent.sealed != stored->sealed ||
      sent.signature != stored->signature) {
    return ReplayedDifferently(
        absl::StrCat("chunk ", request.chunk(), " was another one before"));
  }
  return absl::OkStatus();
}

absl::Status ExchangeService::Prepare(const Caller& caller,
                                      const v1::SendChunkRequest& request,
                                      Incoming* in) {
  const v1::BatchHeader& header = *in->header;
  absl::StatusOr<policy::Decision> decision = policy::Decision();
  const absl::Status decided =
      context_.store->Read([&](Transaction& transaction) {
        decision = DecideBatch(transaction, *in->known, in->now,
                               caller.agency(), header);
        return decision.status();
      });
  if (!decided.ok()) return decided;
  if (absl::Status s = CheckFresh(header, in->now); !s.ok()) return s;
  in->chunk = RowOf(request);
  const policy::Flow& flow = *decision->flow;
  absl::optional<certs::KeyBundle> recipient;
  absl::optional<crypto::ConversionKeys> keys;
  std::vector<crypto::Bytes> earlier;
  const absl::Status read =
      context_.store->Read([&](Transaction& transaction) -> absl::Status {
        const auto manifest = manifests_.Get(transaction, header.agreement(),
                                             header.agreement_version());
        if (!manifest.ok()) return manifest.status();
        absl::Status ok = CheckKeysNamed(header, **manifest);
        if (!ok.ok()) return ok;
        ok = CheckView(transaction, *context_.ledgers, header);
        if (!ok.ok()) return ok;
        ok = CheckKnown(transaction, *context_.ledgers, header.agreement(),
                        request.known());
        if (!ok.ok()) return ok;
        const auto sender = LoadBundle(
            transaction, AsBytes(header.sender_bundle()), header.sender());
        if (!sender.ok()) return sender.status();
        if (ok = CheckValid(*sender, in->now); !ok.ok()) return ok;
        auto receiver =
            LoadBundle(transaction, AsBytes(header.recipient_bundle()),
                       header.recipient());
        if (!receiver.ok()) return receiver.status();
        if (ok = CheckValid(*receiver, in->now); !ok.ok()) return ok;
        recipient = *std::move(receiver);
        MailboxTable mailbox(transaction);
        crypto::ChainPosition position;
        if (in->row.has_value()) {
          const auto last =
              mailbox.GetChunk(in->row->sequence, in->row->chunks - 1);
          if (!last.ok()) return last.status();
          position = {in->row->chunks, static_cast<uint32_t>(in->row->records),
                      ToHash(last->hash), false};
          auto chunks = mailbox.Pseudonyms(in->row->sequence);
          if (!chunks.ok()) return chunks.status();
          earlier = *std::move(chunks);
        }
        ok =
            Follow(crypto::ChunkChain(in->head_hash, ShapeOf(header), position),
                   sender->batch_key, &in->chunk);
        if (!ok.ok()) return ok;
        const crypto::Role role =
            flow.recipient_domain == policy::DomainRole::kMatching
                ? crypto::Role::kMatching
                : crypto::Role::kSealed;
        auto derived = context_.masters->Conversion(
            transaction,
            {header.agreement(), header.sender(), crypto::Role::kMatching,
             header.epoch()},
            {header.agreement(), header.recipient(), role, header.epoch()});
        if (!derived.ok()) return derived.status();
        keys = *std::move(derived);
        return absl::OkStatus();
      });
  if (!read.ok()) return read;
  return Convert(flow, *recipient, *keys, earlier, in);
}

absl::Status ExchangeService::Convert(const policy::Flow& flow,
                                      const certs::KeyBundle& recipient,
                                      const crypto::ConversionKeys& keys,
                                      const std::vector<crypto::Bytes>& earlier,
                                      Incoming* in) {
  auto converted = ConvertChunk(
      keys, flow.proof == policy::Proof::kNone ? nullptr : &recipient.y,
      in->head_hash, in->chunk.number, in->chunk.pseudonyms, earlier);
  if (!converted.ok()) return converted.status();
  in->chunk.converted = std::move(converted->converted);
  in->chunk.proof = std::move(converted->proof);
  return absl::OkStatus();
}

}  // namespace entente::broker

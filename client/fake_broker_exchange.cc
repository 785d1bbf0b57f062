// What the fake broker answers about people and batches while it is honest.
#include <algorithm>

#include "client/fake_broker.h"
#include "crypto/batch_limits.h"
#include "crypto/chunk.h"
#include "crypto/conversion_proof.h"
#include "crypto/faulty_delivery.h"
#include "crypto/hex.h"
#include "crypto/pepper.h"
#include "crypto/seal.h"
#include "crypto/sha.h"
#include "crypto/voprf.h"

namespace entente::client {
namespace {

using crypto::AsBytes;
using crypto::AsText;
using grpc::StatusCode;
using policy::EntryKind;

}  // namespace

grpc::Status FakeBroker::Enrol(const std::string& caller,
                               const v1::EnrolRequest& request,
                               v1::EnrolResponse* response) {
  grpc::Status known = CheckKnown(request.known());
  if (!known.ok()) return known;
  const auto stored = answers_.find(request.request_id());
  if (stored != answers_.end()) {
    if (stored->second.first != request.blinded()) {
      return Refusal(StatusCode::ALREADY_EXISTS, "REPLAYED_DIFFERENTLY");
    }
    *response = stored->second.second;
    *response->mutable_receipt() =
        Receipt(kPact, response->receipt().index(), request.known());
    return grpc::Status::OK;
  }
  const auto blinded = crypto::ParsePoints(AsBytes(request.blinded()));
  if (!blinded.ok())
    return Refusal(StatusCode::INVALID_ARGUMENT, "BAD_ELEMENT");
  const crypto::SecretScalar key = DomainKey(caller);
  const auto evaluated = *crypto::BlindEvaluate(key, *blinded);
  const auto proof =
      *crypto::ProveEvaluation(key, *crypto::MulBase(key), *blinded, evaluated);
  response->set_evaluated(std::string(AsText(crypto::PackPoints(evaluated))));
  response->set_proof(proof.data(), proof.size());
  policy::LedgerEntry entry = Entry(EntryKind::kEnrolment);
  entry.sender = caller;
  entry.subject = crypto::ToHex(crypto::Sha256(AsBytes(request.blinded())));
  entry.records = blinded->size();
  entry.detail["scheme"] = request.scheme();
  *response->mutable_receipt() =
      Receipt(kPact, Write(kPact, entry), request.known());
  answers_[request.request_id()] = {request.blinded(), *response};
  return grpc::Status::OK;
}

grpc::Status FakeBroker::PutPepper(const std::string& caller,
                                   const v1::PutPepperRequest& request,
                                   v1::PutPepperResponse* response) {
  grpc::Status known = CheckKnown(request.known());
  if (!known.ok()) return known;
  const auto message = crypto::ParsePepperMessage(
      AsBytes(request.message()), AsBytes(request.ciphertext()));
  if (!message.ok() || message->address.from != caller ||
      crypto::ToHex(message->address.recipient_bundle) !=
          manifest().bundles.at(message->address.to)) {
    return Refusal(StatusCode::INVALID_ARGUMENT, "BAD_PEPPER_MESSAGE");
  }
  const auto signature = crypto::ParseSignature(AsBytes(request.signature()));
  const auto key = agency(caller).profile().BatchKey()->public_key();
  if (!signature.ok() ||
      !key.Verify("", AsBytes(request.message()), *signature).ok()) {
    return Refusal(StatusCode::INVALID_ARGUMENT, "BAD_SIGNATURE");
  }
  const std::string commitment(AsText(message->commitment));
  if (!commitment_.empty() && commitment_ != commitment) {
    return Refusal(StatusCode::ALREADY_EXISTS, "COMMITMENT_DIFFERS");
  }
  policy::LedgerEntry entry = Entry(EntryKind::kPepper);
  entry.sender = caller;
  entry.recipient = message->address.to;
  entry.subject = crypto::ToHex(message->commitment);
  entry.detail["generation"] = absl::StrCat(message->address.generation);
  const uint64_t index = Write(kPact, entry);
  if (commitment_.empty()) {
    commitment_ = commitment;
    commitment_entry_ = index;
  }
  v1::PepperMessage packed;
  packed.set_message(request.message());
  packed.set_ciphertext(request.ciphertext());
  packed.set_signature(request.signature());
  peppers_.emplace_back(message->address.to, packed);
  *response->mutable_receipt() = Receipt(kPact, index, request.known());
  return grpc::Status::OK;
}

grpc::Status FakeBroker::GetPepper(const std::string& caller,
                                   const v1::GetPepperRequest&,
                                   v1::GetPepperResponse* response) {
  if (DomainOf(caller).role != crypto::Role::kMatching) {
    return Refusal(StatusCode::PERMISSION_DENIED, "DOMAIN_SEALED");
  }
  if (commitment_.empty()) return grpc::Status::OK;
  response->set_generation(1);
  *response->mutable_commitment() = Receipt(kPact, commitment_entry_);
  for (const auto& [to, message] : peppers_) {
    response->add_delivered_to(to);
    if (to == caller) *response->add_messages() = message;
  }
  return grpc::Status::OK;
}

grpc::Status FakeBroker::AddChunk(const v1::SendChunkRequest& request,
                                  Batch* batch) {
  const std::string sender = batch->parsed.sender();
  const std::string recipient = batch->parsed.recipient();
  crypto::HpkeEnc enc = {};
  std::copy(batch->enc.begin(), batch->enc.end(), enc.begin());
  const crypto::Hash head =
      crypto::BatchHeadHash(crypto::HeaderHash(AsBytes(batch->header)), enc);
  v1::BatchChunk chunk;
  chunk.set_chunk(request.chunk());
  chunk.set_final(request.final());
  chunk.set_count(request.count());
  chunk.set_pseudonyms(request.pseudonyms());
  chunk.set_sealed(request.sealed());
  chunk.set_signature(request.signature());
  batch->last_hash = crypto::ChunkHash(
      head, request.chunk(), batch->last_hash, request.final(), request.count(),
      crypto::Sha256(request.pseudonyms()), crypto::Sha256(request.sealed()));
  const auto keys = *crypto::ConversionKeys::Derive(master_, DomainOf(sender),
                                                    DomainOf(recipient));
  const auto sent = crypto::ParseCiphertexts(AsBytes(request.pseudonyms()));
  if (!sent.ok()) return Refusal(StatusCode::INVALID_ARGUMENT, "BAD_ELEMENT");
  const auto converted = *crypto::Convert(keys, *sent);
  chunk.set_converted(std::string(AsText(crypto::PackConverted(converted))));
  const auto proof = *crypto::ProveConversion(
      keys, *crypto::MulBase(*agency(recipient).profile().PseudonymKey()),
      crypto::ConversionContext(head, request.chunk()), *sent, converted);
  chunk.set_proof(proof.data(), proof.size());
  batch->chunks.push_back(std::move(chunk));
  return grpc::Status::OK;
}

uint64_t FakeBroker::WriteBatch(const Batch& batch) {
  const v1::BatchHeader& header = batch.parsed;
  policy::LedgerEntry entry = Entry(EntryKind::kBatch);
  entry.version = header.agreement_version();
  entry.digest = crypto::ToHex(AsBytes(header.agreement_digest()));
  entry.flow = header.flow();
  entry.purpose = header.purpose();
  entry.method = header.method();
  entry.dataset = header.dataset();
  entry.sender = header.sender();
  entry.recipient = header.recipient();
  entry.actor =
      absl::StrCat("spiffe://x/agency/", header.sender(), "/system/records");
  for (const v1::Accompanying& item : header.accompanying()) {
    entry.accompanying[item.name()] = item.value();
  }
  entry.fields.assign(header.released_fields().begin(),
                      header.released_fields().end());
  for (const v1::PseudonymField& field : header.pseudonym_fields()) {
    entry.fields.push_back(field.name());
  }
  entry.records = header.record_count();
  entry.subject = crypto::ToHex(batch.last_hash);
  entry.manifest = crypto::ToHex(AsBytes(header.manifest_digest()));
  entry.batch = crypto::ToHex(AsBytes(header.batch_id()));
  return Write(kPact, entry);
}

grpc::Status FakeBroker::SendChunk(const std::string&,
                                   const v1::SendChunkRequest& request,
                                   v1::SendChunkResponse* response) {
  Batch& batch = batches[request.batch_id()];
  if (request.chunk() == 0 && batch.chunks.empty()) {
    batch.header = request.header();
    batch.enc = request.enc();
    if (!batch.parsed.ParseFromString(batch.header) ||
        batch.enc.size() != std::tuple_size_v<crypto::HpkeEnc>) {
      return Refusal(StatusCode::INVALID_ARGUMENT, "BAD_HEADER");
    }
  }
  if (request.chunk() > batch.chunks.size()) {
    return Refusal(StatusCode::FAILED_PRECONDITION, "CHUNK_ORDER");
  }
  if (request.chunk() == batch.chunks.size()) {
    if (request.final()) {
      grpc::Status known = CheckKnown(request.known());
      if (!known.ok()) return known;
    }
    grpc::Status added = AddChunk(request, &batch);
    if (!added.ok()) return added;
    if (request.final()) {
      batch.accepted = true;
      batch.entry = WriteBatch(batch);
    }
  } else if (batch.chunks[request.chunk()].signature() != request.signature()) {
    return Refusal(StatusCode::ALREADY_EXISTS, "REPLAYED_DIFFERENTLY");
  }
  response->set_staged_chunks(static_cast<uint32_t>(batch.chunks.size()));
  if (request.final()) {
    *response->mutable_receipt() = Receipt(kPact, batch.entry, request.known());
    response->mutable_good_until_time()->set_seconds(
        absl::ToUnixSeconds(agreement_->valid.UntilInstant()));
  }
  return grpc::Status::OK;
}

grpc::Status FakeBroker::Receive(const std::string& caller,
                                 const v1::ReceiveRequest& request,
                                 std::vector<v1::ReceiveResponse>* parts) {
  grpc::Status known = CheckKnown(request.known());
  if (!known.ok()) return known;
  for (const auto& [id, batch] : batches) {
    if (!batch.accepted || batch.delivered ||
        batch.parsed.recipient() != caller) {
      continue;
    }
    v1::BatchStart* start = parts->emplace_back().mutable_start();
    start->set_header(batch.header);
    start->set_enc(batch.enc);
    start->set_chunks(static_cast<uint32_t>(batch.chunks.size()));
    *start->mutable_receipt() = Receipt(kPact, batch.entry);
    const crypto::MerkleLog& seen =
        part(policy::PartName(kPact, batch.parsed.view_part())).tree();
    const auto proof =
        *seen.ProveConsistency(batch.parsed.view_size(), seen.size());
    for (const crypto::Hash& hash : proof) {
      start->add_view_consistency(hash.data(), hash.size());
    }
    for (const v1::BatchChunk& chunk : batch.chunks) {
      *parts->emplace_back().mutable_chunk() = chunk;
    }
  }
  return grpc::Status::OK;
}

grpc::Status FakeBroker::Acknowledge(const std::string& caller,
                                     const v1::AcknowledgeRequest& request,
                                     v1::AcknowledgeResponse* response) {
  const auto found = batches.find(request.batch_id());
  if (found == batches.end()) {
    return Refusal(StatusCode::NOT_FOUND, "BATCH_UNKNOWN");
  }
  grpc::Status known = CheckKnown(request.known());
  if (!known.ok()) return known;
  Batch& batch = found->second;
  crypto::HpkeEnc enc = {};
  std::copy(batch.enc.begin(), batch.enc.end(), enc.begin());
  std::string all;
  for (const v1::BatchChunk& chunk : batch.chunks) all += chunk.converted();
  const auto key = agency(caller).profile().BatchKey()->public_key();
  const crypto::Hash head =
      crypto::BatchHeadHash(crypto::HeaderHash(AsBytes(batch.header)), enc);
  const crypto::Hash converted = crypto::Sha256(all);
  const std::string& violations = request.violations();
  const auto signature = crypto::ParseSignature(AsBytes(request.signature()));
  if (!signature.ok() || request.final_hash() != AsText(batch.last_hash) ||
      request.converted_hash() != AsText(converted) ||
      !(violations.empty()
            ? crypto::VerifyDelivery(key, head, batch.last_hash, converted,
                                     *signature)
            : crypto::VerifyFaultyDelivery(key, head, batch.last_hash,
                                           converted, violations, *signature))
           .ok()) {
    return Refusal(StatusCode::INVALID_ARGUMENT, "BAD_SIGNATURE");
  }
  if (!batch.delivered) {
    policy::LedgerEntry entry = Entry(EntryKind::kDelivery);
    entry.sender = request.sender();
    entry.recipient = caller;
    entry.subject = crypto::ToHex(batch.last_hash);
    if (!violations.empty()) entry.detail["violations"] = violations;
    batch.delivery = Write(kPact, entry);
    batch.delivered = true;
  }
  *response->mutable_receipt() =
      Receipt(kPact, batch.delivery, request.known());
  return grpc::Status::OK;
}

}  // namespace entente::client

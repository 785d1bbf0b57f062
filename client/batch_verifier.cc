#include "client/batch_verifier.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "client/error.h"
#include "client/ledger_view.h"
#include "crypto/batch_limits.h"
#include "crypto/chunk.h"
#include "crypto/conversion_proof.h"
#include "crypto/hex.h"
#include "crypto/merkle.h"
#include "crypto/seal.h"
#include "crypto/signing.h"
#include "crypto/tlog_proof.h"
#include "policy/decide.h"
#include "policy/ledger_entry.h"
#include "policy/ledger_part.h"
#include "proto/strict.h"

namespace entente::client {
namespace {

using crypto::AsBytes;
using crypto::AsText;

constexpr uint32_t kProtocolVersion = 1;
// How far the sender's clock may be ahead of the broker's.
constexpr absl::Duration kMaxClockLead = absl::Minutes(5);

absl::Status Bad(absl::string_view what, absl::string_view why) {
  return VerificationError(what, why);
}

absl::Status Bad(absl::string_view what, const absl::Status& why) {
  return VerificationError(what, FromStatus(why).what);
}

crypto::Hash ToHash(absl::string_view bytes) {
  crypto::Hash hash = {};
  std::copy_n(bytes.begin(), std::min(bytes.size(), hash.size()), hash.begin());
  return hash;
}

absl::Status CheckKeysNamed(const v1::BatchHeader& header,
                            const BatchGrounds& grounds) {
  const certs::KeyManifest& manifest = grounds.keys->manifest;
  if (header.manifest_digest() != AsText(grounds.keys->manifest_digest) ||
      header.epoch() != manifest.epoch ||
      header.agreement() != manifest.agreement) {
    return Bad("the batch names other keys than were verified",
               "manifest, epoch or agreement differ");
  }
  const std::pair<const std::string&, const std::string&> named[] = {
      {header.sender(), header.sender_bundle()},
      {header.recipient(), header.recipient_bundle()}};
  for (const auto& [agency, digest] : named) {
    const auto it = manifest.bundles.find(agency);
    if (it == manifest.bundles.end() ||
        it->second != crypto::ToHex(AsBytes(digest)) ||
        grounds.keys->bundles.count(agency) == 0) {
      return Bad("the batch names other keys than were verified",
                 absl::StrCat("the bundle of ", agency,
                              " is not the one in the key manifest"));
    }
  }
  return absl::OkStatus();
}

// Follows all chunks; fills head_hash and digest.
absl::Status CheckChain(const ArrivedBatch& arrived,
                        const certs::KeyBundle& sender, VerifiedBatch* batch) {
  const v1::BatchHeader& header = batch->header;
  crypto::HpkeEnc enc = {};
  if (arrived.start.enc().size() != enc.size()) {
    return Bad("the batch cannot be read", "enc has not 32 bytes");
  }
  std::copy_n(arrived.start.enc().begin(), enc.size(), enc.begin());
  batch->head_hash = crypto::BatchHeadHash(
      crypto::HeaderHash(AsBytes(arrived.start.header())), enc);
  crypto::ChunkChain chain(
      batch->head_hash,
      {header.record_count(),
       static_cast<size_t>(header.pseudonym_fields_size()),
       static_cast<size_t>(header.released_fields_size()) + 1});
  for (const v1::BatchChunk& part : arrived.chunks) {
    const auto signature = crypto::ParseSignature(AsBytes(part.signature()));
    if (!signature.ok()) {
      return Bad("a chunk is not signed", signature.status());
    }
    const absl::Status added =
        chain.AppendSigned({part.chunk(), part.final(), part.count(),
                            AsBytes(part.pseudonyms()), AsBytes(part.sealed())},
                           sender.batch_key, *signature);
    if (!added.ok()) {
      return Bad(absl::StrCat("chunk ", part.chunk(),
                              " is not what the sender signed"),
                 added);
    }
  }
  const absl::StatusOr<crypto::Hash> digest = chain.BatchDigest();
  if (!digest.ok()) return Bad("the batch is not whole", digest.status());
  batch->digest = *digest;
  return absl::OkStatus();
}

// The first thing in which the entry differs from the header, or empty.
absl::string_view Difference(const policy::LedgerEntry& entry,
                             const VerifiedBatch& batch) {
  const v1::BatchHeader& header = batch.header;
  if (entry.kind != policy::EntryKind::kBatch ||
      entry.outcome != policy::Outcome::kAllow) {
    return "it is no accepted batch";
  }
  if (entry.subject != crypto::ToHex(batch.digest)) return "the digest";
  if (entry.batch != crypto::ToHex(AsBytes(header.batch_id()))) {
    return "the batch id";
  }
  if (entry.agreement != header.agreement() ||
      entry.version != header.agreement_version() ||
      entry.digest != crypto::ToHex(AsBytes(header.agreement_digest()))) {
    return "the agreement";
  }
  if (entry.sender != header.sender() ||
      entry.recipient != header.recipient()) {
    return "sender or recipient";
  }
  if (entry.purpose != header.purpose() || entry.dataset != header.dataset() ||
      entry.method != header.method() || entry.flow != header.flow()) {
    return "flow, purpose, dataset or method";
  }
  if (entry.records != header.record_count()) return "the number of records";
  const auto grant = entry.detail.find("break_glass");
  if ((grant == entry.detail.end() ? "" : grant->second) !=
      crypto::ToHex(AsBytes(header.break_glass()))) {
    return "the break-glass grant";
  }
  if (entry.manifest != crypto::ToHex(AsBytes(header.manifest_digest()))) {
    return "the key manifest";
  }
  return "";
}

// Fills entry and checkpoint; returns when the batch was accepted.
absl::StatusOr<absl::Time> CheckReceipt(const v1::BatchStart& start,
                                        const crypto::NoteKey& first_key,
                                        VerifiedBatch* batch) {
  const v1::Receipt& receipt = start.receipt();
  const absl::StatusOr<crypto::TlogProof> proof =
      crypto::ParseTlogProof(receipt.proof());
  if (!proof.ok()) return Bad("the batch has no receipt", proof.status());
  const absl::StatusOr<policy::LedgerPart> part =
      policy::ParsePartName(receipt.ledger());
  if (!part.ok() || part->ledger != batch->header.agreement()) {
    return Bad("the receipt is of another ledger", receipt.ledger());
  }
  const absl::StatusOr<crypto::NoteKey> key = PartKey(first_key, part->part);
  if (!key.ok()) return key.status();
  const absl::StatusOr<crypto::Checkpoint> checkpoint =
      crypto::VerifyTlogProof(*proof, AsBytes(receipt.entry()), *key);
  if (!checkpoint.ok()) {
    return Bad("the receipt does not prove its entry", checkpoint.status());
  }
  const absl::StatusOr<policy::LedgerEntry> entry =
      policy::ParseEntry(receipt.entry());
  if (!entry.ok()) {
    return Bad("the receipt's entry cannot be read", entry.status());
  }
  if (const absl::string_view what = Difference(*entry, *batch);
      !what.empty()) {
    return Bad("the ledger says something else about the batch than its header",
               what);
  }
  batch->entry = proof->index;
  batch->checkpoint = {checkpoint->size, checkpoint->root, proof->checkpoint,
                       part->part};
  return entry->time;
}

absl::Status CheckView(const v1::BatchStart& start, const VerifiedBatch& batch,
                       const KeptCheckpoint* view_end) {
  std::vector<crypto::Hash> proof;
  for (const std::string& bytes : start.view_consistency()) {
    if (bytes.size() != 32) return Bad("a proof is malformed", "not 32 bytes");
    proof.push_back(ToHash(bytes));
  }
  const uint32_t part = batch.header.view_part();
  const bool has_end = view_end != nullptr && view_end->part == part;
  if (part > batch.checkpoint.part ||
      (part < batch.checkpoint.part && !has_end)) {
    return Bad("the sender's view is of a part of the ledger that is not known",
               policy::PartName(batch.header.agreement(), part));
  }
  const KeptCheckpoint& end =
      part == batch.checkpoint.part ? batch.checkpoint : *view_end;
  const absl::Status leads = crypto::VerifyConsistency(
      batch.header.view_size(), ToHash(batch.header.view_root()), end.size,
      end.root, proof);
  if (leads.ok()) return leads;
  return Bad("the broker shows sender and recipient different ledgers", leads);
}

absl::Status CheckTimes(const v1::BatchHeader& header,
                        const certs::KeyBundle& sender, absl::Time accepted) {
  const absl::Time created = absl::FromUnixMillis(header.created_unix_ms());
  const absl::Time end = absl::FromUnixMillis(header.not_after_unix_ms());
  if (created > accepted + kMaxClockLead || end <= created ||
      end - created > crypto::kMaxBatchLife || accepted >= end) {
    return Bad("the broker accepted a batch out of its time",
               "created and not_after do not fit the entry");
  }
  if (accepted < sender.not_before || accepted >= sender.not_after) {
    return Bad("the broker accepted a batch under keys that were not valid",
               absl::StrCat("the bundle of ", header.sender()));
  }
  return absl::OkStatus();
}

policy::Request RequestOf(const v1::BatchHeader& header,
                          policy::Method method) {
  policy::Request request;
  request.agreement = header.agreement();
  request.version = header.agreement_version();
  request.caller = header.sender();
  request.sender = header.sender();
  request.recipient = header.recipient();
  request.purpose = header.purpose();
  request.dataset = header.dataset();
  request.flow = header.flow();
  request.method = method;
  request.fields.assign(header.released_fields().begin(),
                        header.released_fields().end());
  for (const v1::PseudonymField& field : header.pseudonym_fields()) {
    request.pseudonyms.push_back({field.name(), field.scheme()});
  }
  for (const v1::Accompanying& item : header.accompanying()) {
    const auto requirement = policy::RequirementOf(item.name());
    if (requirement.has_value()) request.carried.push_back(*requirement);
  }
  request.records = header.record_count();
  return request;
}

std::string CaseOf(const v1::BatchHeader& header) {
  for (const v1::Accompanying& item : header.accompanying()) {
    if (item.name() == "case_reference") return item.value();
  }
  return "";
}

// Fills decision.
absl::Status CheckAllowed(const BatchGrounds& grounds, absl::Time accepted,
                          VerifiedBatch* batch) {
  const v1::BatchHeader& header = batch->header;
  const policy::Register& known = *grounds.known;
  const auto method = policy::MethodOf(header.method());
  if (!method.has_value() || *method == policy::Method::kQuery ||
      !header.in_reply_to().empty()) {
    return Bad("the batch is no push, subscription or extract",
               "queries and answers are not built");
  }
  if (header.break_glass().empty()) {
    batch->decision =
        policy::Decide(known, accepted, RequestOf(header, *method));
  } else if (grounds.grant == nullptr ||
             grounds.grant->id !=
                 crypto::ToHex(AsBytes(header.break_glass()))) {
    return Bad("the batch was sent under a break-glass grant",
               "which is not known here");
  } else {
    batch->decision =
        policy::DecideUnder(*grounds.grant, known, accepted,
                            RequestOf(header, *method), CaseOf(header));
  }
  if (!batch->decision.allowed()) {
    const policy::Failure& first = batch->decision.failures.front();
    return Bad(
        "the agreement does not allow this batch",
        absl::StrCat(first.Code(), ": ", first.detail, " ", first.clause));
  }
  if (header.agreement_digest() !=
      AsText(batch->decision.agreement->digest())) {
    return Bad("the batch was sent under another document",
               "the digest of its agreement differs");
  }
  return absl::OkStatus();
}

absl::StatusOr<crypto::ConversionPublicKeys> PublicKeys(
    const v1::BatchHeader& header, const policy::Flow& flow,
    const BatchKeys& keys) {
  const certs::DomainKey* source =
      keys.manifest.FindDomain(header.sender(), crypto::Role::kMatching);
  const certs::DomainKey* destination = keys.manifest.FindDomain(
      header.recipient(), flow.recipient_domain == policy::DomainRole::kMatching
                              ? crypto::Role::kMatching
                              : crypto::Role::kSealed);
  const certs::EdgeKey* edge =
      keys.manifest.FindEdge(header.sender(), header.recipient());
  if (source == nullptr || destination == nullptr || edge == nullptr) {
    return Bad("the key manifest lacks a key of this flow", flow.id);
  }
  return crypto::ConversionPublicKeys{source->key, destination->key, edge->key,
                                      keys.bundles.at(header.recipient()).y};
}

// Fills converted and converted_hash.
absl::Status CheckConversion(const ArrivedBatch& arrived, const BatchKeys& keys,
                             VerifiedBatch* batch) {
  const policy::Flow& flow = *batch->decision.flow;
  const auto publics = PublicKeys(batch->header, flow, keys);
  if (!publics.ok()) return publics.status();
  std::string all;
  for (const v1::BatchChunk& part : arrived.chunks) {
    const std::string what =
        absl::StrCat("the pseudonyms of chunk ", part.chunk(),
                     " were not converted as they must be");
    if (part.converted().size() != part.pseudonyms().size()) {
      return Bad(what, "there are more or fewer than were sent");
    }
    auto converted = crypto::ParseConverted(AsBytes(part.converted()));
    if (!converted.ok()) return Bad(what, converted.status());
    if (flow.proof != policy::Proof::kNone && !converted->empty()) {
      const auto sent = crypto::ParseCiphertexts(AsBytes(part.pseudonyms()));
      if (!sent.ok()) return Bad(what, sent.status());
      const absl::Status proved = crypto::VerifyConversion(
          *publics, crypto::ConversionContext(batch->head_hash, part.chunk()),
          *sent, *converted, AsBytes(part.proof()));
      if (!proved.ok()) return Bad(what, proved);
    }
    all += part.converted();
    batch->converted.push_back(*std::move(converted));
  }
  batch->converted_hash = crypto::Sha256(AsBytes(all));
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<v1::BatchHeader> ReadBatchHeader(absl::string_view bytes) {
  constexpr absl::string_view kWhat = "the batch's header cannot be read";
  if (bytes.empty() || bytes.size() > crypto::kMaxHeaderBytes) {
    return Bad(kWhat, "it is empty or too long");
  }
  v1::BatchHeader header;
  if (absl::Status parsed = ParseStrict(AsBytes(bytes), &header);
      !parsed.ok()) {
    return Bad(kWhat, parsed);
  }
  if (header.protocol_version() != kProtocolVersion) {
    return Bad(kWhat,
               absl::StrCat("protocol version ", header.protocol_version(),
                            " is not spoken here"));
  }
  const bool lengths =
      header.agreement_digest().size() == 32 &&
      header.batch_id().size() == 16 && header.sender_bundle().size() == 32 &&
      header.recipient_bundle().size() == 32 &&
      header.manifest_digest().size() == 32 &&
      header.view_root().size() == 32 &&
      (header.break_glass().empty() || header.break_glass().size() == 32);
  if (!lengths || header.view_size() == 0) {
    return Bad(kWhat, "a digest or an id has a wrong length");
  }
  if (header.record_count() > crypto::kMaxBatchRecords) {
    return Bad(kWhat, "it announces too many records");
  }
  return header;
}

absl::StatusOr<VerifiedBatch> VerifyBatch(const ArrivedBatch& arrived,
                                          const v1::BatchHeader& header,
                                          const BatchGrounds& grounds) {
  VerifiedBatch batch;
  batch.header = header;
  if (header.recipient() != grounds.recipient) {
    return Bad("the batch is for somebody else", header.recipient());
  }
  if (absl::Status s = CheckKeysNamed(header, grounds); !s.ok()) return s;
  const certs::KeyBundle& sender = grounds.keys->bundles.at(header.sender());
  if (absl::Status s = CheckChain(arrived, sender, &batch); !s.ok()) return s;
  const absl::StatusOr<absl::Time> accepted =
      CheckReceipt(arrived.start, *grounds.ledger_key, &batch);
  if (!accepted.ok()) return accepted.status();
  if (absl::Status s = CheckView(arrived.start, batch, grounds.view_end);
      !s.ok())
    return s;
  if (absl::Status s = CheckTimes(header, sender, *accepted); !s.ok()) return s;
  if (absl::Status s = CheckAllowed(grounds, *accepted, &batch); !s.ok()) {
    return s;
  }
  if (absl::Status s = CheckConversion(arrived, *grounds.keys, &batch);
      !s.ok()) {
    return s;
  }
  return batch;
}

}  // namespace entente::client

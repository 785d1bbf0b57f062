// For tests: a batch from north-police to west-police under the small
// agreement, made as an honest sender and broker make it.
#ifndef ENTENTE_CLIENT_TEST_BATCH_H_
#define ENTENTE_CLIENT_TEST_BATCH_H_

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "client/batch_opener.h"
#include "client/batch_verifier.h"
#include "client/fake_ledger.h"
#include "crypto/chunk.h"
#include "crypto/conversion_proof.h"
#include "crypto/seal.h"
#include "crypto/sealed_fields.h"
#include "policy/check.h"
#include "policy/test_document.h"

namespace entente::client {

class TestBatch {
 public:
  explicit TestBatch(const std::string& document = policy::SmallDocument()) {
    const policy::CheckResult checked = policy::Check("small", document);
    EXPECT_TRUE(checked.ok()) << checked.report;
    const crypto::Bytes digest = *crypto::FromHex(checked.digest);
    std::copy(digest.begin(), digest.end(), agreement_digest_.begin());
    policy::AgreementRecord record;
    record.id = checked.agreement->id;
    record.versions[1] = {*policy::CompiledAgreement::Create(*checked.agreement,
                                                             agreement_digest_),
                          {},
                          true};
    known_ = policy::Register::Create({record});
    MakeKeys();
    ledger_.Grow(3);
    header_ = Header();
  }

  // To be altered before Make.
  v1::BatchHeader& header() { return header_; }
  std::vector<crypto::ClearRecord>& records() { return records_; }
  // Alters the entry before it is written.
  std::function<void(policy::LedgerEntry&)> entry = [](auto&) {};

  // Seals, converts and records. Records from `per_chunk` on go into the next
  // chunk.
  ArrivedBatch Make(size_t per_chunk = 2) {
    header_.set_record_count(static_cast<uint32_t>(records_.size()));
    header_.set_view_size(3);
    const crypto::Hash root = *ledger_.tree().RootAt(3);
    header_.set_view_root(root.data(), root.size());
    ArrivedBatch batch;
    batch.start.set_header(header_.SerializeAsString());
    auto sealer = *crypto::BatchSealer::Create(
        secrets_.kem.public_key(), crypto::AsBytes(batch.start.header()),
        Layout());
    batch.start.set_enc(sealer.enc().data(), sealer.enc().size());
    Seal(&sealer, per_chunk, &batch);
    Record(&batch);
    return batch;
  }

  BatchGrounds Grounds() const {
    return {"west-police", known_, &keys_, &ledger_key_};
  }
  absl::StatusOr<VerifiedBatch> Verify(const ArrivedBatch& batch) const {
    const auto header = ReadBatchHeader(batch.start.header());
    if (!header.ok()) return header.status();
    return VerifyBatch(batch, *header, Grounds());
  }

  BatchKeys& keys() { return keys_; }
  const RecipientSecrets& secrets() const { return secrets_; }
  // What the recipient knows person `i` by.
  crypto::Point AtRecipient(size_t i) const {
    return *crypto::Mul(conversion_.s(), people_[i]);
  }

 private:
  static crypto::Secret RandomSecret() { return *crypto::Secret::Random(32); }

  void MakeKeys() {
    const auto y = *crypto::MulBase(secrets_.y);
    keys_.manifest.agreement = "isa-small";
    keys_.manifest.version = 1;
    keys_.manifest.epoch = 1;
    keys_.manifest_digest[0] = 7;
    keys_.manifest.domains = {
        {"north-police", crypto::Role::kMatching, conversion_.source_key(), {}},
        {"west-police",
         crypto::Role::kMatching,
         conversion_.destination_key(),
         {}}};
    keys_.manifest.edges = {
        {"north-police", "west-police", conversion_.edge_key(), {}}};
    const absl::Time from = absl::FromUnixSeconds(1793491200 - 86400);
    const absl::Time until = from + absl::Hours(24 * 700);
    keys_.bundles.emplace(
        "north-police",
        certs::KeyBundle{
            "north-police", sender_.public_key(), {}, y, {}, from, until});
    keys_.bundles.emplace(
        "west-police",
        certs::KeyBundle{
            "west-police", sender_.public_key(), {}, y, {}, from, until});
    keys_.manifest.bundles = {{"north-police", std::string(64, 'a')},
                              {"west-police", std::string(64, 'b')}};
    for (size_t i = 0; i < 3; ++i) people_.push_back(*crypto::Point::Random());
  }

  v1::BatchHeader Header() const {
    v1::BatchHeader header;
    header.set_protocol_version(1);
    header.set_agreement("isa-small");
    header.set_agreement_version(1);
    header.set_agreement_digest(agreement_digest_.data(), 32);
    header.set_flow("crimes-west");
    header.set_sender("north-police");
    header.set_recipient("west-police");
    header.set_purpose("find-series");
    header.set_method("push");
    header.set_dataset("crimes");
    for (const char* name : {"name", "offence", "occurred"}) {
      header.add_released_fields(name);
    }
    auto* person = header.add_pseudonym_fields();
    person->set_name("person");
    person->set_scheme("opaque/1:custody");
    auto* carried = header.add_accompanying();
    carried->set_name("case_reference");
    carried->set_value("OP/1");
    header.set_batch_id(std::string(16, 'i'));
    header.set_created_unix_ms(absl::ToUnixMillis(kAccepted) - 1000);
    header.set_not_after_unix_ms(absl::ToUnixMillis(kAccepted) + 86400000);
    header.set_sender_bundle(std::string(32, '\xaa'));
    header.set_recipient_bundle(std::string(32, '\xbb'));
    header.set_manifest_digest(keys_.manifest_digest.data(), 32);
    header.set_epoch(1);
    return header;
  }

  static crypto::RecordLayout Layout() {
    crypto::RecordLayout layout;
    layout.fields = {{"name", crypto::ValueType::kText, 0},
                     {"offence", crypto::ValueType::kCode, 4},
                     {"occurred", crypto::ValueType::kText, 0}};
    layout.pseudonym_fields = 1;
    return layout;
  }

  void Seal(crypto::BatchSealer* sealer, size_t per_chunk,
            ArrivedBatch* batch) {
    const auto target = *crypto::ConversionTarget(
        keys_.bundles.at("west-police").y, conversion_.edge_key());
    crypto::Hash previous = {};
    for (size_t at = 0; at < records_.size(); at += per_chunk) {
      const size_t end = std::min(records_.size(), at + per_chunk);
      std::vector<crypto::Ciphertext> sent;
      crypto::Bytes sealed;
      for (size_t i = at; i < end; ++i) {
        sent.push_back(records_[i].present[0]
                           ? *crypto::EncryptPseudonym(people_[i], target)
                           : *crypto::EncryptAbsence(target));
        EXPECT_TRUE(sealer
                        ->SealRecord(records_[i],
                                     crypto::PackCiphertexts({sent.back()}),
                                     &sealed)
                        .ok());
      }
      const crypto::Bytes pseudonyms = crypto::PackCiphertexts(sent);
      const auto converted = *crypto::Convert(conversion_, sent);
      v1::BatchChunk part;
      part.set_chunk(static_cast<uint32_t>(batch->chunks.size()));
      part.set_final(end == records_.size());
      part.set_count(static_cast<uint32_t>(end - at));
      part.set_pseudonyms(pseudonyms.data(), pseudonyms.size());
      part.set_sealed(sealed.data(), sealed.size());
      previous = crypto::ChunkHash(
          sealer->head_hash(), part.chunk(), previous, part.final(),
          part.count(), crypto::Sha256(pseudonyms), crypto::Sha256(sealed));
      const auto signature = crypto::SignChunk(sender_, previous);
      part.set_signature(signature.data(), signature.size());
      const crypto::Bytes packed = crypto::PackConverted(converted);
      part.set_converted(packed.data(), packed.size());
      const auto proof = *crypto::ProveConversion(
          conversion_, keys_.bundles.at("west-police").y,
          crypto::ConversionContext(sealer->head_hash(), part.chunk()), sent,
          converted);
      part.set_proof(proof.data(), proof.size());
      batch->chunks.push_back(std::move(part));
    }
    digest_ = previous;
    batch->start.set_chunks(static_cast<uint32_t>(batch->chunks.size()));
  }

  void Record(ArrivedBatch* batch) {
    policy::LedgerEntry line;
    line.time = kAccepted;
    line.kind = policy::EntryKind::kBatch;
    line.outcome = policy::Outcome::kAllow;
    line.agreement = header_.agreement();
    line.version = header_.agreement_version();
    line.digest = crypto::ToHex(crypto::AsBytes(header_.agreement_digest()));
    line.flow = header_.flow();
    line.purpose = header_.purpose();
    line.method = header_.method();
    line.dataset = header_.dataset();
    line.sender = header_.sender();
    line.recipient = header_.recipient();
    line.records = header_.record_count();
    line.subject = crypto::ToHex(digest_);
    line.manifest = crypto::ToHex(crypto::AsBytes(header_.manifest_digest()));
    line.batch = crypto::ToHex(crypto::AsBytes(header_.batch_id()));
    entry(line);
    ledger_.Append(*policy::SerialiseEntry(line));
    ledger_.Append(FakeLedger::Line(2000));
    const uint64_t size = ledger_.tree().size();
    v1::Receipt& receipt = *batch->start.mutable_receipt();
    receipt.set_ledger(header_.agreement());
    receipt.set_index(size - 2);
    receipt.set_entry(ledger_.entry(size - 2));
    receipt.set_proof(ledger_.Receipt(size - 2, size));
    const auto head = *ledger_.Latest(3, {});
    for (const crypto::Hash& hash : head.consistency) {
      batch->start.add_view_consistency(hash.data(), hash.size());
    }
  }

  // 2026-12-01.
  const absl::Time kAccepted = absl::FromUnixSeconds(1796083200);
  crypto::Hash agreement_digest_ = {};
  crypto::Hash digest_ = {};
  std::shared_ptr<const policy::Register> known_;
  FakeLedger ledger_{"broker.example/ledgers/isa-small"};
  const crypto::NoteKey ledger_key_ = ledger_.key();
  const crypto::SigningKey sender_ = *crypto::SigningKey::Generate();
  const RecipientSecrets secrets_ = {*crypto::KemKey::Generate(),
                                     *crypto::SecretScalar::Random(),
                                     RandomSecret()};
  const crypto::ConversionKeys conversion_ = *crypto::ConversionKeys::Derive(
      RandomSecret(), {"isa-small", "north-police", crypto::Role::kMatching, 1},
      {"isa-small", "west-police", crypto::Role::kMatching, 1});
  BatchKeys keys_;
  std::vector<crypto::Point> people_;
  std::vector<crypto::ClearRecord> records_ = {
      {{crypto::Value::Text("Ann"),
        crypto::Value::Of(crypto::ValueType::kCode, "28/3"),
        crypto::Value::Text("2026-11")},
       {true}},
      {{crypto::Value::Null(),
        crypto::Value::Of(crypto::ValueType::kCode, "28/4"),
        crypto::Value::Text("2026-10")},
       {false}},
      {{crypto::Value::Text("Bo"), crypto::Value::Null(),
        crypto::Value::Text("2026-09")},
       {true}}};
  v1::BatchHeader header_;
};

}  // namespace entente::client

#endif  // ENTENTE_CLIENT_TEST_BATCH_H_

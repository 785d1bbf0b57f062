// Sealed batches from one agency to another, and the service that takes them.
#ifndef ENTENTE_BROKER_TEST_BATCHES_H_
#define ENTENTE_BROKER_TEST_BATCHES_H_

#include <algorithm>
#include <string>
#include <vector>

#include "broker/exchange_service.h"
#include "broker/test_exchange.h"
#include "crypto/chunk.h"
#include "crypto/conversion_proof.h"
#include "crypto/sealed_fields.h"
#include "gtest/gtest.h"

namespace entente::broker {

// From north to south.
class TestBatches {
 protected:
  explicit TestBatches(int log_pages = kLogPages) : world_(log_pages) {}

  v1::BatchHeader Header() {
    v1::BatchHeader header;
    header.set_protocol_version(1);
    header.set_agreement(kAgreement);
    header.set_agreement_version(1);
    header.set_agreement_digest(Text(world_.digest));
    header.set_flow("crimes-south");
    header.set_sender("north");
    header.set_recipient("south");
    header.set_purpose("analysis");
    header.set_method("push");
    header.set_dataset("crimes");
    header.add_released_fields("offence");
    header.add_pseudonym_fields()->set_name("person");
    header.mutable_pseudonym_fields(0)->set_scheme("nhs/1");
    header.set_batch_id(std::string(16, 'i'));
    const int64_t now = absl::ToUnixMillis(world_.clock.Now());
    header.set_created_unix_ms(now);
    header.set_not_after_unix_ms(now + 86400000);
    header.set_sender_bundle(Text(world_.agencies["north"].bundle));
    header.set_recipient_bundle(Text(world_.agencies["south"].bundle));
    header.set_manifest_digest(Text(world_.manifest_digest));
    header.set_epoch(1);
    header.set_record_count(3);
    header.set_view_size(2);
    const absl::Status read =
        world_.broker.store->Read([&](Transaction& transaction) {
          header.set_view_root(
              Text(*world_.broker.ledgers->RootAt(transaction, kAgreement, 2)));
          return absl::OkStatus();
        });
    EXPECT_TRUE(read.ok()) << read;
    return header;
  }

  // Chunks of two records and of the rest.
  std::vector<v1::SendChunkRequest> Seal(const v1::BatchHeader& header,
                                         bool repeat_c1 = false) {
    const std::string bytes = header.SerializeAsString();
    crypto::HpkeEnc enc;
    enc.fill(5);
    const crypto::Hash head =
        crypto::BatchHeadHash(crypto::HeaderHash(crypto::AsBytes(bytes)), enc);
    const auto target = crypto::ConversionTarget(
        *crypto::MulBase(world_.agencies["south"].y), world_.keys.edges[0].key);
    const crypto::Ciphertext first =
        *crypto::EncryptPseudonym(element_, *target);
    std::vector<v1::SendChunkRequest> chunks;
    crypto::Hash previous = {};
    uint32_t left = header.record_count();
    do {
      const uint32_t count = std::min(left, 2u);
      left -= count;
      v1::SendChunkRequest chunk;
      crypto::Bytes sealed;
      std::vector<crypto::Ciphertext> pairs;
      for (uint32_t i = 0; i < count; ++i) {
        pairs.push_back(
            repeat_c1 ? first : *crypto::EncryptPseudonym(element_, *target));
        for (int field = 0; field < 2; ++field) {
          EXPECT_TRUE(
              crypto::AppendSealedField(&sealed, crypto::Bytes(80, 3)).ok());
        }
      }
      chunk.set_batch_id(header.batch_id());
      chunk.set_chunk(static_cast<uint32_t>(chunks.size()));
      if (chunks.empty()) {
        chunk.set_header(bytes);
        chunk.set_enc(Text(enc));
      }
      chunk.set_final(left == 0);
      chunk.set_count(count);
      chunk.set_pseudonyms(Text(crypto::PackCiphertexts(pairs)));
      chunk.set_sealed(Text(sealed));
      previous = crypto::ChunkHash(head, chunk.chunk(), previous, chunk.final(),
                                   count, crypto::Sha256(chunk.pseudonyms()),
                                   crypto::Sha256(chunk.sealed()));
      chunk.set_signature(
          Text(crypto::SignChunk(world_.agencies["north"].batch, previous)));
      chunks.push_back(chunk);
    } while (left != 0);
    head_ = head;
    digest_ = previous;
    return chunks;
  }

  absl::Status Send(const v1::SendChunkRequest& chunk) {
    response_.Clear();
    return service_.SendChunk(TestExchange::Of("north"), chunk, &response_);
  }
  absl::Status SendAll(const std::vector<v1::SendChunkRequest>& chunks) {
    for (const auto& chunk : chunks) {
      if (absl::Status s = Send(chunk); !s.ok()) return s;
    }
    return absl::OkStatus();
  }
  uint64_t Entries(const std::string& ledger) {
    uint64_t size = 0;
    EXPECT_TRUE(world_.broker.store
                    ->Read([&](Transaction& transaction) {
                      const auto head =
                          world_.broker.ledgers->Head(transaction, ledger);
                      if (head.ok()) size = head->size;
                      return head.status();
                    })
                    .ok());
    return size;
  }
  absl::StatusOr<std::vector<BatchRow>> Waiting() {
    return service_.NextWaiting(TestExchange::Of("south"), kAgreement, 0, 10);
  }
  v1::AcknowledgeRequest Delivery(const BatchRow& row) {
    crypto::Sha256Hasher hasher;
    for (uint32_t number = 0; number < row.chunks; ++number) {
      v1::BatchChunk chunk;
      EXPECT_TRUE(service_.FillChunk(row, number, &chunk).ok());
      hasher.Update(chunk.converted());
    }
    const crypto::Hash all = hasher.Finish();
    v1::AcknowledgeRequest request;
    request.set_agreement(kAgreement);
    request.set_sender("north");
    request.set_batch_id(Text(row.batch_id));
    request.set_final_hash(Text(row.digest));
    request.set_converted_hash(Text(all));
    crypto::HpkeEnc enc;
    std::copy(row.enc.begin(), row.enc.end(), enc.begin());
    crypto::Hash digest;
    std::copy(row.digest.begin(), row.digest.end(), digest.begin());
    request.set_signature(Text(crypto::SignDelivery(
        world_.agencies["south"].batch,
        crypto::BatchHeadHash(crypto::HeaderHash(row.header), enc), digest,
        all)));
    return request;
  }
  absl::Status Acknowledge(const v1::AcknowledgeRequest& request) {
    delivered_.Clear();
    return service_.Acknowledge(TestExchange::Of("south"), request,
                                &delivered_);
  }

  TestExchange world_;
  Trust trust_{"test", *certs::Certificate::FromPem(kOperatorRoot)};
  Context context_{"broker.test",
                   world_.broker.store.get(),
                   world_.broker.ledgers.get(),
                   world_.broker.sequencer.get(),
                   &world_.recorder,
                   &world_.receipts,
                   &world_.masters,
                   &world_.clock,
                   &trust_,
                   &world_.agreements,
                   nullptr};
  ExchangeService service_{&context_, &world_.signal, &world_.claims};
  const crypto::Point element_ = *crypto::Point::Random();
  v1::SendChunkResponse response_;
  v1::AcknowledgeResponse delivered_;
  crypto::Hash head_ = {};
  crypto::Hash digest_ = {};
};

}  // namespace entente::broker

#endif  // ENTENTE_BROKER_TEST_BATCHES_H_

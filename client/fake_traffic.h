// For tests: batches of a fake system's making.
#ifndef ENTENTE_CLIENT_FAKE_TRAFFIC_H_
#define ENTENTE_CLIENT_FAKE_TRAFFIC_H_

#include <gtest/gtest.h>

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "client/batch_builder.h"
#include "client/fake_system.h"
#include "client/send_plan.h"
#include "crypto/chunk.h"
#include "crypto/seal.h"

namespace entente::client {

// What is false about a batch.
struct Falsehood {
  std::function<void(BatchRoute&)> route = nullptr;
  // Before they are sealed.
  std::function<void(std::vector<OutgoingRecord>&)> records = nullptr;
  // After sealing, before it is signed.
  std::function<void(OutgoingBatch&)> sealed = nullptr;
  // The key that signs, if not the profile's.
  const crypto::SigningKey* key = nullptr;
};

// Signs what `batch` holds now.
inline void Resign(const crypto::SigningKey& key, OutgoingBatch* batch) {
  crypto::HpkeEnc enc = {};
  std::copy(batch->enc.begin(), batch->enc.end(), enc.begin());
  const crypto::Hash head =
      crypto::BatchHeadHash(crypto::HeaderHash(batch->header), enc);
  crypto::Hash previous = {};
  for (size_t i = 0; i < batch->chunks.size(); ++i) {
    OutgoingChunk& chunk = batch->chunks[i];
    previous = crypto::ChunkHash(head, static_cast<uint32_t>(i), previous,
                                 i + 1 == batch->chunks.size(), chunk.count,
                                 crypto::Sha256(chunk.pseudonyms),
                                 crypto::Sha256(chunk.sealed));
    const auto signature = crypto::SignChunk(key, previous);
    chunk.signature.assign(signature.begin(), signature.end());
  }
  batch->digest = previous;
}

// Builds a batch to `recipient`, with a record for each of `people` (absent: no
// identifier), in chunks of `chunks` records, and stores it unsent.
inline OutgoingBatch PutBatch(
    FakeSystem* system, const std::string& recipient,
    const std::vector<std::optional<crypto::Point>>& people,
    const std::vector<uint32_t>& chunks, const Falsehood& falsehood = {}) {
  const Dealings dealings = system->Deal();
  auto plan = PlanSending(dealings.verified, *system->view().Known(),
                          system->link().Now(),
                          {system->profile().settings().agency,
                           recipient,
                           "crimes-west",
                           "find-series",
                           "push",
                           {{"case_reference", "OP/1"}}});
  EXPECT_TRUE(plan.ok()) << Told(plan.status());
  if (falsehood.route) falsehood.route(plan->route);
  std::vector<OutgoingRecord> records;
  for (const auto& person : people) {
    OutgoingRecord record;
    record.row = records.size() + 1;
    for (const crypto::FieldSpec& field : plan->route.fields) {
      record.values.push_back(
          field.type == crypto::ValueType::kCode
              ? crypto::Value::Of(crypto::ValueType::kCode, "28/3")
              : crypto::Value::Text(field.name == "occurred" ? "2026-11"
                                                             : "Ann"));
    }
    record.pseudonyms = {person};
    records.push_back(std::move(record));
  }
  if (falsehood.records) falsehood.records(records);
  const auto key = *system->profile().BatchKey();
  auto built =
      BuildBatch(plan->route, key, system->link().Now(), records, chunks);
  EXPECT_TRUE(built.ok()) << Told(built.status());
  OutgoingBatch batch = std::move(built->batch);
  if (falsehood.sealed) falsehood.sealed(batch);
  if (falsehood.sealed || falsehood.key != nullptr) {
    Resign(falsehood.key == nullptr ? key : *falsehood.key, &batch);
  }
  EXPECT_TRUE(system->store().exchange().PutOutgoing(batch).ok());
  return batch;
}

// The same with `count` people, one a chunk.
inline OutgoingBatch PutBatch(FakeSystem* system, const std::string& recipient,
                              size_t count, const Falsehood& falsehood = {}) {
  std::vector<std::optional<crypto::Point>> people;
  for (size_t i = 0; i < count; ++i) people.push_back(*crypto::Point::Random());
  return PutBatch(system, recipient, people, std::vector<uint32_t>(count, 1),
                  falsehood);
}

}  // namespace entente::client

#endif  // ENTENTE_CLIENT_FAKE_TRAFFIC_H_

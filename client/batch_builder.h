// From released records to sealed and signed batches (PROTOCOL 3 and 4).
#ifndef ENTENTE_CLIENT_BATCH_BUILDER_H_
#define ENTENTE_CLIENT_BATCH_BUILDER_H_

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "certs/key_bundle.h"
#include "client/exchange_table.h"
#include "client/knowledge_table.h"
#include "crypto/group.h"
#include "crypto/hpke.h"
#include "crypto/seal.h"
#include "crypto/sha.h"
#include "crypto/signing.h"
#include "crypto/value.h"
#include "policy/decision.h"

namespace entente::client {

// A record as it may leave.
struct OutgoingRecord {
  uint64_t row = 0;                   // in the file, counted from 1
  std::vector<crypto::Value> values;  // one for each field of the route
  // One for each pseudonym field, in the sender's domain; absent where the row
  // has no identifier.
  std::vector<std::optional<crypto::Point>> pseudonyms;
};

// Everything that the batches of one sending have in common. All keys are
// verified ones.
struct BatchRoute {
  std::string agreement;
  uint32_t version = 0;
  crypto::Hash agreement_digest = {};
  std::string flow;
  std::string sender;
  std::string recipient;
  std::string purpose;
  std::string method;
  std::string dataset;
  std::vector<crypto::FieldSpec> fields;  // as released
  std::vector<policy::PseudonymName> pseudonyms;
  std::map<std::string, std::string> accompanying;
  crypto::Hash sender_bundle = {};
  crypto::Hash recipient_bundle = {};
  crypto::Hash manifest_digest = {};
  uint32_t epoch = 0;
  crypto::KemPublicKey recipient_kem;
  crypto::Point target;  // J, crypto::ConversionTarget
  KeptCheckpoint view;   // of the agreement's ledger
  // The break-glass grant that it goes under, 32 bytes; empty for none.
  crypto::Bytes break_glass = {};
  // Most records in one batch; 0: as many as a batch holds.
  uint32_t max_records = 0;
};

struct BuiltBatch {
  OutgoingBatch batch;
  // The row of each record, by its index in the batch.
  std::vector<uint64_t> rows;
};

// The first records that fit one batch, in chunks: how many go into each.
// InvalidArgument, naming the row, if one record is larger than a chunk. Empty
// if there are no records.
absl::StatusOr<std::vector<uint32_t>> PlanChunks(
    const BatchRoute& route, absl::Span<const OutgoingRecord> records);

// Seals and signs the batch of exactly `records`, which `chunks` (PlanChunks)
// divides: records are shuffled inside a chunk, every pseudonym gets fresh
// randomness, and missing ones are sent as random elements. The batch lives for
// kMaxBatchLife from `now`. InvalidArgument if a record does not fit the route.
// 75 us a pseudonym and core, 1 us a value.
absl::StatusOr<BuiltBatch> BuildBatch(const BatchRoute& route,
                                      const crypto::SigningKey& batch_key,
                                      absl::Time now,
                                      absl::Span<const OutgoingRecord> records,
                                      const std::vector<uint32_t>& chunks);

}  // namespace entente::client

#endif  // ENTENTE_CLIENT_BATCH_BUILDER_H_

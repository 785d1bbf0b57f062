#include "client/batch_builder.h"

#include <sodium.h>

#include <algorithm>
#include <numeric>
#include <utility>

#include "absl/strings/str_cat.h"
#include "client/parallel_ranges.h"
#include "crypto/batch_limits.h"
#include "crypto/chunk.h"
#include "crypto/convert.h"
#include "crypto/hex.h"
#include "entente/v1/batch.pb.h"

namespace entente::client {
namespace {

constexpr uint32_t kProtocolVersion = 1;
constexpr size_t kLengthAndTag = 4 + 16;

size_t ValueBytes(const crypto::Value& value) {
  switch (value.type) {
    case crypto::ValueType::kNull:
      return 0;
    case crypto::ValueType::kInteger:
      return 8;
    case crypto::ValueType::kBoolean:
      return 1;
    default:
      return value.text.size();
  }
}

// What a record takes of a chunk.
size_t RecordBytes(const BatchRoute& route, const OutgoingRecord& record) {
  const size_t count = route.pseudonyms.size();
  size_t bytes = count * crypto::kCiphertextBytes + kLengthAndTag +
                 crypto::PlaintextSize((count + 7) / 8, 0);
  for (size_t i = 0; i < record.values.size() && i < route.fields.size(); ++i) {
    bytes += kLengthAndTag + crypto::PlaintextSize(ValueBytes(record.values[i]),
                                                   route.fields[i].longest);
  }
  return bytes;
}

std::string Packed(const crypto::Hash& hash) {
  return std::string(crypto::AsText(hash));
}

std::string HeaderOf(const BatchRoute& route, const BatchId& id, absl::Time now,
                     size_t records) {
  v1::BatchHeader header;
  header.set_protocol_version(kProtocolVersion);
  header.set_agreement(route.agreement);
  header.set_agreement_version(route.version);
  header.set_agreement_digest(Packed(route.agreement_digest));
  header.set_flow(route.flow);
  header.set_sender(route.sender);
  header.set_recipient(route.recipient);
  header.set_purpose(route.purpose);
  header.set_method(route.method);
  header.set_dataset(route.dataset);
  for (const crypto::FieldSpec& field : route.fields) {
    header.add_released_fields(field.name);
  }
  for (const policy::PseudonymName& field : route.pseudonyms) {
    v1::PseudonymField* packed = header.add_pseudonym_fields();
    packed->set_name(field.name);
    packed->set_scheme(field.scheme);
  }
  for (const auto& [name, value] : route.accompanying) {
    v1::Accompanying* packed = header.add_accompanying();
    packed->set_name(name);
    packed->set_value(value);
  }
  header.set_batch_id(std::string(crypto::AsText(id)));
  header.set_created_unix_ms(absl::ToUnixMillis(now));
  header.set_not_after_unix_ms(
      absl::ToUnixMillis(now) +
      absl::ToInt64Milliseconds(crypto::kMaxBatchLife));
  header.set_sender_bundle(Packed(route.sender_bundle));
  header.set_recipient_bundle(Packed(route.recipient_bundle));
  header.set_manifest_digest(Packed(route.manifest_digest));
  header.set_epoch(route.epoch);
  header.set_record_count(static_cast<uint32_t>(records));
  header.set_view_size(route.view.size);
  header.set_view_root(Packed(route.view.root));
  header.set_view_part(route.view.part);
  header.set_break_glass(route.break_glass.data(), route.break_glass.size());
  return header.SerializeAsString();
}

// File order is information.
std::vector<const OutgoingRecord*> Shuffled(
    absl::Span<const OutgoingRecord> records) {
  std::vector<const OutgoingRecord*> order;
  order.reserve(records.size());
  for (const OutgoingRecord& record : records) order.push_back(&record);
  for (size_t left = order.size(); left > 1; --left) {
    const size_t at = randombytes_uniform(static_cast<uint32_t>(left));
    std::swap(order[left - 1], order[at]);
  }
  return order;
}

// C1 || C2 of every record and pseudonym field.
absl::StatusOr<crypto::Bytes> Encrypt(
    const BatchRoute& route,
    const std::vector<const OutgoingRecord*>& records) {
  const size_t fields = route.pseudonyms.size();
  const size_t stride = fields * crypto::kCiphertextBytes;
  crypto::Bytes packed(records.size() * stride);
  const absl::Status done =
      InParallel(records.size(), [&](size_t begin, size_t end) -> absl::Status {
        for (size_t i = begin; i < end; ++i) {
          if (records[i]->pseudonyms.size() != fields) {
            return absl::InvalidArgumentError(
                "a record has another number of pseudonyms than the route");
          }
          std::vector<crypto::Ciphertext> pairs;
          for (const auto& pseudonym : records[i]->pseudonyms) {
            auto pair = pseudonym.has_value()
                            ? crypto::EncryptPseudonym(*pseudonym, route.target)
                            : crypto::EncryptAbsence(route.target);
            if (!pair.ok()) return pair.status();
            pairs.push_back(*pair);
          }
          const crypto::Bytes bytes = crypto::PackCiphertexts(pairs);
          std::copy(bytes.begin(), bytes.end(),
                    packed.begin() + static_cast<ptrdiff_t>(i * stride));
        }
        return absl::OkStatus();
      });
  if (!done.ok()) return done;
  return packed;
}

absl::StatusOr<OutgoingChunk> SealChunk(
    const BatchRoute& route, const std::vector<const OutgoingRecord*>& records,
    crypto::BatchSealer* sealer) {
  OutgoingChunk chunk;
  chunk.count = static_cast<uint32_t>(records.size());
  absl::StatusOr<crypto::Bytes> pairs = Encrypt(route, records);
  if (!pairs.ok()) return pairs.status();
  chunk.pseudonyms = *std::move(pairs);
  const size_t stride = route.pseudonyms.size() * crypto::kCiphertextBytes;
  for (size_t i = 0; i < records.size(); ++i) {
    crypto::ClearRecord clear;
    clear.values = records[i]->values;
    for (const auto& pseudonym : records[i]->pseudonyms) {
      clear.present.push_back(pseudonym.has_value());
    }
    const absl::Status sealed = sealer->SealRecord(
        clear,
        absl::MakeConstSpan(chunk.pseudonyms).subspan(i * stride, stride),
        &chunk.sealed);
    if (!sealed.ok()) return sealed;
  }
  return chunk;
}

}  // namespace

absl::StatusOr<std::vector<uint32_t>> PlanChunks(
    const BatchRoute& route, absl::Span<const OutgoingRecord> records) {
  size_t most = crypto::kMaxBatchRecords;
  if (route.max_records != 0) {
    most = std::min<size_t>(most, route.max_records);
  }
  std::vector<uint32_t> chunks;
  size_t bytes = 0;
  for (size_t i = 0; i < records.size() && i < most; ++i) {
    const size_t size = RecordBytes(route, records[i]);
    if (size > crypto::kMaxChunkBytes) {
      return absl::InvalidArgumentError(absl::StrCat(
          "row ", records[i].row, " takes ", size,
          " bytes sealed; a chunk holds ", crypto::kMaxChunkBytes));
    }
    if (chunks.empty() || chunks.back() == crypto::kMaxChunkRecords ||
        bytes + size > crypto::kMaxChunkBytes) {
      if (chunks.size() == crypto::kMaxBatchChunks) break;
      chunks.push_back(0);
      bytes = 0;
    }
    ++chunks.back();
    bytes += size;
  }
  return chunks;
}

absl::StatusOr<BuiltBatch> BuildBatch(const BatchRoute& route,
                                      const crypto::SigningKey& batch_key,
                                      absl::Time now,
                                      absl::Span<const OutgoingRecord> records,
                                      const std::vector<uint32_t>& chunks) {
  if (std::accumulate(chunks.begin(), chunks.end(), size_t{0}) !=
          records.size() ||
      chunks.empty()) {
    return absl::InvalidArgumentError("the chunks do not hold the records");
  }
  BuiltBatch built;
  OutgoingBatch& batch = built.batch;
  randombytes_buf(batch.batch_id.data(), batch.batch_id.size());
  batch.agreement = route.agreement;
  batch.recipient = route.recipient;
  const std::string header =
      HeaderOf(route, batch.batch_id, now, records.size());
  batch.header.assign(header.begin(), header.end());
  absl::StatusOr<crypto::BatchSealer> sealer =
      crypto::BatchSealer::Create(route.recipient_kem, batch.header,
                                  {route.fields, route.pseudonyms.size()});
  if (!sealer.ok()) return sealer.status();
  batch.enc.assign(sealer->enc().begin(), sealer->enc().end());
  crypto::ChunkChain chain(sealer->head_hash(),
                           {static_cast<uint32_t>(records.size()),
                            route.pseudonyms.size(), route.fields.size() + 1});
  size_t at = 0;
  for (size_t c = 0; c < chunks.size(); ++c) {
    const auto order = Shuffled(records.subspan(at, chunks[c]));
    at += chunks[c];
    absl::StatusOr<OutgoingChunk> chunk = SealChunk(route, order, &*sealer);
    if (!chunk.ok()) return chunk.status();
    const absl::StatusOr<crypto::Hash> hash =
        chain.Append({static_cast<uint32_t>(c), c + 1 == chunks.size(),
                      chunk->count, chunk->pseudonyms, chunk->sealed});
    if (!hash.ok()) return hash.status();
    const crypto::Signature signature = crypto::SignChunk(batch_key, *hash);
    chunk->signature.assign(signature.begin(), signature.end());
    batch.chunks.push_back(*std::move(chunk));
    batch.digest = *hash;
    for (const OutgoingRecord* record : order)
      built.rows.push_back(record->row);
  }
  return built;
}

}  // namespace entente::client

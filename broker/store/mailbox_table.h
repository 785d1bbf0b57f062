// Batches from the first staged chunk to the signed delivery.
#ifndef ENTENTE_BROKER_STORE_MAILBOX_TABLE_H_
#define ENTENTE_BROKER_STORE_MAILBOX_TABLE_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "absl/types/optional.h"
#include "absl/types/span.h"
#include "broker/store/sqlite.h"

namespace entente::broker {

// Kept as numbers: values are never reused.
enum class BatchState {
  kStaged = 1,       // chunks are missing
  kDeliverable = 2,  // complete, with its entry
  kDelivered = 3,    // acknowledged; chunks are gone
  kExpired = 4,      // never completed; chunks are gone
};

struct BatchRow {
  int64_t sequence = 0;  // set by Insert; grows with the order of arrival
  std::string sender;
  std::vector<uint8_t> batch_id;  // 16 bytes
  std::string recipient;
  std::string agreement;
  uint32_t version = 0;
  std::string flow;
  std::vector<uint8_t> header;  // as signed
  std::vector<uint8_t> enc;     // 32 bytes
  BatchState state = BatchState::kStaged;
  uint32_t chunks = 0;          // staged so far
  uint64_t records = 0;         // in them
  std::vector<uint8_t> digest;  // hash of the final chunk; empty while staged
  absl::optional<uint64_t> entry;  // in the agreement's ledger
  absl::Time created;              // at the broker; whole milliseconds
  absl::Time not_after;            // of the header; whole milliseconds
  std::vector<uint8_t> grant;      // of break-glass, 32 bytes; empty for none
};

struct ChunkRow {
  uint32_t number = 0;  // counted from 0
  bool final = false;
  uint32_t records = 0;
  std::vector<uint8_t> hash;        // H_c, 32 bytes
  std::vector<uint8_t> pseudonyms;  // C1 and C2 as signed
  std::vector<uint8_t> sealed;      // as signed
  std::vector<uint8_t> converted;   // R1 and R2
  std::vector<uint8_t> proof;       // 96 bytes or empty
  std::vector<uint8_t> signature;   // 64 bytes
};

struct DeliveryRow {
  std::vector<uint8_t> converted_hash;  // 32 bytes
  std::vector<uint8_t> signature;       // 64 bytes
  absl::optional<uint64_t> entry;
  absl::Time delivered;  // whole milliseconds
};

class MailboxTable {
 public:
  explicit MailboxTable(Transaction& transaction) : transaction_(transaction) {}

  // Returns the new row's sequence. AlreadyExists if (sender, batch id) is
  // taken.
  absl::StatusOr<int64_t> Insert(const BatchRow& row);
  // NotFound.
  absl::StatusOr<BatchRow> Find(absl::string_view sender,
                                absl::Span<const uint8_t> batch_id);

  // Adds the next chunk. FailedPrecondition unless the batch is staged and
  // `chunk.number` is the number of chunks that it has.
  absl::Status AddChunk(int64_t sequence, const ChunkRow& chunk);
  // NotFound, also when the chunks are gone.
  absl::StatusOr<ChunkRow> GetChunk(int64_t sequence, uint32_t number);

  // C1 and C2 of every staged chunk, in order.
  absl::StatusOr<std::vector<std::vector<uint8_t>>> Pseudonyms(
      int64_t sequence);

  // Makes a staged batch deliverable. FailedPrecondition if it is not staged.
  absl::Status Complete(int64_t sequence, absl::Span<const uint8_t> digest);
  absl::Status SetEntry(int64_t sequence, uint64_t entry);

  // Deliverable batches for `recipient` under `agreement`, those after
  // `after_sequence`, oldest first, at most `limit`.
  absl::StatusOr<std::vector<BatchRow>> Waiting(absl::string_view recipient,
                                                absl::string_view agreement,
                                                int64_t after_sequence,
                                                int limit);
  absl::StatusOr<uint64_t> CountWaiting(absl::string_view recipient,
                                        absl::string_view agreement);

  // Those that were sent under a break-glass grant, each with its grant.
  absl::StatusOr<std::vector<std::vector<uint8_t>>> WaitingGrants(
      absl::string_view recipient, absl::string_view agreement);

  // Notes the delivery and drops the chunks. FailedPrecondition if the batch
  // is not deliverable.
  absl::Status Deliver(int64_t sequence, const DeliveryRow& delivery);
  absl::Status SetDeliveryEntry(int64_t sequence, uint64_t entry);
  // NotFound.
  absl::StatusOr<DeliveryRow> GetDelivery(int64_t sequence);

  // Staged batches created before `at`, oldest first, at most `limit`.
  absl::StatusOr<std::vector<BatchRow>> StagedBefore(absl::Time at, int limit);
  // Gives up a staged batch and drops its chunks. FailedPrecondition if it is
  // not staged.
  absl::Status Expire(int64_t sequence);
  // Forgets delivered and expired batches whose `not_after` is before `at`.
  absl::Status Forget(absl::Time at);

 private:
  absl::Status Move(int64_t sequence, BatchState from, BatchState to);
  absl::Status DropChunks(int64_t sequence);

  Transaction& transaction_;
};

}  // namespace entente::broker

#endif  // ENTENTE_BROKER_STORE_MAILBOX_TABLE_H_

// Batches on their way out and in, so that a crash loses and repeats nothing.
#ifndef ENTENTE_CLIENT_EXCHANGE_TABLE_H_
#define ENTENTE_CLIENT_EXCHANGE_TABLE_H_

#include <array>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "client/sqlite.h"
#include "crypto/hex.h"
#include "crypto/sha.h"

namespace entente::client {

using BatchId = std::array<uint8_t, 16>;

// One chunk as it is sent, verbatim each time. The last one is final.
struct OutgoingChunk {
  uint32_t count = 0;  // of records
  crypto::Bytes pseudonyms;
  crypto::Bytes sealed;
  crypto::Bytes signature;
};

enum class OutgoingState {
  kStored,    // not all acknowledged
  kAccepted,  // in the ledger, with a receipt
  kRefused,   // for good; a change is a new batch
};

struct OutgoingBatch {
  BatchId batch_id = {};
  std::string agreement;
  std::string recipient;
  crypto::Bytes header;
  crypto::Bytes enc;
  crypto::Hash digest = {};  // the final H_c
  std::vector<OutgoingChunk> chunks;
  // How many chunks the broker has acknowledged.
  uint32_t staged = 0;
  OutgoingState state = OutgoingState::kStored;
  std::string receipt;
};

enum class ReceivedState {
  kArrived,       // verified, not yet handed over
  kHandedOver,    // the application has it durably
  kAcknowledged,  // the broker has the signed delivery
};

struct ReceivedBatch {
  std::string agreement;
  std::string sender;
  BatchId batch_id = {};
  crypto::Hash digest = {};  // the final H_c
  ReceivedState state = ReceivedState::kArrived;
  crypto::Bytes delivery;  // the signature, once handed over
  std::string receipt;     // of the delivery, once acknowledged
};

// See LocalStore for threads, durability and status codes. What is stored here
// is sealed for the recipient or signed, and known to the broker.
class ExchangeTable {
 public:
  explicit ExchangeTable(Database* database) : database_(*database) {}

  // Before the first sending; `staged`, `state` and `receipt` are not looked
  // at. `row_keys` (client/sent_rows.h) are from now on of rows that were sent,
  // unless the batch is refused for good. AlreadyExists if the batch id is
  // there.
  absl::Status PutOutgoing(const OutgoingBatch& batch,
                           absl::Span<const crypto::Bytes> row_keys = {});
  // Whole, with chunks. NotFound.
  absl::StatusOr<OutgoingBatch> Outgoing(const BatchId& batch_id);
  // The ids of those in kStored, oldest first: to be sent again.
  absl::StatusOr<std::vector<BatchId>> Unfinished(absl::string_view agreement);
  // What proves that a batch was accepted.
  struct AcceptedBatch {
    BatchId batch_id = {};
    crypto::Hash digest = {};
    std::string receipt;
  };
  // Those in kAccepted, oldest first.
  absl::StatusOr<std::vector<AcceptedBatch>> Accepted(
      absl::string_view agreement);
  // The broker has chunks 0 to `staged` - 1. Never goes back. NotFound.
  absl::Status MarkStaged(const BatchId& batch_id, uint32_t staged);
  // Accepted: the receipt is kept, the chunks are dropped. NotFound.
  absl::Status MarkAccepted(const BatchId& batch_id, absl::string_view receipt);
  // Refused for good: the chunks are dropped, and its rows were not sent.
  // NotFound.
  absl::Status MarkRefused(const BatchId& batch_id);

  // Notes a verified batch and tells how far it had come before: once
  // kHandedOver it is not handed over again. AlreadyExists if another digest
  // came under this id: the sender is at fault.
  absl::StatusOr<ReceivedState> PutReceived(const ReceivedBatch& batch);
  // The application has it; the signed delivery is ready. NotFound.
  absl::Status MarkHandedOver(const ReceivedBatch& batch,
                              absl::Span<const uint8_t> delivery);
  absl::Status MarkAcknowledged(const ReceivedBatch& batch,
                                absl::string_view receipt);
  // Everything received under an agreement, for reconciliation with its
  // ledger, oldest first.
  absl::StatusOr<std::vector<ReceivedBatch>> Received(
      absl::string_view agreement);

 private:
  absl::Status Finish(const BatchId& batch_id, OutgoingState state,
                      absl::string_view receipt);

  Database& database_;
};

}  // namespace entente::client

#endif  // ENTENTE_CLIENT_EXCHANGE_TABLE_H_

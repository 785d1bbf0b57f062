// Sending stored batches, as often as it takes.
#ifndef ENTENTE_CLIENT_SENDER_H_
#define ENTENTE_CLIENT_SENDER_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "client/dealings.h"
#include "client/exchange_table.h"

namespace entente::client {

// A batch that is in the ledger.
struct SentBatch {
  BatchId batch_id = {};
  std::string recipient;
  uint64_t records = 0;
  crypto::Hash digest = {};
  std::string ledger;
  uint64_t entry = 0;
  // The broker's word: before this instant the same may be sent again, unless
  // somebody suspends or leaves. Nothing if it answered as it had before.
  std::optional<absl::Time> good_until = std::nullopt;
};

// Sends what the store has of a batch (ExchangeTable::PutOutgoing came before)
// from the first chunk that the broker has not acknowledged, and verifies the
// receipt: an entry about exactly this batch, in a ledger that continues what
// was seen before. Repeating it is safe. If the broker refuses for good, the
// batch is marked refused; after any other error it can be sent again. As the
// broker refuses; DataLoss if the receipt does not verify; NotFound.
absl::StatusOr<SentBatch> SendStored(const Dealings& dealings,
                                     const BatchId& batch_id);

// A batch that an earlier run sealed and the broker now refuses for good, for
// example since keys were renewed meanwhile. Its rows count as never sent: the
// same file sent again sends them.
struct DroppedBatch {
  BatchId batch_id = {};
  std::string recipient;
  uint64_t records = 0;
  absl::Status why;
};

// What became of the batches that earlier runs left unfinished.
struct UnfinishedBatches {
  std::vector<SentBatch> sent;
  std::vector<DroppedBatch> dropped;
};

// Sends them, and says what it did. As SendStored, but a final refusal does not
// end it.
absl::StatusOr<UnfinishedBatches> SendUnfinished(const Dealings& dealings);

// OK if nothing was dropped; else the code UNFINISHED_REFUSED, exit 8, with the
// way out.
absl::Status VerdictOn(const std::vector<DroppedBatch>& dropped);

}  // namespace entente::client

#endif  // ENTENTE_CLIENT_SENDER_H_

// Sending stored batches, as often as it takes.
#ifndef ENTENTE_CLIENT_SENDER_H_
#define ENTENTE_CLIENT_SENDER_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
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
};

// Sends what the store has of a batch (ExchangeTable::PutOutgoing came before)
// from the first chunk that the broker has not acknowledged, and verifies the
// receipt: an entry about exactly this batch, in a ledger that continues what
// was seen before. Repeating it is safe. If the broker refuses for good, the
// batch is marked refused; after any other error it can be sent again. As the
// broker refuses; DataLoss if the receipt does not verify; NotFound.
absl::StatusOr<SentBatch> SendStored(const Dealings& dealings,
                                     const BatchId& batch_id);

// Sends the batches that earlier runs left unfinished. What the broker refuses
// for good is said and left; any other error ends it.
absl::StatusOr<std::vector<SentBatch>> SendUnfinished(const Dealings& dealings);

}  // namespace entente::client

#endif  // ENTENTE_CLIENT_SENDER_H_

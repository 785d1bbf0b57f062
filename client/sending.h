// From a stream of rows to batches in the ledger, for one recipient.
#ifndef ENTENTE_CLIENT_SENDING_H_
#define ENTENTE_CLIENT_SENDING_H_

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "client/dealings.h"
#include "client/line_file.h"
#include "client/outgoing_rows.h"
#include "client/send_plan.h"
#include "client/sender.h"
#include "client/sent_rows.h"
#include "crypto/signing.h"

namespace entente::client {

// What one sending has come to.
struct SendTotals {
  std::vector<SentBatch> batches;
  uint64_t sent = 0;         // records times recipients
  uint64_t sent_before = 0;  // left out, since an earlier run sent them
};

struct SendingOptions {
  SendRequest request;
  ColumnMap map;
  bool again = false;           // also what was sent before
  LineFile* journal = nullptr;  // or null; borrowed
};

// Takes blocks of rows, seals full batches of what is new, stores each before
// its first byte leaves, and sends it. Memory for one batch and one block. What
// was sent stays known when it stops anywhere: the same rows are then not sent
// again, and a stored batch goes first next time (SendUnfinished). Borrows all
// that it is given. Not thread-safe.
class Sending {
 public:
  // As PlanSending, SentRows::Begin and Profile::BatchKey.
  static absl::StatusOr<std::unique_ptr<Sending>> Begin(
      const Dealings& dealings, const SendingOptions& options,
      SendTotals* totals);

  // Sends what fills batches, and adds to `refused` what is wrong with rows. As
  // ReleaseRows, BuildBatch, SendStored and StopSignal::Check.
  absl::Status Add(const RowBlock& block, std::vector<BadRow>* refused);

  // Sends the rest.
  absl::Status Finish() { return SendFull(/*rest=*/true); }

  const std::string& recipient() const { return options_.request.recipient; }

 private:
  Sending(const Dealings& dealings, SendingOptions options, SendPlan plan,
          crypto::SigningKey key, std::unique_ptr<SentRows> sent_rows,
          SendTotals* totals);

  absl::Status SendFull(bool rest);
  absl::Status SendFirst(size_t count, const std::vector<uint32_t>& chunks);
  absl::Status WriteJournal(const BuiltBatch& built);

  const Dealings dealings_;
  const SendingOptions options_;
  const SendPlan plan_;
  const crypto::SigningKey key_;
  const std::unique_ptr<SentRows> sent_rows_;
  SendTotals& totals_;
  std::vector<OutgoingRecord> waiting_;
  std::vector<crypto::Bytes> keys_;  // one for each that waits
};

}  // namespace entente::client

#endif  // ENTENTE_CLIENT_SENDING_H_

// Takes, converts and hands over sealed batches.
#ifndef ENTENTE_BROKER_EXCHANGE_SERVICE_H_
#define ENTENTE_BROKER_EXCHANGE_SERVICE_H_

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "absl/types/optional.h"
#include "broker/chunk_conversion.h"
#include "broker/claims.h"
#include "broker/context.h"
#include "broker/mailbox_signal.h"
#include "broker/manifests_in_force.h"
#include "broker/rpc/caller.h"
#include "broker/store/mailbox_table.h"
#include "crypto/signing.h"
#include "entente/v1/batch.pb.h"
#include "entente/v1/exchange.pb.h"
#include "policy/register.h"

namespace entente::broker {

// How long an unfinished batch keeps its chunks.
inline constexpr absl::Duration kStageLife = absl::Hours(24);

// The Exchange service of exchange.proto, which lists its errors. Every refusal
// that is not a mere matter of order is in a ledger. Thread-safe; every call
// blocks.
class ExchangeService {
 public:
  // All are borrowed; `signal` is told of every batch that becomes
  // deliverable, `claims` of every one that is acknowledged.
  ExchangeService(const Context* context, MailboxSignal* signal, Claims* claims)
      : context_(*context), signal_(*signal), claims_(*claims) {}

  absl::Status SendChunk(const Caller& caller,
                         const v1::SendChunkRequest& request,
                         v1::SendChunkResponse* response);

  absl::Status Acknowledge(const Caller& caller,
                           const v1::AcknowledgeRequest& request,
                           v1::AcknowledgeResponse* response);

  // For Receive: batches for the caller's agency after `after_sequence`, at
  // most `limit`, oldest first. Refused, and recorded, if the agreement is not
  // in force or suspended, the caller no party, or its certificate revoked.
  // Batches that have expired, that the agreements keep (policy/held.h), or
  // whose break-glass grant has ended, are held back, and not returned until
  // that ends.
  absl::StatusOr<std::vector<BatchRow>> NextWaiting(const Caller& caller,
                                                    absl::string_view agreement,
                                                    int64_t after_sequence,
                                                    int limit);

  // Whether a batch that NextWaiting returned would now be held back, as far as
  // memory knows.
  bool IsHeld(const BatchRow& row) const {
    return Held(*context_.agreements->Get(), row, context_.clock->Now());
  }

  // The start of a waiting batch, with its receipt under the latest checkpoint.
  // BATCH_UNKNOWN if it has been acknowledged meanwhile.
  absl::Status FillStart(const BatchRow& row, v1::BatchStart* start) const;
  // One of its chunks. BATCH_UNKNOWN as above.
  absl::Status FillChunk(const BatchRow& row, uint32_t number,
                         v1::BatchChunk* chunk) const;

  // Gives up stages older than kStageLife, each with an entry. For a ticker.
  absl::Status ExpireStages();

 private:
  // One chunk on its way in.
  struct Incoming {
    std::shared_ptr<const policy::Register> known;
    absl::Time now;
    absl::optional<BatchRow> row;  // nothing before chunk 0 is staged
    absl::optional<v1::BatchHeader> header;
    ChunkRow chunk;
    crypto::Hash head_hash = {};
    int64_t sequence = 0;   // once it is staged
    absl::Time good_until;  // then: how long the decision holds
    // An answer given before stands; nothing is written.
    bool repeated = false;
  };

  absl::Status Accept(const Caller& caller, const v1::SendChunkRequest& request,
                      Incoming* in, v1::SendChunkResponse* response);
  absl::Status FindStage(const Caller& caller,
                         const v1::SendChunkRequest& request, Incoming* in);
  absl::Status CheckRepeat(Transaction& transaction,
                           const v1::SendChunkRequest& request, Incoming* in);
  absl::Status Prepare(const Caller& caller,
                       const v1::SendChunkRequest& request, Incoming* in);
  absl::Status Convert(const policy::Flow& flow,
                       const certs::KeyBundle& recipient,
                       const crypto::ConversionKeys& keys,
                       const std::vector<crypto::Bytes>& earlier, Incoming* in);
  absl::StatusOr<std::vector<PendingEntry>> Stage(
      Transaction& transaction, const Caller& caller,
      const v1::SendChunkRequest& request, Incoming* in);
  absl::Status CheckDelivery(Transaction& transaction, const BatchRow& row,
                             const v1::AcknowledgeRequest& request) const;
  absl::Status Deliver(const Caller& caller,
                       const v1::AcknowledgeRequest& request,
                       absl::optional<BatchRow>* row,
                       v1::AcknowledgeResponse* response);
  absl::StatusOr<std::vector<PendingEntry>> Acknowledged(
      Transaction& transaction, const Caller& caller,
      const v1::AcknowledgeRequest& request, const BatchRow& row);
  bool Held(const policy::Register& known, const BatchRow& row,
            absl::Time now) const;

  const Context& context_;
  MailboxSignal& signal_;
  Claims& claims_;
  ManifestsInForce manifests_;
};

}  // namespace entente::broker

#endif  // ENTENTE_BROKER_EXCHANGE_SERVICE_H_

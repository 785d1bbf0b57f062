// Streams the batches that wait for one agency under one agreement.
#ifndef ENTENTE_BROKER_RPC_RECEIVE_STREAM_H_
#define ENTENTE_BROKER_RPC_RECEIVE_STREAM_H_

#include <grpcpp/server_context.h>
#include <grpcpp/support/server_callback.h>

#include <atomic>
#include <chrono>
#include <deque>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_set.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "absl/types/optional.h"
#include "broker/claims.h"
#include "broker/context.h"
#include "broker/exchange_service.h"
#include "broker/mailbox_signal.h"
#include "broker/metrics.h"
#include "broker/rpc/caller.h"
#include "broker/rpc/stream_watch.h"
#include "broker/worker_pool.h"
#include "entente/v1/exchange.pb.h"

namespace entente::broker {

inline constexpr char kReceivePath[] = "/entente.v1.Exchange/Receive";

// After this a stream with `follow` ends between two batches, and is opened
// again: sooner than the age of its connection would cut it.
inline constexpr absl::Duration kFollowTime = absl::Minutes(8);
// How long one without `follow` waits for batches that other receivers have:
// one that has just died may not have been noticed.
inline constexpr absl::Duration kOthersTime = absl::Seconds(2);

// Owns itself, until OnDone. Reads from the store on a worker, one part ahead
// of nothing: a client that does not read costs one part of memory. A batch is
// claimed before it is written; the claims end with the stream.
class ReceiveStream final
    : public grpc::ServerWriteReactor<v1::ReceiveResponse>,
      public WatchedStream {
 public:
  // What a stream works with; all of it outlives the server.
  struct Parts {
    const Context* context = nullptr;
    ExchangeService* service = nullptr;
    WorkerPool* workers = nullptr;
    StreamWatch* watch = nullptr;
    MailboxSignal* signal = nullptr;
    Claims* claims = nullptr;
    const std::atomic<bool>* draining = nullptr;  // the server stops
  };

  ReceiveStream(grpc::CallbackServerContext* call, Caller caller,
                const v1::ReceiveRequest& request, const Parts& parts);

  void OnWriteDone(bool ok) override ABSL_LOCKS_EXCLUDED(mu_);
  void OnCancel() override ABSL_LOCKS_EXCLUDED(mu_);
  void OnDone() override;
  void Look() override ABSL_LOCKS_EXCLUDED(mu_);

 private:
  enum class State { kReading, kWriting, kWaiting, kFinished };
  enum class Found {
    kPart,        // `message_` is to be written
    kNothing,     // nothing waits that others do not have
    kLater,       // something does: Claims::Outcome::kLater
    kTimeIsOver,  // of the stream
  };

  // Submits the reading of the next part.
  void Read() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  // On a worker: the next part, or why there is none.
  absl::StatusOr<Found> NextPart();
  // On a worker: claims the next batch and fills in its start.
  absl::StatusOr<Found> NextBatch();
  // On a worker: the next row that waits and was not sent yet, at the front of
  // `rows_`, which is empty if there is none.
  absl::Status NextRow();
  void AfterRead(const absl::StatusOr<Found>& found) ABSL_LOCKS_EXCLUDED(mu_);
  // Says that no more comes, and waits for the acknowledgements.
  void WriteEnd() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  void End(const absl::Status& status) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  // Ends a call whose client does not read what is held back by now.
  void LookAtWrite() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  // Whether the caller may still receive, as far as memory knows.
  absl::Status StillAllowed() const;

  grpc::CallbackServerContext* const call_;
  const Caller caller_;
  const std::string agreement_;
  const bool follow_;
  const Parts parts_;
  const std::chrono::steady_clock::time_point began_ =
      std::chrono::steady_clock::now();
  // Whether the mailbox should be read again, and from where on something may
  // have come since it was.
  std::atomic<bool> arrived_ = false;
  std::atomic<int64_t> from_ = MailboxSignal::kNothingNew;
  uint64_t signal_id_ = 0;
  const uint64_t receiver_;  // in the claims
  const absl::Time ends_;

  // Touched by whoever works in kReading, and by nobody else.
  std::deque<BatchRow> rows_;
  int64_t after_ = 0;  // what stands before it was looked at
  uint64_t with_others_ = 0;
  absl::optional<BatchRow> batch_;  // the one on its way
  // What `message_` is of; Look reads it in kWriting.
  absl::optional<BatchRow> part_of_;
  uint32_t next_chunk_ = 0;
  absl::optional<int64_t> whole_;  // the batch that `message_` completes
  // Batches that this stream has sent; it ends with its connection.
  absl::flat_hash_set<int64_t> sent_;
  v1::ReceiveResponse message_;  // borrowed by gRPC in kWriting

  absl::Mutex mu_;
  State state_ ABSL_GUARDED_BY(mu_) = State::kReading;
  absl::Status ending_ ABSL_GUARDED_BY(mu_);  // not OK: end at the next chance
  // Since when only other receivers' batches wait.
  absl::Time others_since_ ABSL_GUARDED_BY(mu_) = absl::InfiniteFuture();
  bool said_end_ ABSL_GUARDED_BY(mu_) = false;
  uint64_t writes_ ABSL_GUARDED_BY(mu_) = 0;
  uint64_t held_write_ ABSL_GUARDED_BY(mu_) = 0;  // of a held batch, seen once
};

}  // namespace entente::broker

#endif  // ENTENTE_BROKER_RPC_RECEIVE_STREAM_H_

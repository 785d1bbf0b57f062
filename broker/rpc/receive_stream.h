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

// Owns itself, until OnDone. Reads from the store on a worker, one part ahead
// of nothing: a client that does not read costs one part of memory.
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
  };

  ReceiveStream(grpc::CallbackServerContext* call, Caller caller,
                const v1::ReceiveRequest& request, const Parts& parts);

  void OnWriteDone(bool ok) override ABSL_LOCKS_EXCLUDED(mu_);
  void OnCancel() override ABSL_LOCKS_EXCLUDED(mu_);
  void OnDone() override;
  void Look() override ABSL_LOCKS_EXCLUDED(mu_);

 private:
  enum class State { kReading, kWriting, kWaiting, kFinished };

  // Submits the reading of the next part.
  void Read() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  // On a worker: fills `message_`, or says why not. False: nothing waits.
  absl::StatusOr<bool> NextPart();
  // On a worker: fills `batches_` with what waits and was not sent yet.
  absl::Status NextBatches();
  void AfterRead(const absl::StatusOr<bool>& part) ABSL_LOCKS_EXCLUDED(mu_);
  void End(const absl::Status& status) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  // Whether the caller may still receive, as far as memory knows.
  absl::Status StillAllowed() const;

  grpc::CallbackServerContext* const call_;
  const Caller caller_;
  const std::string agreement_;
  const bool follow_;
  const Parts parts_;
  const std::chrono::steady_clock::time_point began_ =
      std::chrono::steady_clock::now();
  // Whether something may have come since the mailbox was last read, and
  // whether batches that were held then may go now.
  std::atomic<bool> arrived_ = false;
  std::atomic<bool> changed_ = false;
  uint64_t signal_id_ = 0;

  // Touched by the worker in kReading and by nobody else.
  std::deque<BatchRow> batches_;
  uint32_t next_chunk_ = 0;
  bool started_ = false;
  int64_t after_ = 0;
  // Batches that this stream has sent; it ends with the connection's age.
  absl::flat_hash_set<int64_t> sent_;
  v1::ReceiveResponse message_;  // borrowed by gRPC in kWriting

  absl::Mutex mu_;
  State state_ ABSL_GUARDED_BY(mu_) = State::kReading;
  absl::Status ending_ ABSL_GUARDED_BY(mu_);  // not OK: end at the next chance
};

}  // namespace entente::broker

#endif  // ENTENTE_BROKER_RPC_RECEIVE_STREAM_H_

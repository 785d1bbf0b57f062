#include "broker/rpc/receive_stream.h"

#include <utility>
#include <vector>

#include "broker/agreement_state.h"
#include "broker/rpc/refusal.h"
#include "broker/rpc/unary.h"

namespace entente::broker {
namespace {

constexpr int kBatchesAtATime = 16;

}  // namespace

ReceiveStream::ReceiveStream(grpc::CallbackServerContext* call, Caller caller,
                             const v1::ReceiveRequest& request,
                             const Parts& parts)
    : call_(call),
      caller_(std::move(caller)),
      agreement_(request.agreement()),
      follow_(request.follow()),
      parts_(parts) {
  signal_id_ = parts_.signal->Watch(
      caller_.agency(), agreement_, [this](MailboxSignal::Cause cause) {
        if (cause == MailboxSignal::Cause::kChanged) {
          changed_ = true;
        }
        arrived_ = true;
      });
  {
    const absl::MutexLock lock(&mu_);
    Read();
  }
  parts_.watch->Add(this);
}

absl::Status ReceiveStream::StillAllowed() const {
  const Context& context = *parts_.context;
  if (context.trust->IsRevoked(caller_.fingerprint, caller_.agency()) ||
      context.trust->IsRevoked(caller_.twin, caller_.agency())) {
    return Refuse(policy::Reason::kCertificateRevoked, "");
  }
  return InForce(*context.agreements->Get(), agreement_, /*version=*/0,
                 caller_.agency(), context.clock->Now())
      .status();
}

void ReceiveStream::Read() {
  state_ = State::kReading;
  arrived_ = false;
  const absl::Status queued =
      parts_.workers->Submit([this] { AfterRead(NextPart()); });
  if (!queued.ok()) End(Refuse(policy::Reason::kOverloaded, ""));
}

absl::Status ReceiveStream::NextBatches() {
  // What was held when it was passed by stands before `after_`.
  if (changed_.exchange(false)) after_ = 0;
  while (batches_.empty()) {
    auto waiting = parts_.service->NextWaiting(caller_, agreement_, after_,
                                               kBatchesAtATime);
    if (!waiting.ok()) return waiting.status();
    if (waiting->empty()) return absl::OkStatus();
    after_ = waiting->back().sequence;
    for (BatchRow& row : *waiting) {
      if (!sent_.contains(row.sequence)) batches_.push_back(std::move(row));
    }
  }
  return absl::OkStatus();
}

absl::StatusOr<bool> ReceiveStream::NextPart() {
  if (batches_.empty()) {
    if (absl::Status read = NextBatches(); !read.ok()) return read;
    if (batches_.empty()) return false;
  } else if (absl::Status still = StillAllowed(); !still.ok()) {
    return still;
  }
  const BatchRow& batch = batches_.front();
  message_.Clear();
  if (!started_) {
    started_ = true;
    next_chunk_ = 0;
    absl::Status filled =
        parts_.service->FillStart(batch, message_.mutable_start());
    if (!filled.ok()) return filled;
    return true;
  }
  if (absl::Status filled = parts_.service->FillChunk(batch, next_chunk_,
                                                      message_.mutable_chunk());
      !filled.ok()) {
    return filled;
  }
  if (++next_chunk_ == batch.chunks) {
    sent_.insert(batch.sequence);
    started_ = false;
    batches_.pop_front();
  }
  return true;
}

void ReceiveStream::AfterRead(const absl::StatusOr<bool>& part) {
  const absl::MutexLock lock(&mu_);
  if (state_ == State::kFinished) return;
  if (!ending_.ok()) return End(ending_);
  if (!part.ok()) return End(part.status());
  if (*part) {
    state_ = State::kWriting;
    StartWrite(&message_);
  } else if (follow_) {
    state_ = State::kWaiting;
  } else {
    End(absl::OkStatus());
  }
}

void ReceiveStream::OnWriteDone(bool ok) {
  const absl::MutexLock lock(&mu_);
  if (state_ == State::kFinished) return;
  if (!ending_.ok()) return End(ending_);
  if (!ok) return End(absl::CancelledError("the client went away"));
  Read();
}

void ReceiveStream::OnCancel() {
  const absl::MutexLock lock(&mu_);
  if (ending_.ok()) ending_ = absl::CancelledError("the client went away");
  if (state_ == State::kWaiting) End(ending_);
}

void ReceiveStream::Look() {
  const absl::Status still = StillAllowed();
  const absl::MutexLock lock(&mu_);
  if (state_ == State::kFinished) return;
  if (!still.ok()) {
    if (ending_.ok()) ending_ = still;
    if (state_ == State::kWaiting) {
      End(still);
    } else if (state_ == State::kWriting) {
      // A client that does not read must not keep the stream.
      call_->TryCancel();
    }
    return;
  }
  if (state_ == State::kWaiting && arrived_) Read();
}

void ReceiveStream::End(const absl::Status& status) {
  state_ = State::kFinished;
  parts_.context->metrics->Called(
      kReceivePath, status,
      absl::FromChrono(std::chrono::steady_clock::now() - began_));
  Finish(ToGrpc(status));
}

void ReceiveStream::OnDone() {
  parts_.watch->Remove(this);
  parts_.signal->Unwatch(signal_id_);
  delete this;
}

}  // namespace entente::broker

#include "broker/rpc/receive_stream.h"

#include <algorithm>
#include <iterator>
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
      parts_(parts),
      receiver_(parts.claims->Open(caller_.agency(), agreement_)),
      ends_(follow_ ? parts.context->clock->Now() + kFollowTime
                    : absl::InfiniteFuture()) {
  signal_id_ =
      parts_.signal->Watch(caller_.agency(), agreement_, [this](int64_t first) {
        int64_t from = from_;
        while (first < from && !from_.compare_exchange_weak(from, first)) {
        }
        arrived_ = true;
        parts_.watch->Nudge();
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

absl::Status ReceiveStream::NextRow() {
  // What was passed over, held or another's, or was not complete yet, stands
  // before `after_`.
  const int64_t from = from_.exchange(MailboxSignal::kNothingNew);
  if (from <= after_) {
    after_ = 0;
    with_others_ = 0;
    rows_.clear();
  }
  while (true) {
    while (!rows_.empty()) {
      if (!sent_.contains(rows_.front().sequence)) return absl::OkStatus();
      rows_.pop_front();
    }
    auto waiting = parts_.service->NextWaiting(caller_, agreement_, after_,
                                               kBatchesAtATime);
    if (!waiting.ok()) return waiting.status();
    if (waiting->empty()) return absl::OkStatus();
    after_ = waiting->back().sequence;
    rows_.assign(std::make_move_iterator(waiting->begin()),
                 std::make_move_iterator(waiting->end()));
  }
}

absl::StatusOr<ReceiveStream::Found> ReceiveStream::NextBatch() {
  if (*parts_.draining) return Refuse(policy::Reason::kShuttingDown, "");
  if (parts_.context->clock->Now() >= ends_) return Found::kTimeIsOver;
  while (true) {
    if (absl::Status read = NextRow(); !read.ok()) return read;
    if (rows_.empty()) return Found::kNothing;
    const int64_t sequence = rows_.front().sequence;
    switch (parts_.claims->Take(receiver_, sequence)) {
      case Claims::Outcome::kLater:
        return Found::kLater;
      case Claims::Outcome::kWithAnother:
        ++with_others_;
        rows_.pop_front();
        continue;
      case Claims::Outcome::kTaken:
        break;
    }
    BatchRow row = std::move(rows_.front());
    rows_.pop_front();
    const absl::Status filled =
        parts_.service->FillStart(row, message_.mutable_start());
    if (absl::IsNotFound(filled)) {
      parts_.claims->Done(sequence);
      continue;
    }
    if (!filled.ok()) return filled;
    batch_ = std::move(row);
    part_of_ = batch_;
    next_chunk_ = 0;
    return Found::kPart;
  }
}

absl::StatusOr<ReceiveStream::Found> ReceiveStream::NextPart() {
  message_.Clear();
  if (!batch_.has_value()) {
    part_of_.reset();
    return NextBatch();
  }
  if (absl::Status still = StillAllowed(); !still.ok()) return still;
  const bool held = parts_.service->IsHeld(*batch_);
  const absl::Status filled =
      held ? absl::OkStatus()
           : parts_.service->FillChunk(*batch_, next_chunk_,
                                       message_.mutable_chunk());
  if (held || absl::IsNotFound(filled)) {
    message_.mutable_withdrawn();
    parts_.claims->Done(batch_->sequence);
    batch_.reset();
    part_of_.reset();
    return Found::kPart;
  }
  if (!filled.ok()) return filled;
  if (++next_chunk_ == batch_->chunks) {
    whole_ = batch_->sequence;
    sent_.insert(batch_->sequence);
    batch_.reset();
  }
  return Found::kPart;
}

void ReceiveStream::AfterRead(const absl::StatusOr<Found>& found) {
  const absl::MutexLock lock(&mu_);
  if (state_ == State::kFinished) return;
  if (!ending_.ok()) return End(ending_);
  if (!found.ok()) return End(found.status());
  switch (*found) {
    case Found::kPart:
      state_ = State::kWriting;
      ++writes_;
      return StartWrite(&message_);
    case Found::kLater:
      // Time alone may let it go on.
      arrived_ = true;
      state_ = State::kWaiting;
      return;
    case Found::kTimeIsOver:
      return WriteEnd();
    case Found::kNothing:
      break;
  }
  if (follow_) {
    state_ = State::kWaiting;
    return;
  }
  const absl::Time now = parts_.context->clock->Now();
  others_since_ = std::min(others_since_, now);
  if (with_others_ == 0 || now >= others_since_ + kOthersTime) {
    return WriteEnd();
  }
  // Counts again what others have by then.
  from_ = 0;
  arrived_ = true;
  state_ = State::kWaiting;
}

void ReceiveStream::WriteEnd() {
  parts_.claims->Retire(receiver_);
  if (with_others_ == 0 && parts_.claims->HeldBy(receiver_) == 0) {
    return End(absl::OkStatus());
  }
  message_.mutable_end()->set_with_others(with_others_);
  said_end_ = true;
  state_ = State::kWriting;
  StartWrite(&message_);
}

void ReceiveStream::OnWriteDone(bool ok) {
  const absl::MutexLock lock(&mu_);
  if (state_ == State::kFinished) return;
  if (!ending_.ok()) return End(ending_);
  if (!ok) return End(absl::CancelledError("the client went away"));
  if (said_end_) {
    if (parts_.claims->HeldBy(receiver_) == 0) return End(absl::OkStatus());
    state_ = State::kWaiting;
    return;
  }
  if (whole_.has_value()) parts_.claims->Written(receiver_, *whole_);
  whole_.reset();
  Read();
}

void ReceiveStream::OnCancel() {
  const absl::MutexLock lock(&mu_);
  if (ending_.ok()) ending_ = absl::CancelledError("the client went away");
  if (state_ == State::kWaiting) End(ending_);
}

void ReceiveStream::Look() {
  absl::Status still = StillAllowed();
  if (still.ok() && *parts_.draining) {
    still = Refuse(policy::Reason::kShuttingDown, "");
  }
  const absl::MutexLock lock(&mu_);
  if (state_ == State::kFinished) return;
  if (!still.ok() && state_ == State::kWaiting) return End(still);
  if (!still.ok() && !*parts_.draining) {
    if (ending_.ok()) ending_ = still;
    // A client that does not read must not keep the stream.
    if (state_ == State::kWriting) call_->TryCancel();
    return;
  }
  if (state_ == State::kWriting) return LookAtWrite();
  if (state_ != State::kWaiting) return;
  if (said_end_) {
    if (parts_.claims->HeldBy(receiver_) == 0) End(absl::OkStatus());
    return;
  }
  if (arrived_ || parts_.context->clock->Now() >= ends_) Read();
}

void ReceiveStream::LookAtWrite() {
  if (!part_of_.has_value() || !ending_.ok() ||
      !parts_.service->IsHeld(*part_of_)) {
    return;
  }
  // One that is being read is followed by the word that no more comes.
  if (std::exchange(held_write_, writes_) != writes_) return;
  ending_ = part_of_->grant.empty()
                ? Refuse(policy::Reason::kSuspendedBySender, part_of_->sender)
                : Refuse(policy::Reason::kGrantOver, "", "break_glass");
  call_->TryCancel();
}

void ReceiveStream::End(const absl::Status& status) {
  state_ = State::kFinished;
  // Before the client hears of it: it may come again at once.
  parts_.claims->Close(receiver_);
  // A client that was told the end may leave when it likes.
  const absl::Status outcome =
      said_end_ && absl::IsCancelled(status) ? absl::OkStatus() : status;
  parts_.context->metrics->Called(
      kReceivePath, outcome,
      absl::FromChrono(std::chrono::steady_clock::now() - began_));
  Finish(ToGrpc(outcome));
}

void ReceiveStream::OnDone() {
  parts_.watch->Remove(this);
  parts_.signal->Unwatch(signal_id_);
  delete this;
}

}  // namespace entente::broker

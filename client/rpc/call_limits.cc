#include "client/rpc/call_limits.h"

#include <algorithm>

#include "absl/time/clock.h"

namespace entente::client {
namespace {

thread_local const CallLimits* limits_of_thread = nullptr;

}  // namespace

CallLimits::CallLimits(absl::Time deadline, const Cancellation* cancellation)
    : deadline_(deadline), cancellation_(cancellation) {
  limits_of_thread = this;
}

CallLimits::~CallLimits() { limits_of_thread = nullptr; }

LimitedCall::LimitedCall(grpc::ClientContext* context, absl::Duration timeout) {
  absl::Time deadline = absl::Now() + timeout;
  if (limits_of_thread != nullptr) {
    deadline = std::min(deadline, limits_of_thread->deadline_);
    if (limits_of_thread->cancellation_ != nullptr) {
      watch_ = std::make_unique<Cancellation::Watch>(
          *limits_of_thread->cancellation_,
          [context] { context->TryCancel(); });
    }
  }
  context->set_deadline(absl::ToChronoTime(deadline));
}

}  // namespace entente::client

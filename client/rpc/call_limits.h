// How long the calls of one thread may take together, and who may end them.
#ifndef ENTENTE_CLIENT_RPC_CALL_LIMITS_H_
#define ENTENTE_CLIENT_RPC_CALL_LIMITS_H_

#include <grpcpp/client_context.h>

#include <memory>

#include "absl/time/time.h"
#include "client/cancellation.h"

namespace entente::client {

// While it lives, no call that this thread makes goes on after `deadline`, or
// after `cancellation` (may be null) is cancelled. One at a time for a thread:
// what a program asks for is made of many calls, deep below, and none of them
// may forget. Destroyed on the thread that made it.
class CallLimits {
 public:
  CallLimits(absl::Time deadline, const Cancellation* cancellation);
  ~CallLimits();
  CallLimits(const CallLimits&) = delete;
  CallLimits& operator=(const CallLimits&) = delete;

 private:
  friend class LimitedCall;
  const absl::Time deadline_;
  const Cancellation* const cancellation_;
};

// Puts a call of this thread under a deadline: `timeout` from now, or that of
// CallLimits if it is earlier; and lets its Cancellation end it. Lives as long
// as the call.
class LimitedCall {
 public:
  LimitedCall(grpc::ClientContext* context, absl::Duration timeout);

 private:
  std::unique_ptr<Cancellation::Watch> watch_;  // null: nobody may end it
};

}  // namespace entente::client

#endif  // ENTENTE_CLIENT_RPC_CALL_LIMITS_H_

// Which calls are repeated by themselves.
#ifndef ENTENTE_CLIENT_RPC_RETRIES_H_
#define ENTENTE_CLIENT_RPC_RETRIES_H_

#include <grpcpp/support/channel_arguments.h>

namespace entente::client {

// A call is made at most so often, within its deadline.
inline constexpr int kMaxAttempts = 4;

// Lets gRPC repeat what ends with UNAVAILABLE, after up to 0.3, 0.6 and 1.2
// seconds, if doing it twice is doing it once: reads; chunks, deliveries,
// enrolments and peppers, which the broker knows again. Proposals, signatures,
// key bundles, agencies, revocations and methods that are not known here are a
// person's to repeat; and a stream goes on by itself (client/follower.h).
void RepeatIdempotentCalls(grpc::ChannelArguments* arguments);

}  // namespace entente::client

#endif  // ENTENTE_CLIENT_RPC_RETRIES_H_

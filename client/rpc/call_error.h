// What a failed call says, in the form of every other error.
#ifndef ENTENTE_CLIENT_RPC_CALL_ERROR_H_
#define ENTENTE_CLIENT_RPC_CALL_ERROR_H_

#include "absl/status/status.h"

namespace grpc {
class Status;
}

namespace entente::client {

// A Failure (client/error.h) with the broker's reason as its code, every failed
// condition with its clause as why, the remedies as next, and the entry of the
// refusal. A broker that has less of a ledger than this client has verified
// (STALE_VIEW) is exit 6, as any other proof of it is. OK stays OK. A broker
// that closes the connection before the first call becomes LOGIN_REFUSED (exit
// 4), one that cannot be reached UNAVAILABLE, both with what to look at. Total:
// details that cannot be read are left out.
absl::Status FromGrpc(const grpc::Status& status);

}  // namespace entente::client

#endif  // ENTENTE_CLIENT_RPC_CALL_ERROR_H_

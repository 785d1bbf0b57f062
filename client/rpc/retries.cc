#include "client/rpc/retries.h"

#include <grpc/impl/codegen/grpc_types.h>

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "client/rpc/connection.h"

namespace entente::client {
namespace {

struct ServiceMethods {
  const char* service;
  std::vector<const char*> methods;
};

// As gRPC's service config names them.
std::string MethodNames() {
  const ServiceMethods idempotent[] = {
      {"Agreements", {"GetAgreement", "GetManifest", "ListAgreements"}},
      {"Directory", {"GetKeyBundle", "GetStatus", "ListAgencies"}},
      {"Exchange", {"Acknowledge", "SendChunk"}},
      {"Ledger", {"GetCheckpoint", "GetEntry", "ReadTile"}},
      {"Pseudonyms", {"Enrol", "GetPepper", "PutPepper"}}};
  std::vector<std::string> names;
  for (const ServiceMethods& each : idempotent) {
    for (const char* method : each.methods) {
      names.push_back(absl::StrCat(R"({"service":"entente.v1.)", each.service,
                                   R"(","method":")", method, R"("})"));
    }
  }
  return absl::StrJoin(names, ",");
}

}  // namespace

void RepeatIdempotentCalls(grpc::ChannelArguments* arguments) {
  arguments->SetServiceConfigJSON(absl::StrCat(
      R"({"methodConfig":[{"name":[)", MethodNames(),
      R"(],"retryPolicy":{"maxAttempts":)", kMaxAttempts,
      R"(,"initialBackoff":"0.3s","maxBackoff":"2s","backoffMultiplier":2,)",
      R"("retryableStatusCodes":["UNAVAILABLE"]}}]})"));
  arguments->SetInt(GRPC_ARG_ENABLE_RETRIES, 1);
  // Nobody else says what this channel does.
  arguments->SetInt(GRPC_ARG_SERVICE_CONFIG_DISABLE_RESOLUTION, 1);
  // What is larger could not be sent again.
  arguments->SetInt(GRPC_ARG_PER_RPC_RETRY_BUFFER_SIZE, kMaxMessageBytes);
  // A broker that was away for a moment is looked for as soon.
  arguments->SetInt(GRPC_ARG_INITIAL_RECONNECT_BACKOFF_MS, 300);
}

}  // namespace entente::client

// A broker's ledgers with all their parts, read over the wire.
#ifndef ENTENTE_CLIENT_RPC_LEDGER_PARTS_H_
#define ENTENTE_CLIENT_RPC_LEDGER_PARTS_H_

#include <map>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "client/continuation.h"
#include "client/profile.h"
#include "client/rpc/broker_link.h"
#include "client/rpc/grpc_ledger_source.h"

namespace entente::client {

class GrpcLedgerParts final : public LedgerParts {
 public:
  // `stub` is borrowed.
  explicit GrpcLedgerParts(v1::Ledger::Stub* stub) : stub_(*stub) {}

  EntrySource& Part(const std::string& name) override;

 private:
  v1::Ledger::Stub& stub_;
  std::map<std::string, GrpcLedgerSource> sources_;
};

// As CatchUp for the ledger of `agreement`. Does nothing without `knowledge`,
// and if the broker does not say which part is the newest.
absl::Status FollowLedger(BrokerLink& link, const Profile& profile,
                          KnowledgeTable* knowledge,
                          const std::string& agreement,
                          absl::string_view newest);

}  // namespace entente::client

#endif  // ENTENTE_CLIENT_RPC_LEDGER_PARTS_H_

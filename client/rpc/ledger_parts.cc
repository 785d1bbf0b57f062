#include "client/rpc/ledger_parts.h"

#include "client/ledger_view.h"

namespace entente::client {

EntrySource& GrpcLedgerParts::Part(const std::string& name) {
  return sources_.try_emplace(name, &stub_, name).first->second;
}

absl::Status FollowLedger(BrokerLink& link, const Profile& profile,
                          KnowledgeTable* knowledge,
                          const std::string& agreement,
                          absl::string_view newest) {
  if (knowledge == nullptr || newest.empty()) return absl::OkStatus();
  const auto key = LedgerKey(profile, agreement);
  if (!key.ok()) return key.status();
  LedgerView view(knowledge, agreement, *key);
  GrpcLedgerParts parts(&link.ledger());
  return CatchUp(view, parts, newest);
}

}  // namespace entente::client

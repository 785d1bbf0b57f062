// Suspensions and withdrawals, as their signatories signed them.
#ifndef ENTENTE_CLIENT_VERIFIED_ACT_H_
#define ENTENTE_CLIENT_VERIFIED_ACT_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "certs/agreement_act.h"
#include "client/knowledge_table.h"
#include "client/output.h"
#include "client/profile.h"
#include "client/rpc/broker_link.h"
#include "entente/v1/agreements.pb.h"
#include "policy/agreement.h"
#include "policy/register.h"

namespace entente::client {

// An act that stands, found to be what its signatory signed, and in the ledger.
struct VerifiedAct {
  certs::AgreementAct act;
  std::string by;      // the signatory's identity
  std::string digest;  // hex
  uint64_t entry = 0;  // its index in the agreement's ledger
  absl::Time recorded;
};

// Those of `acts`, which the broker serves as standing for `agreement`: each
// signed by a signatory under the root that the agreement names, and recorded
// when it was signed, so that no old one is served again as if it were new.
// Those of agencies that are no party of this version cannot be judged by it
// and are passed over. As HoldToLedger (client/verified_document.h).
absl::StatusOr<std::vector<VerifiedAct>> VerifyActs(
    BrokerLink& link, const Profile& profile, KnowledgeTable* knowledge,
    const policy::Agreement& agreement,
    absl::Span<const v1::StandingAct* const> acts);

// What the acts do to the record of their agreement.
void ApplyActs(const std::vector<VerifiedAct>& acts,
               policy::AgreementRecord* record);

// {"act","agency","by","reason","signed","entry","digest"}, and of a withdrawal
// "notice_days" and "notice_until".
Record ToRecord(const VerifiedAct& act);

// `suspended by west-police (chief): Unusual queries since Monday`.
std::string InWords(const VerifiedAct& act);

}  // namespace entente::client

#endif  // ENTENTE_CLIENT_VERIFIED_ACT_H_

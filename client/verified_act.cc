#include "client/verified_act.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "certs/identity.h"
#include "client/error.h"
#include "client/expiry.h"
#include "client/verified_document.h"

namespace entente::client {
namespace {

using certs::ActKind;

absl::Status NotAsSigned(const policy::Agreement& agreement,
                         absl::string_view why) {
  return VerificationError(
      absl::StrCat("an act on the agreement ", agreement.id,
                   " is not what it claims to be"),
      why);
}

policy::EntryKind EntryKindOf(ActKind kind) {
  return kind == ActKind::kWithdraw ? policy::EntryKind::kAgreementWithdrawn
                                    : policy::EntryKind::kAgreementSuspended;
}

}  // namespace

absl::StatusOr<std::vector<VerifiedAct>> VerifyActs(
    BrokerLink& link, const Profile& profile, KnowledgeTable* knowledge,
    const policy::Agreement& agreement,
    absl::Span<const v1::StandingAct* const> acts) {
  std::vector<VerifiedAct> verified;
  for (const v1::StandingAct* served : acts) {
    const auto envelope = crypto::ParseEnvelope(served->envelope());
    if (!envelope.ok()) {
      return NotAsSigned(agreement, envelope.status().message());
    }
    const auto agency = certs::ClaimedAgency(*envelope, 0);
    if (!agency.ok()) return NotAsSigned(agreement, agency.status().message());
    const auto party = agreement.parties.find(*agency);
    if (party == agreement.parties.end()) continue;
    const auto signed_act =
        certs::VerifyAgreementAct(*envelope, party->second.root);
    if (!signed_act.ok()) {
      return NotAsSigned(agreement, signed_act.status().message());
    }
    const certs::AgreementAct& act = signed_act->act;
    if (act.agreement != agreement.id || act.kind == ActKind::kResume) {
      return NotAsSigned(agreement, "it is another act");
    }
    const auto receipt = HoldToLedger(link, profile, knowledge, agreement.id,
                                      served->receipt(), EntryKindOf(act.kind));
    if (!receipt.ok()) return receipt.status();
    if (receipt->entry.subject != signed_act->digest) {
      return NotAsSigned(agreement, "its entry is that of another act");
    }
    const absl::Duration apart = receipt->entry.time - act.signed_at;
    if (apart > certs::kMaxActAge || apart < -certs::kMaxActAge) {
      return NotAsSigned(agreement, "it was not recorded when it was signed");
    }
    verified.push_back({act, signed_act->signer.identity.ToUri(),
                        signed_act->digest, receipt->index,
                        receipt->entry.time});
  }
  return verified;
}

void ApplyActs(const std::vector<VerifiedAct>& acts,
               policy::AgreementRecord* record) {
  for (const VerifiedAct& one : acts) {
    switch (one.act.kind) {
      case ActKind::kSuspend:
        record->suspended_by.insert(one.act.agency);
        break;
      case ActKind::kSuspendSending:
        record->sending_suspended_by.insert(one.act.agency);
        break;
      case ActKind::kWithdraw:
        record->withdrawn[one.act.agency] = record->versions.rbegin()->first;
        break;
      case ActKind::kResume:
        break;
    }
  }
}

Record ToRecord(const VerifiedAct& act) {
  Record record = {{"act", certs::ActName(act.act.kind)},
                   {"agency", act.act.agency},
                   {"by", act.by},
                   {"reason", act.act.reason},
                   {"signed", InstantText(act.act.signed_at)},
                   {"entry", act.entry},
                   {"digest", act.digest}};
  if (act.act.kind == ActKind::kWithdraw) {
    record.emplace_back("notice_days", int64_t{act.act.notice_days});
    record.emplace_back(
        "notice_until",
        absl::FormatTime("%Y-%m-%d",
                         act.recorded + absl::Hours(24) * act.act.notice_days,
                         absl::UTCTimeZone()));
  }
  return record;
}

std::string InWords(const VerifiedAct& act) {
  const auto identity = certs::Identity::Parse(act.by);
  const std::string who = absl::StrCat(
      act.act.agency, " (", identity.ok() ? identity->name : act.by, "): ");
  switch (act.act.kind) {
    case ActKind::kSuspend:
      return absl::StrCat("suspended by ", who, act.act.reason);
    case ActKind::kSuspendSending:
      return absl::StrCat("own sending suspended by ", who, act.act.reason);
    case ActKind::kWithdraw:
      return absl::StrCat("left by ", who, act.act.reason);
    case ActKind::kResume:
      break;
  }
  return absl::StrCat("resumed by ", who, act.act.reason);
}

}  // namespace entente::client

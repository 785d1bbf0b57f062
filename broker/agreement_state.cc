#include "broker/agreement_state.h"

#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "broker/rpc/refusal.h"
#include "broker/store/acts_table.h"
#include "broker/store/agencies_table.h"
#include "broker/store/agreements_table.h"
#include "policy/ledger_part.h"
#include "policy/review.h"

namespace entente::broker {

using policy::Reason;

absl::StatusOr<std::shared_ptr<const policy::CompiledAgreement>> InForce(
    const policy::Register& known, absl::string_view id, int64_t version,
    absl::string_view agency, absl::Time now) {
  const policy::AgreementRecord* record = known.Find(id);
  if (agency.empty() || record == nullptr || !record->IsParty(agency)) {
    return Refuse(Reason::kNoAgreement, "");
  }
  if (record->terminated) return Refuse(Reason::kTerminated, "");
  if (!record->suspended_by.empty()) {
    return Refuse(Reason::kSuspended,
                  absl::StrCat("suspended by ",
                               absl::StrJoin(record->suspended_by, ", ")));
  }
  const policy::VersionRecord* found = nullptr;
  if (version == 0) {
    found = record->CurrentAt(now);
    if (found == nullptr) return Refuse(Reason::kNotActive, "");
  } else {
    const auto it = record->versions.find(version);
    if (it == record->versions.end()) {
      return Refuse(Reason::kVersionUnknown,
                    absl::StrCat("there is no version ", version));
    }
    found = &it->second;
  }
  const policy::CompiledAgreement& agreement = *found->agreement;
  if (!agreement.IsParty(agency)) return Refuse(Reason::kNoAgreement, "");
  if (!found->missing.empty()) return Refuse(Reason::kNotFullySigned, "");
  if (!found->activated) return Refuse(Reason::kNotActive, "");
  if (now < agreement.from()) return Refuse(Reason::kNotYetValid, "", "valid");
  if (now >= agreement.until()) return Refuse(Reason::kExpired, "", "valid");
  for (const policy::Review& review :
       policy::OverdueReviews(agreement.document(), now)) {
    return Refuse(Reason::kReviewOverdue,
                  absl::StrCat(review.what, " was due by ",
                               absl::FormatCivilTime(review.due)),
                  review.clause);
  }
  if (record->HasWithdrawn(std::string(agency), agreement.document().version)) {
    return Refuse(Reason::kWithdrawn, agency, "parties");
  }
  if (now >= record->SupersededFrom(agreement.document().version, now)) {
    return Refuse(Reason::kVersionSuperseded, "");
  }
  return found->agreement;
}

absl::Status CheckStored(Transaction& transaction, const Caller& caller,
                         absl::string_view id, absl::string_view sender,
                         absl::string_view recipient) {
  const absl::StatusOr<bool> revoked =
      AgenciesTable(transaction).IsRevoked(caller.fingerprint, caller.agency());
  if (!revoked.ok()) return revoked.status();
  if (*revoked) return Refuse(Reason::kCertificateRevoked, "");
  AgreementsTable agreements(transaction);
  const absl::StatusOr<AgreementRow> highest = agreements.GetHighest(id);
  if (absl::IsNotFound(highest.status())) {
    return Refuse(Reason::kNoAgreement, "");
  }
  if (!highest.ok()) return highest.status();
  if (highest->state == AgreementState::kTerminated) {
    return Refuse(Reason::kTerminated, "");
  }
  const auto acts = ActsTable(transaction).Standing(id);
  if (!acts.ok()) return acts.status();
  for (const ActRow& act : *acts) {
    if (act.kind == certs::ActKind::kSuspend) {
      return Refuse(Reason::kSuspended,
                    absl::StrCat("suspended by ", act.agency));
    }
    if (act.kind == certs::ActKind::kSuspendSending && act.agency == sender) {
      return Refuse(Reason::kSuspendedBySender, act.agency);
    }
    if (act.kind != certs::ActKind::kWithdraw ||
        (act.agency != sender && act.agency != recipient &&
         act.agency != caller.agency())) {
      continue;
    }
    const auto active = agreements.GetActive(id);
    if (!active.ok() && !absl::IsNotFound(active.status())) {
      return active.status();
    }
    if (active.ok() && active->version <= act.through) {
      return Refuse(Reason::kWithdrawn, act.agency, "parties");
    }
  }
  return absl::OkStatus();
}

absl::Status CheckKnown(Transaction& transaction, const LedgerLog& ledgers,
                        absl::string_view ledger, const v1::KnownView& known) {
  const absl::StatusOr<PartOfLedger> newest =
      ledgers.Newest(transaction, ledger);
  if (!newest.ok()) return newest.status();
  const auto part = policy::ParsePartName(newest->name);
  if (!part.ok()) return part.status();
  if (known.part() < part->part) {
    return Refuse(Reason::kLedgerContinued,
                  absl::StrCat("it goes on as ", newest->name));
  }
  const absl::StatusOr<SignedHead> head =
      ledgers.Head(transaction, newest->name);
  if (!head.ok()) return head.status();
  if (known.part() > part->part) {
    return Refuse(Reason::kStaleView,
                  absl::StrCat("the caller has seen ",
                               policy::PartName(ledger, known.part()),
                               " and the broker has ", newest->name,
                               ": one of the two was put back to an older "
                               "copy"));
  }
  if (known.size() <= head->size) return absl::OkStatus();
  return Refuse(
      Reason::kStaleView,
      absl::StrCat("the caller has seen ", known.size(),
                   " entries of the ledger and the broker has ", head->size,
                   ": one of the two was put back to an older copy"));
}

std::string LedgerFor(const policy::Register& known, absl::string_view id,
                      absl::string_view agency) {
  const policy::AgreementRecord* record = known.Find(id);
  return record != nullptr && record->IsParty(agency)
             ? std::string(id)
             : std::string(kBrokerLedger);
}

}  // namespace entente::broker

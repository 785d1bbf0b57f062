#include "broker/agreement_state.h"

#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "broker/readers.h"
#include "broker/rpc/refusal.h"
#include "broker/store/acts_table.h"
#include "broker/store/agencies_table.h"
#include "broker/store/agreements_table.h"
#include "policy/ledger_part.h"
#include "policy/overarching.h"
#include "policy/review.h"

namespace entente::broker {

using policy::Reason;

namespace {

using Compiled = std::shared_ptr<const policy::CompiledAgreement>;

std::string SuspendedBy(absl::Span<const std::string> agencies) {
  return absl::StrCat("suspended by ", absl::StrJoin(agencies, ", "));
}

// One version of `record`, which names `agency`.
absl::StatusOr<Compiled> JudgeVersion(const policy::Register& known,
                                      const policy::AgreementRecord& record,
                                      const policy::VersionRecord& version,
                                      const std::string& agency,
                                      absl::Time now) {
  const policy::CompiledAgreement& agreement = *version.agreement;
  const int64_t number = agreement.document().version;
  if (now >= record.SupersededFrom(number, now)) {
    return Refuse(Reason::kVersionSuperseded, record.VersionInForce(now),
                  "version");
  }
  if (!version.missing.empty()) return Refuse(Reason::kNotFullySigned, "");
  if (!version.activated && now >= agreement.from()) {
    return Refuse(Reason::kNotActive, "");
  }
  if (now < agreement.from()) return Refuse(Reason::kNotYetValid, "", "valid");
  if (now >= agreement.until()) return Refuse(Reason::kExpired, "", "valid");
  for (const policy::Review& review :
       policy::OverdueReviews(agreement.document(), now)) {
    return Refuse(Reason::kReviewOverdue,
                  absl::StrCat(review.what, " was due by ",
                               absl::FormatCivilTime(review.due)),
                  review.clause);
  }
  if (record.IsSuspended(number)) {
    return Refuse(Reason::kSuspended, SuspendedBy(record.SuspendedBy(number)));
  }
  if (record.WaitsForWitnesses(number)) {
    return Refuse(Reason::kWitnessesMissing, "", "witness");
  }
  if (record.HasWithdrawn(agency, number)) {
    return Refuse(Reason::kWithdrawn, agency, "parties");
  }
  const std::string fault =
      policy::OverarchingOf(known, now, agreement.document(),
                            {agency, "", agency})
          .fault;
  if (!fault.empty()) return Refuse(Reason::kParentNotInForce, fault, "under");
  return version.agreement;
}

// What the rows say against an act of `caller` under one agreement.
absl::Status CheckActs(Transaction& transaction, absl::string_view caller,
                       const policy::CompiledAgreement& agreement,
                       const Route& route) {
  const policy::Agreement& document = agreement.document();
  const absl::StatusOr<AgreementRow> highest =
      AgreementsTable(transaction).GetHighest(document.id);
  if (absl::IsNotFound(highest.status())) {
    return Refuse(Reason::kNoAgreement, "");
  }
  if (!highest.ok()) return highest.status();
  if (highest->state == AgreementState::kTerminated) {
    return Refuse(Reason::kTerminated, "it has been ended");
  }
  const auto acts = ActsTable(transaction).Standing(document.id);
  if (!acts.ok()) return acts.status();
  policy::AgreementRecord record;
  for (const ActRow& act : *acts) {
    if (act.kind == certs::ActKind::kWithdraw) {
      record.withdrawn[act.agency] = act.through;
    }
  }
  for (const ActRow& act : *acts) {
    const bool left = record.HasWithdrawn(act.agency, document.version);
    if (act.kind == certs::ActKind::kSuspend && agreement.IsParty(act.agency)) {
      return Refuse(Reason::kSuspended, SuspendedBy({act.agency}));
    }
    if (act.kind == certs::ActKind::kSuspendSending &&
        act.agency == route.sender) {
      return Refuse(Reason::kSuspendedBySender, act.agency);
    }
    if (left && (act.agency == route.sender || act.agency == route.recipient ||
                 act.agency == caller)) {
      return Refuse(Reason::kWithdrawn, act.agency, "parties");
    }
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<std::shared_ptr<const policy::CompiledAgreement>> InForce(
    const policy::Register& known, absl::string_view id, int64_t version,
    absl::string_view agency, absl::Time now) {
  const policy::AgreementRecord* record = known.Find(id);
  if (agency.empty() || record == nullptr || !record->IsParty(agency)) {
    return Refuse(Reason::kNoAgreement, "");
  }
  if (record->terminated) return Refuse(Reason::kTerminated, "");
  const std::string caller(agency);
  if (version != 0) {
    const auto found = record->versions.find(version);
    if (found == record->versions.end()) {
      return Refuse(Reason::kVersionUnknown, record->VersionInForce(now));
    }
    return found->second.agreement->IsParty(agency)
               ? JudgeVersion(known, *record, found->second, caller, now)
               : Refuse(Reason::kNoAgreement, "");
  }
  absl::Status refusal = Refuse(Reason::kNotActive, "");
  bool judged = false;
  for (auto it = record->versions.rbegin(); it != record->versions.rend();
       ++it) {
    const policy::VersionRecord& one = it->second;
    if (!one.activated || now < one.agreement->from() ||
        !one.agreement->IsParty(agency)) {
      continue;
    }
    auto in_force = JudgeVersion(known, *record, one, caller, now);
    if (in_force.ok()) return in_force;
    // That of the newest says most.
    if (!judged) refusal = in_force.status();
    judged = true;
  }
  const policy::VersionRecord* const newest = HighestFor(*record, agency);
  if (judged || newest == nullptr) return refusal;
  // None has begun: what the newest waits for.
  auto waiting = JudgeVersion(known, *record, *newest, caller, now);
  return waiting.ok() ? refusal : waiting.status();
}

absl::Status CheckStored(Transaction& transaction,
                         const policy::Register& known, absl::Time now,
                         const Caller& caller,
                         const policy::CompiledAgreement& agreement,
                         const Route& route) {
  const absl::StatusOr<bool> revoked =
      AgenciesTable(transaction).IsRevoked(caller.fingerprint, caller.agency());
  if (!revoked.ok()) return revoked.status();
  if (*revoked) return Refuse(Reason::kCertificateRevoked, "");
  absl::Status stored =
      CheckActs(transaction, caller.agency(), agreement, route);
  if (!stored.ok()) return stored;
  const policy::Overarching above =
      policy::OverarchingOf(known, now, agreement.document(),
                            {caller.agency(), route.sender, route.recipient});
  for (const auto& parent : above.in_force) {
    stored = CheckActs(transaction, caller.agency(), *parent, route);
    if (stored.ok()) continue;
    const std::vector<Condition> why = ConditionsOf(stored);
    if (why.empty()) return stored;
    return Refuse(Reason::kParentNotInForce,
                  absl::StrCat(parent->document().id, ": ", why.front().reason,
                               " ", why.front().detail),
                  "under");
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

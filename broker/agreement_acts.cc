// The part of AgreementsService by which an agreement that stands is suspended,
// resumed and left.
#include <algorithm>
#include <initializer_list>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "broker/agreement_loader.h"
#include "broker/agreements_service.h"
#include "broker/grant_steps.h"
#include "broker/readers.h"
#include "broker/rpc/refusal.h"
#include "broker/store/acts_table.h"
#include "broker/store/agreements_table.h"
#include "broker/transition.h"
#include "certs/agreement_act.h"
#include "crypto/hex.h"

namespace entente::broker {
namespace {

using certs::ActKind;
using policy::EntryKind;
using policy::Reason;

EntryKind EntryOf(ActKind kind) {
  switch (kind) {
    case ActKind::kSuspend:
    case ActKind::kSuspendSending:
      return EntryKind::kAgreementSuspended;
    case ActKind::kResume:
      return EntryKind::kAgreementResumed;
    case ActKind::kWithdraw:
      break;
  }
  return EntryKind::kAgreementWithdrawn;
}

absl::Status BadAct(absl::string_view why) {
  return Refuse(Reason::kBadSignature, why);
}

// The act in `envelope`, checked to be the caller's own, of now, about
// `record`, and of the kind of the call.
absl::StatusOr<certs::SignedAct> ReadCallersAct(
    const Caller& caller, const policy::AgreementRecord& record,
    absl::string_view envelope, EntryKind expected, absl::Time now) {
  if (envelope.size() > kMaxActEnvelopeBytes) {
    return BadAct("the envelope is larger than 64 KiB");
  }
  const auto parsed = crypto::ParseEnvelope(envelope);
  if (!parsed.ok()) return BadAct(parsed.status().message());
  const auto claimed = certs::ParseAgreementAct(parsed->payload);
  if (!claimed.ok()) return BadAct(claimed.status().message());
  if (claimed->agreement != record.id || EntryOf(claimed->kind) != expected) {
    return Refuse(Reason::kBadRequest,
                  "what is signed is another act than the one asked for");
  }
  if (claimed->agency != caller.agency()) {
    return Refuse(Reason::kNotYourAgency, "");
  }
  const auto version = record.versions.find(claimed->version);
  if (version == record.versions.end() ||
      crypto::ToHex(version->second.agreement->digest()) != claimed->digest) {
    return Refuse(Reason::kBadRequest,
                  "what is signed names no version that there is");
  }
  const auto& parties = version->second.agreement->document().parties;
  const auto party = parties.find(caller.agency());
  if (party == parties.end()) {
    return Refuse(Reason::kBadRequest,
                  "what is signed names a version without your agency");
  }
  auto act = certs::VerifyAgreementAct(*parsed, party->second.root);
  if (!act.ok()) return BadAct(act.status().message());
  if (act->signer.identity.ToUri() != caller.uri) {
    return BadAct("the signature is not the caller's own");
  }
  const absl::Duration apart = now - act->act.signed_at;
  if (apart > certs::kMaxActAge || apart < -certs::kMaxActAge) {
    return BadAct(absl::StrCat(
        "it was signed at ",
        absl::FormatTime(act->act.signed_at, absl::UTCTimeZone()),
        ", more than 10 minutes from the broker's ",
        absl::FormatTime(now, absl::UTCTimeZone()), ": check the clock"));
  }
  return act;
}

void DescribeAct(const certs::SignedAct& signed_act,
                 policy::LedgerEntry* entry) {
  const certs::AgreementAct& act = signed_act.act;
  entry->version = act.version;
  entry->digest = act.digest;
  entry->subject = signed_act.digest;
  entry->detail["act"] = std::string(certs::ActName(act.kind));
  entry->detail["agency"] = act.agency;
  entry->detail["reason"] = act.reason;
  if (!act.lifts.empty()) entry->detail["lifts"] = act.lifts;
  if (act.kind != ActKind::kWithdraw) return;
  entry->detail["notice_days"] = absl::StrCat(act.notice_days);
  entry->detail["notice_until"] = absl::FormatTime(
      "%E4Y-%m-%d", entry->time + absl::Hours(24) * act.notice_days,
      absl::UTCTimeZone());
}

// The suspension that `act` lifts, which must be its agency's own. ALREADY_DONE
// if it was lifted.
absl::StatusOr<ActRow> FindLifted(ActsTable& table,
                                  const certs::AgreementAct& act,
                                  const policy::AgreementRecord& record,
                                  absl::Time now) {
  const auto legal = [&] { return StateAndLegalActs(record, act.agency, now); };
  const auto digest = crypto::FromHex(act.lifts);
  if (!digest.ok()) return digest.status();
  auto row = table.Get(act.agreement, *digest);
  if (absl::IsNotFound(row.status()) ||
      (row.ok() && row->kind != ActKind::kSuspend &&
       row->kind != ActKind::kSuspendSending)) {
    return Refuse(Reason::kNotLegalNow,
                  absl::StrCat("there is no such suspension; ", legal()));
  }
  if (!row.ok()) return row.status();
  if (row->agency != act.agency) {
    return Refuse(Reason::kNotImposedByYou,
                  absl::StrCat("it is ", row->agency, "'s; ", legal()));
  }
  if (!row->stands) {
    return Refuse(Reason::kAlreadyDone,
                  absl::StrCat("the suspension was lifted before; ", legal()));
  }
  return row;
}

// After a withdrawal that leaves no two parties: no version goes on.
absl::Status EndVersions(Transaction& transaction, const std::string& id,
                         uint32_t highest) {
  AgreementsTable table(transaction);
  for (uint32_t version = 1; version <= highest; ++version) {
    const auto row = table.Get(id, version);
    if (!row.ok()) return row.status();
    if (row->state == AgreementState::kSuperseded) continue;
    const absl::Status ended =
        table.SetState(id, version, AgreementState::kTerminated);
    if (!ended.ok()) return ended;
  }
  return absl::OkStatus();
}

// Ends the effect of all that the agency of `act` did before: who leaves holds
// nobody up, and who came back with a later version leaves once more. Names
// them.
absl::StatusOr<std::vector<std::string>> LiftAll(
    ActsTable& table, const certs::AgreementAct& act) {
  const auto standing = table.Standing(act.agreement);
  if (!standing.ok()) return standing.status();
  std::vector<std::string> names;
  for (const ActRow& row : *standing) {
    if (row.agency != act.agency) continue;
    const absl::Status lifted = table.Lift(act.agreement, row.digest);
    if (!lifted.ok()) return lifted;
    names.emplace_back(certs::ActName(row.kind));
  }
  return names;
}

// Lets `act` have its effect, on what stood before it in `record`.
absl::Status Apply(Transaction& transaction, const certs::AgreementAct& act,
                   policy::AgreementRecord record, absl::Time now,
                   policy::LedgerEntry* entry) {
  ActsTable table(transaction);
  ActKind kind = act.kind;
  if (act.kind == ActKind::kResume) {
    const auto lifted = FindLifted(table, act, record, now);
    if (!lifted.ok()) return lifted.status();
    kind = lifted->kind;
  }
  if (absl::Status legal = CheckTransition(record, act, kind, now);
      !legal.ok()) {
    return legal;
  }
  if (act.kind == ActKind::kResume) {
    const auto digest = crypto::FromHex(act.lifts);
    return digest.ok() ? table.Lift(act.agreement, *digest) : digest.status();
  }
  if (act.kind != ActKind::kWithdraw) return absl::OkStatus();
  const auto lifted = LiftAll(table, act);
  if (!lifted.ok()) return lifted.status();
  if (!lifted->empty()) entry->detail["lifted"] = absl::StrJoin(*lifted, ", ");
  const int64_t highest = record.versions.rbegin()->first;
  record.withdrawn[act.agency] = highest;
  if (PartiesLeft(record, now) >= 2) return absl::OkStatus();
  entry->detail["ended"] = "true";
  return EndVersions(transaction, act.agreement,
                     static_cast<uint32_t>(highest));
}

}  // namespace

absl::StatusOr<std::vector<PendingEntry>> AgreementsService::WriteAct(
    Transaction& transaction, const Caller& caller,
    const certs::SignedAct& signed_act, absl::string_view envelope,
    const policy::LedgerEntry& entry, absl::optional<uint64_t>* earlier) const {
  const certs::AgreementAct& act = signed_act.act;
  for (const std::string& shown :
       {caller.fingerprint, signed_act.signer.fingerprint}) {
    if (absl::Status held = CheckNotRevoked(transaction, caller, shown);
        !held.ok()) {
      return held;
    }
  }
  const auto digest = crypto::FromHex(signed_act.digest);
  if (!digest.ok()) return digest.status();
  ActsTable table(transaction);
  const auto before = table.Get(act.agreement, *digest);
  if (before.ok() && (before->stands || act.kind == ActKind::kResume)) {
    *earlier = before->entry;
    return std::vector<PendingEntry>();
  }
  if (!before.ok() && !absl::IsNotFound(before.status())) {
    return before.status();
  }
  const auto snapshot = context_.agreements->Get();
  auto record = ReadAgreementRecord(transaction, act.agreement,
                                    snapshot->Find(act.agreement));
  if (!record.ok()) return record.status();
  if (before.ok()) {
    return Refuse(
        Reason::kAlreadyDone,
        absl::StrCat("this act was done, and lifted since; ",
                     StateAndLegalActs(*record, act.agency, entry.time)));
  }
  const uint32_t highest =
      static_cast<uint32_t>(record->versions.rbegin()->first);
  policy::LedgerEntry line = entry;
  if (absl::Status applied =
          Apply(transaction, act, *std::move(record), entry.time, &line);
      !applied.ok()) {
    return applied;
  }
  const absl::Span<const uint8_t> bytes = crypto::AsBytes(envelope);
  const absl::Status kept = table.Insert({act.agreement,
                                          *digest,
                                          act.kind,
                                          act.agency,
                                          caller.uri,
                                          act.reason,
                                          highest,
                                          {bytes.begin(), bytes.end()},
                                          entry.time,
                                          act.kind != ActKind::kResume,
                                          absl::nullopt});
  if (!kept.ok()) return kept;
  auto pending = Recorder::Pending(act.agreement, std::move(line));
  if (!pending.ok()) return pending.status();
  pending->appended = [id = act.agreement, digest = *digest](
                          Transaction& inside, uint64_t index) {
    return ActsTable(inside).SetEntry(id, digest, index);
  };
  std::vector<PendingEntry> entries = {*std::move(pending)};
  if (act.kind == ActKind::kResume) return entries;
  auto ended = EndGrants(
      transaction, context_, act.agreement,
      act.kind == ActKind::kSuspendSending ? act.agency : std::string(),
      certs::ActName(act.kind), entry.time);
  if (!ended.ok()) return ended.status();
  for (PendingEntry& one : *ended) entries.push_back(std::move(one));
  return entries;
}

absl::Status AgreementsService::Act(const Caller& caller, const std::string& id,
                                    absl::string_view envelope, EntryKind kind,
                                    std::string* state, v1::Receipt* receipt) {
  policy::LedgerEntry entry = context_.recorder->Allowed(kind, caller);
  entry.agreement = id;
  const auto snapshot = context_.agreements->Get();
  const policy::AgreementRecord* record = snapshot->Find(id);
  if (record == nullptr || !record->IsParty(caller.agency())) {
    return Refused(caller, std::move(entry), Refuse(Reason::kNoAgreement, ""));
  }
  const auto act =
      ReadCallersAct(caller, *record, envelope, kind, context_.clock->Now());
  if (!act.ok()) return Refused(caller, std::move(entry), act.status());
  DescribeAct(*act, &entry);
  absl::optional<uint64_t> earlier;
  const auto written = context_.recorder->Run([&](Transaction& transaction) {
    return WriteAct(transaction, caller, *act, envelope, entry, &earlier);
  });
  if (!written.ok()) {
    return Refused(caller, std::move(entry), written.status());
  }
  if (absl::Status loaded = ReloadAgreement(context_, id); !loaded.ok()) {
    return loaded;
  }
  if (absl::Status ended = ReloadGrants(context_, id); !ended.ok()) {
    return ended;
  }
  const auto after = context_.agreements->Get();
  const absl::Time now = context_.clock->Now();
  const policy::AgreementRecord& changed = *after->Find(id);
  *state = std::string(StateName(
      changed,
      VersionFor(changed, caller.agency(), now)->agreement->document().version,
      now));
  if (written->empty()) {
    if (!earlier.has_value()) return absl::DataLossError("an act has no entry");
    return context_.receipts->Fill(id, *earlier, v1::KnownView(), receipt);
  }
  return context_.receipts->Fill(written->front(), v1::KnownView(), receipt);
}

absl::Status AgreementsService::Suspend(
    const Caller& caller, const v1::SuspendAgreementRequest& request,
    v1::SuspendAgreementResponse* response) {
  return Act(caller, request.agreement(), request.envelope(),
             EntryKind::kAgreementSuspended, response->mutable_state(),
             response->mutable_receipt());
}

absl::Status AgreementsService::Resume(
    const Caller& caller, const v1::ResumeAgreementRequest& request,
    v1::ResumeAgreementResponse* response) {
  return Act(caller, request.agreement(), request.envelope(),
             EntryKind::kAgreementResumed, response->mutable_state(),
             response->mutable_receipt());
}

absl::Status AgreementsService::Withdraw(
    const Caller& caller, const v1::WithdrawAgreementRequest& request,
    v1::WithdrawAgreementResponse* response) {
  return Act(caller, request.agreement(), request.envelope(),
             EntryKind::kAgreementWithdrawn, response->mutable_state(),
             response->mutable_receipt());
}

}  // namespace entente::broker

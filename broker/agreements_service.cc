#include "broker/agreements_service.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "broker/activation.h"
#include "broker/grant_steps.h"
#include "broker/instants.h"
#include "broker/readers.h"
#include "broker/rpc/refusal.h"
#include "broker/store/acts_table.h"
#include "broker/store/agencies_table.h"
#include "broker/store/agreements_table.h"
#include "broker/store/keys_table.h"
#include "broker/transition.h"

namespace entente::broker {
namespace {

using policy::EntryKind;
using policy::Reason;

}  // namespace

absl::StatusOr<int> PageSize(int asked) {
  if (asked < 0) {
    return Refuse(Reason::kBadRequest, "page_size must not be negative");
  }
  return asked == 0 ? kDefaultPage : std::min(asked, kMaxPage);
}

absl::Status AgreementsService::Refused(const Caller& caller,
                                        policy::LedgerEntry entry,
                                        const absl::Status& refusal) const {
  if (ConditionsOf(refusal).empty()) return refusal;
  const auto snapshot = context_.agreements->Get();
  const policy::AgreementRecord* record = snapshot->Find(entry.agreement);
  const bool party = record != nullptr && record->IsParty(caller.agency());
  return context_.recorder->Refused(
      party ? absl::string_view(record->id) : kBrokerLedger, std::move(entry),
      refusal);
}

absl::Status AgreementsService::CheckNotRevoked(
    Transaction& transaction, const Caller& caller,
    const std::string& fingerprint) {
  const auto revoked =
      AgenciesTable(transaction).IsRevoked(fingerprint, caller.agency());
  if (!revoked.ok()) return revoked.status();
  return *revoked ? Refuse(Reason::kCertificateRevoked, "") : absl::OkStatus();
}

absl::Status AgreementsService::Admit(const Caller& caller,
                                      const std::string& id) const {
  if (MayRead(context_.agreements->Get()->Find(id), caller.agency())) {
    return absl::OkStatus();
  }
  policy::LedgerEntry entry =
      context_.recorder->Allowed(EntryKind::kRefusedCall, caller);
  entry.agreement = id;
  return context_.recorder->Refused(kBrokerLedger, std::move(entry),
                                    Refuse(Reason::kNoAgreement, ""));
}

absl::Status AgreementsService::Get(const Caller& caller,
                                    const v1::GetAgreementRequest& request,
                                    v1::GetAgreementResponse* response) {
  if (absl::Status admitted = Admit(caller, request.agreement());
      !admitted.ok()) {
    return admitted;
  }
  const absl::Time now = context_.clock->Now();
  const auto snapshot = context_.agreements->Get();
  const policy::AgreementRecord& record = *snapshot->Find(request.agreement());
  const int64_t version = request.version() == 0
                              ? VersionFor(record, caller.agency(), now)
                                    ->agreement->document()
                                    .version
                              : request.version();
  if (!MayReadVersion(record, version, caller.agency())) {
    return Refuse(Reason::kNoAgreement, "");
  }
  const policy::VersionRecord& found = record.versions.at(version);
  absl::optional<uint64_t> activation;
  const absl::Status read =
      context_.store->Read([&](Transaction& transaction) -> absl::Status {
        AgreementsTable table(transaction);
        const auto row = table.Get(record.id, static_cast<uint32_t>(version));
        if (!row.ok()) return row.status();
        const auto signatures = table.Signatures(record.id, row->version);
        if (!signatures.ok()) return signatures.status();
        response->set_document(row->document.data(), row->document.size());
        for (const SignatureRow& line : *signatures) {
          response->add_envelopes(line.envelope.data(), line.envelope.size());
          v1::SignatureNote* note = response->add_notes();
          SetTimestamp(line.signed_at, note->mutable_sign_time());
          note->set_diff(line.diff.data(), line.diff.size());
        }
        SetTimestamp(row->proposed, response->mutable_propose_time());
        activation = row->activation_entry;
        const auto newest = context_.ledgers->Newest(transaction, record.id);
        if (newest.ok()) response->set_newest_part(newest->name);
        // A ledger that was refused at start has no part to show.
        if (!newest.ok() && !absl::IsFailedPrecondition(newest.status())) {
          return newest.status();
        }
        return absl::OkStatus();
      });
  if (!read.ok()) return read;
  if (absl::Status filled =
          FillActs(record.id, static_cast<uint32_t>(version), response);
      !filled.ok()) {
    return filled;
  }
  response->set_state(std::string(StateName(record, version, now)));
  FillNotices(context_, record.id, response->mutable_break_glass());
  for (const std::string& line : found.missing) {
    response->add_missing(line);
  }
  if (!activation.has_value()) return absl::OkStatus();
  if (absl::Status filled =
          context_.receipts->Fill(record.id, *activation, v1::KnownView(),
                                  response->mutable_activation());
      !filled.ok()) {
    return filled;
  }
  const auto entry = policy::ParseEntry(response->activation().entry());
  if (!entry.ok()) return entry.status();
  const auto manifest = crypto::FromHex(entry->manifest);
  if (!manifest.ok()) return manifest.status();
  response->set_manifest_digest(manifest->data(), manifest->size());
  return absl::OkStatus();
}

absl::Status AgreementsService::FillActs(
    const std::string& id, uint32_t version,
    v1::GetAgreementResponse* response) const {
  std::vector<ActRow> rows;
  const absl::Status read =
      context_.store->Read([&](Transaction& transaction) -> absl::Status {
        auto standing = ActsTable(transaction).Standing(id);
        if (!standing.ok()) return standing.status();
        rows = *std::move(standing);
        return absl::OkStatus();
      });
  if (!read.ok()) return read;
  for (const ActRow& row : rows) {
    if (row.kind == certs::ActKind::kWithdraw && row.through < version) {
      continue;
    }
    if (!row.entry.has_value()) return absl::DataLossError("an act, no entry");
    v1::StandingAct* act = response->add_acts();
    act->set_envelope(row.envelope.data(), row.envelope.size());
    const absl::Status filled = context_.receipts->Fill(
        id, *row.entry, v1::KnownView(), act->mutable_receipt());
    if (!filled.ok()) return filled;
  }
  return absl::OkStatus();
}

absl::Status AgreementsService::List(const Caller& caller,
                                     const v1::ListAgreementsRequest& request,
                                     v1::ListAgreementsResponse* response) {
  const auto limit = PageSize(request.page_size());
  if (!limit.ok()) return limit.status();
  if (caller.agency().empty()) return absl::OkStatus();
  std::vector<AgreementRow> rows;
  const absl::Status read =
      context_.store->Read([&](Transaction& transaction) -> absl::Status {
        auto found =
            AgreementsTable(transaction)
                .ListOf(caller.agency(), request.page_token(), *limit + 1);
        if (!found.ok()) return found.status();
        rows = *std::move(found);
        return absl::OkStatus();
      });
  if (!read.ok()) return read;
  if (rows.size() > static_cast<size_t>(*limit)) {
    rows.pop_back();
    response->set_next_page_token(rows.back().id);
  }
  const absl::Time now = context_.clock->Now();
  const auto snapshot = context_.agreements->Get();
  for (const AgreementRow& row : rows) {
    // A proposal that was committed a moment ago may not be in memory yet.
    const policy::AgreementRecord* record = snapshot->Find(row.id);
    if (record == nullptr) continue;
    const auto version = record->versions.find(row.version);
    if (version == record->versions.end()) continue;
    const policy::CompiledAgreement& agreement = *version->second.agreement;
    v1::ListedAgreement* listed = response->add_agreements();
    listed->set_agreement(row.id);
    listed->set_version(row.version);
    listed->set_title(agreement.document().title);
    listed->set_state(std::string(StateName(*record, row.version, now)));
    listed->set_digest(row.digest.data(), row.digest.size());
    SetTimestamp(agreement.from(), listed->mutable_from_time());
    SetTimestamp(agreement.until(), listed->mutable_until_time());
    FillNotices(context_, row.id, listed->mutable_break_glass());
  }
  return absl::OkStatus();
}

absl::Status AgreementsService::GetManifest(
    const Caller& caller, const v1::GetManifestRequest& request,
    v1::GetManifestResponse* response) {
  if (absl::Status admitted = Admit(caller, request.agreement());
      !admitted.ok()) {
    return admitted;
  }
  const auto snapshot = context_.agreements->Get();
  const policy::AgreementRecord& record = *snapshot->Find(request.agreement());
  const policy::VersionRecord& own =
      *VersionFor(record, caller.agency(), context_.clock->Now());
  absl::optional<uint64_t> entry;
  const absl::Status read =
      context_.store->Read([&](Transaction& transaction) -> absl::Status {
        KeysTable table(transaction);
        const auto row =
            request.manifest_digest().empty()
                ? table.GetManifestInForce(
                      request.agreement(),
                      static_cast<uint32_t>(own.agreement->document().version))
                : table.GetManifest(crypto::AsBytes(request.manifest_digest()));
        if (absl::IsNotFound(row.status()) ||
            (row.ok() &&
             (row->agreement != request.agreement() ||
              !MayReadVersion(record, row->version, caller.agency())))) {
          return Refuse(Reason::kManifestUnknown,
                        "the agreement has no such key manifest");
        }
        if (!row.ok()) return row.status();
        response->set_manifest(row->content.data(), row->content.size());
        entry = row->entry;
        return absl::OkStatus();
      });
  if (!read.ok()) return read;
  if (!entry.has_value()) {
    return absl::DataLossError("a key manifest without its entry");
  }
  return context_.receipts->Fill(request.agreement(), *entry, v1::KnownView(),
                                 response->mutable_receipt());
}

absl::StatusOr<bool> AgreementsService::TryActivate(absl::string_view id,
                                                    uint32_t version) {
  return broker::TryActivate(context_, id, version);
}

absl::Status AgreementsService::ActivateDue() {
  absl::Status done = broker::ActivateDue(context_);
  done.Update(overdue_.NoteAll(context_));
  return done;
}

}  // namespace entente::broker

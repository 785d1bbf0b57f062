#include "broker/agreements_service.h"

#include <algorithm>
#include <limits>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "broker/activation.h"
#include "broker/agreement_loader.h"
#include "broker/instants.h"
#include "broker/readers.h"
#include "broker/rpc/refusal.h"
#include "broker/store/agencies_table.h"
#include "broker/store/keys_table.h"
#include "certs/signed_document.h"
#include "crypto/sha.h"
#include "policy/canonical.h"
#include "policy/check.h"

namespace entente::broker {
namespace {

using policy::EntryKind;
using policy::Reason;

absl::Status NoAgreement() { return Refuse(Reason::kNoAgreement, ""); }

// Whether the certificate was revoked since the gate let the call in.
absl::Status CheckNotRevoked(Transaction& transaction, const Caller& caller,
                             const std::string& fingerprint) {
  const auto revoked =
      AgenciesTable(transaction).IsRevoked(fingerprint, caller.agency());
  if (!revoked.ok()) return revoked.status();
  return *revoked ? Refuse(Reason::kCertificateRevoked, "") : absl::OkStatus();
}

// The SHA-256 of the key that made a stored envelope's one signature, hex.
absl::StatusOr<std::string> SignerSpki(absl::Span<const uint8_t> envelope) {
  const auto parsed = crypto::ParseEnvelope(crypto::AsText(envelope));
  if (!parsed.ok()) return absl::DataLossError(parsed.status().message());
  const auto chain =
      certs::Certificate::ChainFromPem(parsed->signatures.at(0).chain);
  if (!chain.ok()) return absl::DataLossError(chain.status().message());
  return chain->front().SpkiSha256();
}

// Roots that the document names for agencies that are registered with another.
absl::Status CheckRoots(Transaction& transaction,
                        const policy::Agreement& document) {
  std::vector<std::pair<std::string, std::string>> named;
  for (const auto& [agency, party] : document.parties) {
    named.emplace_back(absl::StrCat("parties.", agency), party.root);
  }
  for (const auto& [agency, overseer] : document.overseers) {
    named.emplace_back(absl::StrCat("overseers.", agency), overseer.root);
  }
  for (const auto& [path, root] : named) {
    const auto row =
        AgenciesTable(transaction).Get(path.substr(path.find('.') + 1));
    if (absl::IsNotFound(row.status())) continue;
    if (!row.ok()) return row.status();
    if (row->root_digest != root) {
      return Refuse(Reason::kDocumentRefused,
                    "the agency is registered with another root",
                    absl::StrCat(path, ".root"));
    }
  }
  return absl::OkStatus();
}

// Whether the version before `document` is there with the digest it names.
absl::Status CheckPrevious(Transaction& transaction,
                           const policy::Agreement& document) {
  if (document.version == 1) return absl::OkStatus();
  const auto previous =
      AgreementsTable(transaction)
          .Get(document.id, static_cast<uint32_t>(document.version - 1));
  if (!previous.ok() && !absl::IsNotFound(previous.status())) {
    return previous.status();
  }
  if (!previous.ok() || crypto::ToHex(previous->digest) != document.previous) {
    return Refuse(Reason::kPreviousMismatch, "", "previous");
  }
  return absl::OkStatus();
}

// Whether the key has filled `line` before. SIGNED_DIFFERENTLY if another key
// has; BAD_SIGNATURE if this one has filled another line.
absl::StatusOr<bool> IsRepeated(const std::vector<SignatureRow>& signatures,
                                const policy::Signatory& line,
                                const std::string& spki) {
  bool repeated = false;
  for (const SignatureRow& other : signatures) {
    const auto key = SignerSpki(other.envelope);
    if (!key.ok()) return key.status();
    const bool own = other.party == line.party && other.role == line.role &&
                     other.name == line.name;
    if (own && *key != spki) {
      return Refuse(Reason::kSignedDifferently, "", "signatories");
    }
    if (!own && *key == spki) {
      return Refuse(Reason::kBadSignature,
                    "the key has filled another line of this version",
                    "signatories");
    }
    repeated |= own;
  }
  return repeated;
}

// The line that the caller may fill; null if there is none.
const policy::Signatory* LineOf(const policy::Agreement& document,
                                const certs::Identity& identity) {
  for (const policy::Signatory& line : document.signatories) {
    if (line.party == identity.agency && line.name == identity.name) {
      return &line;
    }
  }
  return nullptr;
}

// Who signed `envelope`, checked to be the caller, for exactly this document.
absl::StatusOr<certs::Signer> CheckEnvelope(const Caller& caller,
                                            const policy::Agreement& document,
                                            absl::Span<const uint8_t> bytes,
                                            absl::string_view envelope,
                                            absl::Time now) {
  const auto refuse = [](absl::string_view why) {
    return Refuse(Reason::kBadSignature, why);
  };
  if (envelope.size() > kMaxAgreementEnvelopeBytes) {
    return refuse("the envelope is larger than 512 KiB");
  }
  const auto parsed = crypto::ParseEnvelope(envelope);
  if (!parsed.ok()) return refuse(parsed.status().message());
  if (parsed->payload_type != certs::kAgreementType) {
    return refuse("the envelope is not one of an agreement");
  }
  if (parsed->payload != crypto::Bytes(bytes.begin(), bytes.end())) {
    return refuse("what is signed is not the document of this version");
  }
  if (parsed->signatures.size() != 1) {
    return refuse("the envelope must hold exactly one signature");
  }
  auto signer =
      certs::VerifySignatory(*parsed, 0, caller.agency(),
                             document.parties.at(caller.agency()).root, now);
  if (!signer.ok()) return refuse(signer.status().message());
  if (signer->identity.ToUri() != caller.uri) {
    return refuse("the signature is not the caller's own");
  }
  return signer;
}

}  // namespace

absl::StatusOr<int> PageSize(int asked) {
  if (asked < 0) {
    return Refuse(Reason::kBadRequest, "page_size must not be negative");
  }
  return asked == 0 ? kDefaultPage : std::min(asked, kMaxPage);
}

absl::string_view StateName(const policy::AgreementRecord& record,
                            int64_t version, absl::Time now) {
  const policy::VersionRecord& at = record.versions.at(version);
  if (record.terminated || now >= at.agreement->until()) return "expired";
  if (at.activated) {
    return now < record.SupersededFrom(version, now) ? "active" : "expired";
  }
  return at.missing.empty() ? "signed" : "proposed";
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

absl::Status AgreementsService::Admit(const Caller& caller,
                                      const std::string& id) const {
  if (MayRead(context_.agreements->Get()->Find(id), caller.agency())) {
    return absl::OkStatus();
  }
  policy::LedgerEntry entry =
      context_.recorder->Allowed(EntryKind::kRefusedCall, caller);
  entry.agreement = id;
  return context_.recorder->Refused(kBrokerLedger, std::move(entry),
                                    NoAgreement());
}

absl::Status AgreementsService::CheckProposal(
    const Caller& caller, const policy::Agreement& document) const {
  if (document.parties.count(caller.agency()) == 0) {
    return Refuse(Reason::kNotAParty, "", "parties");
  }
  if (document.version > std::numeric_limits<uint32_t>::max()) {
    return Refuse(Reason::kDocumentRefused, "the number is too large",
                  "version");
  }
  if (document.broker.name != context_.broker_name) {
    return Refuse(Reason::kWrongBroker, "", "broker.name");
  }
  if (crypto::AsBytes(document.broker.ledger_key) !=
      context_.ledgers->public_key()) {
    return Refuse(Reason::kWrongBroker, "", "broker.ledger_key");
  }
  std::vector<Condition> not_built;
  const policy::ReasonInfo& info = policy::InfoOf(Reason::kNotBuilt);
  for (const policy::Diagnostic& use : policy::NotBuilt(document)) {
    not_built.push_back({std::string(info.code), use.path, use.message,
                         std::string(info.remedy)});
  }
  return not_built.empty() ? absl::OkStatus()
                           : Refuse(info.status, std::move(not_built));
}

absl::StatusOr<std::vector<PendingEntry>> AgreementsService::WriteProposal(
    Transaction& transaction, const Caller& caller,
    const policy::Agreement& document, absl::string_view bytes,
    const policy::LedgerEntry& entry) const {
  if (absl::Status held =
          CheckNotRevoked(transaction, caller, caller.fingerprint);
      !held.ok()) {
    return held;
  }
  const uint32_t version = static_cast<uint32_t>(document.version);
  AgreementsTable table(transaction);
  const crypto::Hash digest = crypto::Sha256(bytes);
  policy::LedgerEntry line = entry;
  const auto known = table.Get(document.id, version);
  if (known.ok() &&
      known->digest == std::vector<uint8_t>(digest.begin(), digest.end())) {
    line.detail["repeated"] = "true";
  } else if (known.ok()) {
    return Refuse(Reason::kVersionExists, "", "version");
  } else if (!absl::IsNotFound(known.status())) {
    return known.status();
  } else {
    absl::Status made = CheckPrevious(transaction, document);
    // Only those whom the agreement concerns may add to it.
    const auto snapshot = context_.agreements->Get();
    const policy::AgreementRecord* record = snapshot->Find(document.id);
    if (made.ok() && version > 1 &&
        (record == nullptr || !record->IsParty(caller.agency()))) {
      made = Refuse(Reason::kPreviousMismatch, "", "previous");
    }
    if (made.ok()) made = CheckRoots(transaction, document);
    if (made.ok() && version == 1) {
      made = context_.ledgers->Create(transaction, document.id);
    }
    std::vector<std::string> readers;
    for (const auto& [agency, party] : document.parties) {
      readers.push_back(agency);
    }
    for (const auto& [agency, overseer] : document.overseers) {
      readers.push_back(agency);
    }
    const absl::Span<const uint8_t> content = crypto::AsBytes(bytes);
    if (made.ok()) {
      made = table.Insert({document.id,
                           version,
                           {content.begin(), content.end()},
                           {digest.begin(), digest.end()},
                           AgreementState::kProposed,
                           caller.uri,
                           entry.time,
                           absl::nullopt,
                           absl::nullopt},
                          readers);
    }
    if (!made.ok()) return made;
  }
  auto pending = Recorder::Pending(document.id, std::move(line));
  if (!pending.ok()) return pending.status();
  return std::vector<PendingEntry>{*std::move(pending)};
}

absl::Status AgreementsService::Propose(
    const Caller& caller, const v1::ProposeAgreementRequest& request,
    v1::ProposeAgreementResponse* response) {
  policy::LedgerEntry entry =
      context_.recorder->Allowed(EntryKind::kAgreementProposed, caller);
  if (request.document().size() > kMaxDocumentBytes) {
    return Refused(caller, std::move(entry),
                   Refuse(Reason::kDocumentRefused,
                          "the document is larger than 256 KiB"));
  }
  const auto document = policy::ParseCanonical(request.document());
  if (!document.ok()) {
    return Refused(
        caller, std::move(entry),
        Refuse(Reason::kDocumentRefused, document.status().message()));
  }
  const crypto::Hash digest = crypto::Sha256(request.document());
  entry.agreement = document->id;
  entry.version = static_cast<uint32_t>(std::min<int64_t>(
      document->version, std::numeric_limits<uint32_t>::max()));
  entry.digest = crypto::ToHex(digest);
  if (absl::Status checked = CheckProposal(caller, *document); !checked.ok()) {
    return Refused(caller, std::move(entry), checked);
  }
  const auto written = context_.recorder->Run([&](Transaction& transaction) {
    return WriteProposal(transaction, caller, *document, request.document(),
                         entry);
  });
  if (!written.ok()) {
    return Refused(caller, std::move(entry), written.status());
  }
  if (absl::Status loaded = ReloadAgreement(context_, document->id);
      !loaded.ok()) {
    return loaded;
  }
  response->set_agreement(document->id);
  response->set_version(static_cast<uint32_t>(document->version));
  response->set_digest(digest.data(), digest.size());
  return context_.receipts->Fill(written->front(), v1::KnownView(),
                                 response->mutable_receipt());
}

absl::StatusOr<std::vector<PendingEntry>> AgreementsService::WriteSignature(
    Transaction& transaction, const Caller& caller,
    const policy::CompiledAgreement& agreement, absl::string_view envelope,
    const policy::LedgerEntry& entry) const {
  const policy::Agreement& document = agreement.document();
  const uint32_t version = static_cast<uint32_t>(document.version);
  AgreementsTable table(transaction);
  const auto row = table.Get(document.id, version);
  if (!row.ok()) return row.status();
  const policy::Signatory* line = LineOf(document, caller.identity);
  if (line == nullptr) return Refuse(Reason::kNotASignatory, "", "signatories");
  const auto signer = CheckEnvelope(caller, document, row->document, envelope,
                                    context_.clock->Now());
  if (!signer.ok()) return signer.status();
  for (const std::string& shown : {caller.fingerprint, signer->fingerprint}) {
    if (absl::Status held = CheckNotRevoked(transaction, caller, shown);
        !held.ok()) {
      return held;
    }
  }
  auto signatures = table.Signatures(document.id, version);
  if (!signatures.ok()) return signatures.status();
  policy::LedgerEntry written = entry;
  const auto repeated = IsRepeated(*signatures, *line, signer->spki);
  if (!repeated.ok()) return repeated.status();
  if (*repeated) {
    written.detail["repeated"] = "true";
  } else {
    const auto without =
        WithoutBundle(transaction, document, context_.clock->Now());
    if (!without.ok()) return without.status();
    if (std::count(without->begin(), without->end(), line->party) != 0) {
      return Refuse(Reason::kNoKeyBundle,
                    absl::StrCat(line->party, " has no key bundle in force"),
                    absl::StrCat("parties.", line->party));
    }
    const absl::Span<const uint8_t> bytes = crypto::AsBytes(envelope);
    SignatureRow added = {line->party,
                          line->role,
                          line->name,
                          {bytes.begin(), bytes.end()},
                          entry.time};
    absl::Status kept = table.InsertSignature(document.id, version, added);
    if (!kept.ok()) return kept;
    signatures->push_back(std::move(added));
    if (row->state == AgreementState::kProposed &&
        MissingLines(document, *signatures).empty()) {
      kept = table.SetState(document.id, version, AgreementState::kSigned);
      if (!kept.ok()) return kept;
    }
  }
  auto pending = Recorder::Pending(document.id, std::move(written));
  if (!pending.ok()) return pending.status();
  return std::vector<PendingEntry>{*std::move(pending)};
}

absl::Status AgreementsService::Sign(const Caller& caller,
                                     const v1::SignAgreementRequest& request,
                                     v1::SignAgreementResponse* response) {
  policy::LedgerEntry entry =
      context_.recorder->Allowed(EntryKind::kAgreementSigned, caller);
  entry.agreement = request.agreement();
  entry.version = request.version();
  const auto snapshot = context_.agreements->Get();
  const policy::AgreementRecord* record = snapshot->Find(request.agreement());
  const auto known =
      record == nullptr
          ? std::map<int64_t, policy::VersionRecord>::const_iterator()
          : record->versions.find(request.version());
  if (record == nullptr || known == record->versions.end() ||
      !known->second.agreement->IsParty(caller.agency())) {
    return Refused(caller, std::move(entry), NoAgreement());
  }
  const policy::CompiledAgreement& agreement = *known->second.agreement;
  entry.digest = crypto::ToHex(agreement.digest());
  const auto written = context_.recorder->Run([&](Transaction& transaction) {
    return WriteSignature(transaction, caller, agreement, request.envelope(),
                          entry);
  });
  if (!written.ok()) {
    return Refused(caller, std::move(entry), written.status());
  }
  if (absl::Status loaded = ReloadAgreement(context_, request.agreement());
      !loaded.ok()) {
    return loaded;
  }
  // The signature stands, whatever keeps the version from coming into force
  // now; the clock's next tick tries again.
  const auto active = TryActivate(request.agreement(), request.version());
  if (!active.ok()) {
    context_.log->Warning("activation_failed",
                          {{"agreement", request.agreement()},
                           {"reason", active.status().message()}});
  }
  response->set_state(active.ok() && *active ? "active" : "signed");
  const auto after = context_.agreements->Get();
  for (const std::string& line : after->Find(request.agreement())
                                     ->versions.at(request.version())
                                     .missing) {
    response->add_missing(line);
  }
  return context_.receipts->Fill(written->front(), v1::KnownView(),
                                 response->mutable_receipt());
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
  int64_t version = request.version();
  if (version == 0) {
    const policy::VersionRecord* current = record.CurrentAt(now);
    version = current == nullptr ? record.versions.rbegin()->first
                                 : current->agreement->document().version;
  }
  const auto found = record.versions.find(version);
  if (found == record.versions.end()) return NoAgreement();
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
        }
        SetTimestamp(row->proposed, response->mutable_propose_time());
        activation = row->activation_entry;
        return absl::OkStatus();
      });
  if (!read.ok()) return read;
  response->set_state(std::string(StateName(record, version, now)));
  for (const std::string& line : found->second.missing) {
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
  absl::optional<uint64_t> entry;
  const absl::Status read =
      context_.store->Read([&](Transaction& transaction) -> absl::Status {
        KeysTable table(transaction);
        const auto row =
            request.manifest_digest().empty()
                ? table.GetManifestInForce(request.agreement())
                : table.GetManifest(crypto::AsBytes(request.manifest_digest()));
        if (absl::IsNotFound(row.status()) ||
            (row.ok() && row->agreement != request.agreement())) {
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
  return broker::ActivateDue(context_);
}

}  // namespace entente::broker

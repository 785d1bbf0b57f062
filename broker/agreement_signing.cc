// The part of AgreementsService that takes signatures.
#include <algorithm>
#include <map>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "broker/activation.h"
#include "broker/agreement_loader.h"
#include "broker/agreements_service.h"
#include "broker/rpc/refusal.h"
#include "broker/transition.h"
#include "certs/signed_document.h"
#include "policy/diff_words.h"
#include "policy/legal_acts.h"

namespace entente::broker {
namespace {

using policy::EntryKind;
using policy::Reason;

// The SHA-256 of the key that made a stored envelope's one signature, hex.
absl::StatusOr<std::string> SignerSpki(absl::Span<const uint8_t> envelope) {
  const auto parsed = crypto::ParseEnvelope(crypto::AsText(envelope));
  if (!parsed.ok()) return absl::DataLossError(parsed.status().message());
  const auto chain =
      certs::Certificate::ChainFromPem(parsed->signatures.at(0).chain);
  if (!chain.ok()) return absl::DataLossError(chain.status().message());
  return chain->front().SpkiSha256();
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

// The digest of what the signatory was shown; empty for version 1.
// DIFF_NOT_SHOWN if it is not what `version` changes.
absl::StatusOr<std::vector<uint8_t>> CheckShown(
    const policy::AgreementRecord& record,
    const v1::SignAgreementRequest& request, absl::Time now) {
  if (request.version() == 1) return std::vector<uint8_t>();
  const policy::Agreement& base =
      DiffBase(record, request.version(), now).agreement->document();
  const std::string against =
      absl::StrCat("what it changes is shown against version ", base.version);
  if (request.diff_base() != base.version) {
    return Refuse(Reason::kDiffNotShown,
                  absl::StrCat(against, ", not ", request.diff_base()));
  }
  const crypto::Hash digest = policy::DiffDigest(
      base, record.versions.at(request.version()).agreement->document());
  if (request.diff_digest() != crypto::AsText(digest)) {
    return Refuse(
        Reason::kDiffNotShown,
        absl::StrCat(against, ", and its digest is ", crypto::ToHex(digest)));
  }
  return std::vector<uint8_t>(digest.begin(), digest.end());
}

// Whether `agency` can still sign `version` at all.
absl::Status CheckSignable(const policy::AgreementRecord& record,
                           const policy::Agreement& document,
                           const std::string& agency, absl::Time now) {
  if (record.terminated) {
    return Refuse(Reason::kTerminated, StateAndLegalActs(record, agency, now));
  }
  if (record.HasWithdrawn(agency, document.version)) {
    return Refuse(
        Reason::kWithdrawn,
        absl::StrCat(agency, "; ", StateAndLegalActs(record, agency, now)),
        "parties");
  }
  return absl::OkStatus();
}

// Whether a signature that is not there yet can still have an effect.
absl::Status CheckInTime(const policy::AgreementRecord& record,
                         const policy::Agreement& document,
                         const std::string& agency, absl::Time now) {
  if (record.IsOpen(document.version, now)) return absl::OkStatus();
  const std::string legal = policy::LegalActsInWords(record, agency, now);
  if (now >= document.valid.UntilInstant()) {
    return Refuse(
        Reason::kExpired,
        absl::StrCat("version ", document.version, " has expired; ", legal),
        "valid.until");
  }
  return Refuse(Reason::kVersionSuperseded,
                absl::StrCat(record.VersionInForce(now), "; ", legal),
                "version");
}

}  // namespace

absl::StatusOr<std::vector<PendingEntry>> AgreementsService::WriteSignature(
    Transaction& transaction, const Caller& caller,
    const policy::CompiledAgreement& agreement,
    const v1::SignAgreementRequest& request,
    const policy::LedgerEntry& entry) const {
  const policy::Agreement& document = agreement.document();
  const uint32_t version = static_cast<uint32_t>(document.version);
  AgreementsTable table(transaction);
  const auto row = table.Get(document.id, version);
  if (!row.ok()) return row.status();
  // What others did meanwhile counts, so the snapshot is not asked.
  const auto snapshot = context_.agreements->Get();
  const auto record = ReadAgreementRecord(transaction, document.id,
                                          snapshot->Find(document.id));
  if (!record.ok()) return record.status();
  const absl::Time now = context_.clock->Now();
  if (absl::Status signable =
          CheckSignable(*record, document, caller.agency(), now);
      !signable.ok()) {
    return signable;
  }
  const policy::Signatory* line = LineOf(document, caller.identity);
  if (line == nullptr) return Refuse(Reason::kNotASignatory, "", "signatories");
  const std::string& envelope = request.envelope();
  const auto signer =
      CheckEnvelope(caller, document, row->document, envelope, now);
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
    if (absl::Status in_time =
            CheckInTime(*record, document, caller.agency(), now);
        !in_time.ok()) {
      return in_time;
    }
    const auto without = WithoutBundle(transaction, document, now);
    if (!without.ok()) return without.status();
    if (std::count(without->begin(), without->end(), line->party) != 0) {
      return Refuse(Reason::kNoKeyBundle,
                    absl::StrCat(line->party, " has no key bundle in force"),
                    absl::StrCat("parties.", line->party));
    }
    auto shown = CheckShown(*record, request, now);
    if (!shown.ok()) return shown.status();
    if (!shown->empty()) {
      written.detail["diff"] = crypto::ToHex(*shown);
      written.detail["diff_base"] = absl::StrCat(request.diff_base());
    }
    const absl::Span<const uint8_t> bytes = crypto::AsBytes(envelope);
    SignatureRow added = {line->party, line->role,
                          line->name,  {bytes.begin(), bytes.end()},
                          entry.time,  *std::move(shown)};
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
    return Refused(caller, std::move(entry), Refuse(Reason::kNoAgreement, ""));
  }
  const policy::CompiledAgreement& agreement = *known->second.agreement;
  entry.digest = crypto::ToHex(agreement.digest());
  const auto written = context_.recorder->Run([&](Transaction& transaction) {
    return WriteSignature(transaction, caller, agreement, request, entry);
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

}  // namespace entente::broker

#include "broker/directory_service.h"

#include <algorithm>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "broker/activation.h"
#include "broker/agreement_loader.h"
#include "broker/agreement_state.h"
#include "broker/grant_steps.h"
#include "broker/held_batches.h"
#include "broker/instants.h"
#include "broker/quorum_state.h"
#include "broker/readers.h"
#include "broker/rpc/refusal.h"
#include "broker/store/mailbox_table.h"
#include "broker/taken_back.h"
#include "broker/transition.h"
#include "certs/signed_document.h"
#include "crypto/hex.h"
#include "crypto/sha.h"
#include "policy/review.h"

namespace entente::broker {
namespace {

using policy::EntryKind;
using policy::Reason;

constexpr size_t kMinLine = 2;
constexpr size_t kMaxLine = 300;

absl::Status BadRequest(absl::string_view what) {
  return Refuse(Reason::kBadRequest, what);
}

bool IsLine(absl::string_view text) {
  return text.size() >= kMinLine && text.size() <= kMaxLine &&
         std::none_of(text.begin(), text.end(), [](char c) {
           return static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
         });
}

bool IsAgencyId(const std::string& agency) {
  const auto identity = certs::Identity::Parse(
      absl::StrCat("spiffe://a.example/agency/", agency, "/system/a"));
  return identity.ok() && identity->agency == agency;
}

// How many of the batches that wait for `agency` were sent under a break-glass
// grant that has ended.
absl::StatusOr<uint64_t> GrantEndedFor(Transaction& transaction,
                                       const GrantBoard* grants,
                                       const std::string& id,
                                       const std::string& agency,
                                       absl::Time now) {
  const auto under = MailboxTable(transaction).WaitingGrants(agency, id);
  if (!under.ok()) return under.status();
  return static_cast<uint64_t>(std::count_if(
      under->begin(), under->end(), [&](const std::vector<uint8_t>& grant) {
        return grants == nullptr ||
               !grants->IsOpen(id, crypto::ToHex(grant), now);
      }));
}

// Who suspended or left it, and which reviews it waits for.
void DescribeStanding(const policy::AgreementRecord& record,
                      const policy::Agreement& document,
                      v1::AgreementSummary* summary) {
  for (const std::string& agency : record.SuspendedBy(document.version)) {
    summary->add_suspended_by(agency);
  }
  for (const std::string& agency : record.sending_suspended_by) {
    summary->add_sending_suspended_by(agency);
  }
  for (const auto& [agency, through] : record.withdrawn) {
    if (document.version <= through) summary->add_withdrawn(agency);
  }
  for (const policy::Review& review : policy::ReviewsOf(document)) {
    v1::ReviewDue* due = summary->add_reviews();
    due->set_clause(review.clause);
    due->set_what(review.what);
    SetTimestamp(review.Overdue(), due->mutable_overdue_time());
  }
}

// How its ledger stands with its witnesses, if the version in force names any.
absl::Status DescribeWitnesses(Transaction& transaction,
                               const LedgerLog& ledgers,
                               const policy::AgreementRecord& record,
                               absl::Time now, v1::AgreementSummary* summary) {
  const policy::Agreement* document = WitnessedVersion(record, now);
  if (document == nullptr || ledgers.refused().count(record.id) != 0) {
    return absl::OkStatus();
  }
  const auto state = QuorumStateOf(transaction, ledgers, *document);
  if (!state.ok()) return state.status();
  v1::WitnessQuorum* quorum = summary->mutable_witnesses();
  quorum->set_quorum(static_cast<uint32_t>(document->witnesses->quorum));
  quorum->set_named(static_cast<uint32_t>(document->witnesses->named.size()));
  quorum->set_size(state->size);
  quorum->set_cosigned_size(state->cosigned);
  for (const std::string& name : state->behind) quorum->add_behind(name);
  if (IsMissing(*state, *document, now)) {
    SetTimestamp(state->waiting_since, quorum->mutable_missing_since_time());
  }
  quorum->set_required(document->witness == policy::Witness::kRequired);
  return absl::OkStatus();
}

bool IsFingerprint(absl::string_view text) {
  const auto bytes = crypto::FromHex(text);
  return bytes.ok() && bytes->size() == 32;
}

// The root in `pem`, which certifies itself and is valid at `now`.
absl::StatusOr<certs::Certificate> ReadRoot(const std::string& pem,
                                            absl::Time now) {
  if (pem.size() > kMaxRootPemBytes) {
    return Refuse(Reason::kBadRoot, "the certificate is larger than 16 KiB");
  }
  auto root = certs::Certificate::FromPem(pem);
  if (!root.ok()) return Refuse(Reason::kBadRoot, root.status().message());
  if (!root->IsCa()) {
    return Refuse(Reason::kBadRoot, "the certificate is not one of a CA");
  }
  const absl::Status verified =
      certs::VerifyChain({*root}, *root, now, certs::Usage::kAny);
  if (!verified.ok()) return Refuse(Reason::kBadRoot, verified.message());
  return root;
}

// Whether `certificate` is one that the root of `agency` issued, also if it is
// out of date by now.
absl::Status IssuedFor(const Trust& trust, const std::string& agency,
                       const certs::Certificate& certificate) {
  const auto root = trust.RootOf(agency);
  if (!root.ok()) return root.status();
  const auto identity = certificate.Identity();
  if (!identity.ok()) return identity.status();
  if (identity->kind != certs::Identity::Kind::kAgency ||
      identity->agency != agency) {
    return absl::InvalidArgumentError("it names another agency");
  }
  return certs::VerifyChain({certificate}, *root, certificate.NotBefore(),
                            certs::Usage::kAny);
}

// What a revocation revokes, and for whom; empty: whoever shows it.
struct Revocation {
  std::string fingerprint;
  std::string agency;
};

absl::StatusOr<Revocation> ReadRevocation(
    const Trust& trust, const Caller& caller,
    const v1::RevokeCertificateRequest& request) {
  const bool own = !caller.agency().empty();
  if (own && request.agency() != caller.agency()) {
    return Refuse(Reason::kNotYourAgency, "");
  }
  if (!IsLine(request.reason())) {
    return BadRequest("reason must have 2 to 300 characters in one line");
  }
  if (!request.agency().empty() && !trust.RootOf(request.agency()).ok()) {
    return BadRequest("agency is not registered");
  }
  if (request.certificate_pem().empty()) {
    if (!IsFingerprint(request.fingerprint())) {
      return BadRequest("fingerprint must be 64 lower-case hex digits");
    }
    return Revocation{request.fingerprint(), caller.agency()};
  }
  const auto certificate =
      certs::Certificate::FromPem(request.certificate_pem());
  if (!certificate.ok()) {
    return BadRequest(
        absl::StrCat("certificate_pem: ", certificate.status().message()));
  }
  const std::string fingerprint = certificate->Fingerprint();
  if (!request.fingerprint().empty() && request.fingerprint() != fingerprint) {
    return BadRequest("fingerprint is not that of certificate_pem");
  }
  const absl::Status issued = IssuedFor(trust, request.agency(), *certificate);
  if (!issued.ok() && own) {
    return Refuse(Reason::kNotYourAgency,
                  absl::StrCat("the certificate is not one of ",
                               request.agency(), ": ", issued.message()));
  }
  if (!issued.ok() && !request.agency().empty()) {
    return BadRequest(absl::StrCat("certificate_pem: ", issued.message()));
  }
  return Revocation{fingerprint, caller.agency()};
}

absl::Status Pack(Transaction& transaction, const AgencyRow& row,
                  v1::Agency* packed) {
  packed->set_agency(row.id);
  packed->set_name(row.name);
  packed->set_root(row.root_digest);
  packed->set_root_pem(row.root_pem);
  SetTimestamp(row.added, packed->mutable_add_time());
  const auto bundle = KeysTable(transaction).GetBundleInForce(row.id);
  if (absl::IsNotFound(bundle.status())) return absl::OkStatus();
  if (!bundle.ok()) return bundle.status();
  packed->set_bundle_digest(bundle->digest.data(), bundle->digest.size());
  return absl::OkStatus();
}

// The bundle in `text`, endorsed by the caller itself.
absl::StatusOr<crypto::Envelope> ReadBundle(const Trust& trust,
                                            const Caller& caller,
                                            const std::string& text,
                                            absl::Time now) {
  const auto refuse = [](absl::string_view why) {
    return Refuse(Reason::kBadBundle, why);
  };
  if (text.size() > kMaxBundleEnvelopeBytes) {
    return refuse("the envelope is larger than 64 KiB");
  }
  const auto root = trust.RootOf(caller.agency());
  if (!root.ok()) return refuse(root.status().message());
  auto envelope = crypto::ParseEnvelope(text);
  if (!envelope.ok()) return refuse(envelope.status().message());
  const auto bundle = certs::VerifyKeyBundle(*envelope, root->SpkiSha256());
  if (!bundle.ok()) return refuse(bundle.status().message());
  if (bundle->agency != caller.agency()) {
    return refuse("the bundle is another agency's");
  }
  if (!InDate(*bundle, now)) return refuse("the bundle is not valid now");
  const auto signer = certs::VerifySignatory(
      *envelope, 0, caller.agency(), root->SpkiSha256(), bundle->not_before);
  if (!signer.ok()) return refuse(signer.status().message());
  if (signer->identity.ToUri() != caller.uri) {
    return refuse("the bundle is not endorsed by the caller");
  }
  if (trust.IsRevoked(signer->fingerprint, caller.agency())) {
    return refuse("the certificate that endorses the bundle is revoked");
  }
  return envelope;
}

}  // namespace

DirectoryService::DirectoryService(const Context& context,
                                   AgreementsService* agreements)
    : context_(context),
      agreements_(*agreements),
      start_(context.clock->Now()) {}

absl::Status DirectoryService::Refused(policy::LedgerEntry entry,
                                       const absl::Status& refusal) const {
  if (ConditionsOf(refusal).empty()) return refusal;
  return context_.recorder->Refused(kBrokerLedger, std::move(entry), refusal);
}

template <typename Work>
absl::StatusOr<Receipt> DirectoryService::Record(
    const Caller& caller, const policy::LedgerEntry& entry,
    const Work& work) const {
  const auto written =
      context_.recorder->Run([&](Transaction& transaction)
                                 -> absl::StatusOr<std::vector<PendingEntry>> {
        policy::LedgerEntry line = entry;
        const auto revoked =
            AgenciesTable(transaction)
                .IsRevoked(entry.actor_certificate, caller.agency());
        if (!revoked.ok()) return revoked.status();
        if (*revoked) return Refuse(Reason::kCertificateRevoked, "");
        absl::StatusOr<std::vector<PendingEntry>> more =
            work(transaction, &line);
        if (!more.ok()) return more.status();
        auto pending = Recorder::Pending(kBrokerLedger, std::move(line));
        if (!pending.ok()) return pending.status();
        std::vector<PendingEntry> entries = {*std::move(pending)};
        for (PendingEntry& one : *more) entries.push_back(std::move(one));
        return entries;
      });
  if (!written.ok()) return Refused(entry, written.status());
  return written->front();
}

absl::Status DirectoryService::GetStatus(const Caller& caller,
                                         const v1::GetStatusRequest&,
                                         v1::GetStatusResponse* response) {
  const absl::Time now = context_.clock->Now();
  response->set_broker(context_.broker_name);
  response->set_version(ENTENTE_VERSION);
  SetTimestamp(now, response->mutable_broker_time());
  const absl::Span<const uint8_t> key = context_.ledgers->public_key();
  response->set_ledger_key(key.data(), key.size());
  SetTimestamp(start_, response->mutable_start_time());
  response->set_caller(caller.uri);
  const auto snapshot = context_.agreements->Get();
  return context_.store->Read([&](Transaction& transaction) -> absl::Status {
    const auto own = context_.ledgers->Size(transaction, kBrokerLedger);
    if (!own.ok()) return own.status();
    response->set_broker_ledger_size(*own);
    for (const std::string& id : snapshot->Ids()) {
      const policy::AgreementRecord& record = *snapshot->Find(id);
      if (!MayRead(&record, caller.agency())) continue;
      const policy::CompiledAgreement& highest =
          *HighestFor(record, caller.agency())->agreement;
      const int64_t version = highest.document().version;
      v1::AgreementSummary* summary = response->add_agreements();
      summary->set_agreement(id);
      summary->set_version(static_cast<uint32_t>(version));
      summary->set_state(std::string(StateName(record, version, now)));
      SetTimestamp(highest.until(), summary->mutable_until_time());
      const auto waiting =
          MailboxTable(transaction).CountWaiting(caller.agency(), id);
      if (!waiting.ok()) return waiting.status();
      summary->set_waiting_batches(*waiting);
      const auto held =
          HeldFor(transaction, *snapshot, id, caller.agency(), now);
      if (!held.ok()) return held.status();
      const auto ended =
          GrantEndedFor(transaction, context_.grants, id, caller.agency(), now);
      if (!ended.ok()) return ended.status();
      summary->set_ended_grant_batches(*ended);
      summary->set_held_batches(std::min(held->count + *ended, *waiting));
      FillNotices(context_, id, summary->mutable_break_glass());
      for (const std::string& why : held->because) {
        summary->add_held_because(why);
      }
      DescribeStanding(
          record,
          VersionFor(record, caller.agency(), now)->agreement->document(),
          summary);
      const absl::Status witnesses = DescribeWitnesses(
          transaction, *context_.ledgers, record, now, summary);
      if (!witnesses.ok()) return witnesses;
      // A ledger that was refused at start has no head to show.
      const auto size = context_.ledgers->Size(transaction, id);
      if (size.ok()) summary->set_ledger_size(*size);
      if (!size.ok() && !absl::IsFailedPrecondition(size.status())) {
        return size.status();
      }
    }
    return absl::OkStatus();
  });
}

absl::Status DirectoryService::AddAgency(const Caller& caller,
                                         const v1::AddAgencyRequest& request,
                                         v1::AddAgencyResponse* response) {
  policy::LedgerEntry entry =
      context_.recorder->Allowed(EntryKind::kAgencyAdded, caller);
  entry.detail["agency"] = request.agency();
  if (!IsAgencyId(request.agency())) {
    return Refused(std::move(entry),
                   BadRequest("agency must be a lower-case slug of 2 to 61 "
                              "characters"));
  }
  if (!IsLine(request.name())) {
    return Refused(std::move(entry),
                   BadRequest("name must have 2 to 300 characters in one "
                              "line"));
  }
  const auto root = ReadRoot(request.root_pem(), context_.clock->Now());
  if (!root.ok()) return Refused(std::move(entry), root.status());
  const AgencyRow added = {request.agency(), request.name(), root->SpkiSha256(),
                           root->ToPem(), entry.time};
  entry.subject = added.root_digest;
  const auto receipt =
      Record(caller, entry,
             [&](Transaction& transaction, policy::LedgerEntry* line)
                 -> absl::StatusOr<std::vector<PendingEntry>> {
               AgenciesTable table(transaction);
               auto row = table.Get(added.id);
               if (absl::IsNotFound(row.status())) {
                 const absl::Status inserted = table.Insert(added);
                 if (absl::IsAlreadyExists(inserted)) {
                   return Refuse(Reason::kAgencyExists,
                                 "another agency is registered with this root");
                 }
                 if (!inserted.ok()) return inserted;
                 row = added;
               } else if (!row.ok()) {
                 return row.status();
               } else if (row->root_digest != added.root_digest) {
                 return Refuse(Reason::kAgencyExists, "");
               } else {
                 line->detail["repeated"] = "true";
               }
               response->Clear();
               const absl::Status packed =
                   Pack(transaction, *row, response->mutable_agency());
               if (!packed.ok()) return packed;
               return std::vector<PendingEntry>();
             });
  if (!receipt.ok()) return receipt.status();
  context_.trust->AddAgency(added.id, *root);
  return context_.receipts->Fill(*receipt, v1::KnownView(),
                                 response->mutable_receipt());
}

absl::Status DirectoryService::ListAgencies(
    const Caller&, const v1::ListAgenciesRequest& request,
    v1::ListAgenciesResponse* response) {
  const auto limit = PageSize(request.page_size());
  if (!limit.ok()) return limit.status();
  return context_.store->Read([&](Transaction& transaction) -> absl::Status {
    auto rows =
        AgenciesTable(transaction).List(request.page_token(), *limit + 1);
    if (!rows.ok()) return rows.status();
    if (rows->size() > static_cast<size_t>(*limit)) {
      rows->pop_back();
      response->set_next_page_token(rows->back().id);
    }
    for (const AgencyRow& row : *rows) {
      const absl::Status packed =
          Pack(transaction, row, response->add_agencies());
      if (!packed.ok()) return packed;
    }
    return absl::OkStatus();
  });
}

absl::Status DirectoryService::RevokeCertificate(
    const Caller& caller, const v1::RevokeCertificateRequest& request,
    v1::RevokeCertificateResponse* response) {
  policy::LedgerEntry entry =
      context_.recorder->Allowed(EntryKind::kCertificateRevoked, caller);
  entry.detail["agency"] = request.agency();
  entry.detail["reason"] = request.reason();
  const auto revocation = ReadRevocation(*context_.trust, caller, request);
  if (!revocation.ok()) return Refused(std::move(entry), revocation.status());
  entry.subject = revocation->fingerprint;
  std::set<std::string> touched;
  const auto receipt =
      Record(caller, entry,
             [&](Transaction& transaction, policy::LedgerEntry* line)
                 -> absl::StatusOr<std::vector<PendingEntry>> {
               const auto fresh =
                   AgenciesTable(transaction)
                       .Revoke({revocation->fingerprint, revocation->agency,
                                request.reason(), caller.uri, entry.time});
               if (!fresh.ok()) return fresh.status();
               if (!*fresh) line->detail["repeated"] = "true";
               return TakeBackSignatures(context_, transaction, entry,
                                         revocation->agency, &touched);
             });
  if (!receipt.ok()) return receipt.status();
  context_.trust->Revoke(revocation->fingerprint, revocation->agency);
  for (const std::string& id : touched) {
    const absl::Status loaded = ReloadAgreement(context_, id);
    if (!loaded.ok()) return loaded;
  }
  return context_.receipts->Fill(*receipt, v1::KnownView(),
                                 response->mutable_receipt());
}

absl::Status DirectoryService::PublishKeyBundle(
    const Caller& caller, const v1::PublishKeyBundleRequest& request,
    v1::PublishKeyBundleResponse* response) {
  policy::LedgerEntry entry =
      context_.recorder->Allowed(EntryKind::kKeyBundle, caller);
  entry.detail["agency"] = caller.agency();
  const auto envelope = ReadBundle(*context_.trust, caller, request.envelope(),
                                   context_.clock->Now());
  if (!envelope.ok()) return Refused(std::move(entry), envelope.status());
  const crypto::Hash digest = certs::KeyBundleDigest(envelope->payload);
  entry.subject = crypto::ToHex(digest);
  const auto receipt = Record(
      caller, entry,
      [&](Transaction& transaction, policy::LedgerEntry* line)
          -> absl::StatusOr<std::vector<PendingEntry>> {
        KeysTable table(transaction);
        const auto now_in_force = table.GetBundleInForce(caller.agency());
        if (now_in_force.ok() && absl::MakeConstSpan(now_in_force->digest) ==
                                     absl::MakeConstSpan(digest)) {
          line->detail["repeated"] = "true";
          return std::vector<PendingEntry>();
        }
        const absl::Span<const uint8_t> bytes =
            crypto::AsBytes(request.envelope());
        const absl::Status put =
            table.PutBundle({{digest.begin(), digest.end()},
                             caller.agency(),
                             {bytes.begin(), bytes.end()},
                             entry.time});
        if (!put.ok()) return put;
        return RenewManifests(context_, transaction, caller.agency(),
                              entry.time);
      });
  if (!receipt.ok()) return receipt.status();
  // The bundle stands; what it makes possible is tried again every second.
  if (absl::Status due = agreements_.ActivateDue(); !due.ok()) {
    context_.log->Warning("activation_failed", {{"reason", due.message()}});
  }
  response->set_bundle_digest(digest.data(), digest.size());
  return context_.receipts->Fill(*receipt, v1::KnownView(),
                                 response->mutable_receipt());
}

absl::Status DirectoryService::GetKeyBundle(
    const Caller&, const v1::GetKeyBundleRequest& request,
    v1::GetKeyBundleResponse* response) {
  return context_.store->Read([&](Transaction& transaction) -> absl::Status {
    KeysTable table(transaction);
    const auto row =
        request.bundle_digest().empty()
            ? table.GetBundleInForce(request.agency())
            : table.GetBundle(crypto::AsBytes(request.bundle_digest()));
    if (absl::IsNotFound(row.status()) ||
        (row.ok() && row->agency != request.agency())) {
      return Refuse(Reason::kBundleUnknown, "");
    }
    if (!row.ok()) return row.status();
    response->set_envelope(row->envelope.data(), row->envelope.size());
    return absl::OkStatus();
  });
}

}  // namespace entente::broker

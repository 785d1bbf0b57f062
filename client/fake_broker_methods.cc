// What the fake broker answers about agencies and agreements while it is
// honest.
#include "certs/agreement_act.h"
#include "client/fake_broker.h"
#include "crypto/hex.h"
#include "crypto/sha.h"
#include "policy/canonical.h"

namespace entente::client {
namespace {

using crypto::AsBytes;
using crypto::AsText;
using grpc::StatusCode;
using policy::EntryKind;

google::protobuf::Timestamp Stamp(absl::Time time) {
  google::protobuf::Timestamp stamp;
  stamp.set_seconds(absl::ToUnixSeconds(time));
  return stamp;
}

std::string RawOf(absl::string_view hex) {
  return std::string(AsText(*crypto::FromHex(hex)));
}

}  // namespace

grpc::Status FakeBroker::GetStatus(const std::string& caller,
                                   const v1::GetStatusRequest&,
                                   v1::GetStatusResponse* response) {
  response->set_broker(kFakeBroker);
  response->set_version("0.0");
  *response->mutable_broker_time() = Stamp(now);
  const auto key = ledger_key_->public_key().bytes();
  response->set_ledger_key(std::string(AsText(key)));
  response->set_caller(caller);
  response->set_broker_ledger_size(own_ledger().tree().size());
  v1::AgreementSummary* summary = response->add_agreements();
  summary->set_agreement(kPact);
  summary->set_version(1);
  summary->set_state(state);
  *summary->mutable_until_time() = Stamp(agreement_->valid.UntilInstant());
  summary->set_ledger_size(ledger().tree().size());
  for (const auto& [id, batch] : batches) {
    if (batch.accepted && !batch.delivered &&
        batch.parsed.recipient() == caller) {
      summary->set_waiting_batches(summary->waiting_batches() + 1);
    }
  }
  return grpc::Status::OK;
}

grpc::Status FakeBroker::AddAgency(const std::string&,
                                   const v1::AddAgencyRequest& request,
                                   v1::AddAgencyResponse* response) {
  policy::LedgerEntry entry = Entry(EntryKind::kAgencyAdded);
  entry.agreement = "";
  entry.version = 0;
  entry.digest = "";
  entry.detail["agency"] = request.agency();
  response->mutable_agency()->set_agency(request.agency());
  response->mutable_agency()->set_name(request.name());
  response->mutable_agency()->set_root(
      certs::Certificate::FromPem(request.root_pem())->SpkiSha256());
  *response->mutable_receipt() = Receipt("broker", Write("broker", entry));
  return grpc::Status::OK;
}

grpc::Status FakeBroker::ListAgencies(const std::string&,
                                      const v1::ListAgenciesRequest&,
                                      v1::ListAgenciesResponse* response) {
  for (const auto& [name, agency] : agencies_) {
    v1::Agency* listed = response->add_agencies();
    listed->set_agency(name);
    listed->set_name(name + " force");
    listed->set_root(agency->root_spki());
    listed->set_root_pem(agency->root().ToPem());
    listed->set_bundle_digest(RawOf(current_.at(name)));
    *listed->mutable_add_time() = Stamp(now);
  }
  return grpc::Status::OK;
}

grpc::Status FakeBroker::Revoke(const std::string&,
                                const v1::RevokeCertificateRequest& request,
                                v1::RevokeCertificateResponse* response) {
  policy::LedgerEntry entry = Entry(EntryKind::kCertificateRevoked);
  entry.agreement = "";
  entry.version = 0;
  entry.digest = "";
  entry.subject = request.fingerprint().empty()
                      ? certs::Certificate::FromPem(request.certificate_pem())
                            ->Fingerprint()
                      : request.fingerprint();
  *response->mutable_receipt() = Receipt("broker", Write("broker", entry));
  return grpc::Status::OK;
}

grpc::Status FakeBroker::PublishBundle(
    const std::string& caller, const v1::PublishKeyBundleRequest& request,
    v1::PublishKeyBundleResponse* response) {
  const auto envelope = crypto::ParseEnvelope(request.envelope());
  if (!envelope.ok()) {
    return Refusal(StatusCode::INVALID_ARGUMENT, "BAD_BUNDLE");
  }
  const crypto::Hash digest = certs::KeyBundleDigest(envelope->payload);
  bundles[crypto::ToHex(digest)] = request.envelope();
  current_[caller] = crypto::ToHex(digest);
  policy::LedgerEntry entry = Entry(EntryKind::kKeyBundle);
  entry.agreement = "";
  entry.version = 0;
  entry.digest = "";
  entry.sender = caller;
  entry.subject = crypto::ToHex(digest);
  response->set_bundle_digest(digest.data(), digest.size());
  *response->mutable_receipt() = Receipt("broker", Write("broker", entry));
  return grpc::Status::OK;
}

grpc::Status FakeBroker::GetBundle(const std::string&,
                                   const v1::GetKeyBundleRequest& request,
                                   v1::GetKeyBundleResponse* response) {
  const auto found =
      bundles.find(request.bundle_digest().empty()
                       ? current_[request.agency()]
                       : crypto::ToHex(AsBytes(request.bundle_digest())));
  if (found == bundles.end()) {
    return Refusal(StatusCode::NOT_FOUND, "BUNDLE_UNKNOWN");
  }
  response->set_envelope(found->second);
  return grpc::Status::OK;
}

grpc::Status FakeBroker::Propose(const std::string&,
                                 const v1::ProposeAgreementRequest& request,
                                 v1::ProposeAgreementResponse* response) {
  const auto parsed = policy::ParseCanonical(request.document());
  if (!parsed.ok()) {
    return Refusal(StatusCode::INVALID_ARGUMENT, "DOCUMENT_REFUSED");
  }
  const crypto::Hash digest = crypto::Sha256(request.document());
  policy::LedgerEntry entry = Entry(EntryKind::kAgreementProposed);
  entry.agreement = parsed->id;
  entry.version = static_cast<uint32_t>(parsed->version);
  entry.digest = crypto::ToHex(digest);
  response->set_agreement(parsed->id);
  response->set_version(entry.version);
  response->set_digest(digest.data(), digest.size());
  *response->mutable_receipt() = Receipt(kPact, Write(kPact, entry));
  return grpc::Status::OK;
}

grpc::Status FakeBroker::Sign(const std::string& caller,
                              const v1::SignAgreementRequest& request,
                              v1::SignAgreementResponse* response) {
  envelopes.push_back(request.envelope());
  policy::LedgerEntry entry = Entry(EntryKind::kAgreementSigned);
  entry.sender = caller;
  response->set_state("signed");
  *response->mutable_receipt() = Receipt(kPact, Write(kPact, entry));
  return grpc::Status::OK;
}

v1::Receipt FakeBroker::WriteAct(const std::string& envelope) {
  const auto parsed = crypto::ParseEnvelope(envelope);
  const auto act = certs::ParseAgreementAct(parsed->payload);
  policy::LedgerEntry entry =
      Entry(act->kind == certs::ActKind::kResume ? EntryKind::kAgreementResumed
            : act->kind == certs::ActKind::kWithdraw
                ? EntryKind::kAgreementWithdrawn
                : EntryKind::kAgreementSuspended);
  entry.subject = crypto::ToHex(certs::AgreementActDigest(parsed->payload));
  entry.detail["reason"] = act->reason;
  entry.detail["notice_until"] = "2027-01-01";
  v1::Receipt receipt = Receipt(kPact, Write(kPact, entry));
  if (act->kind == certs::ActKind::kResume) {
    acts.clear();
    return receipt;
  }
  acts.emplace_back();
  acts.back().set_envelope(envelope);
  *acts.back().mutable_receipt() = receipt;
  return receipt;
}

grpc::Status FakeBroker::Suspend(const std::string&,
                                 const v1::SuspendAgreementRequest& request,
                                 v1::SuspendAgreementResponse* response) {
  *response->mutable_receipt() = WriteAct(request.envelope());
  response->set_state("suspended");
  return grpc::Status::OK;
}

grpc::Status FakeBroker::Resume(const std::string&,
                                const v1::ResumeAgreementRequest& request,
                                v1::ResumeAgreementResponse* response) {
  *response->mutable_receipt() = WriteAct(request.envelope());
  response->set_state("active");
  return grpc::Status::OK;
}

grpc::Status FakeBroker::Withdraw(const std::string&,
                                  const v1::WithdrawAgreementRequest& request,
                                  v1::WithdrawAgreementResponse* response) {
  *response->mutable_receipt() = WriteAct(request.envelope());
  response->set_state("active");
  return grpc::Status::OK;
}

grpc::Status FakeBroker::GetAgreement(const std::string&,
                                      const v1::GetAgreementRequest& request,
                                      v1::GetAgreementResponse* response) {
  if (request.agreement() != kPact || request.version() > 1) {
    return Refusal(StatusCode::NOT_FOUND, "NO_AGREEMENT");
  }
  response->set_document(document);
  for (const std::string& envelope : envelopes) {
    response->add_envelopes(envelope);
  }
  for (const v1::StandingAct& act : acts) *response->add_acts() = act;
  response->set_state(activated ? state : "proposed");
  response->set_newest_part(parts_.back());
  if (!activated) return grpc::Status::OK;
  *response->mutable_activation() = Receipt(kPact, activation_);
  response->set_manifest_digest(
      RawOf(policy::ParseEntry(response->activation().entry())->manifest));
  return grpc::Status::OK;
}

grpc::Status FakeBroker::ListAgreements(const std::string&,
                                        const v1::ListAgreementsRequest&,
                                        v1::ListAgreementsResponse* response) {
  v1::ListedAgreement* listed = response->add_agreements();
  listed->set_agreement(kPact);
  listed->set_version(1);
  listed->set_title(agreement_->title);
  listed->set_state(state);
  listed->set_digest(RawOf(digest_));
  *listed->mutable_from_time() = Stamp(agreement_->valid.FromInstant());
  *listed->mutable_until_time() = Stamp(agreement_->valid.UntilInstant());
  return grpc::Status::OK;
}

grpc::Status FakeBroker::GetManifest(const std::string&,
                                     const v1::GetManifestRequest& request,
                                     v1::GetManifestResponse* response) {
  for (auto it = printed_.rbegin(); it != printed_.rend(); ++it) {
    const crypto::Hash digest = certs::KeyManifestDigest(AsBytes(it->first));
    if (request.manifest_digest().empty() ||
        request.manifest_digest() == AsText(digest)) {
      response->set_manifest(it->first);
      *response->mutable_receipt() = Receipt(kPact, it->second);
      return grpc::Status::OK;
    }
  }
  return Refusal(StatusCode::NOT_FOUND, "MANIFEST_UNKNOWN");
}

}  // namespace entente::client

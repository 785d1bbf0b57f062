#include "tests/end_to_end/wire.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "client/durable_file.h"
#include "client/ledger_view.h"
#include "client/local_store.h"
#include "client/profile.h"
#include "client/rpc/broker_link.h"
#include "client/verified_agreement.h"
#include "crypto/hex.h"
#include "crypto/hpke.h"
#include "crypto/pepper.h"

namespace entente::end_to_end {
namespace {

using client::BatchRoute;
using client::OutgoingRecord;
using crypto::AsText;

absl::Status SendOne(
    const std::string& folder, const std::string& agreement,
    const client::SendRequest& asked,
    const std::function<void(BatchRoute*, OutgoingRecord*)>& alter) {
  const auto profile = client::Profile::Open(folder);
  if (!profile.ok()) return profile.status();
  const auto store = client::LocalStore::Open(*profile);
  if (!store.ok()) return store.status();
  const auto link = client::BrokerLink::Open(*profile);
  if (!link.ok()) return link.status();
  const auto verified = client::FetchVerified(
      **link, *profile, &(*store)->knowledge(), agreement, 0);
  if (!verified.ok()) return verified.status();
  const auto key = client::LedgerKey(*profile, agreement);
  if (!key.ok()) return key.status();
  client::LedgerView view(&(*store)->knowledge(), agreement, *key);
  const auto known = view.Known();
  if (!known.ok()) return known.status();
  auto plan = client::PlanSending(*verified, *known, absl::Now(), asked);
  if (!plan.ok()) return plan.status();
  OutgoingRecord record;
  record.row = 1;
  record.values.resize(plan->route.fields.size());
  record.pseudonyms.resize(plan->route.pseudonyms.size());
  alter(&plan->route, &record);
  const auto batch_key = profile->BatchKey();
  if (!batch_key.ok()) return batch_key.status();
  const auto built =
      client::BuildBatch(plan->route, *batch_key, absl::Now(), {record}, {1});
  if (!built.ok()) return built.status();
  const client::OutgoingBatch& batch = built->batch;
  v1::SendChunkRequest request;
  request.set_batch_id(std::string(AsText(batch.batch_id)));
  request.set_header(std::string(AsText(batch.header)));
  request.set_enc(std::string(AsText(batch.enc)));
  request.set_final(true);
  request.set_count(1);
  request.set_pseudonyms(std::string(AsText(batch.chunks[0].pseudonyms)));
  request.set_sealed(std::string(AsText(batch.chunks[0].sealed)));
  request.set_signature(std::string(AsText(batch.chunks[0].signature)));
  return client::Call((*link)->exchange(), &v1::Exchange::Stub::SendChunk,
                      request)
      .status();
}

// Opens the profile's link and hands it to `call`, whose status is told.
client::Failure With(
    const std::string& folder,
    const std::function<absl::Status(client::BrokerLink&)>& call) {
  const auto profile = client::Profile::Open(folder);
  if (!profile.ok()) return client::FromStatus(profile.status());
  const auto link = client::BrokerLink::Open(*profile);
  if (!link.ok()) return client::FromStatus(link.status());
  const absl::Status called = call(**link);
  return called.ok() ? client::Failure{} : client::FromStatus(called);
}

template <typename Request, typename Response>
absl::Status CallActing(client::BrokerLink& link, const std::string& agreement,
                        const std::string& envelope,
                        grpc::Status (v1::Agreements::Stub::*method)(
                            grpc::ClientContext*, const Request&, Response*)) {
  Request request;
  request.set_agreement(agreement);
  request.set_envelope(envelope);
  return client::Call(link.agreements(), method, request).status();
}

std::string ReadPem(const std::string& folder, const char* file) {
  return client::ReadFile(absl::StrCat(folder, "/", file), 64 << 10)
      .value_or("");
}

}  // namespace

client::Failure SendCrafted(
    const std::string& folder, const std::string& agreement,
    const client::SendRequest& request,
    const std::function<void(BatchRoute*, OutgoingRecord*)>& alter) {
  const absl::Status sent = SendOne(folder, agreement, request, alter);
  return sent.ok() ? client::Failure{} : client::FromStatus(sent);
}

client::Failure ProposeRaw(const std::string& folder,
                           const std::string& document) {
  return With(folder, [&](client::BrokerLink& link) {
    v1::ProposeAgreementRequest request;
    request.set_document(document);
    return client::Call(link.agreements(),
                        &v1::Agreements::Stub::ProposeAgreement, request)
        .status();
  });
}

client::Failure SignRaw(const std::string& folder, const std::string& agreement,
                        const std::string& envelope) {
  return With(folder, [&](client::BrokerLink& link) {
    v1::SignAgreementRequest request;
    request.set_agreement(agreement);
    request.set_version(1);
    request.set_envelope(envelope);
    return client::Call(link.agreements(), &v1::Agreements::Stub::SignAgreement,
                        request)
        .status();
  });
}

std::string EnvelopeBy(const std::string& folder, absl::string_view payload,
                       absl::string_view type) {
  const auto chain = certs::Certificate::ChainFromPem(absl::StrCat(
      ReadPem(folder, "certificate.pem"), ReadPem(folder, "root.pem")));
  const auto key = certs::PrivateKey::FromPem(ReadPem(folder, "key.pem"));
  if (!chain.ok() || !key.ok()) return "";
  const auto envelope =
      certs::SignDocument(type, crypto::AsBytes(payload), *key, *chain);
  return envelope.ok() ? crypto::PrintEnvelope(*envelope) : "";
}

client::Failure ActRaw(const std::string& folder, certs::AgreementAct act) {
  return With(folder, [&](client::BrokerLink& link) -> absl::Status {
    act.signed_at = absl::FromUnixMillis(absl::ToUnixMillis(absl::Now()));
    const auto payload = certs::PrintAgreementAct(act);
    if (!payload.ok()) return payload.status();
    const std::string envelope =
        EnvelopeBy(folder, *payload, certs::kAgreementActType);
    using Stub = v1::Agreements::Stub;
    switch (act.kind) {
      case certs::ActKind::kSuspend:
      case certs::ActKind::kSuspendSending:
        return CallActing(link, act.agreement, envelope,
                          &Stub::SuspendAgreement);
      case certs::ActKind::kResume:
        return CallActing(link, act.agreement, envelope,
                          &Stub::ResumeAgreement);
      case certs::ActKind::kWithdraw:
        break;
    }
    return CallActing(link, act.agreement, envelope, &Stub::WithdrawAgreement);
  });
}

client::Failure PutPepperRaw(const std::string& folder,
                             const std::string& agreement,
                             const std::string& to) {
  return With(folder, [&](client::BrokerLink& link) -> absl::Status {
    const auto profile = client::Profile::Open(folder);
    if (!profile.ok()) return profile.status();
    const auto pepper = crypto::MakePepper();
    const auto kem = crypto::KemKey::Generate();
    if (!pepper.ok() || !kem.ok()) return absl::InternalError("no keys");
    const auto sealed = crypto::SealPepper(
        {agreement, /*generation=*/1, profile->settings().agency, to, {}},
        *pepper, kem->public_key());
    if (!sealed.ok()) return sealed.status();
    v1::PutPepperRequest request;
    request.set_message(std::string(AsText(sealed->message)));
    request.set_ciphertext(std::string(AsText(sealed->ciphertext)));
    request.set_signature(std::string(64, '\0'));
    return client::Call(link.pseudonyms(), &v1::Pseudonyms::Stub::PutPepper,
                        request)
        .status();
  });
}

client::Failure RevokeRaw(const std::string& folder, const std::string& agency,
                          const std::string& whose) {
  return With(folder, [&](client::BrokerLink& link) -> absl::Status {
    const auto certificate =
        certs::Certificate::FromPem(ReadPem(whose, "certificate.pem"));
    if (!certificate.ok()) return certificate.status();
    v1::RevokeCertificateRequest request;
    request.set_agency(agency);
    request.set_fingerprint(certificate->Fingerprint());
    request.set_reason("lost");
    return client::Call(link.directory(),
                        &v1::Directory::Stub::RevokeCertificate, request)
        .status();
  });
}

struct FollowedStream::Parts {
  absl::Status opened;
  std::unique_ptr<client::BrokerLink> link;
  grpc::ClientContext context;
  std::unique_ptr<grpc::ClientReader<v1::ReceiveResponse>> reader;
};

FollowedStream::FollowedStream(const std::string& folder,
                               const std::string& agreement,
                               absl::Duration patience)
    : parts_(std::make_unique<Parts>()) {
  const auto profile = client::Profile::Open(folder);
  parts_->opened = profile.status();
  if (!profile.ok()) return;
  auto link = client::BrokerLink::Open(*profile);
  parts_->opened = link.status();
  if (!link.ok()) return;
  parts_->link = *std::move(link);
  v1::ReceiveRequest request;
  request.set_agreement(agreement);
  request.set_follow(true);
  parts_->context.set_deadline(absl::ToChronoTime(absl::Now() + patience));
  parts_->reader = parts_->link->exchange().Receive(&parts_->context, request);
}

FollowedStream::~FollowedStream() = default;

bool FollowedStream::ReadBatch() {
  v1::ReceiveResponse part;
  while (parts_->reader != nullptr && parts_->reader->Read(&part)) {
    if (part.has_chunk() && part.chunk().final()) return true;
  }
  return false;
}

std::pair<absl::Time, client::Failure> FollowedStream::ReadToTheEnd() {
  if (parts_->reader == nullptr) {
    return {absl::Now(), client::FromStatus(parts_->opened)};
  }
  v1::ReceiveResponse part;
  while (parts_->reader->Read(&part)) {
  }
  const absl::Time ended = absl::Now();
  const absl::Status how = client::FromGrpc(parts_->reader->Finish());
  return {ended, how.ok() ? client::Failure{} : client::FromStatus(how)};
}

}  // namespace entente::end_to_end

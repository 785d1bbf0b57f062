// Two forces, an overseer and an operator before a broker, for the tests of
// services.
#ifndef ENTENTE_BROKER_TEST_PARTNERSHIP_H_
#define ENTENTE_BROKER_TEST_PARTNERSHIP_H_

#include <unistd.h>

#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "broker/agreements_service.h"
#include "broker/directory_service.h"
#include "broker/fake_clock.h"
#include "broker/rpc/refusal.h"
#include "broker/test_broker.h"
#include "broker/transition.h"
#include "certs/agreement_act.h"
#include "certs/authority.h"
#include "certs/key_bundle.h"
#include "certs/signed_document.h"
#include "crypto/hpke.h"
#include "gtest/gtest.h"
#include "policy/canonical.h"
#include "policy/check.h"
#include "policy/diff_words.h"
#include "policy/test_document.h"

namespace entente::broker {

inline absl::Time TestDay(int month, int day, int year = 2026) {
  return absl::FromCivil(absl::CivilDay(year, month, day), absl::UTCTimeZone());
}

// Somebody with a certificate.
struct Person {
  certs::PrivateKey key;
  certs::Certificate certificate;
  certs::Certificate root;
  Caller caller;
};

// Its agencies are north-police, west-police, panel and, for who needs a third
// party, east-police; its document is policy::SmallDocument, for this broker
// and these roots. Nothing is registered before Register.
class TestPartnership {
 public:
  explicit TestPartnership(int log_pages = kLogPages) : parts(log_pages) {
    trust = std::make_unique<Trust>("test.example", authorities.at("").root());
    EXPECT_TRUE(parts.OpenLedger("broker").ok());
    recorder = std::make_unique<Recorder>(parts.sequencer.get(), &clock);
    receipts =
        std::make_unique<Receipts>(parts.store.get(), parts.ledgers.get());
    context = {"broker.test",
               parts.store.get(),
               parts.ledgers.get(),
               parts.sequencer.get(),
               recorder.get(),
               receipts.get(),
               &masters,
               &clock,
               trust.get(),
               &agreements,
               &log,
               /*mailboxes=*/nullptr,
               /*metrics=*/nullptr,
               &grants};
    service = std::make_unique<AgreementsService>(context);
    directory = std::make_unique<DirectoryService>(context, service.get());
  }

  static certs::Authority MakeAuthority(absl::string_view name) {
    return *certs::Authority::Create(name, TestDay(1, 1), 10);
  }

  Person Make(const std::string& agency, certs::Role role,
              const std::string& name) {
    certs::Identity identity;
    identity.kind = agency.empty() ? certs::Identity::Kind::kOperator
                                   : certs::Identity::Kind::kAgency;
    identity.trust_domain = "test.example";
    identity.agency = agency;
    identity.role = role;
    identity.name = name;
    const certs::Authority& authority = authorities.at(agency);
    certs::PrivateKey key =
        *certs::PrivateKey::Generate(certs::PrivateKey::Kind::kP256);
    certs::Certificate certificate = *authority.Issue(
        {identity, {}, {}, TestDay(1, 1), TestDay(1, 1, 2028)}, key);
    Caller caller = {identity, identity.ToUri(), certificate.Fingerprint()};
    return {std::move(key), std::move(certificate), authority.root(),
            std::move(caller)};
  }

  absl::Status Register(const std::string& agency) {
    v1::AddAgencyRequest request;
    request.set_agency(agency);
    request.set_name(absl::StrCat("Agency ", agency));
    request.set_root_pem(authorities.at(agency).root().ToPem());
    v1::AddAgencyResponse response;
    return directory->AddAgency(op.caller, request, &response);
  }
  void RegisterAll() {
    for (const char* agency : {"north-police", "west-police", "panel"}) {
      const absl::Status added = Register(agency);
      EXPECT_TRUE(added.ok()) << added;
    }
  }

  // The document as it is signed; `changes` are made to its YAML.
  std::string Document(
      const std::vector<std::pair<std::string, std::string>>& changes = {}) {
    const std::string yaml = absl::StrReplaceAll(
        absl::StrReplaceAll(policy::SmallDocument(),
                            {{"broker.example", "broker.test"},
                             {"AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE=",
                              crypto::ToBase64(parts.ledgers->public_key())},
                             {std::string(64, '1'), Root("north-police")},
                             {std::string(64, '2'), Root("west-police")},
                             {std::string(64, '3'), Root("panel")}}),
        changes);
    const policy::CheckResult result = policy::Check("test", yaml);
    EXPECT_TRUE(result.ok()) << result.report;
    return result.canonical;
  }
  std::string Root(const std::string& agency) {
    return authorities.at(agency).root().SpkiSha256();
  }

  std::string Envelope(absl::string_view type, absl::string_view payload,
                       const Person& signer) {
    return crypto::PrintEnvelope(
        *certs::SignDocument(type, crypto::AsBytes(payload), signer.key,
                             {signer.certificate, signer.root}));
  }

  std::string Bundle(const std::string& agency, absl::Time from,
                     absl::Time until) {
    const crypto::SecretScalar y = *crypto::SecretScalar::Random();
    certs::KeyBundle bundle = {
        agency,
        crypto::SigningKey::Generate()->public_key(),
        {},
        *crypto::MulBase(y),
        *crypto::ProvePossession(y, *crypto::OwnerOfY(agency)),
        from,
        until};
    const crypto::KemKey kem = *crypto::KemKey::Generate();
    const absl::Span<const uint8_t> bytes = kem.public_key().bytes();
    std::copy(bytes.begin(), bytes.end(), bundle.kem_key.begin());
    return *certs::PrintKeyBundle(bundle);
  }

  absl::Status Publish(const Person& signer, const std::string& payload) {
    v1::PublishKeyBundleRequest request;
    request.set_envelope(Envelope(certs::kKeyBundleType, payload, signer));
    v1::PublishKeyBundleResponse response;
    return directory->PublishKeyBundle(signer.caller, request, &response);
  }
  absl::Status Publish(const Person& signer) {
    return Publish(signer, Bundle(signer.caller.agency(), TestDay(11, 1),
                                  TestDay(11, 1, 2027)));
  }

  absl::Status Propose(const Person& proposer, const std::string& document) {
    v1::ProposeAgreementRequest request;
    request.set_document(document);
    v1::ProposeAgreementResponse response;
    return service->Propose(proposer.caller, request, &response);
  }

  absl::Status Sign(const Person& signer, const std::string& document,
                    v1::SignAgreementResponse* response, uint32_t version = 1) {
    v1::SignAgreementRequest request;
    request.set_agreement("isa-small");
    request.set_version(version);
    request.set_envelope(Envelope(certs::kAgreementType, document, signer));
    if (version > 1) SetShown(&request);
    response->Clear();
    return service->Sign(signer.caller, request, response);
  }

  // As if the signatory had been shown what the version changes; nothing if
  // there is no such version.
  void SetShown(v1::SignAgreementRequest* request) {
    const auto snapshot = agreements.Get();
    const policy::AgreementRecord* record = snapshot->Find("isa-small");
    if (record == nullptr || record->versions.count(request->version()) == 0) {
      return;
    }
    const policy::Agreement& base =
        DiffBase(*record, request->version(), clock.Now())
            .agreement->document();
    const crypto::Hash digest = policy::DiffDigest(
        base, record->versions.at(request->version()).agreement->document());
    request->set_diff_base(static_cast<uint32_t>(base.version));
    request->set_diff_digest(digest.data(), digest.size());
  }

  // An act on the agreement, as `signer` would sign it now.
  certs::AgreementAct Act(certs::ActKind kind, const Person& signer,
                          const std::string& document, uint32_t version = 1) {
    certs::AgreementAct act;
    act.kind = kind;
    act.agreement = "isa-small";
    act.version = version;
    act.digest = policy::Digest(document);
    act.agency = signer.caller.agency();
    act.reason = "Unusual queries since Monday";
    act.signed_at = clock.Now();
    return act;
  }
  std::string ActEnvelope(const certs::AgreementAct& act,
                          const Person& signer) {
    return Envelope(certs::kAgreementActType, *certs::PrintAgreementAct(act),
                    signer);
  }
  static std::string ActDigest(const certs::AgreementAct& act) {
    return crypto::ToHex(certs::AgreementActDigest(
        crypto::AsBytes(*certs::PrintAgreementAct(act))));
  }
  // Sends `envelope` by the call for acts of `kind`; the state afterwards.
  absl::StatusOr<std::string> SendAct(certs::ActKind kind, const Person& signer,
                                      const std::string& envelope,
                                      v1::Receipt* receipt = nullptr) {
    v1::WithdrawAgreementResponse answer;
    const absl::Status done = CallFor(kind, signer.caller, envelope, &answer);
    if (!done.ok()) return done;
    if (receipt != nullptr) *receipt = answer.receipt();
    return answer.state();
  }
  absl::StatusOr<std::string> Do(const certs::AgreementAct& act,
                                 const Person& signer,
                                 v1::Receipt* receipt = nullptr) {
    return SendAct(act.kind, signer, ActEnvelope(act, signer), receipt);
  }

  absl::StatusOr<v1::GetAgreementResponse> Get(const Person& reader,
                                               uint32_t version = 0) {
    v1::GetAgreementRequest request;
    request.set_agreement("isa-small");
    request.set_version(version);
    v1::GetAgreementResponse response;
    const absl::Status got = service->Get(reader.caller, request, &response);
    if (!got.ok()) return got;
    return response;
  }

  absl::StatusOr<v1::GetManifestResponse> Manifest(const Person& reader,
                                                   std::string digest = "") {
    v1::GetManifestRequest request;
    request.set_agreement("isa-small");
    request.set_manifest_digest(std::move(digest));
    v1::GetManifestResponse response;
    const absl::Status got =
        service->GetManifest(reader.caller, request, &response);
    if (!got.ok()) return got;
    return response;
  }

  // Registered, with bundles, proposed and signed by both.
  std::string Activate() {
    RegisterAll();
    const std::string document = Document();
    EXPECT_TRUE(Publish(north).ok());
    EXPECT_TRUE(Publish(west).ok());
    EXPECT_TRUE(Propose(north, document).ok());
    v1::SignAgreementResponse response;
    EXPECT_TRUE(Sign(north, document, &response).ok());
    EXPECT_TRUE(Sign(west, document, &response).ok());
    EXPECT_EQ(response.state(), "active");
    return document;
  }

  static WrappingKey MakeWrapping(const std::string& path) {
    std::vector<uint8_t> passphrase(12, 'p');
    return *KeyFile::Create(
        path, *crypto::Secret::TakeFrom(absl::MakeSpan(passphrase)), {1, 8192});
  }

  absl::Status CallFor(certs::ActKind kind, const Caller& caller,
                       const std::string& envelope,
                       v1::WithdrawAgreementResponse* answer) {
    if (kind == certs::ActKind::kWithdraw) {
      v1::WithdrawAgreementRequest request;
      request.set_agreement("isa-small");
      request.set_envelope(envelope);
      return service->Withdraw(caller, request, answer);
    }
    absl::Status done;
    if (kind == certs::ActKind::kResume) {
      v1::ResumeAgreementRequest request;
      request.set_agreement("isa-small");
      request.set_envelope(envelope);
      v1::ResumeAgreementResponse response;
      done = service->Resume(caller, request, &response);
      answer->set_state(response.state());
      answer->mutable_receipt()->Swap(response.mutable_receipt());
      return done;
    }
    v1::SuspendAgreementRequest request;
    request.set_agreement("isa-small");
    request.set_envelope(envelope);
    v1::SuspendAgreementResponse response;
    done = service->Suspend(caller, request, &response);
    answer->set_state(response.state());
    answer->mutable_receipt()->Swap(response.mutable_receipt());
    return done;
  }

  FakeClock clock{TestDay(11, 25)};
  TestBroker parts;
  const WrappingKey wrapping = MakeWrapping(parts.folder / "key");
  const MasterKeys masters{&wrapping};
  JsonLog log{STDERR_FILENO, LogLevel::kError, &clock};
  PolicyRegister agreements;
  GrantBoard grants;
  // By agency; the operator's has an empty name.
  const std::map<std::string, certs::Authority> authorities = {
      {"north-police", MakeAuthority("north-police")},
      {"west-police", MakeAuthority("west-police")},
      {"east-police", MakeAuthority("east-police")},
      {"panel", MakeAuthority("panel")},
      {"", MakeAuthority("operator")}};
  const Person north =
      Make("north-police", certs::Role::kSignatory, "north-chief");
  const Person west =
      Make("west-police", certs::Role::kSignatory, "west-chief");
  const Person panel = Make("panel", certs::Role::kAuditor, "auditor");
  const Person op = Make("", certs::Role::kSystem, "op");
  std::unique_ptr<Trust> trust;
  std::unique_ptr<Recorder> recorder;
  std::unique_ptr<Receipts> receipts;
  Context context;
  std::unique_ptr<AgreementsService> service;
  std::unique_ptr<DirectoryService> directory;
};

// The code of a refusal; what else it is in words.
inline std::string ReasonIn(const absl::Status& status) {
  const std::vector<Condition> conditions = ConditionsOf(status);
  return conditions.empty() ? status.ToString() : conditions.front().reason;
}

}  // namespace entente::broker

#endif  // ENTENTE_BROKER_TEST_PARTNERSHIP_H_

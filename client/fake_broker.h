// For tests: a broker in this process, with a real ledger and real keys, that
// is honest until it is told otherwise.
#ifndef ENTENTE_CLIENT_FAKE_BROKER_H_
#define ENTENTE_CLIENT_FAKE_BROKER_H_

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/time/time.h"
#include "certs/key_manifest.h"
#include "client/fake_agency.h"
#include "client/fake_ledger.h"
#include "client/rpc/broker_link.h"
#include "crypto/convert.h"
#include "crypto/secret.h"
#include "entente/v1/batch.pb.h"
#include "policy/agreement.h"
#include "policy/ledger_entry.h"
#include "policy/ledger_part.h"

namespace entente::client {

inline constexpr char kPact[] = "isa-small";
inline constexpr char kNorth[] = "north-police";  // sends to the other two
inline constexpr char kWest[] = "west-police";
inline constexpr char kEast[] = "east-police";

// How one method lies or fails.
template <typename Request, typename Response>
struct Knob {
  // Before anything is done: the call fails, and nothing has happened.
  std::function<grpc::Status(const Request&)> refuse = nullptr;
  // Alters the honest answer.
  std::function<void(const Request&, Response*)> alter = nullptr;
  // After it was done: whether the answer is lost.
  std::function<bool(const Request&)> lose = nullptr;
  std::vector<Request> calls = {};  // those that came
};

// What is false from the start.
struct FakeBrokerPlan {
  absl::Time now = absl::FromUnixSeconds(1795000000);  // 2026-11-18
  // Whether it listens on a free port of the loopback, with TLS; else it is
  // reached inside the process.
  bool tls = false;
  // In the agreement's YAML, after the names and keys stand there.
  std::vector<std::pair<std::string, std::string>> replaced = {};
  // Before it is signed; and who signs it.
  std::function<void(certs::KeyBundle&)> bundle = nullptr;
  std::function<FakeHolder(const FakeAgency&)> endorser = nullptr;
  // Before its digest goes into the ledger.
  std::function<void(certs::KeyManifest&)> manifest = nullptr;
  // Every entry before it is written.
  std::function<void(policy::LedgerEntry&)> entry = nullptr;
};

// A refusal as the broker packs one, with one condition.
grpc::Status Refusal(grpc::StatusCode code, const std::string& reason,
                     const std::string& detail = "");

// Three agencies, one agreement in force. Calls come one at a time; a test
// looks at the fields between them. What it does not check of an honest client
// is the broker's own tests' to check.
class FakeBroker {
 public:
  explicit FakeBroker(FakeBrokerPlan plan = {});
  ~FakeBroker();

  FakeAgency& agency(const std::string& name) { return *agencies_.at(name); }
  // A system's link of its own.
  std::unique_ptr<BrokerLink> Link(const std::string& agency);
  // Makes another profile of `agency`, over TLS.
  Profile OtherProfile(const std::string& agency, const std::string& folder,
                       ProfileRole role, const FakeHolder& holder);

  // The clock of the broker and of all links.
  absl::Time now;

  // The newest part of the agreement's.
  FakeLedger& ledger() { return *ledgers_.at(parts_.back()); }
  FakeLedger& part(const std::string& name) { return *ledgers_.at(name); }
  FakeLedger& own_ledger() { return *ledgers_.at("broker"); }
  // Another history of the same length under the same key.
  void ForkLedger();
  // Keeps the first `keep` entries of the newest part of the agreement's ledger
  // and goes on in the next, `skipped` numbers later. `lie` alters what its
  // first entry says.
  void ContinueLedger(
      uint64_t keep,
      const std::function<void(policy::Continuation&)>& lie = nullptr,
      uint32_t skipped = 0);
  // The same as if the newest part had never been.
  void ForgetNewestPart();
  // Writes an entry, allowed unless it says otherwise; its number in all parts
  // of the ledger together.
  uint64_t Write(const std::string& ledger, policy::LedgerEntry entry);
  policy::LedgerEntry Entry(policy::EntryKind kind) const;
  v1::Receipt Receipt(const std::string& ledger, uint64_t number,
                      const v1::KnownView& known = {});
  v1::Receipt ReceiptAt(const std::string& part, uint64_t index,
                        uint64_t known_size);

  // Signs and puts there what the profile of `agency` holds.
  void Publish(const std::string& agency, const certs::KeyBundle& bundle,
               const FakeHolder& endorser);
  // Makes a manifest of the bundles that are there, in force from now on.
  void MakeManifest(policy::EntryKind kind);

  const policy::Agreement& agreement() const { return *agreement_; }
  const certs::KeyManifest& manifest() const { return manifests_.back(); }
  crypto::Domain DomainOf(const std::string& agency) const;
  crypto::SecretScalar DomainKey(const std::string& agency) const;

  // What is served, to be altered at rest.
  std::string document;
  std::vector<std::string> envelopes;
  std::string state = "active";
  std::vector<v1::StandingAct> acts;
  bool activated = true;
  std::map<std::string, std::string> bundles;  // by digest, hex: envelopes

  // The methods.
  Knob<v1::GetStatusRequest, v1::GetStatusResponse> get_status;
  Knob<v1::AddAgencyRequest, v1::AddAgencyResponse> add_agency;
  Knob<v1::ListAgenciesRequest, v1::ListAgenciesResponse> list_agencies;
  Knob<v1::RevokeCertificateRequest, v1::RevokeCertificateResponse> revoke;
  Knob<v1::PublishKeyBundleRequest, v1::PublishKeyBundleResponse> publish;
  Knob<v1::GetKeyBundleRequest, v1::GetKeyBundleResponse> get_bundle;
  Knob<v1::ProposeAgreementRequest, v1::ProposeAgreementResponse> propose;
  Knob<v1::SignAgreementRequest, v1::SignAgreementResponse> sign;
  Knob<v1::SuspendAgreementRequest, v1::SuspendAgreementResponse> suspend;
  Knob<v1::ResumeAgreementRequest, v1::ResumeAgreementResponse> resume;
  Knob<v1::WithdrawAgreementRequest, v1::WithdrawAgreementResponse> withdraw;
  Knob<v1::GetAgreementRequest, v1::GetAgreementResponse> get_agreement;
  Knob<v1::ListAgreementsRequest, v1::ListAgreementsResponse> list_agreements;
  Knob<v1::GetManifestRequest, v1::GetManifestResponse> get_manifest;
  Knob<v1::EnrolRequest, v1::EnrolResponse> enrol;
  Knob<v1::PutPepperRequest, v1::PutPepperResponse> put_pepper;
  Knob<v1::GetPepperRequest, v1::GetPepperResponse> get_pepper;
  Knob<v1::SendChunkRequest, v1::SendChunkResponse> send_chunk;
  Knob<v1::ReceiveRequest, std::vector<v1::ReceiveResponse>> receive;
  Knob<v1::AcknowledgeRequest, v1::AcknowledgeResponse> acknowledge;
  Knob<v1::GetCheckpointRequest, v1::GetCheckpointResponse> get_checkpoint;
  Knob<v1::ReadTileRequest, v1::ReadTileResponse> read_tile;
  Knob<v1::GetEntryRequest, v1::GetEntryResponse> get_entry;

  // What it holds.
  struct Batch {
    std::string header;
    v1::BatchHeader parsed;
    std::string enc;
    std::vector<v1::BatchChunk> chunks;
    crypto::Hash last_hash = {};
    bool accepted = false;
    uint64_t entry = 0;
    bool delivered = false;
    uint64_t delivery = 0;
  };
  std::map<std::string, Batch> batches;  // by batch id

 private:
  struct Front;  // the services as one agency reaches them

  // One method of one service.
  grpc::Status GetStatus(const std::string&, const v1::GetStatusRequest&,
                         v1::GetStatusResponse*);
  grpc::Status AddAgency(const std::string&, const v1::AddAgencyRequest&,
                         v1::AddAgencyResponse*);
  grpc::Status ListAgencies(const std::string&, const v1::ListAgenciesRequest&,
                            v1::ListAgenciesResponse*);
  grpc::Status Revoke(const std::string&, const v1::RevokeCertificateRequest&,
                      v1::RevokeCertificateResponse*);
  grpc::Status PublishBundle(const std::string&,
                             const v1::PublishKeyBundleRequest&,
                             v1::PublishKeyBundleResponse*);
  grpc::Status GetBundle(const std::string&, const v1::GetKeyBundleRequest&,
                         v1::GetKeyBundleResponse*);
  grpc::Status Propose(const std::string&, const v1::ProposeAgreementRequest&,
                       v1::ProposeAgreementResponse*);
  grpc::Status Sign(const std::string&, const v1::SignAgreementRequest&,
                    v1::SignAgreementResponse*);
  grpc::Status Suspend(const std::string&, const v1::SuspendAgreementRequest&,
                       v1::SuspendAgreementResponse*);
  grpc::Status Resume(const std::string&, const v1::ResumeAgreementRequest&,
                      v1::ResumeAgreementResponse*);
  grpc::Status Withdraw(const std::string&, const v1::WithdrawAgreementRequest&,
                        v1::WithdrawAgreementResponse*);
  // Writes the entry of the act in `envelope`.
  v1::Receipt WriteAct(const std::string& envelope);
  grpc::Status GetAgreement(const std::string&, const v1::GetAgreementRequest&,
                            v1::GetAgreementResponse*);
  grpc::Status ListAgreements(const std::string&,
                              const v1::ListAgreementsRequest&,
                              v1::ListAgreementsResponse*);
  grpc::Status GetManifest(const std::string&, const v1::GetManifestRequest&,
                           v1::GetManifestResponse*);
  grpc::Status Enrol(const std::string&, const v1::EnrolRequest&,
                     v1::EnrolResponse*);
  grpc::Status PutPepper(const std::string&, const v1::PutPepperRequest&,
                         v1::PutPepperResponse*);
  grpc::Status GetPepper(const std::string&, const v1::GetPepperRequest&,
                         v1::GetPepperResponse*);
  grpc::Status SendChunk(const std::string&, const v1::SendChunkRequest&,
                         v1::SendChunkResponse*);
  grpc::Status Receive(const std::string&, const v1::ReceiveRequest&,
                       std::vector<v1::ReceiveResponse>*);
  grpc::Status Acknowledge(const std::string&, const v1::AcknowledgeRequest&,
                           v1::AcknowledgeResponse*);
  grpc::Status GetCheckpoint(const std::string&,
                             const v1::GetCheckpointRequest&,
                             v1::GetCheckpointResponse*);
  grpc::Status ReadTile(const std::string&, const v1::ReadTileRequest&,
                        v1::ReadTileResponse*);
  grpc::Status GetEntry(const std::string&, const v1::GetEntryRequest&,
                        v1::GetEntryResponse*);

  // Refuses callers who do not know the newest part.
  grpc::Status CheckKnown(const v1::KnownView& known) const;
  std::vector<std::string> PartsOf(const std::string& ledger) const;
  void StartFronts();
  void MakeDocument();
  void SignDocument();
  grpc::Status AddChunk(const v1::SendChunkRequest& request, Batch* batch);
  uint64_t WriteBatch(const Batch& batch);

  const FakeBrokerPlan plan_;
  const std::shared_ptr<const crypto::SigningKey> ledger_key_;
  const FakeAgency operator_;  // also issues the broker's certificate
  const crypto::Secret master_;
  std::map<std::string, std::unique_ptr<FakeAgency>> agencies_;
  std::map<std::string, std::unique_ptr<FakeLedger>> ledgers_;
  std::vector<std::string> parts_ = {kPact};  // of the agreement's ledger
  std::map<std::string, std::shared_ptr<Front>> fronts_;  // by agency
  std::map<std::string, std::string> current_;  // agency: bundle digest, hex
  std::shared_ptr<const policy::Agreement> agreement_;
  std::string digest_;  // of the document, hex
  uint64_t activation_ = 0;
  std::vector<certs::KeyManifest> manifests_;
  std::vector<std::pair<std::string, uint64_t>> printed_;  // bytes, entry
  std::map<std::string, std::pair<std::string, v1::EnrolResponse>> answers_;
  // Generation 1 of the pepper.
  std::string commitment_;
  uint64_t commitment_entry_ = 0;
  std::vector<std::pair<std::string, v1::PepperMessage>> peppers_;  // to whom
};

}  // namespace entente::client

#endif  // ENTENTE_CLIENT_FAKE_BROKER_H_

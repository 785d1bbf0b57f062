// Two agencies with keys, an agreement in force and a broker, as the tests of
// the exchange need them.
#ifndef ENTENTE_BROKER_TEST_EXCHANGE_H_
#define ENTENTE_BROKER_TEST_EXCHANGE_H_

#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "broker/context.h"
#include "broker/exchange_service.h"
#include "broker/fake_clock.h"
#include "broker/ledger_key.h"
#include "broker/pseudonyms_service.h"
#include "broker/rpc/refusal.h"
#include "broker/store/agencies_table.h"
#include "broker/store/agreements_table.h"
#include "broker/store/keys_table.h"
#include "broker/test_broker.h"
#include "certs/key_bundle.h"
#include "certs/key_manifest.h"
#include "crypto/dsse.h"
#include "crypto/hex.h"
#include "crypto/hpke.h"
#include "crypto/possession.h"
#include "crypto/seal.h"
#include "gtest/gtest.h"
#include "policy/compiled_agreement.h"

namespace entente::broker {

inline constexpr char kAgreement[] = "isa-north-south";

// Before the agreement does.
inline const absl::Time kSouthsBundleEnds =
    absl::FromCivil(absl::CivilDay(2026, 8, 1), absl::UTCTimeZone());

// A root that no test needs the key of.
inline constexpr char kOperatorRoot[] =
    "-----BEGIN CERTIFICATE-----\n"
    "MIIBPDCB76ADAgECAhROpteJ6uEeWoUqiWwS7YeYY+wpnzAFBgMrZXAwEzERMA8G\n"
    "A1UEAwwIb3BlcmF0b3IwIBcNMjYxMTI1MDcwNTEwWhgPMjEyNjExMDEwNzA1MTBa\n"
    "MBMxETAPBgNVBAMMCG9wZXJhdG9yMCowBQYDK2VwAyEAgQ/AMoQcGtOclC1pOjH+\n"
    "W08Cn5zKKMb7nCnRFnooiBGjUzBRMB0GA1UdDgQWBBSpZ6qd/WYBTgig2zoce7U8\n"
    "88r+nTAfBgNVHSMEGDAWgBSpZ6qd/WYBTgig2zoce7U888r+nTAPBgNVHRMBAf8E\n"
    "BTADAQH/MAUGAytlcANBAF3Hyl7i5aVotj3zp8LTngV2/Pl1QmJDulznARHU/Exj\n"
    "psinvVP5i6ECIPKMl6+1NKFix1gbBI30Yk74NHUf8gE=\n"
    "-----END CERTIFICATE-----\n";

inline std::string Text(absl::Span<const uint8_t> bytes) {
  return std::string(crypto::AsText(bytes));
}

// The code of what was refused first.
inline std::string CodeOf(const absl::Status& status) {
  const auto conditions = ConditionsOf(status);
  return conditions.empty() ? std::string(status.ToString())
                            : conditions.front().reason;
}

// One agency's secrets.
struct Agency {
  crypto::SigningKey batch = *crypto::SigningKey::Generate();
  crypto::SecretScalar y = *crypto::SecretScalar::Random();
  crypto::Hash bundle = {};
};

struct TestExchange {
  explicit TestExchange(int log_pages = kLogPages) : broker(log_pages) {
    agreement.id = kAgreement;
    agreement.version = 1;
    agreement.parties["north"] = {};
    agreement.parties["south"] = {};
    agreement.parties["west"] = {};
    agreement.purposes["analysis"] = {};
    policy::Dataset crimes;
    crimes.fields["offence"] = {};
    crimes.identifiers["person"] = "nhs/1";
    agreement.datasets["crimes"] = crimes;
    policy::Flow flow;
    flow.id = "crimes-south";
    flow.from = {"north"};
    flow.to = {"south"};
    flow.purposes = {"analysis"};
    flow.dataset = "crimes";
    flow.methods = {policy::Method::kPush};
    flow.release["offence"].transform = policy::Transform::kAsIs;
    flow.release["person"].transform = policy::Transform::kPseudonym;
    flow.limits.requests_per_day = 2;
    flow.limits.records_per_request = 5;
    flow.limits.enrolments_per_day = 3;
    agreement.flows = {flow};
    agreement.valid.from = absl::CivilDay(2026, 1, 1);
    agreement.valid.until = absl::CivilDay(2027, 1, 1);
    agreement.valid.review_by = agreement.valid.until;
    EXPECT_TRUE(broker.OpenLedger(kAgreement).ok());
    EXPECT_TRUE(broker.OpenLedger("broker").ok());
    EXPECT_TRUE(broker.Append(kAgreement, 3).ok());
    PutRecord([](policy::AgreementRecord*) {});
    const absl::Status stored = Write([&](Transaction& t) { return Fill(t); });
    EXPECT_TRUE(stored.ok()) << stored;
  }

  absl::Status Write(std::function<absl::Status(Transaction&)> work) {
    return broker.sequencer
        ->Run([&](Transaction& transaction)
                  -> absl::StatusOr<std::vector<PendingEntry>> {
          const absl::Status done = work(transaction);
          if (!done.ok()) return done;
          return std::vector<PendingEntry>();
        })
        .status();
  }

  void PutRecord(std::function<void(policy::AgreementRecord*)> change) {
    policy::AgreementRecord record;
    record.id = kAgreement;
    record.versions[1] = {
        *policy::CompiledAgreement::Create(agreement, digest), {}, true};
    change(&record);
    agreements.Put(record);
  }

  // From this instant on, at midnight UTC, the agreement is not in force.
  absl::Time EndOn(absl::CivilDay day) {
    agreement.valid.until = day;
    PutRecord([](policy::AgreementRecord*) {});
    return absl::FromCivil(day, absl::UTCTimeZone());
  }

  absl::Status AddBundle(Transaction& transaction, const std::string& name,
                         certs::KeyManifest* manifest) {
    Agency& agency = agencies[name];
    certs::KeyBundle bundle = {
        name,
        agency.batch.public_key(),
        {},
        *crypto::MulBase(agency.y),
        *crypto::ProvePossession(agency.y, *crypto::OwnerOfY(name)),
        absl::FromCivil(absl::CivilDay(2026, 1, 1), absl::UTCTimeZone()),
        name == "south"
            ? kSouthsBundleEnds
            : absl::FromCivil(absl::CivilDay(2027, 1, 1), absl::UTCTimeZone())};
    bundle.kem_key.fill(9);
    const auto printed = certs::PrintKeyBundle(bundle);
    if (!printed.ok()) return printed.status();
    crypto::Envelope envelope;
    envelope.payload_type = "application/vnd.entente.key-bundle.v1";
    const auto payload = crypto::AsBytes(*printed);
    envelope.payload.assign(payload.begin(), payload.end());
    envelope.signatures.push_back({"", crypto::Bytes(64, 1), ""});
    agency.bundle = certs::KeyBundleDigest(payload);
    manifest->bundles[name] = crypto::ToHex(agency.bundle);
    const std::string text = crypto::PrintEnvelope(envelope);
    const auto bytes = crypto::AsBytes(text);
    return KeysTable(transaction)
        .PutBundle({{agency.bundle.begin(), agency.bundle.end()},
                    name,
                    {bytes.begin(), bytes.end()},
                    clock.Now()});
  }

  absl::Status Fill(Transaction& transaction) {
    for (const std::string name : {"north", "south", "west"}) {
      const absl::Status added =
          AgenciesTable(transaction)
              .Insert({name, name, crypto::ToHex(crypto::Sha256(name)), "root",
                       clock.Now()});
      if (!added.ok()) return added;
    }
    AgreementRow row;
    row.id = kAgreement;
    row.version = 1;
    row.document = {'{', '}'};
    row.digest.assign(digest.begin(), digest.end());
    row.state = AgreementState::kActive;
    row.proposed = clock.Now();
    absl::Status ok = AgreementsTable(transaction).Insert(row, {"north"});
    if (!ok.ok()) return ok;
    ok = masters.Create(transaction, kAgreement, 1, clock.Now());
    if (!ok.ok()) return ok;
    certs::KeyManifest manifest;
    manifest.agreement = kAgreement;
    manifest.version = 1;
    manifest.agreement_digest = crypto::ToHex(digest);
    manifest.epoch = 1;
    for (const std::string name : {"north", "south"}) {
      ok = AddBundle(transaction, name, &manifest);
      if (!ok.ok()) return ok;
      const auto key = masters.PublishDomain(
          transaction, {kAgreement, name, crypto::Role::kMatching, 1});
      if (!key.ok()) return key.status();
      manifest.domains.push_back(
          {name, crypto::Role::kMatching, key->point, key->proof});
    }
    const auto edge =
        masters.PublishEdge(transaction, {kAgreement, "north", "south", 1});
    if (!edge.ok()) return edge.status();
    manifest.edges.push_back({"north", "south", edge->point, edge->proof});
    keys = manifest;
    const auto printed = certs::PrintKeyManifest(manifest);
    if (!printed.ok()) return printed.status();
    const auto bytes = crypto::AsBytes(*printed);
    manifest_digest = certs::KeyManifestDigest(bytes);
    return KeysTable(transaction)
        .InsertManifest({{manifest_digest.begin(), manifest_digest.end()},
                         kAgreement,
                         1,
                         1,
                         {bytes.begin(), bytes.end()},
                         {}});
  }

  static Caller Of(const std::string& agency) {
    Caller caller;
    caller.identity.agency = agency;
    caller.identity.name = "gateway";
    caller.uri = "spiffe://test/agency/" + agency + "/system/gateway";
    caller.fingerprint = std::string(64, agency[0] == 'n' ? 'a' : 'b');
    return caller;
  }

  crypto::Hash digest = crypto::Sha256("document");
  crypto::Hash manifest_digest = {};
  policy::Agreement agreement;
  certs::KeyManifest keys;
  std::map<std::string, Agency> agencies;
  FakeClock clock{
      absl::FromCivil(absl::CivilDay(2026, 6, 1), absl::UTCTimeZone()) +
      absl::Hours(12)};
  TestBroker broker;
  std::vector<uint8_t> passphrase = std::vector<uint8_t>(12, 'p');
  const WrappingKey wrapping = *KeyFile::Create(
      broker.folder / "key",
      *crypto::Secret::TakeFrom(absl::MakeSpan(passphrase)), {1, 8192});
  const MasterKeys masters = MasterKeys(&wrapping);
  Recorder recorder{broker.sequencer.get(), &clock};
  Receipts receipts{broker.store.get(), broker.ledgers.get()};
  PolicyRegister agreements;
  MailboxSignal signal;
  Claims claims{&clock, &signal};
};

}  // namespace entente::broker

#endif  // ENTENTE_BROKER_TEST_EXCHANGE_H_

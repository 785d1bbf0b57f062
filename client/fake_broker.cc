#include "client/fake_broker.h"

#include <algorithm>

#include "absl/strings/str_replace.h"
#include "certs/signed_document.h"
#include "crypto/hex.h"
#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"
#include "policy/canonical.h"
#include "policy/check.h"
#include "policy/needed_keys.h"
#include "policy/test_document.h"

namespace entente::client {
namespace {

std::string Day(absl::Time time) {
  return absl::FormatTime("%Y-%m-%d", time, absl::UTCTimeZone());
}

constexpr char kThird[] = R"yaml(  east-police:
    name: East Police
    capacity: controller
    regime: law_enforcement
    contact: sharing@east.example
    root: "4444444444444444444444444444444444444444444444444444444444444444"
overseers:
)yaml";

// The small agreement with a third force.
std::string ThreeForces() {
  return absl::StrReplaceAll(
      policy::SmallDocument(),
      {{"overseers:\n", kThird},
       {"parties: [north-police, west-police]",
        "parties: [north-police, west-police, east-police]"},
       {"to: [west-police]", "to: [west-police, east-police]"},
       {"name: west-chief }\n",
        "name: west-chief }\n"
        "  - { party: east-police, role: Chief, name: east-chief }\n"}});
}

}  // namespace

grpc::Status Refusal(grpc::StatusCode code, const std::string& reason,
                     const std::string& detail) {
  google::rpc::ErrorInfo info;
  info.set_reason(reason);
  v1::Refusal refusal;
  auto* condition = refusal.add_conditions();
  condition->set_reason(reason);
  condition->set_detail(detail);
  condition->set_remedy(absl::StrCat("mend ", reason));
  refusal.set_ledger(kPact);
  refusal.set_entry_index(1);
  google::rpc::Status details;
  details.add_details()->PackFrom(info);
  details.add_details()->PackFrom(refusal);
  return grpc::Status(code, reason, details.SerializeAsString());
}

FakeBroker::FakeBroker(FakeBrokerPlan plan)
    : now(plan.now),
      plan_(std::move(plan)),
      ledger_key_(std::make_shared<crypto::SigningKey>(
          *crypto::SigningKey::Generate())),
      operator_("operator", plan_.now),
      master_(*crypto::Secret::Random(32)) {
  for (const char* ledger : {kPact, "broker"}) {
    ledgers_[ledger] = std::make_unique<FakeLedger>(
        absl::StrCat(kFakeBroker, "/ledgers/", ledger), ledger_key_);
  }
  ledgers_["broker"]->Grow(2);
  for (const char* name : {kNorth, kWest, kEast}) {
    agencies_[name] = std::make_unique<FakeAgency>(name, now);
  }
  StartFronts();
  MakeDocument();
  SignDocument();
  Write(kPact, Entry(policy::EntryKind::kAgreementProposed));
  for (auto& [name, agency] : agencies_) {
    certs::KeyBundle bundle = agency->Bundle();
    if (plan_.bundle) plan_.bundle(bundle);
    Publish(name, bundle,
            plan_.endorser ? plan_.endorser(*agency) : agency->signatory());
  }
  MakeManifest(policy::EntryKind::kAgreementActivated);
  activation_ = printed_.back().second;
}

void FakeBroker::MakeDocument() {
  const auto key = ledger_key_->public_key().bytes();
  std::vector<std::pair<std::string, std::string>> changes = {
      {"AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE=", crypto::ToBase64(key)},
      {std::string(64, '1'), agency(kNorth).root_spki()},
      {std::string(64, '2'), agency(kWest).root_spki()},
      {std::string(64, '4'), agency(kEast).root_spki()},
      {"from: \"2026-11-01\"",
       absl::StrCat("from: \"", Day(now - absl::Hours(24 * 17)), "\"")},
      {"until: \"2028-11-01\"",
       absl::StrCat("until: \"", Day(now + absl::Hours(24 * 700)), "\"")},
      {"review_by: \"2027-10-31\"",
       absl::StrCat("review_by: \"", Day(now + absl::Hours(24 * 300)), "\"")},
      {"date: \"2026-09-14\"",
       absl::StrCat("date: \"", Day(now - absl::Hours(24 * 60)), "\"")},
      {"review_by: \"2027-09-14\"",
       absl::StrCat("review_by: \"", Day(now + absl::Hours(24 * 290)), "\"")}};
  std::string yaml = absl::StrReplaceAll(ThreeForces(), changes);
  for (const auto& [from, to] : plan_.replaced) {
    EXPECT_NE(yaml.find(from), std::string::npos) << from;
    yaml = absl::StrReplaceAll(yaml, {{from, to}});
  }
  const policy::CheckResult checked = policy::Check("pact", yaml);
  ASSERT_TRUE(checked.ok()) << checked.report;
  document = checked.canonical;
  digest_ = checked.digest;
  agreement_ = std::make_shared<policy::Agreement>(*checked.agreement);
}

void FakeBroker::SignDocument() {
  for (const policy::Signatory& line : agreement_->signatories) {
    const FakeHolder& holder = agency(line.party).signatory();
    envelopes.push_back(crypto::PrintEnvelope(
        *certs::SignDocument(certs::kAgreementType, crypto::AsBytes(document),
                             holder.key, holder.chain)));
  }
}

policy::LedgerEntry FakeBroker::Entry(policy::EntryKind kind) const {
  policy::LedgerEntry entry;
  entry.time = now;
  entry.kind = kind;
  entry.outcome = policy::Outcome::kAllow;
  entry.agreement = kPact;
  entry.version = 1;
  entry.digest = digest_;
  return entry;
}

std::vector<std::string> FakeBroker::PartsOf(const std::string& ledger) const {
  return ledger == kPact ? parts_ : std::vector<std::string>{ledger};
}

uint64_t FakeBroker::Write(const std::string& ledger,
                           policy::LedgerEntry entry) {
  if (plan_.entry) plan_.entry(entry);
  uint64_t number = 0;
  const std::vector<std::string> parts = PartsOf(ledger);
  for (const std::string& name : parts) number += part(name).tree().size();
  part(parts.back()).Append(*policy::SerialiseEntry(entry));
  return number;
}

v1::Receipt FakeBroker::Receipt(const std::string& ledger, uint64_t number,
                                const v1::KnownView& known) {
  for (const std::string& name : PartsOf(ledger)) {
    const uint64_t size = part(name).tree().size();
    if (number < size) {
      const bool same = policy::ParsePartName(name)->part == known.part();
      return ReceiptAt(name, number, same ? known.size() : 0);
    }
    number -= size;
  }
  ADD_FAILURE() << "no entry " << number;
  return {};
}

v1::Receipt FakeBroker::ReceiptAt(const std::string& name, uint64_t index,
                                  uint64_t known_size) {
  const FakeLedger& log = part(name);
  v1::Receipt receipt;
  receipt.set_ledger(name);
  receipt.set_index(index);
  receipt.set_entry(log.entry(index));
  receipt.set_proof(log.Receipt(index, log.tree().size()));
  const auto proof = log.tree().ProveConsistency(known_size, log.tree().size());
  if (known_size == 0 || !proof.ok()) return receipt;
  for (const crypto::Hash& hash : *proof) {
    receipt.add_consistency(hash.data(), hash.size());
  }
  return receipt;
}

void FakeBroker::ContinueLedger(
    uint64_t keep, const std::function<void(policy::Continuation&)>& lie,
    uint32_t skipped) {
  const std::string closed = parts_.back();
  const std::string origin = absl::StrCat(kFakeBroker, "/ledgers/", closed);
  auto kept = std::make_unique<FakeLedger>(origin, ledger_key_);
  for (size_t i = 0; i < keep; ++i) kept->Append(ledger().entry(i));
  policy::Continuation says = {origin, keep, *kept->tree().RootAt(keep)};
  ledgers_[closed] = std::move(kept);
  if (lie) lie(says);
  const uint32_t number = policy::ParsePartName(closed)->part + 1 + skipped;
  const std::string name = policy::PartName(kPact, number);
  ledgers_[name] = std::make_unique<FakeLedger>(
      absl::StrCat(kFakeBroker, "/ledgers/", name), ledger_key_);
  parts_.push_back(name);
  policy::LedgerEntry entry;
  entry.time = now;
  entry.agreement = kPact;
  Write(kPact, policy::ContinuationEntry(entry, says));
}

void FakeBroker::ForgetNewestPart() {
  ledgers_.erase(parts_.back());
  parts_.pop_back();
}

grpc::Status FakeBroker::CheckKnown(const v1::KnownView& known) const {
  const uint32_t newest = policy::ParsePartName(parts_.back())->part;
  if (known.part() == newest) return grpc::Status::OK;
  return known.part() < newest
             ? Refusal(grpc::StatusCode::UNAVAILABLE, "LEDGER_CONTINUED")
             : Refusal(grpc::StatusCode::FAILED_PRECONDITION, "STALE_VIEW");
}

void FakeBroker::ForkLedger() {
  const FakeLedger& old = ledger();
  auto forked = std::make_unique<FakeLedger>(
      absl::StrCat(kFakeBroker, "/ledgers/", parts_.back()), ledger_key_);
  for (size_t i = 0; i < old.tree().size(); ++i) {
    policy::LedgerEntry entry = *policy::ParseEntry(old.entry(i));
    entry.salt[0] ^= 1;
    forked->Append(*policy::SerialiseEntry(entry));
  }
  ledgers_[parts_.back()] = std::move(forked);
}

void FakeBroker::Publish(const std::string& agency,
                         const certs::KeyBundle& bundle,
                         const FakeHolder& endorser) {
  const std::string payload = *certs::PrintKeyBundle(bundle);
  const std::string digest =
      crypto::ToHex(certs::KeyBundleDigest(crypto::AsBytes(payload)));
  bundles[digest] = crypto::PrintEnvelope(
      *certs::SignDocument(certs::kKeyBundleType, crypto::AsBytes(payload),
                           endorser.key, endorser.chain));
  current_[agency] = digest;
}

crypto::Domain FakeBroker::DomainOf(const std::string& agency) const {
  const policy::NeededKeys needed = policy::NeededKeysOf(*agreement_);
  const bool matching =
      std::find(needed.domains.begin(), needed.domains.end(),
                std::make_pair(agency, policy::DomainRole::kMatching)) !=
      needed.domains.end();
  return {kPact, agency,
          matching ? crypto::Role::kMatching : crypto::Role::kSealed, 1};
}

crypto::SecretScalar FakeBroker::DomainKey(const std::string& agency) const {
  return *crypto::DeriveDomainKey(master_, DomainOf(agency));
}

void FakeBroker::MakeManifest(policy::EntryKind kind) {
  certs::KeyManifest manifest;
  manifest.agreement = kPact;
  manifest.version = 1;
  manifest.agreement_digest = digest_;
  manifest.epoch = 1;
  const policy::NeededKeys needed = policy::NeededKeysOf(*agreement_);
  for (const std::string& agency : needed.agencies) {
    manifest.bundles[agency] = current_.at(agency);
  }
  for (const auto& [agency, role] : needed.domains) {
    const crypto::Domain domain = DomainOf(agency);
    const crypto::SecretScalar key = DomainKey(agency);
    manifest.domains.push_back(
        {agency, domain.role, *crypto::MulBase(key),
         *crypto::ProvePossession(key, *crypto::OwnerOfK(domain))});
  }
  for (const auto& [sender, recipient] : needed.edges) {
    const crypto::Edge edge = {kPact, sender, recipient, 1};
    const auto key = *crypto::DeriveEdgeKey(master_, edge);
    manifest.edges.push_back(
        {sender, recipient, *crypto::MulBase(key),
         *crypto::ProvePossession(key, *crypto::OwnerOfX(edge))});
  }
  if (plan_.manifest) plan_.manifest(manifest);
  const std::string bytes = *certs::PrintKeyManifest(manifest);
  policy::LedgerEntry entry = Entry(kind);
  entry.manifest =
      crypto::ToHex(certs::KeyManifestDigest(crypto::AsBytes(bytes)));
  manifests_.push_back(manifest);
  printed_.emplace_back(bytes, Write(kPact, entry));
}

grpc::Status FakeBroker::GetCheckpoint(const std::string&,
                                       const v1::GetCheckpointRequest& request,
                                       v1::GetCheckpointResponse* response) {
  if (ledgers_.count(request.ledger()) == 0) {
    return Refusal(grpc::StatusCode::NOT_FOUND, "NO_LEDGER");
  }
  FakeLedger& log = *ledgers_.at(request.ledger());
  const auto head = log.Latest(request.known().size(), {});
  response->set_checkpoint(head->checkpoint);
  const bool is_pact = policy::ParsePartName(request.ledger())->ledger == kPact;
  response->set_newest(is_pact ? parts_.back() : request.ledger());
  for (const crypto::Hash& hash : head->consistency) {
    response->add_consistency(hash.data(), hash.size());
  }
  return grpc::Status::OK;
}

grpc::Status FakeBroker::ReadTile(const std::string&,
                                  const v1::ReadTileRequest& request,
                                  v1::ReadTileResponse* response) {
  if (ledgers_.count(request.ledger()) == 0) {
    return Refusal(grpc::StatusCode::NOT_FOUND, "NO_TILE");
  }
  FakeLedger& ledger = *ledgers_.at(request.ledger());
  const auto bytes =
      request.entries()
          ? ledger.Entries(request.tile(), request.width())
          : ledger.Tile({request.level(), request.tile(), request.width()});
  if (!bytes.ok()) return Refusal(grpc::StatusCode::NOT_FOUND, "NO_TILE");
  response->set_content(std::string(crypto::AsText(*bytes)));
  return grpc::Status::OK;
}

grpc::Status FakeBroker::GetEntry(const std::string&,
                                  const v1::GetEntryRequest& request,
                                  v1::GetEntryResponse* response) {
  const auto found = ledgers_.find(request.ledger());
  if (found == ledgers_.end() ||
      request.index() >= found->second->tree().size()) {
    return Refusal(grpc::StatusCode::NOT_FOUND, "NO_ENTRY");
  }
  *response->mutable_receipt() =
      ReceiptAt(request.ledger(), request.index(), request.known().size());
  return grpc::Status::OK;
}

}  // namespace entente::client

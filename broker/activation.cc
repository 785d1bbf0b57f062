#include "broker/activation.h"

#include <algorithm>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "broker/agreement_loader.h"
#include "broker/store/acts_table.h"
#include "broker/store/agencies_table.h"
#include "broker/store/keys_table.h"
#include "certs/key_manifest.h"
#include "certs/signed_document.h"
#include "policy/needed_keys.h"

namespace entente::broker {
namespace {

constexpr uint32_t kFirstEpoch = 1;

using Compiled = std::shared_ptr<const policy::CompiledAgreement>;

// The compiled form of a version; null if the register does not have it.
Compiled Find(const Context& context, absl::string_view id, uint32_t version) {
  const auto snapshot = context.agreements->Get();
  const policy::AgreementRecord* record = snapshot->Find(id);
  if (record == nullptr) return nullptr;
  const auto found = record->versions.find(version);
  return found == record->versions.end() ? nullptr : found->second.agreement;
}

// The payload digest of the agency's bundle, or NotFound if it is of no use
// under this document.
absl::StatusOr<crypto::Hash> UsableBundle(Transaction& transaction,
                                          const policy::Agreement& document,
                                          const std::string& agency,
                                          absl::Time now) {
  const auto row = KeysTable(transaction).GetBundleInForce(agency);
  if (!row.ok()) return row.status();
  const auto envelope = crypto::ParseEnvelope(crypto::AsText(row->envelope));
  if (!envelope.ok()) return absl::DataLossError(envelope.status().message());
  const auto bundle =
      certs::VerifyKeyBundle(*envelope, document.parties.at(agency).root);
  if (!bundle.ok() || bundle->agency != agency || !InDate(*bundle, now)) {
    return absl::NotFoundError(absl::StrCat("no usable bundle of ", agency));
  }
  return certs::KeyBundleDigest(envelope->payload);
}

// The epoch of the agreement's keys; makes the first master if there is none.
absl::StatusOr<uint32_t> EpochOf(const Context& context,
                                 Transaction& transaction,
                                 const std::string& id, absl::Time now) {
  const auto manifest = KeysTable(transaction).GetManifestInForce(id);
  if (manifest.ok()) return manifest->epoch;
  if (!absl::IsNotFound(manifest.status())) return manifest.status();
  const absl::Status made =
      context.masters->Create(transaction, id, kFirstEpoch, now);
  if (!made.ok() && !absl::IsAlreadyExists(made)) return made;
  return kFirstEpoch;
}

absl::Status AddKeys(const Context& context, Transaction& transaction,
                     const policy::NeededKeys& needed,
                     certs::KeyManifest* manifest) {
  for (const auto& [agency, role] : needed.domains) {
    const crypto::Domain domain = {manifest->agreement, agency,
                                   role == policy::DomainRole::kMatching
                                       ? crypto::Role::kMatching
                                       : crypto::Role::kSealed,
                                   manifest->epoch};
    const auto key = context.masters->PublishDomain(transaction, domain);
    if (!key.ok()) return key.status();
    manifest->domains.push_back({agency, domain.role, key->point, key->proof});
  }
  for (const auto& [sender, recipient] : needed.edges) {
    const auto key = context.masters->PublishEdge(
        transaction, {manifest->agreement, sender, recipient, manifest->epoch});
    if (!key.ok()) return key.status();
    manifest->edges.push_back({sender, recipient, key->point, key->proof});
  }
  return absl::OkStatus();
}

// Makes and stores the manifest, and returns its digest. FailedPrecondition if
// an agency is WithoutBundle.
absl::StatusOr<crypto::Hash> MakeManifest(
    const Context& context, Transaction& transaction,
    const policy::CompiledAgreement& agreement, absl::Time now) {
  const policy::Agreement& document = agreement.document();
  const policy::NeededKeys needed = policy::NeededKeysOf(document);
  certs::KeyManifest manifest;
  manifest.agreement = document.id;
  manifest.version = static_cast<uint32_t>(document.version);
  manifest.agreement_digest = crypto::ToHex(agreement.digest());
  for (const std::string& agency : needed.agencies) {
    const auto digest = UsableBundle(transaction, document, agency, now);
    if (absl::IsNotFound(digest.status())) {
      return absl::FailedPreconditionError(digest.status().message());
    }
    if (!digest.ok()) return digest.status();
    manifest.bundles[agency] = crypto::ToHex(*digest);
  }
  const auto epoch = EpochOf(context, transaction, document.id, now);
  if (!epoch.ok()) return epoch.status();
  manifest.epoch = *epoch;
  if (absl::Status added = AddKeys(context, transaction, needed, &manifest);
      !added.ok()) {
    return added;
  }
  const auto content = certs::PrintKeyManifest(manifest);
  if (!content.ok()) return content.status();
  const crypto::Hash digest =
      certs::KeyManifestDigest(crypto::AsBytes(*content));
  const absl::Span<const uint8_t> bytes = crypto::AsBytes(*content);
  if (absl::Status stored = KeysTable(transaction)
                                .InsertManifest({{digest.begin(), digest.end()},
                                                 document.id,
                                                 manifest.version,
                                                 manifest.epoch,
                                                 {bytes.begin(), bytes.end()},
                                                 absl::nullopt});
      !stored.ok()) {
    return stored;
  }
  return digest;
}

// An entry of the broker's own about a version and its manifest, whose index
// the manifest's row keeps.
absl::StatusOr<PendingEntry> ManifestEntry(
    const Context& context, policy::EntryKind kind,
    const policy::CompiledAgreement& agreement, const crypto::Hash& manifest) {
  policy::LedgerEntry entry = context.recorder->OwnAct(kind);
  entry.agreement = agreement.document().id;
  entry.version = static_cast<uint32_t>(agreement.document().version);
  entry.digest = crypto::ToHex(agreement.digest());
  entry.manifest = crypto::ToHex(manifest);
  auto pending = Recorder::Pending(agreement.document().id, std::move(entry));
  if (!pending.ok()) return pending.status();
  pending->appended = [manifest](Transaction& transaction, uint64_t index) {
    return KeysTable(transaction).SetManifestEntry(manifest, index);
  };
  return pending;
}

// Whether every line is filled by a signature that counts at `now`.
absl::StatusOr<bool> FullySigned(Transaction& transaction,
                                 const policy::Agreement& document,
                                 const AgreementRow& row, absl::Time now) {
  const auto signatures =
      AgreementsTable(transaction).Signatures(row.id, row.version);
  if (!signatures.ok()) return signatures.status();
  if (!MissingLines(document, *signatures).empty()) return false;
  for (const SignatureRow& line : *signatures) {
    const auto envelope = crypto::ParseEnvelope(crypto::AsText(line.envelope));
    if (!envelope.ok()) return absl::DataLossError(envelope.status().message());
    const auto signer = certs::VerifySignatory(
        *envelope, 0, line.party, document.parties.at(line.party).root, now);
    if (!signer.ok() || envelope->payload != row.document) return false;
    const auto revoked =
        AgenciesTable(transaction).IsRevoked(signer->fingerprint, line.party);
    if (!revoked.ok()) return revoked.status();
    if (*revoked) return false;
  }
  return true;
}

// Whether a version may come into force at `now`.
absl::StatusOr<bool> Ready(Transaction& transaction,
                           const policy::CompiledAgreement& agreement,
                           absl::Time now) {
  const policy::Agreement& document = agreement.document();
  AgreementsTable table(transaction);
  const auto row =
      table.Get(document.id, static_cast<uint32_t>(document.version));
  if (!row.ok()) return row.status();
  if (row->state != AgreementState::kSigned || now < agreement.from() ||
      now >= agreement.until()) {
    return false;
  }
  const auto active = table.GetActive(document.id);
  if (active.ok() && active->version > row->version) return false;
  if (!active.ok() && !absl::IsNotFound(active.status())) {
    return active.status();
  }
  const auto acts = ActsTable(transaction).Standing(document.id);
  if (!acts.ok()) return acts.status();
  for (const ActRow& act : *acts) {
    // Whoever leaves before the start takes its signature back.
    if (act.kind == certs::ActKind::kWithdraw && act.through >= row->version &&
        document.parties.count(act.agency) != 0) {
      return false;
    }
  }
  const auto fully_signed = FullySigned(transaction, document, *row, now);
  if (!fully_signed.ok() || !*fully_signed) return fully_signed;
  const auto without = WithoutBundle(transaction, document, now);
  if (!without.ok()) return without.status();
  return without->empty();
}

absl::StatusOr<std::vector<PendingEntry>> Activate(
    const Context& context, Transaction& transaction,
    const policy::CompiledAgreement& agreement) {
  const absl::Time now = context.clock->Now();
  const auto ready = Ready(transaction, agreement, now);
  if (!ready.ok()) return ready.status();
  std::vector<PendingEntry> entries;
  if (!*ready) return entries;
  const std::string id = agreement.document().id;
  const uint32_t version = static_cast<uint32_t>(agreement.document().version);
  const auto manifest = MakeManifest(context, transaction, agreement, now);
  if (!manifest.ok()) return manifest.status();
  if (absl::Status activated =
          AgreementsTable(transaction).Activate(id, version, now);
      !activated.ok()) {
    return activated;
  }
  auto entry = ManifestEntry(context, policy::EntryKind::kAgreementActivated,
                             agreement, *manifest);
  if (!entry.ok()) return entry.status();
  entry->appended = [id, version, noted = std::move(entry->appended)](
                        Transaction& rows, uint64_t index) {
    const absl::Status kept = noted(rows, index);
    if (!kept.ok()) return kept;
    return AgreementsTable(rows).SetActivationEntry(id, version, index);
  };
  entries.push_back(*std::move(entry));
  return entries;
}

// Whether a new bundle of `agency` makes a new manifest for a version that has
// been activated.
bool Renews(const Context& context, const policy::Register& known,
            const policy::CompiledAgreement& agreement,
            absl::string_view agency, absl::Time now) {
  const policy::Agreement& document = agreement.document();
  // A ledger that was refused at start takes no entry, and must not keep the
  // agency from using its keys elsewhere.
  if (context.ledgers->refused().count(document.id) != 0) return false;
  if (now >= agreement.until() ||
      now >= known.Find(document.id)->SupersededFrom(document.version, now)) {
    return false;
  }
  const std::vector<std::string> agencies =
      policy::NeededKeysOf(document).agencies;
  return std::binary_search(agencies.begin(), agencies.end(), agency);
}

}  // namespace

bool InDate(const certs::KeyBundle& bundle, absl::Time now) {
  return bundle.not_before <= now + kMaxBundleLead && now < bundle.not_after;
}

absl::StatusOr<std::vector<std::string>> WithoutBundle(
    Transaction& transaction, const policy::Agreement& document,
    absl::Time now) {
  std::vector<std::string> without;
  for (const std::string& agency : policy::NeededKeysOf(document).agencies) {
    const auto digest = UsableBundle(transaction, document, agency, now);
    if (absl::IsNotFound(digest.status())) {
      without.push_back(agency);
    } else if (!digest.ok()) {
      return digest.status();
    }
  }
  return without;
}

absl::StatusOr<bool> TryActivate(const Context& context, absl::string_view id,
                                 uint32_t version) {
  const Compiled agreement = Find(context, id, version);
  if (agreement == nullptr) {
    return absl::NotFoundError(absl::StrCat("no ", id, " version ", version));
  }
  // Most calls find that something is missing; that needs no transaction of
  // the sequencer's.
  absl::StatusOr<bool> ready = false;
  const absl::Status read =
      context.store->Read([&](Transaction& transaction) -> absl::Status {
        const auto row = AgreementsTable(transaction).Get(id, version);
        if (!row.ok()) return row.status();
        ready = row->state == AgreementState::kActive
                    ? absl::StatusOr<bool>(true)
                    : Ready(transaction, *agreement, context.clock->Now());
        return ready.status();
      });
  if (!read.ok() || !*ready) return read.ok() ? ready : read;
  const auto written = context.recorder->Run([&](Transaction& transaction) {
    return Activate(context, transaction, *agreement);
  });
  if (!written.ok()) return written.status();
  if (!written->empty()) {
    context.log->Info("agreement_activated",
                      {{"agreement", id}, {"version", uint64_t{version}}});
  }
  if (absl::Status loaded = ReloadAgreement(context, id); !loaded.ok()) {
    return loaded;
  }
  const auto snapshot = context.agreements->Get();
  return snapshot->Find(id)->versions.at(version).activated;
}

absl::Status ActivateDue(const Context& context) {
  const absl::Time now = context.clock->Now();
  const auto snapshot = context.agreements->Get();
  absl::Status failed;
  for (const std::string& id : snapshot->Ids()) {
    const auto& versions = snapshot->Find(id)->versions;
    for (auto it = versions.rbegin(); it != versions.rend(); ++it) {
      const policy::VersionRecord& version = it->second;
      if (version.activated) break;
      if (!version.missing.empty() || now < version.agreement->from() ||
          now >= version.agreement->until()) {
        continue;
      }
      failed.Update(
          TryActivate(context, id, static_cast<uint32_t>(it->first)).status());
    }
  }
  return failed;
}

absl::StatusOr<std::vector<PendingEntry>> RenewManifests(
    const Context& context, Transaction& transaction, absl::string_view agency,
    absl::Time now) {
  const auto snapshot = context.agreements->Get();
  AgreementsTable table(transaction);
  std::vector<PendingEntry> entries;
  for (const AgreementState state :
       {AgreementState::kSuperseded, AgreementState::kActive}) {
    const auto rows = table.ListIn(state);
    if (!rows.ok()) return rows.status();
    for (const AgreementRow& row : *rows) {
      const Compiled agreement = Find(context, row.id, row.version);
      if (agreement == nullptr ||
          !Renews(context, *snapshot, *agreement, agency, now)) {
        continue;
      }
      const auto manifest = MakeManifest(context, transaction, *agreement, now);
      if (absl::IsFailedPrecondition(manifest.status())) continue;
      if (!manifest.ok()) return manifest.status();
      auto entry = ManifestEntry(context, policy::EntryKind::kKeyManifest,
                                 *agreement, *manifest);
      if (!entry.ok()) return entry.status();
      entries.push_back(*std::move(entry));
    }
  }
  return entries;
}

}  // namespace entente::broker
